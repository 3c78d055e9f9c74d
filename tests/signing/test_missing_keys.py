"""Keys that stored rows need: derived keys, keys removed too early, and the way back from every state (E17)."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from itertools import product
from typing import Any

import pytest
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import Settings

from tests.core.test_crypto import key_text
from tests.databases import ROOT
from wagtail_pledge import checks
from wagtail_pledge.core import crypto, startup
from wagtail_pledge.signing.enums import EventKind, Review, SignatureState
from wagtail_pledge.signing.models import Pledge, SignatureEvent, Suppression, TokenKeyUse, get_signature_model
from wagtail_pledge.signing.services import key_rotation, stored_keys
from wagtail_pledge.signing.services.suppression import is_suppressed, suppress
from wagtail_pledge.testing.factories import PledgeFactory, SignatureFactory, SubmissionFactory

#: A site names the rows of its own model.
ROW = get_signature_model()._meta
pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C9", "E17"), pytest.mark.swappable]

Keys = dict[str, dict[int, str]] | None
PEOPLE = 4
DERIVED = crypto.DERIVED


def keys_of(*versions: int) -> dict[str, dict[int, str]]:
    """Return the settings with these versions for each purpose; version 0 is the derived key."""
    listed = {version: key_text(version) if version else DERIVED for version in versions}
    return {purpose: dict(listed) for purpose in ("dedup", "encryption", "token")}


def rows() -> Any:
    return get_signature_model()._default_manager.order_by("pk")


def problems() -> list[str]:
    found = checks.check_keys_of_stored_data(databases=["default"])
    assert all(isinstance(message, Error) and message.id == "wagtail_pledge.E007" for message in found)
    return sorted(message.msg.partition(": ")[2] for message in found)


@pytest.fixture
def pledge() -> Pledge:
    made: Pledge = PledgeFactory()
    return made


def everybody_signs(pledge: Pledge) -> int:
    """Let the same people and one organization sign (again); return how many signatures there are."""
    people: list[dict[str, Any]] = [{"email": f"p{number}@example.org"} for number in range(PEOPLE)]
    for each in [*people, {"email": "o@example.org", "kind": "organization", "organization": "The Union"}]:
        try:
            SignatureFactory(pledge=pledge, **each)
        except ValueError as error:
            assert "has signed this pledge already" in str(error)  # noqa: PT017 - no error is fine too
    return int(rows().filter(state=SignatureState.CONFIRMED).count())


def rekey_until_nothing_changes() -> list[key_rotation.MergedSignature]:
    merged = []
    for _turn in range(5):
        report = key_rotation.rekey(batch=2)
        merged += report.merged
        if not report.changed:
            return merged
    raise AssertionError


def test_derived_keys_are_rotated_away(settings: Settings, pledge: Pledge) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = None
    assert everybody_signs(pledge) == PEOPLE + 1
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(0, 1)
    assert problems() == []
    rekey_until_nothing_changes()
    assert everybody_signs(pledge) == PEOPLE + 1
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    assert problems() == []
    rekey_until_nothing_changes()
    # Nothing depends on the derived keys any more
    settings.SECRET_KEY = "another secret key of this site"
    assert problems() == []
    assert everybody_signs(pledge) == PEOPLE + 1
    assert {row.email for row in rows()} == {"o@example.org", *(f"p{number}@example.org" for number in range(PEOPLE))}
    assert stored_keys.stored_encryption_versions() == {1}


def test_the_derived_key_is_the_one_without_settings(settings: Settings) -> None:
    purposes = ("dedup", "encryption", "token")
    settings.WAGTAIL_PLEDGE_KEYS = None
    derived = {purpose: crypto.keyring(purpose)[0] for purpose in purposes}
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(0, 1)
    assert {purpose: crypto.keyring(purpose)[0] for purpose in purposes} == derived
    settings.WAGTAIL_PLEDGE_KEYS = {"seat": {0: DERIVED}}
    assert crypto.keyring("seat") == {0: derived["dedup"]}


@pytest.mark.parametrize("version", [1, 2, 255])
def test_only_version_0_is_derived(settings: Settings, version: int) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {version: DERIVED}}
    with pytest.raises(ImproperlyConfigured, match="only version 0"):
        crypto.keyring("dedup")


def test_new_keys_beside_derived_data_are_refused_with_the_number_of_rows(settings: Settings, pledge: Pledge) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = None
    everybody_signs(pledge)
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    assert problems() == [
        f"1 {ROW.verbose_name} needs the seat key of version 0",
        f"5 {ROW.verbose_name_plural} need the dedup key of version 0",
        f"5 {ROW.verbose_name_plural} need the encryption key of version 0",
    ]


def test_a_changed_secret_key_under_derived_keys_is_reported(settings: Settings, pledge: Pledge) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = None
    everybody_signs(pledge)
    settings.SECRET_KEY = "changed"
    assert problems() == ["the encryption key is not the one that made the stored values of its version"]
    settings.WAGTAIL_PLEDGE_KEYS = None


def test_another_dedup_key_of_the_same_version_is_reported(settings: Settings, pledge: Pledge) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    everybody_signs(pledge)
    settings.WAGTAIL_PLEDGE_KEYS = {**keys_of(1), "dedup": {1: key_text(9)}}
    assert problems() == ["the dedup key is not the one that made the stored mailbox keys of its version"]


STATES = [(1,), (1, 2), (2,), (2, 3), (1, 2, 3), (3,)]


@pytest.mark.parametrize(("before", "after"), [pair for pair in product(STATES, STATES) if pair[0] != pair[1]])
def test_every_state_of_a_key_change_can_be_resumed(
    settings: Settings, pledge: Pledge, before: tuple[int, ...], after: tuple[int, ...]
) -> None:
    """From any listed keys to any others: re-keying succeeds, merges what was doubled, and the check is satisfied."""
    everything = {version: key_text(version) for version in (1, 2, 3)}
    settings.WAGTAIL_PLEDGE_KEYS = {**keys_of(*before), "encryption": everything}
    everybody_signs(pledge)
    settings.WAGTAIL_PLEDGE_KEYS = {**keys_of(*after), "encryption": everything}
    everybody_signs(pledge)
    rekey_until_nothing_changes()
    assert problems() == []
    assert everybody_signs(pledge) == PEOPLE + 1


def test_duplicates_of_a_key_that_was_dropped_too_early_are_reported_and_merged(
    settings: Settings, pledge: Pledge, capsys: pytest.CaptureFixture[str]
) -> None:
    both = {1: key_text(1), 2: key_text(2)}
    settings.WAGTAIL_PLEDGE_KEYS = {**keys_of(1), "encryption": both}
    everybody_signs(pledge)
    first = {row.uuid: row.email for row in rows()}
    settings.WAGTAIL_PLEDGE_KEYS = {**keys_of(2), "encryption": both}
    assert everybody_signs(pledge) == 2 * (PEOPLE + 1)
    call_command("pledge_rekey")
    output = capsys.readouterr().out
    assert f"{PEOPLE + 1} duplicate signatures were merged" in output
    confirmed = rows().filter(state=SignatureState.CONFIRMED)
    assert {row.uuid: row.email for row in confirmed} == first
    emptied = rows().filter(state=SignatureState.ANONYMISED)
    assert {(row.email, row.name, row.public_name, row.mailbox_key, bytes(row.seat)) for row in emptied} == {
        ("", "", "", None, b"")
    }
    events = SignatureEvent.objects.filter(kind=EventKind.MERGED)
    assert {(event.signature_uuid, event.reason in output) for event in events} == {(row.uuid, True) for row in emptied}
    assert problems() == []
    assert rekey_until_nothing_changes() == []


Duplicate = dict[str, Any]
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ({}, {}, 0),
        ({"review": Review.INVALID}, {}, 0),
        ({"review": Review.NEEDS_REVIEW}, {}, 0),
        ({}, {"withdrawn": 3}, 1),
        ({"withdrawn": 3}, {}, 0),
        ({"withdrawn": 1}, {}, 1),
        ({"withdrawn": 1}, {"withdrawn": 3}, 1),
        ({"withdrawn": 4}, {"withdrawn": 3}, 0),
    ],
    ids=["both", "invalid", "held", "second withdrawn", "first withdrawn", "signed again", "both ended", "first last"],
)
def test_what_is_kept_is_what_one_signature_would_have_become(
    settings: Settings, pledge: Pledge, first: Duplicate, second: Duplicate, kept: int
) -> None:
    both, began = {1: key_text(1), 2: key_text(2)}, timezone.now() - 10 * HOUR
    made = []
    for number, (version, values) in enumerate(((1, dict(first)), (2, dict(second)))):
        settings.WAGTAIL_PLEDGE_KEYS = {**keys_of(version), "encryption": both}
        withdrawn = values.pop("withdrawn", None)
        state = SignatureState.WITHDRAWN if withdrawn else SignatureState.CONFIRMED
        signature = SignatureFactory(pledge=pledge, email="ana@example.org", state=state, **values)
        signature.confirmed_at = began + number * 2 * HOUR
        signature.withdrawn_at = began + withdrawn * HOUR if withdrawn else None
        signature.save()
        made.append(signature)
    report = key_rotation.rekey()
    assert [(one.kept, one.emptied) for one in report.merged] == [(made[kept].uuid, made[1 - kept].uuid)]
    kept_row = rows().get(uuid=made[kept].uuid)
    assert (kept_row.state, kept_row.review, kept_row.email) == (made[kept].state, made[kept].review, "ana@example.org")


@pytest.fixture
def unknown_keys(settings: Settings, pledge: Pledge) -> None:
    """Signatures whose keys are not listed."""
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    everybody_signs(pledge)
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2)
    settings.MIDDLEWARE = ["wagtail_pledge.middleware.StoredKeysMiddleware", *settings.MIDDLEWARE]


@pytest.mark.usefixtures("unknown_keys")
@pytest.mark.parametrize("handler", [WSGIHandler, ASGIHandler])
def test_a_web_process_does_not_start_without_a_key(settings: Settings, handler: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"5 {ROW.verbose_name_plural} need the encryption key of version 1"):
        handler()
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    assert handler()
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2)
    settings.SILENCED_SYSTEM_CHECKS = ["wagtail_pledge.E007"]
    assert handler()


@pytest.mark.usefixtures("unknown_keys")
def test_a_web_process_starts_without_its_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_database: str = "default") -> Any:
        raise DatabaseError

    monkeypatch.setattr(stored_keys, "missing_keys", unreachable)
    assert WSGIHandler()


@pytest.mark.usefixtures("unknown_keys")
def test_a_running_event_loop_does_not_prevent_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some servers load the application inside their loop, where Django allows no query."""
    import asyncio  # noqa: PLC0415 - only this test

    asked = []

    def is_in_a_thread() -> list[Any]:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        asked.append(True)
        return []

    monkeypatch.setattr(startup, "stored_keys_errors", is_in_a_thread)

    async def load() -> None:
        ASGIHandler()

    asyncio.run(load())
    assert asked == [True]


def test_the_check_of_the_middleware(settings: Settings) -> None:
    settings.MIDDLEWARE = []
    assert [message.id for message in checks.check_startup_middleware()] == ["wagtail_pledge.W032"]
    settings.MIDDLEWARE = ["wagtail_pledge.middleware.StoredKeysMiddleware"]
    assert checks.check_startup_middleware() == []


def test_suppressions_need_their_key(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    for number in range(3):
        suppress(f"p{number}@example.org")
    Suppression.objects.filter(pk=Suppression.objects.latest("pk").pk).update(until=timezone.now() - HOUR)
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2)
    assert problems() == ["2 suppressed mailboxes need the dedup key of version 1"]
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1, 2)
    assert problems() == []
    rekey_until_nothing_changes()
    assert is_suppressed("p0@example.org", timezone.now())
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2)
    call_command("pledge_rekey", "--forget-suppressions")
    assert problems() == []


def test_retiring_a_token_key_says_how_many_links_it_ends(
    settings: Settings, pledge: Pledge, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    call_command("pledge_worker", "--once", "--only", "tallies")
    everybody_signs(pledge)
    SignatureFactory(pledge=pledge, state=SignatureState.WITHDRAWN)
    SignatureFactory(pledge=pledge, state=SignatureState.ANONYMISED)
    # Of the forms, only the one that was mailed and can still be confirmed has a link
    SubmissionFactory(pledge=pledge, mailed_at=timezone.now() - HOUR)
    SubmissionFactory(pledge=pledge)
    SubmissionFactory(pledge=pledge, mailed_at=timezone.now() - HOUR, ended_at=timezone.now())
    rows().update(confirmed_at=timezone.now() - HOUR, created_at=timezone.now() - 2 * HOUR)
    settings.WAGTAIL_PLEDGE_KEYS = {**keys_of(1), "token": {1: key_text(1), 2: key_text(2)}}
    call_command("pledge_worker", "--once", "--only", "tallies")
    TokenKeyUse.objects.filter(version=1).update(first_used_at=timezone.now() - 3 * HOUR)
    SignatureFactory(pledge=pledge)
    SubmissionFactory(pledge=pledge, mailed_at=timezone.now())
    assert checks.check_token_keys(databases=["default"]) == []
    call_command("pledge_rekey")
    assert f"links mailed to {PEOPLE + 2} signers need the token key of version 1" in capsys.readouterr().out
    settings.WAGTAIL_PLEDGE_KEYS = {**keys_of(1), "token": {2: key_text(2)}}
    (warning,) = checks.check_token_keys(databases=["default"])
    assert warning.id == "wagtail_pledge.W031"
    assert f"mailed to {PEOPLE + 2} signers no longer work" in warning.msg


def test_new_keys_are_random_and_can_be_used(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    made = []
    for _time in range(2):
        call_command("pledge_keys", "new", "--version-number", "3")
        settings.WAGTAIL_PLEDGE_KEYS = json.loads(capsys.readouterr().out)
        made += [crypto.keyring(purpose) for purpose in ("dedup", "encryption", "token")]
    assert [list(keys) for keys in made] == [[3]] * 6
    assert len({keys[3] for keys in made}) == 6


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_server_process_exits_without_a_key(settings: Settings, pledge: Pledge) -> None:
    """As a server does it: a new process imports the application."""
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    everybody_signs(pledge)
    program = (
        "import django.conf as c; "
        "c.settings.MIDDLEWARE = ['wagtail_pledge.middleware.StoredKeysMiddleware']; "
        "c.settings.WAGTAIL_PLEDGE_KEYS = {keys}; "
        "c.settings.DATABASES['default'].update({database}); "
        "from django.core.wsgi import get_wsgi_application; get_wsgi_application(); print('started')"
    )
    database = {name: connection.settings_dict[name] for name in ("ENGINE", "NAME", "HOST", "PORT", "USER", "PASSWORD")}

    def start(keys: Any) -> subprocess.CompletedProcess[str]:
        code = program.format(keys=keys, database=database)
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env=os.environ, cwd=ROOT, capture_output=True, text=True, check=False)

    assert start(keys_of(1)).stdout.strip() == "started"
    stopped = start(keys_of(2))
    assert stopped.returncode != 0
    assert f"5 {ROW.verbose_name_plural} need the encryption key of version 1" in stopped.stderr
