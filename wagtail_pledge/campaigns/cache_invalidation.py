"""Clear and purge caches when something that public pages show has changed.

The package's own page cache is cleared completely: its pages are soon rendered again. In Wagtail's front-end caches
only the URLs that have changed are purged: requests to them may be expensive, and they hold other content too.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial, reduce
from operator import or_
from typing import Any, Final
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_save, pre_delete
from django.urls import reverse
from django.utils.translation import override
from wagtail.contrib.frontend_cache.utils import PurgeBatch
from wagtail.models import PageViewRestriction
from wagtail.signals import page_published, page_unpublished, post_page_move

from wagtail_pledge.caching.middleware import clear_page_cache
from wagtail_pledge.campaigns.lookups import full_url, page_models_with_role, pages_for_pledge
from wagtail_pledge.campaigns.page_types.base import BasePageMixin
from wagtail_pledge.delivery.models import (
    DecisionStage,
    EvidenceTranslation,
    PledgeRecipient,
    Recipient,
    RecipientTranslation,
    StageEvidence,
    StageTranslation,
)
from wagtail_pledge.signing.enums import EventKind, PledgeState
from wagtail_pledge.signing.models import Pledge, SignatureEvent, Switch
from wagtail_pledge.signing.services.switches import SIGNING, SURGE
from wagtail_pledge.treaties.models import State, StateAlias, TreatyDeclaration, TreatyName
from wagtail_pledge.treaties.signals import treaty_status_changed

#: ``page_role`` of the pages that are purged when a restriction changes.
ROLES: Final = ("pledge", "signer_type", "update", "campaigns", "treaty")
#: Decisions of staff that show or hide a name.
DECISIONS: Final = frozenset({EventKind.APPROVED, EventKind.REJECTED})


def has_frontend_cache() -> bool:
    """Return whether the site has configured Wagtail's front-end cache."""
    return any(getattr(settings, f"WAGTAILFRONTENDCACHE{suffix}", None) for suffix in ("", "_LOCATION"))


def purge(pages: Iterable[Any] = (), pledges: Iterable[Pledge] = ()) -> None:
    """Purge ``pages`` and everything that shows ``pledges`` from the caches, after the transaction is committed.

    Pages are looked up only where there is a front-end cache. An error of a cache is logged and not raised.
    """
    batch = PurgeBatch()
    if has_frontend_cache():
        for pledge in pledges:
            pledge_pages = pages_for_pledge(pledge)
            _add_page_urls(batch, pledge_pages)
            batch.add_urls(url for page in pledge_pages for url in _data_urls(pledge, page))
        _add_page_urls(batch, pages)
    transaction.on_commit(partial(_purge, batch), robust=True)


def _purge(batch: PurgeBatch) -> None:
    # The page cache first: a front-end cache could otherwise fetch the old page from it again
    clear_page_cache()
    batch.purge()


def _add_page_urls(batch: PurgeBatch, pages: Iterable[Any]) -> None:
    for page in pages:
        with override(page.locale.language_code):
            batch.add_page(page)


def _data_urls(pledge: Pledge, page: Any) -> list[str]:
    """Return the URLs of the pledge's JSON, feed, embed page and list of organizations, on the host of ``page``."""
    host = full_url(page)
    names = ("count", "pledge", "embed", "updates_atom", "organizations")
    count, detail, *by_language = (reverse(f"wagtail_pledge:{name}", args=[pledge.uuid]) for name in names)
    paths = (
        count,
        detail,
        *(f"{path}{query}" for path in by_language for query in ("", f"?lang={page.locale.language_code}")),
    )
    return [urljoin(host, path) for path in paths] if host else []


def _pledge_of(page: Any) -> list[Pledge]:
    pledge = getattr(page, "pledge", None) or getattr(getattr(page, "signer_type", None), "pledge", None)
    return [pledge] if pledge else []


def on_page_changed(instance: Any, **_kwargs: Any) -> None:
    """Purge after a page was published, unpublished or moved.

    Any page, also one of the site's own types, clears the page cache: it may be in the menu of all other pages.
    """
    page = instance.specific
    is_campaign_page = isinstance(page, BasePageMixin)
    purge([page] if is_campaign_page else [], _pledge_of(page) if is_campaign_page else [])


def on_pledge_saved(instance: Pledge, created: bool = False, **_kwargs: Any) -> None:
    """Purge the pages of a pledge: its state, dates or goal may have changed."""
    if not created:
        purge(pledges=[instance])


def on_event(instance: SignatureEvent, **_kwargs: Any) -> None:
    """Purge when staff approve or reject an organization. What signers do shows when the cached pages expire."""
    if instance.kind in DECISIONS:
        purge(pledges=Pledge.objects.filter(pk=instance.pledge_id))


def on_switch_saved(instance: Switch, **_kwargs: Any) -> None:
    """Purge when a surge or a pause of signing begins or ends.

    Caches may keep the count for longer during a surge; during a pause, pages say so instead of showing the form.
    """
    name, _colon, pk = instance.name.partition(":")
    if pk or name in (SURGE, SIGNING):
        filters: dict[str, Any] = {"pk": int(pk)} if pk else {"state": PledgeState.OPEN}
        purge(pledges=Pledge.objects.filter(**filters))


#: Models on who decides, and the lookups from a pledge to their rows.
DECISION_MODELS: Final[dict[type[Any], tuple[str, ...]]] = {
    Recipient: ("recipients__recipient", "decision_stages__recipient"),
    RecipientTranslation: ("recipients__recipient__translations", "decision_stages__recipient__translations"),
    PledgeRecipient: ("recipients",),
    DecisionStage: ("decision_stages",),
    StageTranslation: ("decision_stages__translations",),
    StageEvidence: ("decision_stages__evidence",),
    EvidenceTranslation: ("decision_stages__evidence__translations",),
}


def on_decision_changed(sender: Any, instance: Any, **_kwargs: Any) -> None:
    """Purge the pages of the pledges that name a decision-maker or have a stage that has changed."""
    of_instance = reduce(or_, (Q(**{lookup: instance.pk}) for lookup in DECISION_MODELS[sender]))
    purge(pledges=Pledge.objects.filter(of_instance).distinct())


def on_restricted(instance: PageViewRestriction, **_kwargs: Any) -> None:
    """Purge a page and its descendants when its password or log-in restriction is added, changed or removed."""
    querysets = (
        model.objects.live().descendant_of(instance.page, inclusive=True).select_related("locale")
        for role in ROLES
        for model in page_models_with_role(role)
    )
    purge(page for queryset in querysets for page in queryset)


#: What treaty pages show besides the acts, and editors change in the admin.
TREATY_MODELS: Final[tuple[type[Any], ...]] = (TreatyName, TreatyDeclaration, State, StateAlias)


def on_treaty_changed(**_kwargs: Any) -> None:
    """Purge all treaty pages: the page of one treaty may list the others."""
    purge(page for model in page_models_with_role("treaty") for page in model.objects.live().select_related("locale"))


def connect_cache_invalidation() -> None:
    """Connect the receivers to every signal after which visitors see something else."""
    for signal in (page_published, page_unpublished, post_page_move):
        signal.connect(on_page_changed, dispatch_uid="wagtail_pledge.purge_page")
    post_save.connect(on_pledge_saved, sender=Pledge, dispatch_uid="wagtail_pledge.purge_pledge")
    post_save.connect(on_event, sender=SignatureEvent, dispatch_uid="wagtail_pledge.purge_decision")
    post_save.connect(on_switch_saved, sender=Switch, dispatch_uid="wagtail_pledge.purge_switch")
    for changed in (post_save, post_delete):
        changed.connect(on_restricted, sender=PageViewRestriction, dispatch_uid="wagtail_pledge.purge_restricted")
    for model in DECISION_MODELS:
        post_save.connect(on_decision_changed, sender=model, dispatch_uid="wagtail_pledge.purge_decision_path")
        # Before the row is gone: afterwards, nothing says which pledge it belonged to
        pre_delete.connect(on_decision_changed, sender=model, dispatch_uid="wagtail_pledge.purge_decision_path")
    for model in TREATY_MODELS:
        for changed in (post_save, post_delete):
            changed.connect(on_treaty_changed, sender=model, dispatch_uid="wagtail_pledge.purge_treaties")
    treaty_status_changed.connect(on_treaty_changed, dispatch_uid="wagtail_pledge.purge_treaties")
