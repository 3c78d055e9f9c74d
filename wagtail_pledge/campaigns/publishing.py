"""Signal receivers for publishing: open the pledge, freeze its statements, purge caches."""

from __future__ import annotations

from typing import Any

from django.utils.translation import override
from wagtail.signals import page_published

from wagtail_pledge.blocks.questions import serialize_questions
from wagtail_pledge.campaigns.cache_invalidation import connect_cache_invalidation
from wagtail_pledge.campaigns.context.form import consent_wording
from wagtail_pledge.campaigns.context.page import signer_type_pages_under
from wagtail_pledge.campaigns.optional_fields import optional_fields_for
from wagtail_pledge.campaigns.page_types.pledge import PledgePageMixin
from wagtail_pledge.campaigns.page_types.signer_type import SignerTypePageMixin
from wagtail_pledge.signing.kinds import get_kind, kinds
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.services import freeze_statement
from wagtail_pledge.signing.services.pledges import open_on_publish


def freeze_pledge_page(page: Any) -> None:
    """Freeze the statement of each signer type that can be signed in the page's language.

    These are the types with a live page under this one, and the pledge's first type, whose form is on the page itself.
    """
    code = page.locale.language_code
    pages = {child.signer_type_id: child for child in signer_type_pages_under(page)}
    types = list(SignerType.objects.filter(pledge=page.pledge))
    with override(code):
        for signer_type in types:
            if signer_type.kind in kinds() and (signer_type.pk in pages or signer_type is types[0]):
                signer_type_page, kind = pages.get(signer_type.pk), get_kind(signer_type.kind)
                optional_fields = optional_fields_for(kind, page, signer_type_page)
                freeze_statement(
                    signer_type=signer_type,
                    locale=code,
                    text=page.statement,
                    consent=consent_wording(kind, signer_type_page, optional_fields),
                    questions=serialize_questions(getattr(signer_type_page, "questions", None)),
                    optional_fields=optional_fields,
                )


def on_page_published(instance: Any, revision: Any = None, **_kwargs: Any) -> None:
    """Open the pledge and freeze its statements.

    A pledge opens when its first page is published. Its statements are frozen when a pledge page is published, or a
    signer-type page under a live pledge page.
    """
    if isinstance(instance, PledgePageMixin) and instance.pledge is not None:
        open_on_publish(instance.pledge, title=str(instance), actor=getattr(revision, "user", None))
        freeze_pledge_page(instance)
    elif isinstance(instance, SignerTypePageMixin):
        pledge_page = instance.parent_pledge_page()
        if pledge_page is not None and pledge_page.live and pledge_page.pledge is not None:
            freeze_pledge_page(pledge_page)


def connect_receivers() -> None:
    """Connect the receivers for publishing and those that purge caches."""
    page_published.connect(on_page_published, dispatch_uid="wagtail_pledge.freeze_statement")
    connect_cache_invalidation()
