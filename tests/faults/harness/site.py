"""The site under test: gunicorn with a PostgreSQL that can be killed, and signers who retry after a 503."""

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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.databases import ROOT
from tests.faults.harness.server import MortalCluster
from wagtail_pledge.signing.stamps import issue_stamp

#: A signer who is told 503 presses the button again after this many seconds.
PAUSE: Final = 0.2
#: The database as it was seeded: what :meth:`Site.fresh` copies.
PRISTINE: Final = "pristine"


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
    seconds: float
    headers: Mapping[str, str]
    body: str

    @property
    def retry_after(self) -> str:
        """Return the header, or ``""``."""
        return self.headers.get("Retry-After", "")


@dataclass
class Site:
    """Where to sign, and the processes behind it.

    ``database`` is one of the cluster's; ``values`` are settings of Django, ``variables`` of the environment.
    """

    cluster: MortalCluster
    seeded: dict[str, str]
    database: str = "postgres"
    values: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of every process of the site."""
        found = {**environment(self.cluster, self.database), **self.variables}
        return {**found, "PLEDGE_FAULTS_SETTINGS": json.dumps(self.values)}

    @property
    def base(self) -> str:
        """Return the origin."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        """Start gunicorn with the documented worker class; return when it answers."""
        command = [sys.executable, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", "--preload"]
        command += ["-b", f"127.0.0.1:{self.port}", "-k", "gthread", "-w", "2", "--threads", "4"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--log-level", "error"], env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.1)
        self.stop()
        message = f"gunicorn did not start: {self.log.read_text()}"
        raise RuntimeError(message)

    @property
    def log(self) -> Path:
        """Return the file that the processes' output goes to."""
        return self.cluster.directory / f"gunicorn-{self.port}.log"

    def stop(self) -> None:
        """End gunicorn."""
        process, self.process = self.process, None
        if process is not None:
            process.terminate()
            process.wait(120)

    @contextlib.contextmanager
    def fresh(self) -> Iterator[Site]:
        """Yield the site as it was seeded, in a database of its own; not served."""
        name = f"fresh_{self.port}_{free_port()}"
        with self.cluster.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {PRISTINE}")
        try:
            yield replace(self, database=name, port=free_port(), process=None)
        finally:
            with self.cluster.connect() as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextlib.contextmanager
    def served(self, variables: Mapping[str, str] | None = None, **values: Any) -> Iterator[Site]:
        """Serve the same site from a port of its own, with these variables and settings on top."""
        both = {"values": {**self.values, **values}, "variables": {**self.variables, **(variables or {})}}
        other = replace(self, port=free_port(), process=None, **both)
        other.serve()
        try:
            yield other
        finally:
            other.stop()

    def connect(self) -> psycopg.Connection[Any]:
        """Return a connection of the superuser."""
        return psycopg.connect(self.cluster.url_of(self.database), autocommit=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what a query gives."""
        with self.connect() as connection:
            return connection.execute(query).fetchall()

    def number(self, query: str) -> int:
        """Return the one number that a query gives."""
        return int(self.rows(query)[0][0])

    def stamp(self) -> str:
        """Return a stamp of a form opened five seconds ago."""
        return issue_stamp(self.seeded["sha256"], dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5))

    def fetch_stamp(self) -> str:
        """Return a stamp as the page's script fetches it."""
        return str(json.loads(self.ask(self.seeded["stamp"]).body)["stamp"])

    def ask(self, path: str, values: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Send a request once: GET, or POST with ``values``."""
        data = None if values is None else urllib.parse.urlencode(values).encode()
        request = urllib.request.Request(self.base + path, data, {"Origin": self.base, **headers})
        began = time.monotonic()
        status, found, body = 0, Message(), b""
        try:
            with contextlib.closing(OPENER.open(request, timeout=20)) as response:
                status, found, body = response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            with contextlib.closing(error):
                status, found, body = error.code, error.headers, error.read()
        except OSError:
            pass
        except Exception as error:
            if not type(error).__module__.startswith("http."):
                raise
        seconds = time.monotonic() - began
        return Answer(status=status, seconds=seconds, headers=dict(found.items()), body=body.decode(errors="replace"))

    def post(self, email: str, stamp: str, **headers: str) -> Answer:
        """Send the form once."""
        values = {"name": "Ana López", "email": email, "country": "US", "consent_sign": "on", "display": "hidden"}
        values |= {"statement": self.seeded["sha256"], "stamp": stamp}
        return self.ask(self.seeded["path"], values, **headers)

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

    def limit(self, seconds: float) -> float:
        """Return ``seconds`` and what a busy machine needs on top: twenty times a request that finds nothing."""
        return seconds + 20 * max(self.ask("/nothing-here/").seconds for _ in range(5))

    def stored(self) -> set[bytes]:
        """Return the idempotency keys of the signatures that are there."""
        rows = self.rows(f"SELECT idempotency_key FROM {self.seeded['signatures']}")
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
        return sum(int(self.rows(part)[0][0]) for part in parts)


def environment(cluster: MortalCluster, database: str = "postgres") -> dict[str, str]:
    """Return the environment in which Django finds a database of the cluster."""
    found = {"DATABASE_URL": cluster.url_of(database), "DJANGO_SETTINGS_MODULE": "tests.faults.settings"}
    return {**os.environ, **found}


def seed(cluster: MortalCluster) -> dict[str, str]:
    """Migrate, make a pledge to sign, and keep a copy of the database as it is then."""
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
    with cluster.connect() as connection:
        connection.execute(f"CREATE DATABASE {PRISTINE} TEMPLATE postgres")
        connection.execute("CHECKPOINT")
    seeded: dict[str, str] = json.loads(done.stdout)
    return seeded
