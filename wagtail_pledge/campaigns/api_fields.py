"""What pages say of their ledger to programs, through Wagtail's page API. No personal data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Sum
from django.db.models.functions import Now
from wagtail.api import APIField
from wagtail.models import Locale

from wagtail_pledge.signing.models import Pledge, SignerType, Statement
from wagtail_pledge.signing.services import shown_state

#: One field for pledge pages and signer-type pages; ``api.page_fields`` lets a listing ask for all its pages at once.
LEDGER: Final = APIField("ledger")


def utc_text(moment: dt.datetime | None) -> str | None:
    """Return ISO 8601 in UTC to the second."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds") if moment else None


def version_of(statement: Statement) -> dict[str, Any]:
    """Return which text a statement is: kind of signer, language, number, hash, day."""
    return {
        "kind": statement.signer_type.kind,
        "language": statement.locale,
        "version": statement.number,
        "sha256": statement.sha256,
        "published_at": utc_text(statement.created_at),
    }


def ledgers_of(pages: Iterable[Any]) -> dict[int, dict[str, Any] | None]:
    """Return the ledger of each page by its key; at most four queries, however many pages.

    Pages are pledge pages or signer-type pages. ``None`` for a page without a pledge that the public may see.
    """
    shown = list(pages)
    languages = _languages(shown)
    pledge_ids = _pledge_ids(shown)
    pledges = Pledge.objects.public().annotate(total=Sum("tallies__count"), db_now=Now()).in_bulk(pledge_ids.values())
    statements = _statements(pledges, languages)
    found: dict[int, dict[str, Any] | None] = {}
    for page in shown:
        pledge = pledges.get(pledge_ids.get(page.pk, 0))
        mine = [s for s in statements if pledge and s.pledge_id == pledge.pk and s.locale == languages[page.locale_id]]
        own = getattr(page, "signer_type_id", None)
        found[page.pk] = _ledger(pledge, [s for s in mine if own in {None, s.signer_type_id}]) if pledge else None
    return found


def _languages(pages: list[Any]) -> dict[int, str]:
    known = Locale.objects.in_bulk({page.locale_id for page in pages})
    return {pk: locale.language_code for pk, locale in known.items()}


def _pledge_ids(pages: list[Any]) -> dict[int, int]:
    """Return the pledge of each page that has one, by the page's key."""
    own = {page.pk: page.pledge_id for page in pages if getattr(page, "pledge_id", None)}
    types = {page.pk: page.signer_type_id for page in pages if getattr(page, "signer_type_id", None)}
    if types:
        pledges = dict(SignerType.objects.filter(pk__in=types.values()).values_list("pk", "pledge_id"))
        own.update({page: pledges[signer_type] for page, signer_type in types.items()})
    return own


def _statements(pledges: Mapping[int, Any], languages: Mapping[int, str]) -> list[Any]:
    if not pledges:
        return []
    found = Statement.objects.current().filter(pledge_id__in=pledges, locale__in=languages.values())
    return list(found.order_by("signer_type__position", "signer_type_id"))


def _ledger(pledge: Any, statements: list[Any]) -> dict[str, Any]:
    return {
        "pledge": str(pledge.uuid),
        "state": shown_state(pledge, pledge.db_now),
        "total": pledge.total or 0,
        "goal": pledge.goal,
        "opens_at": utc_text(pledge.opens_at),
        "closes_at": utc_text(pledge.closes_at),
        "statements": [{"signer_type": str(one.signer_type.uuid), **version_of(one)} for one in statements],
    }
