"""The site under fault: gunicorn before a mortal PostgreSQL, and signers who try again as the page tells them."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Final

from tests.databases import ROOT
from tests.faults.harness.server import MortalCluster
from wagtail_pledge.signing.stamps import issue_stamp

#: A signer who is told 503 presses the button again after this many seconds.
PAUSE: Final = 0.2


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A 303 is the answer we want to see."""

    def redirect_request(self, *_args: Any, **_options: Any) -> None:
        """Follow nothing."""


OPENER: Final = urllib.request.build_opener(NoRedirect)


def free_port() -> int:
    """Return a port of the loopback nobody listens on."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def form_id(stamp: str) -> bytes:
    """Return the idempotency key in a stamp."""
    return base64.urlsafe_b64decode(stamp + "=" * (-len(stamp) % 4))[1:17]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``status`` 0: the connection broke."""

    status: int
    retry_after: str
    seconds: float


@dataclass
class Site:
    """Where to sign, and the processes behind it."""

    cluster: MortalCluster
    seeded: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of every process of the site."""
        return environment(self.cluster)

    def serve(self) -> None:
        """Start gunicorn with the documented worker class; return when it answers."""
        command = [sys.executable, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", "--preload"]
        command += [
            "-b",
            f"127.0.0.1:{self.port}",
            "-k",
            "gthread",
            "-w",
            "2",
            "--threads",
            "4",
            "--log-level",
            "error",
        ]
        with (self.cluster.directory / "gunicorn.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.1)
        message = "gunicorn did not start: see gunicorn.log in the cluster's directory"
        raise RuntimeError(message)

    def stop(self) -> None:
        """End gunicorn."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(40)

    def stamp(self) -> str:
        """Return a stamp of a form opened five seconds ago."""
        return issue_stamp(self.seeded["sha256"], dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5))

    def post(self, email: str, stamp: str) -> Answer:
        """Send the form once."""
        values = {"name": "Ana López", "email": email, "country": "US", "consent_sign": "on", "display": "hidden"}
        values |= {"statement": self.seeded["sha256"], "stamp": stamp}
        base = f"http://127.0.0.1:{self.port}"
        request = urllib.request.Request(
            base + self.seeded["path"], urllib.parse.urlencode(values).encode(), {"Origin": base}
        )
        began = time.monotonic()
        try:
            with contextlib.closing(OPENER.open(request, timeout=20)) as response:
                status, headers = response.status, response.headers
        except urllib.error.HTTPError as error:
            status, headers = error.code, error.headers
            error.close()
        except OSError:
            status, headers = 0, {}
        except Exception as error:
            if not type(error).__module__.startswith("http."):
                raise
            status, headers = 0, {}
        return Answer(status=status, retry_after=headers.get("Retry-After", ""), seconds=time.monotonic() - began)

    def sign(self, email: str, stamp: str, answers: list[Answer], deadline: float) -> bool:
        """Send the form until it is acknowledged; every answer is noted. False when time ran out."""
        while time.monotonic() < deadline:
            answers.append(self.post(email, stamp))
            if answers[-1].status == 303:
                return True
            if answers[-1].status not in {0, 503}:
                return False
            time.sleep(PAUSE)
        return False

    def stored(self) -> set[bytes]:
        """Return the idempotency keys of the signatures that are there."""
        rows = self.cluster.rows(f"SELECT idempotency_key FROM {self.seeded['signatures']}")
        return {bytes(key) for (key,) in rows if key is not None}

    def halves(self) -> int:
        """Return how many signatures have no message, messages no signature, and mailboxes two signatures."""
        signatures, outbox = self.seeded["signatures"], self.seeded["outbox"]
        same = "m.mailbox_key = s.mailbox_key AND m.pledge_id = s.pledge_id AND m.seat = s.seat"
        parts = (
            f"SELECT count(*) FROM {signatures} s WHERE NOT EXISTS (SELECT 1 FROM {outbox} m WHERE {same})",
            f"SELECT count(*) FROM {outbox} m WHERE NOT EXISTS (SELECT 1 FROM {signatures} s WHERE {same})",
            f"SELECT count(*) - count(DISTINCT mailbox_key) FROM {signatures}",
        )
        return sum(int(self.cluster.rows(part)[0][0]) for part in parts)


def environment(cluster: MortalCluster) -> dict[str, str]:
    """Return the environment in which Django finds this database."""
    return {**os.environ, "DATABASE_URL": cluster.url, "DJANGO_SETTINGS_MODULE": "tests.faults.settings"}


def seed(cluster: MortalCluster) -> dict[str, str]:
    """Migrate, and make a pledge to sign."""
    for arguments in (["-m", "django", "migrate", "-v0"], ["-m", "tests.faults.seed"]):
        done = subprocess.run(
            [sys.executable, *arguments],
            env=environment(cluster),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
    seeded: dict[str, str] = json.loads(done.stdout)
    return seeded
