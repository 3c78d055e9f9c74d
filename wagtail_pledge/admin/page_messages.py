"""Messages above the page editor and above the confirmations of what happens to a page."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from wagtail.admin import messages

from wagtail_pledge.admin.permissions import PledgePermission, has_permission_on
from wagtail_pledge.campaigns.lookups import ordinary_page_beside, page_models_with_role
from wagtail_pledge.campaigns.page_types.pledge import PledgePageMixin
from wagtail_pledge.core.compat import get_page_model
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.http import SAFE_METHODS
from wagtail_pledge.signing.models import Pledge, get_signature_model
from wagtail_pledge.signing.services.pledges import can_be_deleted_whole, has_signatures

#: Above the confirmation, no more campaigns than this are named.
MAX_NAMED: Final = 5


def warn_of_shared_pledge(request: HttpRequest, page: Any) -> None:
    """Warn above the editor if another ordinary page in the same language shows the campaign of ``page``.

    For the hook ``before_edit_page``. Autosave posts the form, so nothing is looked up then.
    """
    if request.method not in SAFE_METHODS or not isinstance(page, PledgePageMixin) or page.alias_of_id is not None:
        return
    other = ordinary_page_beside(page, "pledge")
    if other is not None:
        text = gettext(
            "“%(title)s” shows the same campaign in the same language. Publishing one page changes the text that "
            "people sign on the other. Copy this page instead, and delete it: a copy has a campaign of its own."
        )
        messages.warning(request, text % {"title": other.get_admin_display_title()})


def explain_conversion(request: HttpRequest, page: Any) -> None:
    """Say above the confirmation that an alias gets its own campaign. For the hook ``before_convert_alias_page``."""
    if request.method in SAFE_METHODS and isinstance(page, PledgePageMixin) and page.is_shared():
        text = gettext("The ordinary page will have a campaign of its own, without signatures.")
        messages.info(request, text)


def explain_deletion(request: HttpRequest, page: Any) -> None:
    """Say above the confirmation how many signatures the campaigns of ``page`` and of the pages below it have.

    For the hook ``before_delete_page``.
    """
    if request.method not in SAFE_METHODS:
        return
    for pledge in pledges_shown_by([page])[:MAX_NAMED]:
        _explain_what_stays(request, pledge)


def explain_bulk_deletion(request: HttpRequest, action_type: str, objects: Any, _action: Any) -> None:
    """Say the same after several pages were deleted at once. For the hook ``before_bulk_action``."""
    pages = [each for each in objects if isinstance(each, get_page_model())] if action_type == "delete" else []
    for pledge in pledges_shown_by(pages)[:MAX_NAMED]:
        _explain_what_stays(request, pledge)


def pledges_shown_by(pages: Iterable[Any]) -> list[Pledge]:
    """Return the pledges of the pledge pages among ``pages`` and below them; aliases, which share one, are left out."""
    below = [Q(path__startswith=page.path) for page in pages]
    if not below:
        return []
    shown = [
        Q(pk__in=model.objects.filter(reduce(or_, below), alias_of__isnull=True).values("pledge"))
        for model in page_models_with_role("pledge")
    ]
    return list(Pledge.objects.filter(reduce(or_, shown)).select_related("collection")) if shown else []


def _explain_what_stays(request: HttpRequest, pledge: Pledge) -> None:
    if not has_permission_on(request.user, pledge):
        messages.warning(request, gettext("The campaign of the page stays, with its signatures."))
    elif has_signatures(pledge):
        count = get_signature_model()._default_manager.filter(pledge=pledge).count()
        text = ngettext(
            "“%(campaign)s” has %(count)s signature. It stays in the list of campaigns, with the text that was signed. "
            "Without a page, nobody can sign.",
            "“%(campaign)s” has %(count)s signatures. They stay in the list of campaigns, with the texts that were "
            "signed. Without a page, nobody can sign.",
            count,
        )
        number = number_format(count, force_grouping=True)
        messages.warning(request, text % {"campaign": pledge, "count": number})
    else:
        text = gettext("Nobody has signed “%(campaign)s”. It stays in the list of campaigns without its page.")
        may_delete = has_permission_on(request.user, pledge, PledgePermission.DELETE)
        url = reverse("wagtail_pledge_pledges:delete", args=[pledge.pk])
        is_offered = may_delete and can_be_deleted_whole(pledge, database_now())
        buttons = [messages.button(url, gettext("Delete campaign and pages"))] if is_offered else None
        messages.warning(request, text % {"campaign": pledge}, buttons=buttons)
