"""Public JSON of a pledge: ``count.json`` and ``pledge.json``. Neither contains personal data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import override

from wagtail_pledge.api.decisions import decisions_exist, decisions_json
from wagtail_pledge.api.open_data import public_data
from wagtail_pledge.caching.headers import NAMES_MAX_AGE
from wagtail_pledge.caching.local import TTLCache, monotonic_now
from wagtail_pledge.campaigns.access import Access, access_to, mark_private_data, restrictions_exist
from wagtail_pledge.campaigns.api_fields import statement_version, utc_text
from wagtail_pledge.campaigns.lookups import find_public_pages, full_url, updates_under
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.escaping import safe_json
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge, Statement
from wagtail_pledge.signing.services import counts_for, public_organizations, public_state, seconds_until_change
from wagtail_pledge.signing.services.counts import counts_by_country, counts_by_day
from wagtail_pledge.signing.services.switches import surge_exists

#: The newest versions; their ``version`` numbers show how many there are.
MAX_STATEMENTS: Final = 100
#: The newest updates in all languages together.
MAX_UPDATES: Final = 50
#: The first ones in alphabetical order.
MAX_ORGANIZATIONS: Final = 500

JSONObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedResponse:
    """The body of a response with the values of its caching headers."""

    body: bytes
    etag: str
    #: Seconds since 1970.
    read_at: int
    #: Seconds.
    max_age: int
    #: When the pledge opens or closes, on the clock of ``monotonic_now``; ``inf`` if never.
    changes_at: float


#: By view and pledge, per process. Holds public pledges only, so requests for invented UUIDs do not fill it.
cached_responses: Final[TTLCache[CachedResponse]] = TTLCache()


# With ATOMIC_REQUESTS, the transaction would add a query to a cached response
@transaction.non_atomic_requests
@public_data
def count_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/count.json``: the total and its parts, a few seconds old.

    The process answers from memory for ``COUNT_MAX_AGE`` seconds.
    """
    return _respond(request, _counts, pledge)


@transaction.non_atomic_requests
@public_data
def pledge_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/pledge.json``: the counts with titles, dates, statement versions, countries, days and updates.

    Its ETag ignores the time of counting. Kept in memory like ``count.json``.
    """
    return _respond(request, _pledge_json, pledge)


def _respond(request: HttpRequest, build: Callable[[Any], JSONObject], uuid: UUID) -> Any:
    """Return the response from memory, else build it from the database and store it.

    If the campaign's pages are restricted, only visitors who may see one get an answer, which is not stored. Raises
    ``Http404`` unless there is a public pledge with this UUID.
    """
    key = (build.__name__, uuid)
    if cached := cached_responses.get(key):
        return _conditional_response(request, cached)
    # Measured before the queries: a change during them is then visible one interval later at most
    began = monotonic_now()
    annotations: dict[str, Any] = {
        "db_now": Now(),
        "is_surge": surge_exists("pk"),
        "is_restricted": restrictions_exist(),
        **(decisions_exist() if build is _pledge_json else {}),
    }
    pledge = get_object_or_404(Pledge.objects.public().annotate(**annotations), uuid=uuid)
    access = access_to(request, pledge, is_restricted=pledge.is_restricted)
    if access is Access.DENIED:
        raise Http404
    response = _build_response(build, pledge, began)
    if access is Access.PRIVATE:
        answer = _conditional_response(request, response)
        mark_private_data(answer)
        return answer
    cached_responses.set(key, response, until=min(began + get_setting("COUNT_MAX_AGE"), response.changes_at))
    return _conditional_response(request, response)


def _build_response(build: Callable[[Any], JSONObject], pledge: Any, began: float) -> CachedResponse:
    data = build(pledge)
    change = seconds_until_change(pledge, pledge.db_now)
    changes_at = inf if change is None else began + change
    return CachedResponse(
        body=safe_json(data).encode(),
        etag=_etag(data),
        # The time of the query, not of the tallies: state, goal and surge change without a new tally
        read_at=int(pledge.db_now.timestamp()),
        max_age=_max_age(data, is_surge=pledge.is_surge),
        changes_at=changes_at,
    )


def _max_age(data: JSONObject, *, is_surge: bool) -> int:
    """Return how many seconds caches may keep the response; fewer if it names organizations, which may withdraw."""
    seconds: int = get_setting("SURGE_MAX_AGE" if is_surge else "COUNT_MAX_AGE")
    return min(seconds, NAMES_MAX_AGE) if data.get("organizations") else seconds


def _etag(data: JSONObject) -> str:
    """Return a weak ETag that ignores the time of counting."""
    compared = json.dumps({**data, "as_of": ""}, sort_keys=True).encode()
    return f'W/"{hashlib.sha256(compared).hexdigest()[:32]}"'


def _conditional_response(request: HttpRequest, cached: CachedResponse) -> Any:
    """Return the response or 304, to be cached no longer than until the pledge opens or closes."""
    # Computed per request: a response from memory is nearer to that moment than when it was built
    max_age = int(max(0, min(cached.max_age, cached.changes_at - monotonic_now())))
    response = HttpResponse(
        cached.body, content_type="application/json", headers={"Cache-Control": f"public, max-age={max_age}"}
    )
    response["ETag"], response["Last-Modified"] = cached.etag, http_date(cached.read_at)
    return get_conditional_response(request, cached.etag, cached.read_at, response)


def _pledge_json(pledge: Any) -> JSONObject:
    pages = find_public_pages(pledge)
    return {
        **_counts(pledge),
        **_campaign_json(pledge, pages),
        "countries": counts_by_country(pledge),
        "days": _days(pledge),
        # Without a public page, the campaign is behind a login or a password, and so are the names
        "organizations": _organizations(pledge) if pages else [],
        **(decisions_json(pledge) if pages else {"recipients": [], "decision_path": []}),
        "updates": [_update(update) for update in updates_under(pages, MAX_UPDATES)],
    }


def _counts(pledge: Any) -> JSONObject:
    counts = counts_for(pledge)
    return {
        "pledge": str(pledge.uuid),
        "state": public_state(pledge, pledge.db_now),
        "total": counts.total,
        "online": counts.total,
        "offline": 0,
        "kinds": {**dict.fromkeys(kinds(), 0), **counts.kinds},
        "goal": counts.goal,
        "as_of": utc_text(counts.as_of),
    }


def _campaign_json(pledge: Any, pages: list[Any]) -> JSONObject:
    return {
        "titles": {page.locale.language_code: page.title for page in pages},
        "urls": {page.locale.language_code: full_url(page) for page in pages},
        "opens_at": utc_text(pledge.opens_at),
        "closes_at": utc_text(pledge.closes_at),
        "statements": [statement_version(statement) for statement in _statements(pledge)],
    }


def _statements(pledge: Any) -> QuerySet[Statement]:
    statements = Statement.objects.filter(pledge=pledge).select_related("signer_type")
    return statements.order_by("-created_at", "-pk")[:MAX_STATEMENTS]


def _update(page: Any) -> JSONObject:
    return {
        "title": page.title,
        "url": full_url(page),
        "date": page.day.isoformat(),
        "language": page.locale.language_code,
    }


def _organizations(pledge: Any) -> list[dict[str, str]]:
    # Without a language, because the cached response serves all languages: no language-specific sorting
    with override(None):
        organizations = public_organizations(pledge, MAX_ORGANIZATIONS)
    return [{"name": each.name, "website": each.website, "country": each.country} for each in organizations]


def _days(pledge: Any) -> list[JSONObject]:
    return [
        {"from": period.first.isoformat(), "to": period.last.isoformat(), "count": period.count}
        for period in counts_by_day(pledge)
    ]
