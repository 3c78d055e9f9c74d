"""Health check for load balancers and monitoring: database, mail queue and cache."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.core.cache import caches
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.http import require_safe
from wagtail_pledge.core.i18n import without_language_vary
from wagtail_pledge.signing.enums import MailQueue
from wagtail_pledge.signing.models import OutboxMessage

#: Mail that waits longer means that no worker is running or the mail server is down.
MAX_MAIL_DELAY: Final = dt.timedelta(minutes=10)


def _report() -> dict[str, Any]:
    # Mail held back in a surge may wait for a long time without anything being wrong
    due = OutboxMessage.objects.due().exclude(queue=MailQueue.SURGE)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    waiting = (database_now() - oldest).total_seconds() if oldest else 0
    return {
        "database": "ok",
        "mail": "late" if waiting > MAX_MAIL_DELAY.total_seconds() else "ok",
        "mail_waiting_seconds": int(waiting),
    }


def _cache() -> str:
    """Return the state of the default cache: ``ok`` or ``degraded``; ``unknown`` if its backend has no check."""
    works = getattr(caches["default"], "works", None)
    if works is None:
        return "unknown"
    return "ok" if works() else "degraded"


@require_safe
@never_cache
def health_view(_request: HttpRequest) -> Any:
    """``GET health/``: 200, or 503 if the database is down or mail is late. Contains no secrets.

    A cache that is down is reported with status 200, because signing works without it.
    """
    try:
        report = _report()
    except DatabaseError:
        report = {"database": "away", "mail": "unknown"}
    healthy = report["database"] == "ok" and report["mail"] == "ok"
    cache = _cache()
    status = "ok" if healthy and cache != "degraded" else "degraded"
    return without_language_vary(
        JsonResponse({"status": status, **report, "cache": cache}, status=200 if healthy else 503)
    )
