"""The test database after a test that commits: equal to its template."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import psycopg
import pytest

from tests import database_contents
from tests.database_contents import MoreThanRowsError
from tests.databases import PostgresCopies
from tests.postgres import binary

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

#: Statements that are undone by a new copy only.
CHANGES: Final = (
    "CREATE TABLE x (y int)",
    "DROP TABLE django_session",
    "ALTER TABLE auth_group ADD x int",
    "ALTER TABLE auth_group ALTER name TYPE text",
    "CREATE INDEX x ON auth_group (name, id)",
    "DROP INDEX auth_group_name_a6ea08ec_like",
    "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER SEQUENCE auth_group_id_seq INCREMENT 5",
    "TRUNCATE django_session",
    "ANALYZE wagtailcore_page",
    "ALTER DATABASE {copy} SET statement_timeout = 50000",
    "SELECT lo_create(0)",
    "CREATE SCHEMA x",
)


class OwnCopy(PostgresCopies):
    """A copy beside the one that the tests use."""

    def __init__(self) -> None:
        super().__init__()
        self.copy += "_own"
        self.url = self._url(self.copy)

    def create(self) -> None:
        """Make the copy; the tests' connection keeps theirs."""
        self.make()

    def drop(self) -> None:
        """Remove the copy."""
        with self._maintenance() as connection:
            self._drop(connection, self.copy)

    def content(self) -> list[str]:
        """Return schema, rows and sequences."""
        command = [binary("pg_dump"), "--dbname", self.url, "--inserts"]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        # Newer releases write a random key
        return sorted(line for line in lines if not line.startswith(("\\restrict", "\\unrestrict")))


@pytest.fixture
def own() -> Iterator[OwnCopy]:
    copy = OwnCopy()
    copy.create()
    yield copy
    copy.drop()


def test_rows_and_sequences_are_the_templates_again(own: OwnCopy) -> None:
    before = own.content()
    with psycopg.connect(own.url) as connection:
        connection.execute("UPDATE wagtailcore_page SET title = 'x' WHERE depth = 2")
        connection.execute("DELETE FROM wagtail_pledge_statealias")
        connection.execute("INSERT INTO django_session VALUES ('a', 'b', now())")
        connection.execute("INSERT INTO auth_group (name) VALUES ('x')")
    assert own.content() != before
    with closing(psycopg.connect(own.url)) as left_open:
        left_open.execute("LOCK TABLE auth_group")
        own.contents.restore()
        with pytest.raises(psycopg.OperationalError):
            left_open.execute("SELECT 1")
    assert own.content() == before


def test_a_change_of_more_than_rows_takes_a_new_copy(own: OwnCopy) -> None:
    before = own.content()
    for change in CHANGES:
        with psycopg.connect(own.url, autocommit=True) as connection:
            connection.execute(change.format(copy=own.copy))
        with pytest.raises(MoreThanRowsError):
            own.contents.restore()
        own.restore()
    assert own.content() == before


def test_many_rows_take_a_new_copy(own: OwnCopy, monkeypatch: pytest.MonkeyPatch) -> None:
    before = own.content()
    monkeypatch.setattr(database_contents, "MANY_ROWS", 10)
    with psycopg.connect(own.url) as connection:
        connection.execute("INSERT INTO auth_group (name) SELECT i FROM generate_series(1, 11) i")
    with pytest.raises(MoreThanRowsError):
        own.contents.restore()
    own.restore()
    assert own.content() == before
