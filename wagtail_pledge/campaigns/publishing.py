"""Signal receivers for publishing: open and stop the pledge, freeze its statements, purge caches."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models.signals import post_delete, post_save
from django.utils.translation import override
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.signals import page_published, page_unpublished

from wagtail_pledge.blocks.questions import serialize_questions
from wagtail_pledge.campaigns.cache_invalidation import connect_cache_invalidation
from wagtail_pledge.campaigns.context.form import consent_wording
from wagtail_pledge.campaigns.context.page import signer_type_pages_under
from wagtail_pledge.campaigns.lookups import has_live_page, page_models_with_role
from wagtail_pledge.campaigns.optional_fields import optional_fields_for
from wagtail_pledge.campaigns.page_tree import restore_child_count
from wagtail_pledge.campaigns.page_types.pledge import PledgePageMixin
from wagtail_pledge.campaigns.page_types.signer_type import SignerTypePageMixin
from wagtail_pledge.signing.kinds import get_kind, kinds
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.services import freeze_statement
from wagtail_pledge.signing.services.pledges import open_on_publish, stop_on_unpublish


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

    A pledge opens when its first page goes live. Its statements are frozen when a pledge page goes live, or a
    signer-type page under a live pledge page. Wagtail sends the signal too when a page is only scheduled.
    """
    if not instance.live:
        return
    if isinstance(instance, PledgePageMixin) and instance.pledge is not None:
        open_on_publish(instance.pledge, title=str(instance), actor=getattr(revision, "user", None))
        freeze_pledge_page(instance)
    elif isinstance(instance, SignerTypePageMixin):
        pledge_page = instance.parent_pledge_page()
        if pledge_page is not None and pledge_page.live and pledge_page.pledge is not None:
            freeze_pledge_page(pledge_page)


def on_page_unpublished(instance: Any, **_kwargs: Any) -> None:
    """Stop the pledge of a page that was unpublished or has expired, unless another live page shows it.

    Wagtail also sends the signal before it deletes a live page, whose row is still live then: see ``on_page_deleted``.
    """
    if isinstance(instance, PledgePageMixin) and instance.pledge is not None and not has_live_page(instance.pledge):
        stop_on_unpublish(instance.pledge)


def on_page_deleted(instance: Any, **_kwargs: Any) -> None:
    """Stop the pledge of a live page that was deleted, unless another live page shows it."""
    if instance.live and instance.pledge is not None and not has_live_page(instance.pledge):
        stop_on_unpublish(instance.pledge)


def on_page_saved(instance: Any, **_kwargs: Any) -> None:
    """Complete the conversion of an alias that has its own pledge or signer type now.

    The ways to sign below a pledge page are still those of the other pledge: they are converted too. The statements are
    frozen, for Wagtail sends no signal when it converts an alias.
    """
    if not instance.is_separated:
        return
    is_pledge_page = isinstance(instance, PledgePageMixin)
    if is_pledge_page:
        for child in instance.get_children().specific():
            if isinstance(child, SignerTypePageMixin):
                _move_to_own_pledge(child)
    pledge_page = instance if is_pledge_page else instance.parent_pledge_page()
    if pledge_page is not None and pledge_page.live and instance.live:
        freeze_pledge_page(pledge_page)


def _move_to_own_pledge(page: Any) -> None:
    """Give a signer-type page a signer type of its parent's pledge."""
    if page.alias_of_id is not None:
        ConvertAliasPageAction(page).execute(skip_permission_checks=True)
        return
    page.set_own_row()
    page.save(update_fields=["signer_type"], clean=False)
    if page.latest_revision_id:
        revision = page.save_revision(changed=False, clean=False)
        if page.live:
            page.live_revision = revision
            page.save(update_fields=["live_revision"], clean=False)


def connect_receivers() -> None:
    """Connect the receivers for publishing and those that purge caches."""
    if apps.is_installed("wagtail_localize"):
        page_published.connect(restore_child_count, dispatch_uid="wagtail_pledge.restore_child_count")
    page_published.connect(on_page_published, dispatch_uid="wagtail_pledge.freeze_statement")
    page_unpublished.connect(on_page_unpublished, dispatch_uid="wagtail_pledge.stop_pledge")
    for model in page_models_with_role("pledge"):
        post_delete.connect(on_page_deleted, sender=model, dispatch_uid=f"wagtail_pledge.deleted_{model._meta.label}")
    for role in ("pledge", "signer_type"):
        for model in page_models_with_role(role):
            post_save.connect(on_page_saved, sender=model, dispatch_uid=f"wagtail_pledge.saved_{model._meta.label}")
    connect_cache_invalidation()
