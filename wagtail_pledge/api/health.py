"""Health check: for everybody whether the database answers, with a token also mail queue and cache."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Any, Final

from django.core.cache import caches
from django.db import DatabaseError, InterfaceError, connections, transaction
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from wagtail_pledge.caching.local import monotonic_now
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.http import require_safe
from wagtail_pledge.core.i18n import without_language_vary
from wagtail_pledge.signing.enums import MailQueue
from wagtail_pledge.signing.models import LinkRequest, OutboxMessage, Submission
from wagtail_pledge.signing.worker.queue import QUEUES

#: Mail that waits longer means that no worker is running or the mail server is down.
MAX_MAIL_DELAY: Final = dt.timedelta(minutes=10)
#: The response does not wait longer for the database, and for the cache.
DATABASE_SECONDS: Final = 0.5
CACHE_SECONDS: Final = 0.2
#: A thread that has hung for so long is given up, and another one asks.
GIVE_UP_SECONDS: Final = 30

JSONObject = dict[str, Any]


def _oldest_due(model: Any) -> dt.datetime | None:
    """Return since when the oldest due mail waits; mail held back in a surge may wait without anything being wrong."""
    due = model.objects.due().filter(queue__in=[queue for queue in QUEUES if queue != MailQueue.SURGE])
    oldest: dt.datetime | None = due.aggregate(oldest=Min("due_at"))["oldest"]
    return oldest


def _cache() -> str:
    """Return the state of the default cache: ``ok`` or ``degraded``; ``unknown`` if its backend has no check."""
    works = getattr(caches["default"], "works", None)
    if works is None:
        return "unknown"
    return "ok" if works() else "degraded"


def _database() -> JSONObject:
    database_now()
    connections["default"].ensure_connection()  # SQLite has no query above
    return {"database": "ok"}


def _mail() -> JSONObject:
    oldest = min(filter(None, (_oldest_due(model) for model in (Submission, OutboxMessage, LinkRequest))), default=None)
    waiting = (database_now() - oldest).total_seconds() if oldest else 0
    is_late = waiting > MAX_MAIL_DELAY.total_seconds()
    return {
        "database": "ok",
        "mail": "late" if is_late else "ok",
        "mail_waiting_seconds": int(waiting),
        "forms_unmailed_for_an_hour": Submission.objects.delayed_by_us().count(),
    }


class Probe:
    """Asks in a thread of its own, so that nothing that hangs delays the caller; one thread at a time.

    A caller that comes while the thread is at work gets its answer.
    """

    def __init__(self, ask: Callable[[], JSONObject]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._done = Event()
        self._done.set()
        self._began = 0.0
        self._answer: JSONObject = {}

    def answer(self, seconds: float) -> JSONObject | None:
        """Return the answer, ``None`` if there is none within ``seconds``."""
        with self._lock:
            now = monotonic_now()
            if self._done.is_set() or now - self._began > GIVE_UP_SECONDS:
                self._began, self._done = now, Event()
                Thread(target=self._run, args=(self._done,), daemon=True, name="health").start()
            done = self._done
        return dict(self._answer) if done.wait(seconds) else None

    def _run(self, done: Event) -> None:
        try:
            self._answer = self._ask()
        except (DatabaseError, InterfaceError):
            self._answer = {"database": "away"}
        finally:
            # The thread's own connection
            connections.close_all()
            done.set()


_everybody: Final = Probe(_database)
_monitoring: Final = Probe(_mail)
_caching: Final = Probe(lambda: {"cache": _cache()})


def _is_monitoring(request: HttpRequest) -> bool:
    """Return whether the request has the token: ``Authorization: Bearer …``."""
    token = get_setting("HEALTH_TOKEN")
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ").encode(errors="replace")
    return bool(token) and hmac.compare_digest(sent, str(token).encode())


def _details() -> tuple[JSONObject, bool]:
    report = {"mail": "unknown", **(_monitoring.answer(DATABASE_SECONDS) or {"database": "silent"})}
    cache = (_caching.answer(CACHE_SECONDS) or {}).get("cache", "degraded")
    is_healthy = report["database"] == "ok" and report["mail"] == "ok"
    is_well = is_healthy and cache != "degraded" and not report.get("forms_unmailed_for_an_hour")
    status = "ok" if is_well else "degraded"
    return {"status": status, **report, "cache": cache}, is_healthy


@transaction.non_atomic_requests
@require_safe
@never_cache
def health_view(request: HttpRequest) -> Any:
    """``GET health/``: 200, or 503 if the database does not answer; within a second, whatever hangs.

    With ``WAGTAIL_PLEDGE_HEALTH_TOKEN`` it tells details, and mail that is late is a 503 too. A cache that is down is
    reported with status 200, because signing works without it, and so are forms that have waited for their mail for
    more than an hour because of us: of the limits of their network, a surge, paused mail or a failing mail server.
    """
    if _is_monitoring(request):
        report, is_healthy = _details()
    else:
        is_healthy = _everybody.answer(DATABASE_SECONDS) == {"database": "ok"}
        report = {"status": "ok" if is_healthy else "unavailable"}
    return without_language_vary(JsonResponse(report, status=200 if is_healthy else 503))
