"""Migrated template databases, created once and copied: ``migrate`` takes half a minute, a copy under a second.

A template is migrated when its key is new (versions, settings, every migration file) and kept under
``.cache/tests/``. Each xdist worker works on a copy of its own. A test that commits gets the copy back as it
was: Django's flush would also delete root page, site, locale, collection and the table of States.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

import django
import psycopg
import wagtail
from django.apps import apps
from django.conf import settings
from django.db import connections
from psycopg import sql

from tests.database_contents import Contents, MoreThanRowsError
from tests.postgres import binary

ROOT: Final = Path(__file__).resolve().parent.parent
CACHE: Final = ROOT / ".cache" / "tests"
#: Django's settings that a migrated database depends on. Those of Wagtail and of the package begin with WAGTAIL.
MIGRATED_BY: Final = (
    "AUTH_USER_MODEL",
    "DEFAULT_AUTO_FIELD",
    "INSTALLED_APPS",
    "LANGUAGES",
    "LANGUAGE_CODE",
    "MIGRATION_MODULES",
    "SITE_ID",
    "TIME_ZONE",
    "USE_I18N",
    "USE_TZ",
)
#: What a migrated database depends on besides migrations: code and data behind ``post_migrate``.
ALSO: Final = ("apps.py", "treaties/states.py", "treaties/data/*.csv", "*/models.py", "*/models/*.py")


class Copies(Protocol):
    """One worker's copy of the template."""

    def create(self) -> None:
        """Make the copy and point the default connection at it."""

    def restore(self) -> None:
        """Bring the copy back to the template's content."""

    def drop(self) -> None:
        """Remove the copy."""


def _files() -> Iterator[Path]:
    for config in apps.get_app_configs():
        yield from sorted(Path(config.path).glob("migrations/*.py"))
    for pattern in ALSO:
        yield from sorted((ROOT / "wagtail_pledge").glob(pattern))
        yield from sorted((ROOT / "tests" / "projects").glob(pattern))


def _settings() -> dict[str, str]:
    """Return the settings that a migrated database depends on: projects with the same share a template."""
    names = (name for name in dir(settings) if name in MIGRATED_BY or name.startswith("WAGTAIL"))
    return {name: repr(getattr(settings, name)) for name in sorted(names)}


def template_key(server: str) -> str:
    """Return the key of the migrated database: an equal key means equal content."""
    versions = (server, sys.version, django.__version__, wagtail.__version__)
    digest = hashlib.sha256(repr((versions, _settings())).encode())
    for path in _files():
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes, so that workers wait for the one that migrates."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def migrate(url: str) -> None:
    """Migrate the empty database at ``url`` in a separate process."""
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"migrate failed:\n{done.stdout}{done.stderr}"
        raise RuntimeError(message)


def _point_at(name: str) -> None:
    """Let new connections of all threads use ``name``: they share the settings dictionary."""
    connection = connections["default"]
    connection.close()
    connection.settings_dict["NAME"] = name


class SqliteCopies:
    """One file per worker, restored with SQLite's backup API, which keeps connections of other threads open."""

    def __init__(self) -> None:
        self.template = CACHE / f"{template_key(sqlite3.sqlite_version)}.sqlite3"
        self.copy = Path(os.environ["PLEDGE_TEST_SCRATCH"], f"test-{os.getpid()}.sqlite3")

    def create(self) -> None:
        """Migrate the template if this key is new, then copy it."""
        with locked(self.template.with_suffix(".lock")):
            if not self.template.exists():
                building = self.template.with_suffix(".building")
                building.unlink(missing_ok=True)
                migrate(f"sqlite:///{building}")
                self._settle(building)
                building.rename(self.template)
        shutil.copyfile(self.template, self.copy)
        _point_at(str(self.copy))

    def _settle(self, path: Path) -> None:
        """Fold the write-ahead log into the file."""
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")

    def restore(self) -> None:
        """Copy the template's pages over the copy's."""
        connections["default"].close()
        with (
            contextlib.closing(sqlite3.connect(self.template)) as source,
            contextlib.closing(sqlite3.connect(self.copy, timeout=20)) as target,
        ):
            source.backup(target)

    def drop(self) -> None:
        """Remove the file and its journal files."""
        connections["default"].close()
        for path in self.copy.parent.glob(f"{self.copy.name}*"):
            path.unlink(missing_ok=True)


class PostgresCopies:
    """One database per worker, made with ``CREATE DATABASE … TEMPLATE``."""

    def __init__(self) -> None:
        self.settings: dict[str, Any] = dict(connections["default"].settings_dict)
        with self._maintenance() as connection:
            key = template_key(str(connection.info.server_version))
        self.template = f"pledge_template_{key}"
        self.copy = f"pledge_test_{key}_{os.getpid()}"
        self.dump = CACHE / f"{key}.dump"

    def _url(self, name: str) -> str:
        host, port = quote(self.settings["HOST"], safe=""), self.settings["PORT"]
        account = quote(self.settings["USER"], safe="")
        if self.settings["PASSWORD"]:
            account += ":" + quote(self.settings["PASSWORD"], safe="")
        return f"postgres://{account}@{host}{f':{port}' if port else ''}/{name}"

    def _maintenance(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._url(self.settings["NAME"]), autocommit=True)

    def _exists(self, connection: psycopg.Connection[Any], name: str) -> bool:
        return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None

    def create(self) -> None:
        """Create the template if the server has none for this key, then clone it."""
        self.make()
        _point_at(self.copy)

    def make(self) -> None:
        """Make the copy and read its rows."""
        with locked(self.dump.with_suffix(".lock")), self._maintenance() as connection:
            if not self._exists(connection, self.template):
                self._make_template(connection)
        self._clone()
        self.contents = Contents(self._url(self.copy))

    def _make_template(self, connection: psycopg.Connection[Any]) -> None:
        building = f"{self.template}_building"
        self._drop(connection, building)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
        if self.dump.exists():
            self._client("pg_restore", building, "--no-owner", "--exit-on-error", str(self.dump))
        else:
            migrate(self._url(building))
            unfinished = self.dump.with_suffix(".unfinished")
            self._client("pg_dump", building, "--format=custom", "--compress=0", f"--file={unfinished}")
            unfinished.rename(self.dump)
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(rename.format(sql.Identifier(building), sql.Identifier(self.template)))

    def _client(self, name: str, database: str, *arguments: str) -> None:
        subprocess.run([binary(name), "--dbname", self._url(database), *arguments], check=True)

    def _clone(self) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        # Two clones of one template at a time fail: "source database is being accessed by other users"
        with locked(self.dump.with_suffix(".lock")), self._maintenance() as connection:
            self._drop(connection, self.copy)
            connection.execute(statement.format(sql.Identifier(self.copy), sql.Identifier(self.template)))

    def _drop(self, connection: psycopg.Connection[Any], name: str) -> None:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def restore(self) -> None:
        """Bring the rows back; if a test changed more than rows, clone the template again. Other connections end."""
        connections["default"].close()
        try:
            self.contents.restore()
        except (MoreThanRowsError, psycopg.Error):
            self._clone()

    def drop(self) -> None:
        """Remove the copy; the template stays for the next worker."""
        connections["default"].close()
        with self._maintenance() as connection:
            self._drop(connection, self.copy)


def copies() -> Copies:
    """Return the copies of the database that the settings name."""
    return PostgresCopies() if connections["default"].vendor == "postgresql" else SqliteCopies()
