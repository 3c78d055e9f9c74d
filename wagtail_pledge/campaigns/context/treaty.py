"""Template context of treaty-status pages; every part is made from the same status snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from wagtail_pledge.treaties.display.facts import TreatyLabel
from wagtail_pledge.treaties.display.linked_data import linked_data
from wagtail_pledge.treaties.display.tables import FILTER_PARAMETERS, MAX_SEARCH, PRESERVED_PARAMETERS, StatusTable
from wagtail_pledge.treaties.enums import ParticipantStatus
from wagtail_pledge.treaties.formatting import formatted_date
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.regions import REGIONS
from wagtail_pledge.treaties.status import TreatyStatus

_DOWNLOADS: Final = {"csv": "text/csv", "json": "application/json"}


def as_of_form(treaty: Treaty, status: TreatyStatus, request: HttpRequest) -> dict[str, Any]:
    """Return the context of the date form: its value as typed, its range, and the query parameters to keep."""
    earliest: dt.date | None = treaty.adopted_on
    return {
        "value": request.GET.get("as_of") or status.as_of.isoformat(),
        "min": earliest.isoformat() if earliest else "",
        "max": timezone.localdate().isoformat(),
        "kept": _kept_parameters(request, {"status", "region", "q", "sort", "dir"}),
        "is_past": status.as_of < status.data_as_of,
    }


def _is_past(status: TreatyStatus) -> bool:
    return status.as_of < timezone.localdate()


def chosen_day(status: TreatyStatus) -> dict[str, Any]:
    """Return the context of a status on another day than today: the day, and the date of the data if that is earlier.

    Both are ``None`` for today's status.
    """
    is_chosen = _is_past(status)
    is_after_data = is_chosen and status.as_of > status.data_as_of
    return {
        "chosen_day": formatted_date(status.as_of if is_chosen else None),
        "checked_on": formatted_date(status.data_as_of if is_after_data else None),
    }


def filter_form(status: TreatyStatus, table: StatusTable, request: HttpRequest) -> dict[str, Any]:
    """Return the context of the filter form: choices of that day, chosen values, query parameters to keep."""
    present = {state.status for state in status.states}
    chosen = {name: request.GET.get(name, "")[:MAX_SEARCH] for name in FILTER_PARAMETERS}
    return {
        "statuses": [
            _choice(str(one.value), one.label, chosen["status"]) for one in ParticipantStatus if one in present
        ],
        "regions": [_choice(code, label, chosen["region"]) for code, label in REGIONS.items()],
        "q": chosen["q"],
        "is_filtered": any(chosen.values()),
        "kept": _kept_parameters(request, {"as_of", "sort", "dir"}),
        "reset_url": "?" + urlencode(_kept_parameters(request, {"as_of", "sort", "dir"})),
        "shown": len(table.rows),
        "total": table.total,
    }


def _choice(value: str, label: Any, chosen: str) -> dict[str, Any]:
    return {"value": value, "label": label, "is_chosen": value == chosen}


def _kept_parameters(request: HttpRequest, names: set[str]) -> dict[str, str]:
    order = [*PRESERVED_PARAMETERS, "sort", "dir"]
    return {name: request.GET[name] for name in order if name in names and request.GET.get(name)}


def key_dates(treaty: Treaty, status: TreatyStatus) -> dict[str, Any]:
    """Return the treaty's dates, formatted; ``None`` for an unknown one."""
    return {
        "adopted": formatted_date(treaty.adopted_on),
        "in_force": formatted_date(treaty.in_force_on),
        "as_of": formatted_date(status.as_of),
        "data_as_of": formatted_date(status.data_as_of),
        "known_until": formatted_date(status.known_until),
        "is_in_force": treaty.in_force_on is not None and treaty.in_force_on <= status.as_of,
    }


def status_numbers(status: TreatyStatus) -> dict[str, Any]:
    """Return the numbers of one day, named as in ``status.json``, without the States."""
    return {
        "treaty": status.treaty,
        "as_of": status.as_of.isoformat(),
        "data_as_of": status.data_as_of.isoformat(),
        "parties": status.parties,
        "signatories": status.signatories,
        "signed_only": status.signed_only,
        "former_parties": status.former_parties,
        "unknown": status.unknown,
        "organizations": status.organizations,
        "in_force_for": status.in_force_for,
    }


def data_links(treaty: Treaty, status: TreatyStatus, filters: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the URLs of the page's data as JSON, CSV and Atom; JSON and CSV for the same day if it is in the past.

    ``table_csv_url`` has the ``filters`` of the table too: see :func:`table_filters`.
    """
    language = {"lang": get_language() or ""}
    day = {"as_of": status.as_of.isoformat()} if _is_past(status) else {}
    return {
        "json_url": _url("status_json", treaty, {**language, **day}),
        "csv_url": _url("status_csv", treaty, {**language, **day}),
        "table_csv_url": _url("status_csv", treaty, {**language, **day, **(filters or {})}),
        "atom_url": _url("changes_atom", treaty, language),
    }


def table_filters(request: HttpRequest) -> dict[str, str]:
    """Return the request's filters of the table."""
    return _kept_parameters(request, set(FILTER_PARAMETERS))


def _url(name: str, treaty: Treaty, query: Mapping[str, str]) -> str:
    return f"{reverse(f'wagtail_pledge:treaty_{name}', args=[treaty.key])}?{urlencode(query)}"


def page_linked_data(treaty: Treaty, label: TreatyLabel, status: TreatyStatus, page: Any, request: HttpRequest) -> str:
    """Return the page's JSON-LD, with absolute URLs."""
    url = page.get_full_url(request) or request.build_absolute_uri(request.path)
    links = data_links(treaty, status)
    downloads = {media: request.build_absolute_uri(links[f"{kind}_url"]) for kind, media in _DOWNLOADS.items()}
    return linked_data(treaty, label, status, url, downloads)
