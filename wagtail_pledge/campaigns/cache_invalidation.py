"""What caches keep of public pages is thrown away when something on them changes.

Pages of the shipped page cache all at once: they are soon made again. In Wagtail's front-end caches, which may be dear
to ask and hold much else, the addresses that are known to have changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Final
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.urls import reverse
from django.utils.translation import override
from wagtail.contrib.frontend_cache.utils import PurgeBatch
from wagtail.models import PageViewRestriction
from wagtail.signals import page_published, page_unpublished, post_page_move

from wagtail_pledge.caching.middleware import forget_pages
from wagtail_pledge.campaigns.lookups import full_url, models_showing, pages_showing
from wagtail_pledge.campaigns.page_types.base import PackagePage
from wagtail_pledge.signing.enums import EventKind, PledgeState
from wagtail_pledge.signing.models import Pledge, SignatureEvent, Switch
from wagtail_pledge.signing.services.switches import SURGE
from wagtail_pledge.treaties.signals import treaty_status_changed

KINDS: Final = ("pledge", "signer_type", "update", "campaigns", "treaty")
#: Decisions of staff after which a name may be shown, or may be no longer.
DECISIONS: Final = frozenset({EventKind.APPROVED, EventKind.REFUSED})


def has_front() -> bool:
    """Whether the site has told Wagtail of a cache in front of it."""
    return any(getattr(settings, f"WAGTAILFRONTENDCACHE{rest}", None) for rest in ("", "_LOCATION"))


def purge(pages: Iterable[Any] = (), pledges: Iterable[Pledge] = ()) -> None:
    """Throw away what is kept of ``pages`` and of everything that shows ``pledges``, once the transaction is committed.

    Without a front-end cache no page is looked for. One that fails changes nothing else.
    """
    batch = PurgeBatch()
    if has_front():
        for pledge in pledges:
            shown = pages_showing(pledge)
            _add(batch, shown)
            batch.add_urls(address for page in shown for address in _data_of(pledge, page))
        _add(batch, pages)
    transaction.on_commit(partial(_purge, batch), robust=True)


def _purge(batch: PurgeBatch) -> None:
    # First what stands behind: a cache in front could else fetch the old page again
    forget_pages()
    batch.purge()


def _add(batch: PurgeBatch, pages: Iterable[Any]) -> None:
    for page in pages:
        with override(page.locale.language_code):
            batch.add_page(page)


def _data_of(pledge: Pledge, page: Any) -> list[str]:
    """Return the addresses of the pledge's JSON, its feed and its form for frames, on the host of ``page``."""
    host = full_url(page)
    count, about, embed, feed = (
        reverse(f"wagtail_pledge:{name}", args=[pledge.uuid]) for name in ("count", "pledge", "embed", "updates_atom")
    )
    paths = (count, about, *(f"{path}{end}" for path in (embed, feed) for end in ("", f"?lang={_code(page)}")))
    return [urljoin(host, path) for path in paths] if host else []


def _code(page: Any) -> str:
    code: str = page.locale.language_code
    return code


def _pledge_of(page: Any) -> list[Pledge]:
    found = getattr(page, "pledge", None) or getattr(getattr(page, "signer_type", None), "pledge", None)
    return [found] if found else []


def on_page_changed(instance: Any, **_kwargs: Any) -> None:
    """A page has come, changed, moved or gone. Any page may stand in the menu of all others."""
    page = instance.specific
    ours = isinstance(page, PackagePage)
    purge([page] if ours else [], _pledge_of(page) if ours else [])


def on_pledge_saved(instance: Pledge, created: bool = False, **_kwargs: Any) -> None:
    """Its state, dates or goal may be others."""
    if not created:
        purge(pledges=[instance])


def on_event(instance: SignatureEvent, **_kwargs: Any) -> None:
    """Staff have approved or refused an organization. What signers do themselves shows when time is up."""
    if instance.kind in DECISIONS:
        purge(pledges=Pledge.objects.filter(pk=instance.pledge_id))


def on_switch_turned(instance: Switch, **_kwargs: Any) -> None:
    """The count of a pledge in a surge may be kept for longer; afterwards it may not."""
    which, _colon, pk = instance.name.partition(":")
    if pk or which == SURGE:
        meant = {"pk": int(pk)} if pk else {"state": PledgeState.OPEN}
        purge(pledges=Pledge.objects.filter(**meant))


def on_restricted(instance: PageViewRestriction, **_kwargs: Any) -> None:
    """What stood open stands behind a password or a log-in, or the other way round."""
    below = (
        model.objects.live().descendant_of(instance.page, inclusive=True).select_related("locale")
        for what in KINDS
        for model in models_showing(what)
    )
    purge(page for pages in below for page in pages)


def on_treaty_changed(**_kwargs: Any) -> None:
    """Each treaty's page may name the others."""
    purge(page for model in models_showing("treaty") for page in model.objects.live().select_related("locale"))


def connect_purging() -> None:
    """Listen to everything that changes what visitors see."""
    for signal in (page_published, page_unpublished, post_page_move):
        signal.connect(on_page_changed, dispatch_uid="wagtail_pledge.purge_page")
    post_save.connect(on_pledge_saved, sender=Pledge, dispatch_uid="wagtail_pledge.purge_pledge")
    post_save.connect(on_event, sender=SignatureEvent, dispatch_uid="wagtail_pledge.purge_decision")
    post_save.connect(on_switch_turned, sender=Switch, dispatch_uid="wagtail_pledge.purge_switch")
    for changed in (post_save, post_delete):
        changed.connect(on_restricted, sender=PageViewRestriction, dispatch_uid="wagtail_pledge.purge_restricted")
    treaty_status_changed.connect(on_treaty_changed, dispatch_uid="wagtail_pledge.purge_treaties")
