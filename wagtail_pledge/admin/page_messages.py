"""Messages above the page editor and above the confirmations of what happens to a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from wagtail.admin import messages

from wagtail_pledge.campaigns.lookups import ordinary_page_beside
from wagtail_pledge.campaigns.page_types.pledge import PledgePageMixin
from wagtail_pledge.core.http import SAFE_METHODS


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
