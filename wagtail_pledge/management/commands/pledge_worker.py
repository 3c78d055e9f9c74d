"""Management command that sends mail and refreshes counts in a loop; any number of processes may run it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, close_old_connections

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.background_logging import BackgroundLogging
from wagtail_pledge.core.log_redaction import redact_logs, redacted_traceback
from wagtail_pledge.core.postgresql.limits import statements_of
from wagtail_pledge.core.registry import WorkerJob, worker_jobs
from wagtail_pledge.core.startup import stored_keys_errors
from wagtail_pledge.signing.services.stored_keys import record_token_key

logger = logging.getLogger(__name__)

#: Longest statement of a job, if the database uses the package's engine: a recount of a large campaign.
STATEMENT_SECONDS: Final = 300.0
#: After the signal to stop, the process ends after this many seconds whatever it is waiting for. A run of the mail job
#: takes at most ten seconds and one timeout of the mail server.
STOP_SECONDS: Final = 30.0


class JobSchedule:
    """Remembers when each job of this worker last ran, by the monotonic clock."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def is_due(self, name: str, job: WorkerJob) -> bool:
        """Return whether ``job`` may run now; if so, its interval starts again."""
        now = time.monotonic()
        if job.interval and now - self._last.get(name, -job.interval) < job.interval:
            return False
        self._last[name] = now
        return True


class StopSignal:
    """A signal to stop, for a loop and for a thread that ends the process if the loop does not.

    A signal handler interrupts the main thread at any line, so ``set`` takes no lock. ``threading.Event`` has one: the
    handler would wait for ever for a lock that the interrupted line holds.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        self._watched = self._reader.dup()

    def set(self, *_args: Any) -> None:
        """Tell the loop and the thread to stop; a signal handler."""
        self._is_set = True
        # A full buffer has woken both long ago
        with contextlib.suppress(OSError):
            self._writer.send(b"x")

    def is_set(self) -> bool:
        """Return whether the signal has come."""
        return self._is_set

    def wait(self, seconds: float) -> None:
        """Wait for the signal, ``seconds`` at most."""
        self._reader.settimeout(seconds)
        with contextlib.suppress(TimeoutError, BlockingIOError):
            # Not read: the thread waits for the same byte
            self._reader.recv(1, socket.MSG_PEEK)

    def end_process(self, seconds: float) -> None:
        """Wait for the signal, then end the process after ``seconds``, whatever it is waiting for."""
        self._watched.setblocking(True)
        self._watched.recv(1, socket.MSG_PEEK)
        time.sleep(seconds)
        os._exit(1)


class Command(BaseCommand):
    """``pledge_worker [--once] [--only mail,tallies,…]``."""

    help = "Sends due mail and refreshes the counts until it is stopped."
    _has_recorded_token_key = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the command's options."""
        parser.add_argument("--once", action="store_true", help="Do everything that is due, then stop (for cron).")
        parser.add_argument("--only", default="", help="Comma-separated jobs; default: all.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the jobs in a loop; a job that fails is logged and does not stop the others.

        Raises ``CommandError`` if a key that stored data needs is missing from the settings.
        """
        jobs = self._chosen(options["only"])
        if errors := stored_keys_errors():
            message = "; ".join(f"{error.msg}. {error.hint}" for error in errors)
            raise CommandError(message)
        with BackgroundLogging() as logs, statements_of(STATEMENT_SECONDS):
            if options["once"]:
                self._drain(jobs)
            else:
                self._loop(jobs)
        if logs.is_stuck:
            # Python would wait for the thread that writes to a full pipe
            os._exit(0)

    def _loop(self, jobs: dict[str, WorkerJob]) -> None:
        """Run the jobs until a signal to stop, which also works while a job waits for something that hangs."""
        stop = StopSignal()
        schedule = JobSchedule()
        threading.Thread(target=stop.end_process, args=[STOP_SECONDS], daemon=True).start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop.set)
        while not stop.is_set():
            close_old_connections()
            done = self._run_jobs({name: job for name, job in jobs.items() if schedule.is_due(name, job)})
            stop.wait(0.05 if done else get_setting("WORKER_SECONDS"))

    def _chosen(self, only: str) -> dict[str, WorkerJob]:
        known = dict(worker_jobs)
        names = [name.strip() for name in only.split(",") if name.strip()] or list(known)
        unknown = sorted(set(names) - set(known))
        if unknown:
            message = f"Unknown jobs: {', '.join(unknown)} (known: {', '.join(known)})"
            raise CommandError(message)
        return {name: known[name] for name in names}

    def _run_jobs(self, jobs: dict[str, WorkerJob]) -> int:
        """Run each job once; return the total number of processed items."""
        done = 0
        self._record_token_key()
        for name, job in jobs.items():
            try:
                with redact_logs():
                    done += job.run()
            except OperationalError as error:
                logger.warning("worker job %s: the database is unavailable (%s)", name, type(error).__name__)
            except Exception as error:  # noqa: BLE001 - a job of the site may fail in any way
                # Neither message nor traceback: both may contain an email address
                logger.error("worker job %s failed: %s", name, redacted_traceback(error))  # noqa: TRY400
        return done

    def _record_token_key(self) -> None:
        """Do it once, before anything is mailed; again if the database was away."""
        if self._has_recorded_token_key:
            return
        try:
            record_token_key()
        except OperationalError as error:
            logger.warning("the use of the token key is not recorded yet (%s)", type(error).__name__)
        else:
            self._has_recorded_token_key = True

    def _drain(self, jobs: dict[str, WorkerJob]) -> None:
        while self._run_jobs(jobs):
            pass
