"""A task that sends mail at once, for sites with task workers; the worker's loop remains the guarantee."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.compat import find_tasks
from wagtail_pledge.core.log_redaction import undisclosed
from wagtail_pledge.signing.worker.mail import send_due

_tasks: Final[Any] = find_tasks()
#: These run a task inside the request, or never.
NO_WORKERS: Final = frozenset({"ImmediateBackend", "DummyBackend"})


@undisclosed
def send_what_is_due() -> None:
    """Send one turn of due mail. No arguments: a task's row names nobody."""
    send_due()


if _tasks is not None:
    send_what_is_due = _tasks.task(send_what_is_due)


def wake_up() -> None:
    """Ask the site's task workers, after the commit, to send what is due; if they can't be reached, the loop does it.

    Nothing happens unless ``WAKE_UP_TASK`` is on and the site has a task backend with workers.
    """
    if not get_setting("WAKE_UP_TASK") or _tasks is None:
        return
    if type(_tasks.task_backends["default"]).__name__ not in NO_WORKERS:
        task: Any = send_what_is_due
        transaction.on_commit(task.enqueue, robust=True)
