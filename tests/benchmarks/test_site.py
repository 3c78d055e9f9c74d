"""The benchmarked site: settings as on a site, a database with its guarantees, and each visitor's own network."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from benchmarks import database
from benchmarks.fill import address_of
from benchmarks.load import forwarded_for
from tests.databases import ROOT
from wagtail_pledge.conf import DEFAULTS
from wagtail_pledge.core.http import client_address, network_of
from wagtail_pledge.signing.abuse.signals import NAME, rate_keys_in, screening_notes
from wagtail_pledge.signing.kinds import SignerData

_PRINT = """
import django; django.setup()
from django.conf import settings
from wagtail_pledge.conf import get_setting
print(get_setting("POSTS_PER_MINUTE"), get_setting("TRUSTED_PROXIES"), settings.DEBUG)
"""


def test_the_limit_of_posts_is_on_behind_one_trusted_proxy() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.settings", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _PRINT], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [str(DEFAULTS["POSTS_PER_MINUTE"]), "1", "False"], done.stderr


def test_each_request_comes_from_a_network_of_its_own(settings: Any, rf: Any) -> None:
    settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES = 1
    requests = [rf.get("/", headers={"X-Forwarded-For": forwarded_for()}) for _number in range(1000)]
    networks = {network_of(client_address(request)) for request in requests}
    assert len(networks) == 1000
    assert "" not in networks


class _Cursor:
    """Answers ``SHOW``."""

    def __init__(self, off: str) -> None:
        self._off = off

    def __enter__(self) -> _Cursor:
        return self

    def __exit__(self, *_error: object) -> None:
        """Do nothing."""

    def execute(self, sql: str) -> None:
        self._name = sql.removeprefix("SHOW ")

    def fetchone(self) -> tuple[str]:
        return ("off" if self._name == self._off else "on",)


@pytest.mark.parametrize("name", database.GUARANTEES)
def test_a_server_without_a_guarantee_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(database, "connection", SimpleNamespace(cursor=lambda: _Cursor(name)))
    with pytest.raises(RuntimeError, match=f"without {name}$"):
        database.server_settings()


def test_a_server_with_all_guarantees_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "connection", SimpleNamespace(cursor=lambda: _Cursor("")))
    assert set(database.server_settings()) == {"server_version", "shared_buffers", *database.GUARANTEES}
    assert database.ProductionCluster.settings["shared_buffers"] == "1GB"
    assert all(database.ProductionCluster.settings[name] == "on" for name in database.GUARANTEES)


@pytest.mark.django_db
def test_a_filled_address_is_not_held_by_the_checks() -> None:
    addresses = {address_of(number, "a1b2c3d4") for number in range(2000)}
    assert len(addresses) == 2000
    for address in list(addresses)[:50]:
        data = SignerData(name="Ana", email=address)
        notes = ",".join(screening_notes(data=data, proof=None, now=timezone.now()))
        assert set(rate_keys_in(notes)) == {NAME}
