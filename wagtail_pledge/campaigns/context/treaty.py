"""What a treaty-status page shows, each part from the same look at the data."""

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
from wagtail_pledge.treaties.display.tables import KEPT_PARAMETERS, MAX_SEARCH, StatusTable
from wagtail_pledge.treaties.enums import Standing
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.regions import REGIONS
from wagtail_pledge.treaties.status import TreatyStatus
from wagtail_pledge.treaties.words import day_in_words

_DOWNLOADS: Final = {"csv": "text/csv", "json": "application/json"}


def as_of_form(treaty: Treaty, status: TreatyStatus, request: HttpRequest) -> dict[str, Any]:
    """Return what the day picker needs: its value as typed, the days it takes, and the parameters it keeps."""
    earliest: dt.date | None = treaty.adopted_on
    return {
        "value": request.GET.get("as_of") or status.as_of.isoformat(),
        "min": earliest.isoformat() if earliest else "",
        "max": timezone.localdate().isoformat(),
        "kept": _kept(request, {"status", "region", "q", "sort", "dir"}),
        "is_past": status.as_of < status.data_as_of,
    }


def filter_form(status: TreatyStatus, table: StatusTable, request: HttpRequest) -> dict[str, Any]:
    """Return what the filter needs: choices that exist on that day, what is chosen, and the parameters it keeps."""
    present = {state.status for state in status.states}
    chosen = {name: request.GET.get(name, "")[:MAX_SEARCH] for name in ("status", "region", "q")}
    return {
        "statuses": [_choice(str(one.value), one.label, chosen["status"]) for one in Standing if one in present],
        "regions": [_choice(code, label, chosen["region"]) for code, label in REGIONS.items()],
        "q": chosen["q"],
        "is_used": any(chosen.values()),
        "kept": _kept(request, {"as_of", "sort", "dir"}),
        "reset_url": "?" + urlencode(_kept(request, {"as_of", "sort", "dir"})),
        "shown": len(table.rows),
        "total": table.total,
    }


def _choice(value: str, label: Any, chosen: str) -> dict[str, Any]:
    return {"value": value, "label": label, "is_chosen": value == chosen}


def _kept(request: HttpRequest, names: set[str]) -> dict[str, str]:
    order = [*KEPT_PARAMETERS, "sort", "dir"]
    return {name: request.GET[name] for name in order if name in names and request.GET.get(name)}


def key_days(treaty: Treaty, status: TreatyStatus) -> dict[str, Any]:
    """Return the treaty's days in words; ``None`` for what is not known."""
    return {
        "adopted": day_in_words(treaty.adopted_on),
        "in_force": day_in_words(treaty.in_force_on),
        "as_of": day_in_words(status.as_of),
        "data_as_of": day_in_words(status.data_as_of),
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


def links(treaty: Treaty, status: TreatyStatus) -> dict[str, str]:
    """Return the addresses of the same data for programs: for the same day, where the page shows a past one."""
    language = {"lang": get_language() or ""}
    day = {"as_of": status.as_of.isoformat()} if status.as_of < timezone.localdate() else {}
    return {
        "json_url": _url("status_json", treaty, {**language, **day}),
        "csv_url": _url("status_csv", treaty, {**language, **day}),
        "atom_url": _url("changes_atom", treaty, language),
    }


def _url(name: str, treaty: Treaty, query: Mapping[str, str]) -> str:
    return f"{reverse(f'wagtail_pledge:treaty_{name}', args=[treaty.key])}?{urlencode(query)}"


def page_linked_data(treaty: Treaty, label: TreatyLabel, status: TreatyStatus, page: Any, request: HttpRequest) -> str:
    """Return the page's JSON-LD, with absolute addresses."""
    url = page.get_full_url(request) or request.build_absolute_uri(request.path)
    addresses = links(treaty, status)
    downloads = {media: request.build_absolute_uri(addresses[f"{kind}_url"]) for kind, media in _DOWNLOADS.items()}
    return linked_data(treaty, label, status, url, downloads)
