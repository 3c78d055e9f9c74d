"""Is the package at work? For load balancers and people on call."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.core.cache import caches
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.http import read_only
from wagtail_pledge.core.i18n import settled
from wagtail_pledge.signing.enums import Lane
from wagtail_pledge.signing.models import OutboxMessage

#: Mail older than this means that no worker runs, or that the mail server is away.
MAIL_LATE: Final = dt.timedelta(minutes=10)


def _report() -> dict[str, Any]:
    # What a surge holds may wait for long: nothing is wrong then
    due = OutboxMessage.objects.due().exclude(lane=Lane.SURGE)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    waiting = (database_now() - oldest).total_seconds() if oldest else 0
    return {
        "database": "ok",
        "mail": "late" if waiting > MAIL_LATE.total_seconds() else "ok",
        "mail_waiting_seconds": int(waiting),
    }


def _cache() -> str:
    """Ask the default cache, if it is one that survives the question."""
    works = getattr(caches["default"], "works", None)
    if works is None:
        return "unknown"
    return "ok" if works() else "degraded"


@read_only
@never_cache
def health_view(_request: HttpRequest) -> Any:
    """``GET health/``: 200, or 503 when the database is away or mail is late; no secrets.

    A cache that is away is named, but no reason to take the server out: signing goes on without.
    """
    try:
        report = _report()
    except DatabaseError:
        report = {"database": "away", "mail": "unknown"}
    fine = report["database"] == "ok" and report["mail"] == "ok"
    cache = _cache()
    status = "ok" if fine and cache != "degraded" else "degraded"
    return settled(JsonResponse({"status": status, **report, "cache": cache}, status=200 if fine else 503))
