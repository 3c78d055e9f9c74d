"""Staff accounts: login with a second factor, limit of failed logins, sessions and passwords."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessLog
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from example_project.campaign.staff.devices import activate, new_app
from tests.databases import ROOT
from wagtail_pledge.admin.checks import find_second_factor_test

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("PV5")]

PASSWORD = "rainy-harbour-lantern"
LOGIN = "/admin/login/"
SETUP = "/admin/account/second-factor/"
STEP = 30


@pytest.fixture(autouse=True)
def clock() -> Any:
    """A clock that only the tests move: codes and limits depend on it."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def moderator() -> Any:
    user = get_user_model()._default_manager.get(username="moderator")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def app(moderator: Any) -> TOTPDevice:
    """The moderator's authenticator app, set up."""
    device = new_app(moderator)
    activate(moderator, device)
    return device


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = timezone.now().timestamp() + steps * STEP
    return f"{totp.token():06}"


def log_in(client: Client, code: str = "", *, user: str = "moderator", password: str = PASSWORD, **options: Any) -> Any:
    values = {"username": user, "password": password, "otp_token": code, "next": "/admin/"}
    return client.post(LOGIN, values, **options)


def is_logged_in(response: Any) -> bool:
    return (response.status_code, response.get("Location")) == (302, "/admin/")


def set_up(client: Client, password: str = PASSWORD) -> tuple[TOTPDevice, list[str]]:
    """Set up a second factor as a person does; return the app and the recovery codes."""
    page = client.get(SETUP)
    assert 'src="data:image/svg+xml' in page.content.decode()
    device = TOTPDevice.objects.get(user__username="moderator", confirmed=False)
    response = client.post(SETUP, {"password": password, "code": code_of(device)})
    assert response.status_code == 200
    return device, re.findall(r"<code>(\w+)</code>", response.content.decode())


def test_the_printed_login_works_without_a_second_factor(client: Client, moderator: Any) -> None:
    assert is_logged_in(log_in(client))
    assert client.get("/admin/").status_code == 200
    assert SETUP in client.get("/admin/account/").content.decode()


def test_a_second_factor_is_set_up_and_then_needed(client: Client, moderator: Any, clock: Any) -> None:
    log_in(client)
    device, recovery = set_up(client)
    assert len(set(recovery)) == 10
    assert client.get("/admin/").status_code == 200, "the session that set it up stays"
    clock.shift(STEP)
    for code in ("", "000000", recovery[0][:-1], code_of(device, -20)):
        response = log_in(Client(), code)
        assert response.status_code == 200
        assert "sessionid" not in response.cookies
        clock.shift(16 * STEP)
    code = code_of(device)
    assert is_logged_in(log_in(Client(), f"{code[:3]} {code[3:]}"))
    assert not is_logged_in(log_in(Client(), code)), "a code works once"


def test_a_recovery_code_works_once(client: Client, moderator: Any, clock: Any) -> None:
    log_in(client)
    _device, recovery = set_up(client)
    assert is_logged_in(log_in(Client(), recovery[3].upper()))
    assert not is_logged_in(log_in(Client(), recovery[3]))
    clock.shift(60)
    assert is_logged_in(log_in(Client(), recovery[4]))


def test_the_codes_of_another_user_are_not_valid(moderator: Any, app: TOTPDevice, clock: Any) -> None:
    editor = get_user_model()._default_manager.get(username="editor")
    other = new_app(editor)
    recovery = activate(editor, other)
    for code in (code_of(other), recovery[0]):
        assert not is_logged_in(log_in(Client(), code))
        clock.shift(60)
    assert is_logged_in(log_in(Client(), code_of(app)))


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"code": "000000"}, {"code": ""}, {"password": ""}])
def test_setting_up_needs_password_and_code(client: Client, moderator: Any, change: dict[str, str]) -> None:
    log_in(client)
    client.get(SETUP)
    device = TOTPDevice.objects.get()
    response = client.post(SETUP, {"password": PASSWORD, "code": code_of(device), **change})
    assert response.status_code == 422
    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert TOTPDevice.objects.get().key == device.key, "the scanned picture stays valid"


@pytest.mark.parametrize("button", [{}, {"remove": "1"}])
def test_changing_it_needs_password_and_code(client: Client, moderator: Any, clock: Any, button: Any) -> None:
    log_in(client)
    device, recovery = set_up(client)
    for wrong in ({"password": "wrong", "code": recovery[0]}, {"password": PASSWORD, "code": "abcdefgh"}):
        assert client.post(SETUP, {**wrong, **button}).status_code == 422
    assert TOTPDevice.objects.filter(confirmed=True).count() == 1
    clock.shift(10 * STEP)
    response = client.post(SETUP, {"password": PASSWORD, "code": code_of(device), **button})
    if button:
        assert response["Location"] == SETUP
        assert not TOTPDevice.objects.filter(confirmed=True).exists()
        assert is_logged_in(log_in(Client()))
    else:
        assert recovery[0] not in response.content.decode()
        assert not is_logged_in(log_in(Client(), recovery[0])), "the old recovery codes are gone"


def test_the_page_with_secrets_is_never_stored(client: Client, moderator: Any) -> None:
    log_in(client)
    assert "no-store" in client.get(SETUP)["Cache-Control"]


def test_a_required_second_factor_has_to_be_set_up_first(client: Client, moderator: Any, settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert is_logged_in(log_in(client))
    for path in ("/admin/", "/admin/pledge/signatures/", "/admin/account/", "/admin/users/", "/admin/pages/"):
        assert client.get(path)["Location"] == SETUP, path
        assert client.post(path)["Location"] == SETUP, path
    assert client.get("/en/ratify/").status_code == 200
    set_up(client)
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["/admin/", "/admin/account/", "/admin/pledge/signatures/"])
def test_a_session_without_the_second_factor_is_ended(
    client: Client, moderator: Any, app: TOTPDevice, path: str
) -> None:
    """As one that another login view opened, such as the one for private pages."""
    client.force_login(moderator, "django.contrib.auth.backends.ModelBackend")
    assert client.get(path)["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in client.session
    assert client.get(LOGIN).status_code == 200


def test_failed_logins_are_limited(client: Client, moderator: Any, clock: Any) -> None:
    for _try in range(4):
        assert log_in(client, password="wrong").status_code == 200
    assert log_in(client, password="wrong").status_code == 429
    for _try in range(10):
        clock.shift(60)
        response = log_in(Client())
        assert response.status_code == 429
        assert "15 minutes" in response.content.decode()
    assert is_logged_in(log_in(Client(), REMOTE_ADDR="192.0.2.7")), "another network is not affected"
    editor = get_user_model()._default_manager.get(username="editor")
    editor.set_password(PASSWORD)
    editor.save()
    assert is_logged_in(log_in(Client(), user="editor")), "nor another user"
    clock.shift(6 * 60)
    assert is_logged_in(log_in(Client())), "tries meanwhile do not prolong it"


@pytest.mark.parametrize(("first", "second"), [("192.0.2.7", "192.0.2.200"), ("2001:db8::1", "2001:db8::ffff:2")])
def test_a_network_is_limited_as_one(moderator: Any, first: str, second: str) -> None:
    for _try in range(4):
        log_in(Client(), password="wrong", REMOTE_ADDR=first)
    assert log_in(Client(), password="wrong", REMOTE_ADDR=second).status_code == 429


def test_wrong_codes_are_failed_logins(moderator: Any, app: TOTPDevice, clock: Any) -> None:
    statuses = []
    for _try in range(5):
        statuses.append(log_in(Client(), "000000").status_code)
        clock.shift(60)
    assert statuses == [200, 200, 200, 200, 429]
    assert not is_logged_in(log_in(Client(), code_of(app)))


def test_wrong_codes_from_many_networks_close_the_device(moderator: Any, app: TOTPDevice, clock: Any) -> None:
    for number in range(12):
        log_in(Client(), "000000", REMOTE_ADDR=f"192.0.{number}.1")
        clock.shift(2**number)
    log_in(Client(), "000000", REMOTE_ADDR="192.0.100.1")
    clock.shift(2**12 - 1)
    assert not is_logged_in(log_in(Client(), code_of(app), REMOTE_ADDR="198.51.100.1"))
    clock.shift(1)
    assert is_logged_in(log_in(Client(), code_of(app), REMOTE_ADDR="198.51.100.1"))


def test_no_address_password_or_code_is_stored(moderator: Any, app: TOTPDevice, clock: Any) -> None:
    log_in(Client(), "123456", REMOTE_ADDR="192.0.2.7")
    log_in(Client(), password="a-wrong-password", REMOTE_ADDR="192.0.2.7")
    clock.shift(60)
    assert is_logged_in(log_in(Client(), code_of(app)))
    rows = [str(row) for model in apps.get_app_config("axes").get_models() for row in model._default_manager.values()]
    assert rows
    assert AccessAttempt.objects.get().ip_address.startswith("fd")
    assert not AccessLog.objects.exists()
    for secret in ("192.0.2", "123456", "a-wrong-password", PASSWORD):
        assert secret not in "".join(rows)


def test_a_session_lasts_twelve_hours(client: Client, moderator: Any) -> None:
    values = {"username": "moderator", "password": PASSWORD, "remember": "on"}
    response = client.post(LOGIN, values)
    assert response.cookies["sessionid"]["max-age"] == 12 * 3600
    assert log_in(Client()).cookies["sessionid"]["max-age"] == "", "without it, until the browser is closed"
    assert client.session.get_expiry_age() == 12 * 3600


def test_using_the_admin_does_not_prolong_a_session(client: Client, moderator: Any, clock: Any) -> None:
    log_in(client)
    for _hour in range(12):
        assert client.get("/admin/").status_code == 200
        session = client.session
        session["changed"] = str(clock)
        session.save()
        clock.shift(3599)
    assert client.get("/admin/").status_code == 200
    clock.shift(12)
    assert client.get("/admin/")["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in client.session
    assert is_logged_in(log_in(client))


@pytest.mark.parametrize("password", ["short-one", "123456789012", "qwerty123456", "moderator-demo", "moderator2"])
def test_weak_passwords_are_refused(moderator: Any, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, moderator)


def test_the_deployment_check_finds_who_has_a_second_factor(moderator: Any) -> None:
    has_second_factor = find_second_factor_test()
    assert has_second_factor is not None
    device = new_app(moderator)
    assert not has_second_factor(moderator), "it is not confirmed"
    activate(moderator, device)
    assert has_second_factor(moderator)


def test_production_requires_it_and_passes_the_deployment_checks(tmp_path: Path) -> None:
    key = base64.b64encode(b"k" * 32).decode()
    variables = {
        "ALLOWED_HOSTS": "campaign.example",
        "BASE_URL": "https://campaign.example",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "DJANGO_SETTINGS_MODULE": "example_project.settings.production",
        "SECRET_KEY": "s" * 60 + "ecret",
        "SMTP_URL": "smtp://127.0.0.1:25",
        "WAGTAIL_PLEDGE_KEYS": json.dumps({name: {"1": key} for name in ("dedup", "encryption", "token")}),
    }
    script = "import django; django.setup(); from django.conf import settings;"
    script += "print(settings.SECOND_FACTOR_REQUIRED, settings.PRINTED_BASE_URL);"
    script += "from django.core.management import call_command; call_command('check', deploy=True)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("True https://campaign.example\n")
    assert not re.findall(r"\((?:wagtail_pledge|axes)\.\w+\)", done.stderr), done.stderr
