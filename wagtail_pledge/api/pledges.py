"""Public JSON of a pledge."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from wagtail_pledge.core.language import settled
from wagtail_pledge.core.memory import Memory, steady_now
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import counts_for, shown_state
from wagtail_pledge.signing.services.surges import surge_holds


@dataclass(frozen=True, slots=True, kw_only=True)
class CountAnswer:
    """The bytes of one ``count.json`` and what a cache asks about them."""

    body: bytes
    etag: str
    read_at: int
    max_age: int


#: By pledge, in this process. Only pledges that the public may see are kept: made-up addresses fill nothing.
answers: Final[Memory[CountAnswer]] = Memory()


def _body(pledge: Pledge, now: dt.datetime) -> bytes:
    counts = counts_for(pledge)
    data = {
        "pledge": str(pledge.uuid),
        "state": shown_state(pledge, now),
        "total": counts.total,
        "online": counts.total,
        "offline": 0,
        "kinds": {**dict.fromkeys(kinds(), 0), **counts.kinds},
        "goal": counts.goal,
        "as_of": counts.as_of.astimezone(dt.UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(data).encode()


def _good_for(pledge: Pledge, now: dt.datetime) -> float:
    """Return for how many seconds an answer stays true enough: not beyond the moment the pledge opens or closes."""
    changes = [(at - now).total_seconds() for at in (pledge.opens_at, pledge.closes_at) if at and at > now]
    return min([get_setting("COUNT_MAX_AGE"), *changes])


def _answer(uuid: UUID) -> CountAnswer:
    """Return what is remembered, else ask the database and remember."""
    if known := answers.recall(uuid):
        return known
    # From before the queries: what changes while they run is known an interval later
    began = steady_now()
    found = get_object_or_404(Pledge.objects.public().annotate(db_now=Now(), is_surge=surge_holds("pk")), uuid=uuid)
    body = _body(found, found.db_now)
    made = CountAnswer(
        body=body,
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        # The time of reading, not of the tallies: the state, the goal and the surge change without these
        read_at=int(found.db_now.timestamp()),
        max_age=get_setting("SURGE_MAX_AGE" if found.is_surge else "COUNT_MAX_AGE"),
    )
    answers.keep(uuid, made, until=began + _good_for(found, found.db_now))
    return made


# A transaction around each request would be a query
@transaction.non_atomic_requests
@require_safe
def count_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/count.json``: total and parts, a few seconds behind; anyone may read and keep it for a moment.

    The process answers from memory for ``COUNT_MAX_AGE`` seconds.
    """
    answer = _answer(pledge)
    response = HttpResponse(
        answer.body,
        content_type="application/json",
        headers={
            "Cache-Control": f"public, max-age={answer.max_age}",
            "Access-Control-Allow-Origin": "*",
            "ETag": answer.etag,
            "Last-Modified": http_date(answer.read_at),
        },
    )
    return settled(get_conditional_response(request, answer.etag, answer.read_at, response))
