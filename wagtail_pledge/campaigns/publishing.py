"""Publishing freezes what is shown, and throws away what caches keep of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import override
from wagtail.signals import page_published

from wagtail_pledge.blocks.questions import asked_questions
from wagtail_pledge.campaigns.cache_invalidation import connect_purging
from wagtail_pledge.campaigns.context.form import consent_wording
from wagtail_pledge.campaigns.context.page import signer_type_pages_under
from wagtail_pledge.campaigns.optional_fields import asking_of
from wagtail_pledge.campaigns.page_types.pledge import PledgePageMixin
from wagtail_pledge.campaigns.page_types.signer_type import SignerTypePageMixin
from wagtail_pledge.signing.kinds import get_kind, kinds
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.services import freeze_statement
from wagtail_pledge.signing.services.pledges import open_with_its_page


def freeze_pledge_page(page: Any) -> None:
    """Freeze the statement of each signer type that can be signed in the page's language.

    Those are the types with a live page under this one, and the first type of the pledge, whose form stands on
    the page itself.
    """
    code = page.locale.language_code
    pages = {child.signer_type_id: child for child in signer_type_pages_under(page)}
    types = list(SignerType.objects.filter(pledge=page.pledge))
    with override(code):
        for signer_type in types:
            if signer_type.kind in kinds() and (signer_type.pk in pages or signer_type is types[0]):
                own, kind = pages.get(signer_type.pk), get_kind(signer_type.kind)
                asking = asking_of(kind, page, own)
                freeze_statement(
                    signer_type=signer_type,
                    locale=code,
                    text=page.statement,
                    consent=consent_wording(kind, own, asking),
                    questions=asked_questions(getattr(own, "questions", None)),
                    asking=asking,
                )


def on_page_published(instance: Any, revision: Any = None, **_kwargs: Any) -> None:
    """Open the pledge when its first page goes live. Freeze when a pledge page goes live, or a signer-type page under
    a live one.
    """
    if isinstance(instance, PledgePageMixin) and instance.pledge is not None:
        open_with_its_page(instance.pledge, title=str(instance), actor=getattr(revision, "user", None))
        freeze_pledge_page(instance)
    elif isinstance(instance, SignerTypePageMixin):
        above = instance.parent_pledge_page()
        if above is not None and above.live and above.pledge is not None:
            freeze_pledge_page(above)


def connect_receivers() -> None:
    """Listen to Wagtail's publishing and to what changes pages without it."""
    page_published.connect(on_page_published, dispatch_uid="wagtail_pledge.freeze_statement")
    connect_purging()
