"""Views of a treaty's status as JSON and CSV, with the same numbers as the pages."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response

from wagtail_pledge.api.open_data import error_response, json_response, public_data
from wagtail_pledge.campaigns.context.treaty import status_numbers
from wagtail_pledge.core.escaping import safe_cell
from wagtail_pledge.treaties.display.tables import filter_states, is_filtered
from wagtail_pledge.treaties.enums import StateKind
from wagtail_pledge.treaties.errors import NoTreatyData, TreatyError, UnknownTreaty
from wagtail_pledge.treaties.importing.apply import get_treaty
from wagtail_pledge.treaties.models import State, Treaty, TreatyDeclaration
from wagtail_pledge.treaties.states import display_name
from wagtail_pledge.treaties.status import DatedAct, StateStatus, TreatyStatus, parse_day, status_as_of

#: Seconds. A status changes a few times a year, but "today" ends at midnight and an import should be visible soon.
MAX_AGE: Final = 300
CSV_COLUMNS: Final = (
    "type",
    "id",
    "name",
    "status",
    "signature_date",
    "signature_kind",
    "consent_date",
    "consent_kind",
    "effect_date",
    "withdrawal_date",
    "as_of",
    "data_as_of",
)


@public_data
def treaty_status_json(request: HttpRequest, key: str) -> HttpResponseBase:
    """``GET treaties/<key>/status.json?as_of=YYYY-MM-DD&lang=…``: the status on a day, by default today."""
    return _status_response(request, key, lambda status, treaty: json_response(status_data(status, treaty)))


@public_data
def treaty_status_csv(request: HttpRequest, key: str) -> HttpResponseBase:
    """``GET treaties/<key>/status.csv``: the same with one row per participant. Errors are JSON.

    ``?status=…&region=…&q=…`` choose rows as on the page.
    """
    return _status_response(request, key, lambda status, _treaty: _csv_response(status, request.GET))


def _status_response(
    request: HttpRequest, key: str, render: Callable[[TreatyStatus, Treaty], HttpResponse]
) -> HttpResponseBase:
    def render_status(treaty: Treaty) -> HttpResponse:
        as_of = request.GET.get("as_of")
        return render(status_as_of(treaty, None if as_of is None else parse_day(as_of)), treaty)

    return treaty_response(request, key, render_status)


def treaty_response(request: HttpRequest, key: str, render: Callable[[Treaty], HttpResponse]) -> HttpResponseBase:
    """Return the response that ``render`` makes of the treaty, with caching headers and an ETag, or 304.

    A :class:`TreatyError` becomes a JSON error: 404 for a missing treaty or one without data, 400 for an invalid day.
    """
    try:
        response = render(get_treaty(key))
    except TreatyError as error:
        return _error(error)
    response["Cache-Control"] = f"public, max-age={MAX_AGE}"
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


def _error(error: TreatyError) -> HttpResponse:
    status = 404 if isinstance(error, UnknownTreaty | NoTreatyData) else 400
    return error_response(error.code, error.message, status=status)


def status_data(status: TreatyStatus, treaty: Treaty) -> dict[str, Any]:
    """Return the JSON object of a status. Dates are ISO 8601; ``None`` means unknown, or that there is no such act.

    ``declarations`` are those in effect on the day, by article and date.
    """
    declarations = TreatyDeclaration.objects.in_effect_on(treaty, status.as_of)
    return {
        **status_numbers(status),
        "states": [_state_data(state) for state in status.states],
        "declarations": [_declaration_data(declaration) for declaration in declarations],
    }


def _state_data(state: StateStatus) -> dict[str, Any]:
    signature, consent = state.signature, state.consent
    data: dict[str, Any] = {
        **_identifier(state),
        "name": state.name,
        "status": state.status.value,
        "signature": {"date": _iso(signature), "kind": signature.kind.value} if signature else None,
        "consent": None,
    }
    if consent:
        data["consent"] = {"date": _iso(consent), "kind": consent.kind.value, "effect": _effect(consent)}
    if state.withdrawal:
        data["withdrawal"] = {"date": _iso(state.withdrawal), "effect": _effect(state.withdrawal)}
    return data


def _identifier(party: StateStatus | State) -> dict[str, str]:
    """Return the JSON keys by which a participant is found: ``iso3``, or ``type`` and ``id`` or ``iso3``."""
    if party.kind == StateKind.ORGANIZATION:
        return {"type": _type(party), "id": party.key}
    if party.kind == StateKind.TERRITORY:
        return {"type": _type(party), "iso3": party.iso3}
    return {"iso3": party.iso3}


def _declaration_data(declaration: TreatyDeclaration) -> dict[str, Any]:
    party = declaration.party
    return {
        **_identifier(party),
        "name": display_name(key=party.key, iso2=party.iso2, name=party.name),
        "kind": declaration.kind,
        "article": declaration.article,
        "date": declaration.date.isoformat() if declaration.date else None,
        "text": declaration.text,
    }


def _type(party: StateStatus | State) -> str:
    return StateKind(party.kind).value if party.kind in {StateKind.ORGANIZATION, StateKind.TERRITORY} else "state"


def _iso(act: DatedAct | None) -> str | None:
    return act.date.isoformat() if act and act.date else None


def _effect(act: DatedAct | None) -> str | None:
    return act.effect.isoformat() if act and act.effect else None


def _csv_response(status: TreatyStatus, query: Mapping[str, str]) -> HttpResponse:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(CSV_COLUMNS)
    writer.writerows([safe_cell(cell) for cell in row] for row in _csv_rows(status, query))
    response = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    part = "-filtered" if is_filtered(query) else ""
    filename = f"{status.treaty}-{status.as_of.isoformat()}{part}.csv"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _csv_rows(status: TreatyStatus, query: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    for state in filter_states(status.states, query):
        yield (
            _type(state),
            state.key,
            state.name,
            state.status.value,
            _iso(state.signature),
            state.signature.kind.value if state.signature else "",
            _iso(state.consent),
            state.consent.kind.value if state.consent else "",
            _effect(state.consent),
            _iso(state.withdrawal),
            status.as_of.isoformat(),
            status.data_as_of.isoformat(),
        )
