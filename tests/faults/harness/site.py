"""The site under test: gunicorn with a PostgreSQL server that can be killed, and signers who retry after a 503."""

from __future__ import annotations

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
from uuid import UUID

import psycopg

from tests.databases import ROOT
from tests.faults.harness.consistency import INCONSISTENCIES
from tests.faults.harness.server import KillableCluster
from wagtail_pledge.campaigns.views.thanks import COOKIE, VISIT
from wagtail_pledge.core.crypto import TokenSubject, make_token
from wagtail_pledge.signing.services import CONFIRM
from wagtail_pledge.signing.stamps import issue_stamp, open_ticket

#: The seeded database, which :meth:`Site.fresh` copies.
PRISTINE: Final = "pristine"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Returns a 303 as the response."""

    def redirect_request(self, *_args: Any, **_options: Any) -> None:
        """Do not follow redirects."""


OPENER: Final = urllib.request.build_opener(NoRedirect)


def free_port() -> int:
    """Return a free port on the loopback interface."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response; ``status`` 0 if the connection broke."""

    status: int
    seconds: float
    headers: Mapping[str, str]
    body: str

    @property
    def retry_after(self) -> str:
        """Return the header, or ``""``."""
        return self.headers.get("Retry-After", "")

    @property
    def submission(self) -> UUID:
        """Return the id of the submission that an accepted form became; it is in the ticket of the inbox page."""
        path = urllib.parse.urlsplit(self.headers["Location"]).path
        ticket = open_ticket(path.removeprefix("/pledge/inbox/").rstrip("/"), dt.datetime.now(dt.UTC))
        assert ticket is not None
        return UUID(ticket.submission)

    @property
    def is_confirmation(self) -> bool:
        """Whether it tells the signer that the name was added: the thank-you page is then shown in full."""
        return self.status == 303 and self.headers.get("Set-Cookie", "").startswith(f"{COOKIE}=")


@dataclass
class Site:
    """The site's URL and processes.

    ``database`` is one of the cluster's; ``values`` are Django settings, ``variables`` environment variables.
    """

    cluster: KillableCluster
    seeded: dict[str, str]
    database: str = "postgres"
    #: Of each of the two processes.
    threads: int = 4
    values: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of the site's processes."""
        found = {**environment(self.cluster, self.database), **self.variables}
        return {**found, "PLEDGE_FAULTS_SETTINGS": json.dumps(self.values)}

    @property
    def base(self) -> str:
        """Return the origin."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        """Start gunicorn with the documented worker class; return when it replies."""
        command = [sys.executable, "-m", "gunicorn", "example_project.wsgi", "--preload"]
        command += ["-b", f"127.0.0.1:{self.port}", "-k", "gthread", "-w", "2"]
        command += ["--threads", str(self.threads)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--log-level", "error"], env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.1)
        self.stop()
        message = f"gunicorn did not start: {self.log.read_text()}"
        raise RuntimeError(message)

    @property
    def log(self) -> Path:
        """Return the processes' log file."""
        return self.cluster.directory / f"gunicorn-{self.port}.log"

    def stop(self) -> None:
        """Stop gunicorn."""
        process, self.process = self.process, None
        if process is not None:
            process.terminate()
            process.wait(120)

    @contextlib.contextmanager
    def fresh(self) -> Iterator[Site]:
        """Yield the seeded site with its own database; not served."""
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
        """Serve the same site on another port, with additional variables and settings."""
        both = {"values": {**self.values, **values}, "variables": {**self.variables, **(variables or {})}}
        other = replace(self, port=free_port(), process=None, **both)
        other.serve()
        try:
            yield other
        finally:
            other.stop()

    def connect(self) -> psycopg.Connection[Any]:
        """Return a superuser connection."""
        return psycopg.connect(self.cluster.url_of(self.database), autocommit=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.connect() as connection:
            return connection.execute(query).fetchall()

    def number(self, query: str) -> int:
        """Return the single number of a query."""
        return int(self.rows(query)[0][0])

    def stamp(self) -> str:
        """Return the stamp of a form opened five seconds ago."""
        return issue_stamp(self.seeded["sha256"], dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5))

    def fetch_stamp(self) -> str:
        """Return a stamp fetched as the page's script does."""
        return str(json.loads(self.ask(self.seeded["stamp"]).body)["stamp"])

    def ask(self, path: str, values: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Send one request: GET, or POST with ``values``."""
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

    def health(self) -> Answer:
        """Request the health page as the monitoring does."""
        return self.ask(self.seeded["health"], Authorization="Bearer let-me-see")

    def post(self, email: str, stamp: str, **headers: str) -> Answer:
        """Submit the form once."""
        values = {"name": "Ana López", "email": email, "country": "US", "display": "hidden"}
        values |= {"statement": self.seeded["sha256"], "stamp": stamp}
        return self.ask(self.seeded["path"], values, **headers)

    def confirm_path(self, submission: UUID) -> str:
        """Return the path of the confirmation link that the mail of a submission has."""
        return f"/pledge/confirm/{self._token(CONFIRM, submission)}/"

    def confirm(self, submission: UUID) -> Answer:
        """Confirm a submission once, with the form of the page that the link opens."""
        return self.ask(self.confirm_path(submission), {VISIT: self._token(VISIT, submission)})

    def _token(self, purpose: str, submission: UUID) -> str:
        return make_token(purpose, TokenSubject(pledge_id=int(self.seeded["pledge"]), uuid=submission, epoch=1))

    def open_submissions(self) -> list[UUID]:
        """Return the ids of the submissions that wait for confirmation, in the order of signing."""
        where = "ended_at IS NULL AND moved_to IS NULL"
        rows = self.rows(f"SELECT id FROM {self.seeded['submissions']} WHERE {where} ORDER BY created_at, id")
        return [row for (row,) in rows]

    def confirm_all(self) -> None:
        """Confirm every open submission, as the owners of the mailboxes would."""
        for submission in self.open_submissions():
            assert self.confirm(submission).is_confirmation

    def grow_older(self, days: int) -> None:
        """Move every time and date that the package has stored into the past, by a minute more than ``days``."""
        columns = self.rows(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_name LIKE 'wagtail\\_pledge\\_%' AND table_schema = 'public'"
            " AND data_type IN ('timestamp with time zone', 'date')"
        )
        assert len(columns) > 20
        with self.connect() as connection:
            for table, column, kind in columns:
                age = str(days) if kind == "date" else f"interval '{days} days 1 minute'"
                connection.execute(f'UPDATE {table} SET "{column}" = "{column}" - {age}')

    def limit(self, seconds: float) -> float:
        """Return ``seconds`` plus an allowance for a busy machine: twenty times the duration of a 404."""
        return seconds + 20 * max(self.ask("/nothing-here/").seconds for _ in range(5))

    def stored(self) -> set[UUID]:
        """Return the ids of the stored submissions."""
        return {row for (row,) in self.rows(f"SELECT id FROM {self.seeded['submissions']}")}

    def confirmed(self) -> set[UUID]:
        """Return the ids of the submissions whose signature is in the ledger."""
        submissions, signatures = self.seeded["submissions"], self.seeded["signatures"]
        same = "s.pledge_id = f.pledge_id AND s.uuid = f.signature_uuid AND s.state = 'confirmed'"
        return {row for (row,) in self.rows(f"SELECT f.id FROM {submissions} f JOIN {signatures} s ON {same}")}

    def inconsistencies(self) -> dict[str, int]:
        """Return what no failure may leave, with the number of rows; every mailbox has sent its form once."""
        tables = {name: self.seeded[name] for name in ("submissions", "signatures", "events", "outbox")}
        counts = {what: self.number(query.format(**tables)) for what, query in INCONSISTENCIES.items()}
        return {what: count for what, count in counts.items() if count}


def environment(cluster: KillableCluster, database: str = "postgres") -> dict[str, str]:
    """Return the environment in which Django uses a database of the cluster."""
    found = {"DATABASE_URL": cluster.url_of(database), "DJANGO_SETTINGS_MODULE": "tests.faults.settings"}
    return {**os.environ, **found}


def seed(cluster: KillableCluster) -> dict[str, str]:
    """Migrate, create a pledge to sign, and keep a copy of the database."""
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
