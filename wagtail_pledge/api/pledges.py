"""Public JSON of a pledge: the number alone, and everything that is known of the campaign. No person in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import override

from wagtail_pledge.api.open_data import public_data
from wagtail_pledge.caching.headers import NAMES_MAX_AGE
from wagtail_pledge.caching.local import Memory, steady_now
from wagtail_pledge.campaigns.api_fields import utc_text, version_of
from wagtail_pledge.campaigns.lookups import full_url, public_pages_of, updates_under
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.jsonld import safe_json
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge, Statement
from wagtail_pledge.signing.services import counts_for, public_organizations, seconds_to_change, shown_state
from wagtail_pledge.signing.services.counts import countries_of, days_of
from wagtail_pledge.signing.services.switches import surge_holds

#: The newest versions of the texts; the numbering says how many there were.
MAX_STATEMENTS: Final = 100
#: The newest updates, of all languages together.
MAX_UPDATES: Final = 50
#: Of more organizations, these come first by name.
MAX_ORGANIZATIONS: Final = 500

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The bytes of one answer and what a cache asks about them."""

    body: bytes
    etag: str
    read_at: int
    max_age: int
    #: On the clock of ``steady_now``: the pledge opens or closes.
    changes_at: float


#: By view and pledge, in this process. Only pledges that the public may see are kept: made-up addresses fill nothing.
answers: Final[Memory[Answer]] = Memory()


# A transaction around each request would be a query
@transaction.non_atomic_requests
@public_data
def count_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/count.json``: total and parts, a few seconds behind; anyone may read and keep it for a moment.

    The process answers from memory for ``COUNT_MAX_AGE`` seconds.
    """
    return _respond(request, _answer(_counts, pledge))


@transaction.non_atomic_requests
@public_data
def pledge_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/pledge.json``: the count with titles, dates, versions of the text, countries and days.

    Its ETag says whether anything has changed but the time of counting. Remembered like the count.
    """
    return _respond(request, _answer(_everything, pledge))


def _answer(facts_of: Callable[[Any], Facts], uuid: UUID) -> Answer:
    """Return what is remembered, else ask the database and remember."""
    key = (facts_of.__name__, uuid)
    if known := answers.recall(key):
        return known
    # From before the queries: what changes while they run is known an interval later
    began = steady_now()
    found = get_object_or_404(Pledge.objects.public().annotate(db_now=Now(), is_surge=surge_holds("pk")), uuid=uuid)
    facts = facts_of(found)
    change = seconds_to_change(found, found.db_now)
    changes_at = inf if change is None else began + change
    made = Answer(
        body=safe_json(facts).encode(),
        etag=_etag(facts),
        # The time of reading, not of the tallies: the state, the goal and the surge change without these
        read_at=int(found.db_now.timestamp()),
        max_age=_max_age(facts, is_surge=found.is_surge),
        changes_at=changes_at,
    )
    answers.keep(key, made, until=min(began + get_setting("COUNT_MAX_AGE"), changes_at))
    return made


def _max_age(facts: Facts, *, is_surge: bool) -> int:
    """Return for how many seconds anyone may keep the answer: not for long where it names an organization."""
    seconds: int = get_setting("SURGE_MAX_AGE" if is_surge else "COUNT_MAX_AGE")
    return min(seconds, NAMES_MAX_AGE) if facts.get("organizations") else seconds


def _etag(facts: Facts) -> str:
    """Return a weak ETag: two answers that differ in the time of counting alone say the same."""
    same = json.dumps({**facts, "as_of": ""}, sort_keys=True).encode()
    return f'W/"{hashlib.sha256(same).hexdigest()[:32]}"'


def _respond(request: HttpRequest, answer: Answer) -> Any:
    """Let anyone keep the answer for as long as the count, but not beyond the moment the pledge opens or closes."""
    # An answer from memory is nearer to that moment than it was when it was made
    age = int(max(0, min(answer.max_age, answer.changes_at - steady_now())))
    whole = HttpResponse(
        answer.body, content_type="application/json", headers={"Cache-Control": f"public, max-age={age}"}
    )
    whole["ETag"], whole["Last-Modified"] = answer.etag, http_date(answer.read_at)
    return get_conditional_response(request, answer.etag, answer.read_at, whole)


def _everything(found: Any) -> Facts:
    pages = public_pages_of(found)
    return {
        **_counts(found),
        **_about(found, pages),
        "countries": countries_of(found),
        "days": _days(found),
        # They joined what nobody may read who is not let in
        "organizations": _organizations(found) if pages else [],
        "updates": [_update(update) for update in updates_under(pages, MAX_UPDATES)],
    }


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
        "as_of": utc_text(counts.as_of),
    }


def _about(found: Any, pages: list[Any]) -> dict[str, Any]:
    return {
        "titles": {page.locale.language_code: page.title for page in pages},
        "urls": {page.locale.language_code: full_url(page) for page in pages},
        "opens_at": utc_text(found.opens_at),
        "closes_at": utc_text(found.closes_at),
        "statements": [version_of(statement) for statement in _statements(found)],
    }


def _statements(found: Any) -> Any:
    newest = Statement.objects.filter(pledge=found).select_related("signer_type")
    return newest.order_by("-created_at", "-pk")[:MAX_STATEMENTS]


def _update(page: Any) -> dict[str, Any]:
    return {
        "title": page.title,
        "url": full_url(page),
        "date": page.day.isoformat(),
        "language": page.locale.language_code,
    }


def _organizations(found: Any) -> list[dict[str, str]]:
    # The answer is kept for readers of all languages: no language's own order
    with override(None):
        listed = public_organizations(found, MAX_ORGANIZATIONS)
    return [{"name": one.name, "website": one.website, "country": one.country} for one in listed]


def _days(found: Any) -> list[dict[str, Any]]:
    return [
        {"from": period.first.isoformat(), "to": period.last.isoformat(), "count": period.count}
        for period in days_of(found)
    ]
