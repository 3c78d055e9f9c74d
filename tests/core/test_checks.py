"""A wrong setting is found before a signer finds it."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import connection
from pytest_django import Settings

# Some of Django's own checks ask the database which version it is
pytestmark = [pytest.mark.django_db, pytest.mark.swappable]


def found(*, deploy: bool = False) -> set[str]:
    ids = {str(message.id) for message in run_checks(include_deployment_checks=deploy)}
    return {name for name in ids if name.startswith("wagtail_pledge")}


def test_the_test_project_is_clean() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("WAGTAIL_PLEDGE_KEYS", {"token": {1: "short"}}, "wagtail_pledge.E002"),
        ("WAGTAIL_PLEDGE_CONFIRM_DAYZ", 3, "wagtail_pledge.W003"),
    ],
)
def test_a_slip_is_named(settings: Settings, name: str, value: object, check: str) -> None:
    setattr(settings, name, value)
    assert check in found()


def test_blocks_that_cannot_be_loaded_are_named_before_anything_fails_on_them(tmp_path: Path) -> None:
    # In a process of its own: Wagtail keeps the edit forms that its own checks build
    base = os.environ["DJANGO_SETTINGS_MODULE"]
    slip = tmp_path / "settings_with_a_slip.py"
    slip.write_text(f'from {base} import *\nWAGTAIL_PLEDGE_BODY_BLOCKS = "nowhere.Blocks"\n')
    places = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "django", "check"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": slip.stem, "PYTHONPATH": places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "(wagtail_pledge.E001) WAGTAIL_PLEDGE_BODY_BLOCKS: No module named 'nowhere'" in done.stderr, done.stderr


def test_countries_in_english_on_a_site_in_two_languages_are_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wagtail_pledge.checks.apps.is_installed", lambda name: name != "django_countries")
    assert "wagtail_pledge.W006" in found()
    settings.LANGUAGES = [("en", "English")]
    assert "wagtail_pledge.W006" not in found()


def test_production_wants_keys_and_an_address_of_its_own(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_BASE_URL = None
    assert {"wagtail_pledge.W004", "wagtail_pledge.W005"} <= found(deploy=True)
    key = base64.b64encode(b"k" * 32).decode()
    settings.WAGTAIL_PLEDGE_KEYS = {purpose: {1: key} for purpose in ("dedup", "encryption", "token")}
    settings.WAGTAIL_PLEDGE_BASE_URL = "https://campaign.example.org"
    assert not {"wagtail_pledge.W004", "wagtail_pledge.W005"} & found(deploy=True)


@pytest.mark.requirement("C2")
def test_production_says_how_many_proxies_stand_before_it(settings: Settings) -> None:
    if hasattr(settings, "WAGTAIL_PLEDGE_TRUSTED_PROXIES"):
        del settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES
    assert "wagtail_pledge.W012" in found(deploy=True)
    settings.WAGTAIL_PLEDGE_TRUSTED_PROXIES = 0
    assert "wagtail_pledge.W012" not in found(deploy=True)


@pytest.mark.requirement("B9")
def test_a_middleware_that_mails_broken_links_is_named(settings: Settings) -> None:
    assert "wagtail_pledge.W013" not in found(deploy=True)
    settings.MIDDLEWARE = ["django.middleware.common.BrokenLinkEmailsMiddleware", *settings.MIDDLEWARE]
    assert "wagtail_pledge.W013" in found(deploy=True)


@pytest.mark.parametrize(("age", "options", "wanted"), [(0, {}, True), (60, {}, False), (0, {"pool": True}, False)])
def test_a_connection_for_each_request_is_named(
    monkeypatch: pytest.MonkeyPatch, age: int, options: dict[str, bool], wanted: bool
) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", age)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    named = "wagtail_pledge.W008" in found(deploy=True)
    assert named == (wanted and connection.vendor == "postgresql")


@pytest.mark.requirement("A1")
def test_a_database_that_answers_before_it_is_safe_is_named() -> None:
    def named() -> bool:
        messages = run_checks(include_deployment_checks=True, databases=["default"])
        return "wagtail_pledge.W009" in {message.id for message in messages}

    if connection.vendor != "postgresql":
        assert not named()
        return
    with connection.cursor() as cursor:
        for value in ("on", "off"):
            cursor.execute(f"SET LOCAL synchronous_commit = {value}")
            assert named() == (value == "off")


@pytest.mark.requirement("SG7")
def test_proof_of_work_without_its_package_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WAGTAIL_PLEDGE_ALTCHA = True
    assert found() == set()
    monkeypatch.setattr("wagtail_pledge.signing.abuse.proofs.IS_INSTALLED", False)
    assert found() == {"wagtail_pledge.W010"}
    settings.WAGTAIL_PLEDGE_ALTCHA = False
    assert found() == set()


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize(("name", "value"), [("COST", 0), ("COST", 10_001), ("MINUTES", 4)])
def test_proof_of_work_that_is_dear_or_hurries_people_is_refused(settings: Settings, name: str, value: int) -> None:
    setattr(settings, f"WAGTAIL_PLEDGE_ALTCHA_{name}", value)
    assert found() == {"wagtail_pledge.E011"}


@pytest.mark.requirement("P3")
def test_a_page_cache_without_a_cache_is_named(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_CACHE = "pages"
    assert found() == set()
    settings.MIDDLEWARE = ["wagtail_pledge.caching.middleware.PageCacheMiddleware", *settings.MIDDLEWARE]
    assert found() == {"wagtail_pledge.E017"}
    settings.CACHES = {**settings.CACHES, "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert found() == set()


def test_a_site_without_time_zones_is_refused(settings: Settings) -> None:
    assert "wagtail_pledge.E018" not in found()
    settings.USE_TZ = False
    assert "wagtail_pledge.E018" in found()
