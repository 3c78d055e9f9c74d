"""What the pledge's pages show, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from wagtail_pledge.blocks.states import state_words
from wagtail_pledge.campaigns.drafts import draft_statement
from wagtail_pledge.campaigns.package_pages import models_showing
from wagtail_pledge.campaigns.sign_context import SignContext, sign_context
from wagtail_pledge.core import qr
from wagtail_pledge.core.caching import change_in
from wagtail_pledge.core.dates import database_now
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.kinds import kinds
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


def signer_type_links(pages: Iterable[Any], request: HttpRequest, current: Any | None = None) -> list[dict[str, Any]]:
    """Return one link a signer-type page: title, URL, kind, whether it is the page shown.

    A page whose kind no code registers any more is no way to sign.
    """
    return [
        {
            "title": page.title,
            "url": page.get_url(request),
            "kind": page.kind,
            "current": current is not None and page.pk == current.pk,
        }
        for page in pages
        if page.kind in kinds()
    ]


def signer_type_pages_under(pledge_page: Any) -> list[Any]:
    """Return the live signer-type pages under a pledge page in tree order; one query a page model."""
    if not pledge_page.pk:
        return []
    found: list[Any] = []
    for model in models_showing("signer_type"):
        found += model.objects.child_of(pledge_page).live().filter(signer_type__isnull=False)
    return sorted(found, key=lambda page: page.path)


def choose_statement(pledge_page: Any, pages: list[Any], signer_type_id: int | None = None) -> Any | None:
    """Return the current statement of one signer type, or of the first that can be signed, in the page's language."""
    statements = current_statements(pledge_page.pledge_id, pledge_page.locale.language_code)
    ordered = [signer_type_id] if signer_type_id else [p.signer_type_id for p in pages] + sorted(statements)
    signable = (statements[key] for key in ordered if key in statements)
    return next((statement for statement in signable if statement.signer_type.kind in kinds()), None)


def _sign(statement: Any, pages: list[Any], owner: Any) -> SignContext:
    own = next((p for p in pages if p.signer_type_id == statement.signer_type_id), None)
    words = [source.button_text for source in (own, owner) if source is not None and source.button_text]
    return sign_context(statement, button_text=words[0] if words else "", privacy_note=owner.privacy_note)


def qr_url(pledge: Any, state: str) -> str:
    """Return where the QR code of a pledge's page is; ``""`` where there is none."""
    if not (qr.IS_INSTALLED and pledge.pk) or state == PledgeState.DRAFT:
        return ""
    return f"{reverse('wagtail_pledge:qr_svg', args=[pledge.uuid])}?lang={get_language()}"


def ledger_context(
    page: Any, request: HttpRequest, *, pledge_page: Any, signer_type_id: int | None = None
) -> dict[str, Any]:
    """Return ``pledge, state, state_words, sign, signer_types, progress, qr_url`` for a page that shows a pledge or one
    way to sign it.

    In a preview the form is made of the draft on the screen.
    """
    previewed = getattr(request, "is_preview", False)
    if pledge_page is None or (pledge_page.pledge_id is None and not previewed):
        return dict(NOTHING)
    pages = signer_type_pages_under(pledge_page)
    statement = draft_statement(page) if previewed else choose_statement(pledge_page, pages, signer_type_id)
    sign = _sign(statement, pages, pledge_page) if statement else None
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
        "signer_types": signer_type_links(pages, request, current=page if page is not pledge_page else None),
        "progress": progress_of(pledge) if pledge.pk else None,
        "qr_url": qr_url(pledge, state),
    }
