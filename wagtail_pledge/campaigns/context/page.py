"""What the pledge's pages show, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from wagtail_pledge.blocks.states import state_words
from wagtail_pledge.caching.headers import change_in
from wagtail_pledge.campaigns.context.draft import draft_statement
from wagtail_pledge.campaigns.context.form import sign_context
from wagtail_pledge.campaigns.lookups import models_showing
from wagtail_pledge.core import qr
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.kinds import get_kind, kinds
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.services import current_statements, progress_of, seconds_to_change, shown_state

NOTHING = {
    "pledge": None,
    "state": "draft",
    "state_words": None,
    "sign": None,
    "signer_types": [],
    "progress": None,
    "qr_url": "",
}


def signer_type_pages_under(pledge_page: Any) -> list[Any]:
    """Return the live signer-type pages under a pledge page in tree order; one query a page model."""
    if not pledge_page.pk:
        return []
    found: list[Any] = []
    for model in models_showing("signer_type"):
        found += model.objects.child_of(pledge_page).live().filter(signer_type__isnull=False)
    return sorted(found, key=lambda page: page.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysToSign:
    """How people can sign on a pledge page in its language: through the form of its own, then on the pages below.

    The own form is that of the pledge's first signer type; it moves away where a page below shows that type. A way
    whose kind no code registers any more is none.
    """

    pledge_page: Any
    pages: list[Any]
    #: The current statements by signer type id.
    statements: Mapping[int, Any]

    @property
    def own(self) -> SignerType | None:
        """The signer type whose form stands on the pledge page alone."""
        types = [statement.signer_type for statement in self.statements.values()]
        first = min(types, key=lambda known: (known.position, known.pk), default=None)
        shown = {page.signer_type_id for page in self.pages}
        return None if first is None or first.pk in shown or first.kind not in kinds() else first

    def statement(self, *, signer_type_id: int | None = None, kind: str = "") -> Any | None:
        """Return the statement of one signer type, or of the first way of ``kind``, else of the first."""
        ways = [*([self.own.pk] if self.own else []), *(page.signer_type_id for page in self.pages)]
        ordered = [signer_type_id] if signer_type_id else [*ways, *sorted(self.statements)]
        found = [self.statements[key] for key in ordered if key in self.statements]
        signable = [statement for statement in found if statement.signer_type.kind in kinds()]
        asked = (one for one in signable if one.signer_type.kind == kind and one.signer_type_id in ways)
        return next(asked, signable[0] if signable else None)

    def links(self, request: HttpRequest, *, current: Any = None, without: int | None = None) -> list[dict[str, Any]]:
        """Return one link a way: title, URL, kind, whether it is on the page shown. None for the signer type
        ``without``, and none at all where the own form is the only way.
        """
        shown = current.pk if current is not None else None
        below = [
            (page.signer_type_id, _link(page.title, page.get_url(request), page.kind, page.pk == shown))
            for page in self.pages
            if page.kind in kinds()
        ]
        ways = [self._own_link(request, shown), *below] if self.own and below else below
        return [link for signer_type_id, link in ways if signer_type_id != without]

    def _own_link(self, request: HttpRequest, shown: int | None) -> tuple[int, dict[str, Any]]:
        own: Any = self.own
        url = f"{self.pledge_page.get_url(request) or ''}#sign"
        return own.pk, _link(str(get_kind(own.kind).invitation), url, own.kind, self.pledge_page.pk == shown)


def _link(title: str, url: str | None, kind: str, is_current: bool) -> dict[str, Any]:
    return {"title": title, "url": url, "kind": kind, "current": is_current}


def ways_to_sign(pledge_page: Any) -> WaysToSign:
    """Return the ways to sign on a pledge page; a query a page model and one. One that was never saved has none."""
    has_ledger = pledge_page.pledge_id is not None
    statements = current_statements(pledge_page.pledge_id, pledge_page.locale.language_code) if has_ledger else {}
    return WaysToSign(pledge_page=pledge_page, pages=signer_type_pages_under(pledge_page), statements=statements)


def form_words(statement: Any, pledge_page: Any, pages: list[Any]) -> dict[str, str]:
    """Return what editors wrote around the form, ``button_text`` and ``privacy_note``, as ``sign_context`` takes
    them; ``pages`` are the signer-type pages under the pledge page.
    """
    own = next((page for page in pages if page.signer_type_id == statement.signer_type_id), None)
    words = [source.button_text for source in (own, pledge_page) if source is not None and source.button_text]
    return {"button_text": words[0] if words else "", "privacy_note": pledge_page.privacy_note}


def qr_url(pledge: Any, state: str) -> str:
    """Return where the QR code of a pledge's page is; ``""`` where there is none."""
    if not (qr.IS_INSTALLED and pledge.pk) or state == PledgeState.DRAFT:
        return ""
    return f"{reverse('wagtail_pledge:qr_svg', args=[pledge.uuid])}?lang={get_language()}"


def ledger_context(
    page: Any, request: HttpRequest, *, pledge_page: Any, signer_type_id: int | None = None, kind: str = ""
) -> dict[str, Any]:
    """Return ``pledge, state, state_words, sign, signer_types, progress, qr_url`` for a page that shows a pledge or one
    way to sign it: ``signer_type_id``, else the first of ``kind``, else the first.

    In a preview the form is made of the draft on the screen.
    """
    previewed = getattr(request, "is_preview", False)
    if pledge_page is None or (pledge_page.pledge_id is None and not previewed):
        return dict(NOTHING)
    ways = ways_to_sign(pledge_page)
    statement = draft_statement(page) if previewed else ways.statement(signer_type_id=signer_type_id, kind=kind)
    sign = sign_context(statement, **form_words(statement, pledge_page, ways.pages)) if statement else None
    pledge = statement.signer_type.pledge if statement else pledge_page.pledge
    now = statement.db_now if statement else database_now()
    change_in(request, seconds_to_change(pledge, now))
    state = sign.state if sign else shown_state(pledge, now)
    words = state_words(getattr(pledge_page, "body", None), state) if state != PledgeState.OPEN else None
    return {
        "pledge": pledge,
        "state": state,
        "state_words": words,
        "sign": sign,
        "signer_types": ways.links(request, current=page),
        "progress": progress_of(pledge) if pledge.pk else None,
        "qr_url": qr_url(pledge, state),
    }
