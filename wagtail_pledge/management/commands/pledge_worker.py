"""The loop that sends mail and refreshes counts; any number of processes may run it."""

from __future__ import annotations

import logging
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, close_old_connections

from wagtail_pledge.checks import check_keys_of_stored_data
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.log_redaction import discreetly, outline
from wagtail_pledge.core.registry import WorkerJob, worker_jobs

logger = logging.getLogger(__name__)


class Pace:
    """When each job of this worker ran last, by the process's own steady clock."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def is_due(self, name: str, job: WorkerJob) -> bool:
        """Whether ``job`` may run now; if so, its next turn starts from here."""
        now = time.monotonic()
        if job.every and now - self._last.get(name, -job.every) < job.every:
            return False
        self._last[name] = now
        return True


class Command(BaseCommand):
    """``pledge_worker [--once] [--only mail,tallies,…]``."""

    help = "Sends due mail and refreshes the counts until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options of the contract."""
        parser.add_argument("--once", action="store_true", help="Work off what is due, then stop (for cron).")
        parser.add_argument("--only", default="", help="Comma-separated jobs; default: all.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the jobs in turn; a job that fails is reported and does not stop the others."""
        jobs = self._chosen(options["only"])
        lacking = check_keys_of_stored_data(databases=["default"])
        if lacking:
            message = f"{lacking[0].msg}. {lacking[0].hint}"
            raise CommandError(message)
        if options["once"]:
            self._drain(jobs)
            return
        stop = threading.Event()
        pace = Pace()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            done = self._round({name: job for name, job in jobs.items() if pace.is_due(name, job)})
            stop.wait(0.05 if done else get_setting("WORKER_SECONDS"))

    def _chosen(self, only: str) -> dict[str, WorkerJob]:
        known = dict(worker_jobs)
        names = [name.strip() for name in only.split(",") if name.strip()] or list(known)
        unknown = sorted(set(names) - set(known))
        if unknown:
            message = f"Unknown jobs: {', '.join(unknown)} (known: {', '.join(known)})"
            raise CommandError(message)
        return {name: known[name] for name in names}

    def _round(self, jobs: dict[str, WorkerJob]) -> int:
        """Run each job once; return how much was done."""
        done = 0
        for name, job in jobs.items():
            try:
                with discreetly():
                    done += job.run()
            except OperationalError as error:
                logger.warning("worker job %s: the database is away (%s)", name, type(error).__name__)
            except Exception as error:  # noqa: BLE001 - a job of the site may fail in any way
                # Neither text nor traceback: both may carry an address
                logger.error("worker job %s failed: %s", name, outline(error))  # noqa: TRY400
        return done

    def _drain(self, jobs: dict[str, WorkerJob]) -> None:
        while self._round(jobs):
            pass
