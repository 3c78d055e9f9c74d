"""The PostgreSQL engine with limits: a server that accepts a statement and never answers is given up."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import OperationalError, connections
from django.db.utils import ConnectionHandler

from tests.faults.harness.relay import Relay
from wagtail_pledge.core.postgresql import limits
from wagtail_pledge.core.postgresql.limits import PAUSE_SECONDS, statements_of
from wagtail_pledge.database import with_timeouts

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _in_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.process, "serves_requests", True)


@pytest.fixture
def relay() -> Iterator[Relay]:
    given = connections["default"].settings_dict
    with Relay(f"{given['HOST']}/.s.PGSQL.{given['PORT'] or 5432}") as found:
        yield found


@pytest.fixture
def database(relay: Relay) -> Iterator[Any]:
    """A connection through the relay with the recommended timeouts."""
    given = connections["default"].settings_dict
    names = ("ENGINE", "NAME", "USER", "PASSWORD")
    settings = with_timeouts({**{name: given[name] for name in names}, "HOST": "127.0.0.1", "PORT": relay.port})
    found: Any = ConnectionHandler({"default": settings})["default"]
    yield found
    found.close()
    # The pause after a silence is remembered by alias
    importlib.import_module(f"{settings['ENGINE']}.base").breakers.clear()


def _ask(database: Any, sql: str = "SELECT 1") -> Any:
    with database.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _silence(database: Any, sql: str = "SELECT 1") -> float:
    began = time.monotonic()
    with pytest.raises(OperationalError):
        _ask(database, sql)
    return time.monotonic() - began


@pytest.mark.requirement("E15")
def test_the_server_gets_the_timeouts(database: Any) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    assert [_ask(database, f"SHOW {name}") for name in names] == ["2s", "1500ms", "30s"]
    parameters = database.get_connection_params()
    assert (parameters["connect_timeout"], parameters["tcp_user_timeout"]) == (2, 2000)


@pytest.mark.requirement("E15")
def test_a_silent_server_is_given_up_and_asked_again_after_a_pause(database: Any, relay: Relay) -> None:
    assert _ask(database) == 1
    relay.is_silent = True
    assert _silence(database) >= 2
    # The connection is closed, so that nothing else in the request waits
    assert _silence(database) < 2
    database.close()
    assert _silence(database) < 2, "connecting was tried during the pause"
    relay.is_silent = False
    time.sleep(PAUSE_SECONDS)  # the pause itself is what is tested
    assert _ask(database) == 1


@pytest.mark.requirement("E15")
def test_a_commit_that_is_not_answered_is_given_up(database: Any, relay: Relay) -> None:
    _ask(database)
    database.set_autocommit(False)
    _ask(database)
    relay.is_silent = True
    with pytest.raises(OperationalError):
        database.commit()


@pytest.mark.requirement("E15")
def test_a_connection_that_cannot_be_made_pauses_the_next_attempts(database: Any, relay: Relay) -> None:
    relay.is_silent = True
    assert _silence(database) > 1
    assert _silence(database) < 2


@pytest.mark.requirement("E15")
def test_the_health_check_of_a_dead_connection_is_short_and_a_new_one_is_made(database: Any, relay: Relay) -> None:
    _ask(database)
    relay.is_silent = True
    assert not database.is_usable()
    relay.is_silent = False
    database.close()
    assert _ask(database) == 1


def test_the_server_ends_a_long_statement_itself(database: Any) -> None:
    with pytest.raises(OperationalError, match="statement timeout"):
        _ask(database, "SELECT pg_sleep(10)")
    assert _ask(database) == 1, "the connection is still usable"


def test_a_block_may_allow_more_and_the_limit_returns(database: Any) -> None:
    with statements_of(20):
        assert _ask(database, "SHOW statement_timeout") == "20s"
    assert _ask(database, "SHOW statement_timeout") == "2s"


def test_a_rolled_back_limit_is_set_again(database: Any) -> None:
    with statements_of(20):
        database.set_autocommit(False)
        assert _ask(database, "SHOW statement_timeout") == "20s"
        database.rollback()
        assert _ask(database, "SHOW statement_timeout") == "20s"


def test_a_command_has_no_limit(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.process, "serves_requests", False)
    assert _ask(database, "SHOW statement_timeout") == "0"
    assert _ask(database, "SHOW idle_in_transaction_session_timeout") == "0"
    request_started.send(sender=None)
    assert _ask(database, "SHOW statement_timeout") == "2s"


def test_options_of_the_site_go_first() -> None:
    options = {"options": "-c lock_timeout=9s", "connect_timeout": 7}
    given = {"ENGINE": "django.contrib.gis.db.backends.postgis", "NAME": "x", "OPTIONS": options}
    made = with_timeouts(given, statement_seconds=5)
    assert made["ENGINE"] == given["ENGINE"], "an engine of the site is kept"
    assert made["OPTIONS"]["options"].split("-c ")[1:] == [
        "statement_timeout=5000 ",
        "lock_timeout=1500 ",
        "idle_in_transaction_session_timeout=30000 ",
        "lock_timeout=9s",
    ]
    assert made["OPTIONS"]["connect_timeout"] == 7
    assert given["OPTIONS"] is options
    assert set(options) == {"options", "connect_timeout"}


@pytest.mark.parametrize("engine", ["django.db.backends.sqlite3", "django.contrib.gis.db.backends.spatialite"])
def test_other_databases_are_left_alone(engine: str) -> None:
    given = {"ENGINE": engine, "NAME": "x"}
    assert with_timeouts(given) == given
