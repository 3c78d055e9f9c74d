"""Fields for Wagtail's page API: the pledge of a page as JSON. No personal data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Sum
from django.db.models.functions import Now
from wagtail.api import APIField
from wagtail.models import Locale

from wagtail_pledge.signing.models import Pledge, SignerType, Statement
from wagtail_pledge.signing.services import public_state

#: The field of pledge pages and signer-type pages; ``api.page_fields`` loads it for all pages of a listing at once.
LEDGER_API_FIELD: Final = APIField("ledger")


def utc_text(moment: dt.datetime | None) -> str | None:
    """Return ``moment`` in ISO 8601, UTC, to the second; ``None`` for ``None``."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds") if moment else None


def statement_version(statement: Statement) -> dict[str, Any]:
    """Return what identifies a statement: signer kind, language, version number, SHA-256, publication time."""
    return {
        "kind": statement.signer_type.kind,
        "language": statement.locale,
        "version": statement.number,
        "sha256": statement.sha256,
        "published_at": utc_text(statement.created_at),
    }


def ledger_data(pages: Iterable[Any]) -> dict[int, dict[str, Any] | None]:
    """Return the API data of each page's pledge by page id; at most four queries, however many pages.

    ``pages`` are pledge pages or signer-type pages. A page without a publicly visible pledge gets ``None``.
    """
    pages = list(pages)
    languages = _languages(pages)
    pledge_ids = _pledge_ids(pages)
    pledges = Pledge.objects.public().annotate(total=Sum("tallies__count"), db_now=Now()).in_bulk(pledge_ids.values())
    statements = _statements(pledges, languages)
    data: dict[int, dict[str, Any] | None] = {}
    for page in pages:
        pledge = pledges.get(pledge_ids.get(page.pk, 0))
        if pledge is None:
            data[page.pk] = None
            continue
        # A pledge page lists the statements of all its signer types, a signer-type page only its own
        signer_type_id = getattr(page, "signer_type_id", None)
        page_statements = [
            statement
            for statement in statements
            if statement.pledge_id == pledge.pk
            and statement.locale == languages[page.locale_id]
            and signer_type_id in {None, statement.signer_type_id}
        ]
        data[page.pk] = _ledger(pledge, page_statements)
    return data


def _languages(pages: list[Any]) -> dict[int, str]:
    locales = Locale.objects.in_bulk({page.locale_id for page in pages})
    return {pk: locale.language_code for pk, locale in locales.items()}


def _pledge_ids(pages: list[Any]) -> dict[int, int]:
    """Return the pledge id of each page that has one, by page id."""
    pledge_ids = {page.pk: page.pledge_id for page in pages if getattr(page, "pledge_id", None)}
    types = {page.pk: page.signer_type_id for page in pages if getattr(page, "signer_type_id", None)}
    if types:
        pledges = dict(SignerType.objects.filter(pk__in=types.values()).values_list("pk", "pledge_id"))
        pledge_ids.update({page: pledges[signer_type] for page, signer_type in types.items()})
    return pledge_ids


def _statements(pledges: Mapping[int, Any], languages: Mapping[int, str]) -> list[Any]:
    if not pledges:
        return []
    statements = Statement.objects.current().filter(pledge_id__in=pledges, locale__in=languages.values())
    return list(statements.order_by("signer_type__position", "signer_type_id"))


def _ledger(pledge: Any, statements: list[Any]) -> dict[str, Any]:
    return {
        "pledge": str(pledge.uuid),
        "state": public_state(pledge, pledge.db_now),
        "total": pledge.total or 0,
        "goal": pledge.goal,
        "opens_at": utc_text(pledge.opens_at),
        "closes_at": utc_text(pledge.closes_at),
        "statements": [
            {"signer_type": str(statement.signer_type.uuid), **statement_version(statement)} for statement in statements
        ],
    }
