"""The worker of a world: its jobs as ``pledge_worker`` runs them, without starting the command each time."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from django.db import connection

from tests.campaigns.two_worlds.process import another_process
from wagtail_pledge.core.registry import worker_jobs
from wagtail_pledge.management.commands.pledge_worker import JobSchedule
from wagtail_pledge.signing.worker import queue

_MAIL: Final = "mail"


class Worker:
    """A process that ran every job just before the world began, and runs each again when its interval is over."""

    def __init__(self) -> None:
        self._schedule = JobSchedule()
        self._due_jobs()

    def _due_jobs(self) -> list[str]:
        return [name for name, job in dict(worker_jobs).items() if self._schedule.is_due(name, job)]

    def copied(self, later: float) -> Worker:
        """Return a worker that ran every job as long ago as this one, though the monotonic clock is ``later``."""
        other = Worker()
        other._schedule._last = {name: last + later for name, last in self._schedule._last.items()}
        return other

    def work(self) -> None:
        """Run what is due; then, until nothing is left, the mail job and the jobs that did something.

        A job that fails fails the test, while the command would log it.
        """
        with another_process():
            did_something = _run(self._due_jobs())
            while did_something:
                did_something = _run(list(dict.fromkeys((_MAIL, *did_something))))


def _run(names: list[str]) -> list[str]:
    """Run the jobs; return the names of those that did something."""
    jobs = dict(worker_jobs)
    return [name for name in names if jobs[name].run()]


@cache
def _any_due(model: Any) -> tuple[str, Any]:
    """Return the statement that finds a due row of any queue."""
    statement: tuple[str, Any] = model._default_manager.due().values("pk")[:1].query.sql_with_params()
    return statement


def lease_if_due(model: Any, limit: int = queue.BATCH, **options: Any) -> list[Any]:
    """Lease rows as the mail job does; with one statement, made once, instead of one per queue if none is due."""
    with connection.cursor() as cursor:
        cursor.execute(*_any_due(model))
        is_any_due = cursor.fetchone() is not None
    return queue.lease(model, limit, **options) if is_any_due else []
