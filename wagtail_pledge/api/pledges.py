"""Public JSON of a pledge: the number alone, and everything that is known of the campaign. No personal data."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any, Final
from uuid import UUID

from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from wagtail_pledge.campaigns.finding import full_url, public_pages_of
from wagtail_pledge.core.language import settled
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge, Statement
from wagtail_pledge.signing.services import counts_for, shown_state
from wagtail_pledge.signing.services.breakdown import countries_of, days_of
from wagtail_pledge.signing.services.surges import surge_holds

#: The newest versions of the texts; the numbering says how many there were.
MAX_STATEMENTS: Final = 100


@require_safe
def count_view(_request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/count.json``: total and parts, a few seconds behind; anyone may read and keep it for a moment."""
    found = _find(pledge)
    return _open(JsonResponse(_counts(found)), found)


@require_safe
def pledge_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/pledge.json``: the count with titles, dates, versions of the text, countries and days.

    Its weak ETag says whether anything has changed but the time of counting.
    """
    found = _find(pledge)
    counts = _counts(found)
    about = {**_about(found), "countries": countries_of(found), "days": _days(found), "updates": []}
    same = json.dumps([{**counts, "as_of": ""}, about], sort_keys=True).encode()
    etag = f'W/"{hashlib.sha256(same).hexdigest()[:32]}"'
    response = JsonResponse({**counts, **about})
    response["ETag"] = etag
    return _open(get_conditional_response(request, etag=etag, response=response) or response, found)


def _find(pledge: UUID) -> Any:
    rows = Pledge.objects.public().annotate(db_now=Now(), is_surge=surge_holds("pk"))
    return get_object_or_404(rows, uuid=pledge)


def _open(response: HttpResponse | HttpResponseBase, found: Any) -> HttpResponseBase:
    """Let any site read the response, and anyone keep it for as long as the count."""
    seconds = get_setting("SURGE_MAX_AGE" if found.is_surge else "COUNT_MAX_AGE")
    patch_cache_control(response, public=True, max_age=seconds)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag"
    return settled(response)


def _counts(found: Any) -> dict[str, Any]:
    counts = counts_for(found)
    return {
        "pledge": str(found.uuid),
        "state": shown_state(found, found.db_now),
        "total": counts.total,
        "online": counts.total,
        "offline": 0,
        "kinds": {**dict.fromkeys(kinds(), 0), **counts.kinds},
        "goal": counts.goal,
        "as_of": _iso(counts.as_of),
    }


def _about(found: Any) -> dict[str, Any]:
    pages = public_pages_of(found)
    return {
        "titles": {page.locale.language_code: page.title for page in pages},
        "urls": {page.locale.language_code: full_url(page) for page in pages},
        "opens_at": _iso(found.opens_at),
        "closes_at": _iso(found.closes_at),
        "statements": [_version(statement) for statement in _statements(found)],
    }


def _statements(found: Any) -> Any:
    newest = Statement.objects.filter(pledge=found).select_related("signer_type")
    return newest.order_by("-created_at", "-pk")[:MAX_STATEMENTS]


def _version(statement: Statement) -> dict[str, Any]:
    return {
        "kind": statement.signer_type.kind,
        "language": statement.locale,
        "version": statement.number,
        "sha256": statement.sha256,
        "published_at": _iso(statement.created_at),
    }


def _days(found: Any) -> list[dict[str, Any]]:
    return [
        {"from": period.first.isoformat(), "to": period.last.isoformat(), "count": period.count}
        for period in days_of(found)
    ]


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds") if moment else None
