"""System checks of the package."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection
from pytest_django import Settings

from wagtail_pledge.checks import check_timeouts
from wagtail_pledge.database import with_timeouts

# Some of Django's own checks query the database for its version
pytestmark = [pytest.mark.django_db, pytest.mark.swappable]


def check_ids(*, deploy: bool = False) -> set[str]:
    ids = {str(message.id) for message in run_checks(include_deployment_checks=deploy)}
    return {name for name in ids if name.startswith("wagtail_pledge")}


def test_the_test_project_passes_all_checks() -> None:
    assert check_ids() == set()


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("WAGTAIL_PLEDGE_KEYS", {"token": {1: "short"}}, "wagtail_pledge.E002"),
        ("WAGTAIL_PLEDGE_CONFIRM_DAYZ", 3, "wagtail_pledge.W003"),
    ],
)
def test_an_invalid_setting_is_reported(settings: Settings, name: str, value: object, check: str) -> None:
    setattr(settings, name, value)
    assert check in check_ids()


def test_blocks_that_cannot_be_imported_are_reported_by_check(tmp_path: Path) -> None:
    # In a separate process: Wagtail caches the edit forms that its checks build
    base = os.environ["DJANGO_SETTINGS_MODULE"]
    bad_settings = tmp_path / "settings_with_a_slip.py"
    bad_settings.write_text(f'from {base} import *\nWAGTAIL_PLEDGE_BODY_BLOCKS = "nowhere.Blocks"\n')
    python_path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "django", "check"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": bad_settings.stem, "PYTHONPATH": python_path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "(wagtail_pledge.E001) WAGTAIL_PLEDGE_BODY_BLOCKS: No module named 'nowhere'" in done.stderr, done.stderr


def test_untranslated_countries_on_a_multilingual_site_are_reported(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wagtail_pledge.checks.apps.is_installed", lambda name: name != "django_countries")
    assert "wagtail_pledge.W006" in check_ids()
    settings.LANGUAGES = [("en", "English")]
    assert "wagtail_pledge.W006" not in check_ids()


def test_missing_keys_and_base_url_are_reported_for_deployment(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_BASE_URL = None
    assert {"wagtail_pledge.W004", "wagtail_pledge.W005"} <= check_ids(deploy=True)
    key = base64.b64encode(b"k" * 32).decode()
    settings.WAGTAIL_PLEDGE_KEYS = {purpose: {1: key} for purpose in ("dedup", "encryption", "token")}
    settings.WAGTAIL_PLEDGE_BASE_URL = "https://campaign.example.org"
    assert not {"wagtail_pledge.W004", "wagtail_pledge.W005"} & check_ids(deploy=True)


@pytest.mark.requirement("C2")
def test_a_missing_number_of_proxies_is_reported_for_deployment(settings: Settings) -> None:
    if hasattr(settings, "WAGTAIL_PLEDGE_TRUSTED_PROXIES"):
        del settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES
    assert "wagtail_pledge.W012" in check_ids(deploy=True)
    settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES = 0
    assert "wagtail_pledge.W012" not in check_ids(deploy=True)


@pytest.mark.requirement("B9")
def test_broken_link_emails_middleware_is_reported(settings: Settings) -> None:
    assert "wagtail_pledge.W013" not in check_ids(deploy=True)
    settings.MIDDLEWARE = ["django.middleware.common.BrokenLinkEmailsMiddleware", *settings.MIDDLEWARE]
    assert "wagtail_pledge.W013" in check_ids(deploy=True)


@pytest.mark.parametrize(
    ("age", "options", "is_reported_on_postgresql"), [(0, {}, True), (60, {}, False), (0, {"pool": True}, False)]
)
def test_missing_persistent_connections_are_reported(
    monkeypatch: pytest.MonkeyPatch, age: int, options: dict[str, bool], is_reported_on_postgresql: bool
) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", age)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    is_reported = "wagtail_pledge.W008" in check_ids(deploy=True)
    assert is_reported == (is_reported_on_postgresql and connection.vendor == "postgresql")


class _Database:
    """A PostgreSQL connection as far as the check of its timeouts reads it."""

    vendor = "postgresql"

    def __init__(self, settings_dict: dict[str, Any], *, limits_waiting: bool) -> None:
        self.settings_dict = settings_dict
        if limits_waiting:
            self.limits_waiting = True


@pytest.mark.requirement("E15")
def test_missing_timeouts_of_postgresql_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {"ENGINE": "django.db.backends.postgresql", "NAME": "x", "OPTIONS": {"connect_timeout": 2}}
    made = with_timeouts(plain)

    def problem(settings_dict: dict[str, Any], *, limits_waiting: bool) -> str:
        database = _Database(settings_dict, limits_waiting=limits_waiting)
        monkeypatch.setattr("wagtail_pledge.checks.connections", {"default": database})
        return " ".join(message.msg for message in check_timeouts())

    assert problem(made, limits_waiting=True) == ""
    assert "a server that never answers" in problem(made, limits_waiting=False)
    found = problem(plain, limits_waiting=False)
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "tcp_user_timeout")
    assert all(f"no {name}" in found for name in names)
    assert "connect_timeout" not in found


@pytest.mark.requirement("E15")
def test_a_missing_middleware_for_database_errors_is_reported(settings: Settings) -> None:
    assert "wagtail_pledge.W022" in check_ids(deploy=True)
    settings.MIDDLEWARE = ["wagtail_pledge.middleware.DatabaseErrorMiddleware", *settings.MIDDLEWARE]
    assert "wagtail_pledge.W022" not in check_ids(deploy=True)


@pytest.mark.requirement("A1")
def test_asynchronous_commit_is_reported() -> None:
    def is_reported() -> bool:
        messages = run_checks(include_deployment_checks=True, databases=["default"])
        return "wagtail_pledge.W009" in {message.id for message in messages}

    if connection.vendor != "postgresql":
        assert not is_reported()
        return
    with connection.cursor() as cursor:
        for value in ("on", "off"):
            cursor.execute(f"SET LOCAL synchronous_commit = {value}")
            assert is_reported() == (value == "off")


@pytest.mark.requirement("SG7")
def test_proof_of_work_without_its_package_is_reported(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WAGTAIL_PLEDGE_ALTCHA = True
    assert check_ids() == set()
    monkeypatch.setattr("wagtail_pledge.signing.abuse.proof_of_work.IS_INSTALLED", False)
    assert check_ids() == {"wagtail_pledge.W010"}
    settings.WAGTAIL_PLEDGE_ALTCHA = False
    assert check_ids() == set()


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize(("name", "value"), [("COST", 0), ("COST", 10_001), ("MINUTES", 4)])
def test_invalid_proof_of_work_settings_are_errors(settings: Settings, name: str, value: int) -> None:
    setattr(settings, f"WAGTAIL_PLEDGE_ALTCHA_{name}", value)
    assert check_ids() == {"wagtail_pledge.E011"}


@pytest.mark.requirement("P3")
def test_a_page_cache_without_a_cache_is_reported(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_CACHE = "pages"
    assert check_ids() == set()
    settings.MIDDLEWARE = ["wagtail_pledge.caching.middleware.PageCacheMiddleware", *settings.MIDDLEWARE]
    assert check_ids() == {"wagtail_pledge.E017"}
    settings.CACHES = {**settings.CACHES, "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert check_ids() == set()


def test_use_tz_false_is_an_error(settings: Settings) -> None:
    assert "wagtail_pledge.E018" not in check_ids()
    settings.USE_TZ = False
    assert "wagtail_pledge.E018" in check_ids()
