"""Template context of treaty-status pages; every part is made from the same status snapshot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import get_language

from wagtail_pledge.treaties.display.facts import TreatyLabel
from wagtail_pledge.treaties.display.linked_data import linked_data
from wagtail_pledge.treaties.display.tables import FILTER_PARAMETERS, MAX_SEARCH, PRESERVED_PARAMETERS, StatusTable
from wagtail_pledge.treaties.enums import ParticipantStatus
from wagtail_pledge.treaties.formatting import formatted_date
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.regions import REGIONS
from wagtail_pledge.treaties.status import TreatyStatus

#: The parts of a date as one is sent in ``as_of``, also of one that does not exist.
_DAY: Final = re.compile(r"(\d{1,4})-(\d{1,2})-(\d{1,2})", re.ASCII)
#: Query parameters of the date form, which lead to ``as_of``.
DATE_PARTS: Final = ("as_of_year", "as_of_month", "as_of_day")
_DOWNLOADS: Final = {"csv": "text/csv", "json": "application/json"}


def as_of_form(status: TreatyStatus, request: HttpRequest) -> dict[str, Any]:
    """Return the context of the date form: its parts, the months' names, and the query parameters to keep.

    The parts are those of an invalid date as it was sent: "31 February 2016" stays.
    """
    typed = _DAY.fullmatch(request.GET.get("as_of", ""))
    year, month, day = (int(part) for part in typed.groups()) if typed else status.as_of.timetuple()[:3]
    return {
        "day": day,
        "month": month,
        "year": year,
        "months": list(MONTHS.items()),
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


def requested_day(query: Mapping[str, str]) -> str | None:
    """Return the value of ``as_of`` for the parts that the date form sends, ``None`` if it was not sent.

    Parts that are no numbers stay as they are: the page says that they are no date.
    """
    if not any(name in query for name in DATE_PARTS):
        return None
    year, month, day = (query.get(name, "").strip()[:4] for name in DATE_PARTS)
    return f"{year}-{month.rjust(2, '0')}-{day.rjust(2, '0')}"


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
        "territories": status.territories,
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
