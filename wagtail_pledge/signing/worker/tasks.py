"""Background task that sends due mail at once, for sites with task workers.

In its own module because Django's task workers import it by its path. ``pledge_worker`` remains required: it sends what
a lost task did not.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from wagtail_pledge.caching.local import TTLCache, monotonic_now
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.compat import get_task_framework
from wagtail_pledge.core.log_redaction import redact_errors
from wagtail_pledge.signing.worker.mail import send_due

_tasks: Final[Any] = get_task_framework()
WAKE_UP_SECONDS: Final = 2.0
_KEY: Final = "mail"
_woken: Final[TTLCache[bool]] = TTLCache(1)
#: Backends that run a task inside the request, or never.
BACKENDS_WITHOUT_WORKERS: Final = frozenset({"ImmediateBackend", "DummyBackend"})


@redact_errors
def send_due_mail() -> None:
    """Run :func:`send_due` once. It has no arguments, so that a stored task contains no personal data."""
    send_due()


if _tasks is not None:
    send_due_mail = _tasks.task(send_due_mail)


def enqueue_mail_task() -> None:
    """Enqueue the task after the commit; if that fails, ``pledge_worker`` sends the mail.

    At most once in ``WAKE_UP_SECONDS`` in one process. Does nothing unless ``WAKE_UP_TASK`` is on and the site's task
    backend has workers.
    """
    if not get_setting("WAKE_UP_TASK") or _tasks is None or _woken.get(_KEY):
        return
    _woken.set(_KEY, True, until=monotonic_now() + WAKE_UP_SECONDS)
    if type(_tasks.task_backends["default"]).__name__ not in BACKENDS_WITHOUT_WORKERS:
        task: Any = send_due_mail
        transaction.on_commit(task.enqueue, robust=True)
