"""Keys rotate while people sign and confirm."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.checks import Error
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from tests.core.test_crypto import key_text
from tests.signing.conftest import organization, person, sign_as, statement_to_sign
from wagtail_pledge.checks import check_keys_of_stored_data
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import SignerType, get_signature_model
from wagtail_pledge.signing.services import confirm, key_rotation, sign
from wagtail_pledge.signing.services.pledges import create_pledge

pytestmark = pytest.mark.swappable

PURPOSES = ("dedup", "encryption", "token")


def listed(*versions: int) -> dict[str, dict[int, str]]:
    keys = {purpose: {version: key_text(version) for version in versions} for purpose in PURPOSES}
    return {**keys, "seat": {1: key_text(1)}}


def found() -> list[str | None]:
    messages = check_keys_of_stored_data(databases=["default"])
    return [message.id for message in messages if isinstance(message, Error)]


def rows() -> Any:
    return get_signature_model()._default_manager.order_by("pk")


@pytest.mark.requirement("C9")
def test_a_rotation_by_the_documented_steps(
    settings: Settings, person_type: SignerType, organization_type: SignerType
) -> None:
    def all_sign_again() -> int:
        for number in range(3):
            sign(statement=statement_to_sign(person_type), data=person(f"p{number}@example.org"))
        sign(statement=statement_to_sign(organization_type), data=organization())
        return int(rows().count())

    settings.WAGTAIL_PLEDGE_KEYS = listed(1)
    assert all_sign_again() == 4
    settings.WAGTAIL_PLEDGE_KEYS = listed(1, 2)
    assert all_sign_again() == 4
    settings.WAGTAIL_PLEDGE_KEYS = listed(2)
    assert found() == ["wagtail_pledge.E007"]
    with pytest.raises(CommandError, match="still encrypted with the missing keys"):
        call_command("pledge_worker", "--once")
    settings.WAGTAIL_PLEDGE_KEYS = listed(1, 2)
    assert key_rotation.rekey(dry_run=True) == 4
    assert key_rotation.rekey(batch=2) == 4
    assert key_rotation.rekey(batch=2) == 0
    assert key_rotation.stored_encryption_versions() == {2}
    assert all_sign_again() == 4
    with pytest.raises(key_rotation.RotationUnfinished):
        key_rotation.finish_rotation()
    settings.WAGTAIL_PLEDGE_KEYS = listed(2)
    assert found() == []
    assert all_sign_again() == 4
    settings.WAGTAIL_PLEDGE_KEYS = listed(2, 3)
    assert found() == ["wagtail_pledge.E007"]
    settings.WAGTAIL_PLEDGE_KEYS = listed(2)
    assert key_rotation.finish_rotation(batch=2) == 4
    assert all_sign_again() == 4
    settings.WAGTAIL_PLEDGE_KEYS = listed(2, 3)
    assert found() == []
    assert all_sign_again() == 4
    assert [row.email for row in rows()][:2] == ["p0@example.org", "p1@example.org"]


@pytest.mark.requirement("C9")
def test_an_interrupted_run_goes_on_and_the_check_waits_for_it(
    settings: Settings, person_type: SignerType, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = listed(1)
    for number in range(4):
        sign_as(person_type, person(f"p{number}@example.org"))
    settings.WAGTAIL_PLEDGE_KEYS = listed(1, 2)
    real, calls = key_rotation._rehashed, []

    def fails_at_the_third(row: Any) -> dict[str, Any]:
        calls.append(row)
        if len(calls) == 3:
            raise RuntimeError
        return real(row)

    with monkeypatch.context() as patch:
        patch.setattr(key_rotation, "_rehashed", fails_at_the_third)
        with pytest.raises(RuntimeError):
            key_rotation.rekey(batch=1)
    settings.WAGTAIL_PLEDGE_KEYS = {**listed(1, 2), "dedup": {2: key_text(2)}}
    assert found() == ["wagtail_pledge.E007"]
    settings.WAGTAIL_PLEDGE_KEYS = listed(1, 2)
    assert key_rotation.rekey(batch=1) == 2
    settings.WAGTAIL_PLEDGE_KEYS = listed(2)
    assert found() == []


@pytest.mark.requirement("C9")
def test_a_lost_seat_key_is_named(settings: Settings, organization_type: SignerType) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: key_text(1)}}
    sign_as(organization_type, organization())
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: key_text(1), 2: key_text(2)}}
    key_rotation.rekey()
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {2: key_text(2)}}
    assert found() == ["wagtail_pledge.E007"]


@pytest.mark.requirement("C9")
def test_the_command_says_what_it_did(
    settings: Settings, person_type: SignerType, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = listed(1)
    sign_as(person_type, person())
    settings.WAGTAIL_PLEDGE_KEYS = listed(1, 2)
    call_command("pledge_rekey")
    assert "1 rows changed." in capsys.readouterr().out
    with pytest.raises(CommandError, match="old dedup key"):
        call_command("pledge_rekey", "--finish")


def keep_going(turn: Callable[[], None], lock: Any, stop: threading.Event, failures: list[Exception]) -> None:
    """Work turn by turn until told to stop, or until one fails."""
    try:
        while not stop.is_set():
            with lock:
                turn()
            time.sleep(0.002)
    except Exception as error:  # noqa: BLE001 - a thread hands its failure to the test
        failures.append(error)
    finally:
        connection.close()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("C9", "F16")
def test_keys_rotate_under_load(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = listed(1)
    signer_type = create_pledge("Ratify").signer_types.get()
    statement = statement_to_sign(signer_type)
    stop, failures, signed = threading.Event(), list[Exception](), [0, 0]
    turns = [threading.Lock(), threading.Lock()]

    def deploy(*versions: int) -> None:
        """Every worker restarts with these keys, between two requests, and works a while."""
        with turns[0], turns[1]:
            settings.WAGTAIL_PLEDGE_KEYS = listed(*versions)
            target = [number + 5 for number in signed]
        deadline = time.monotonic() + 30
        while any(signed[mine] < target[mine] for mine in range(2)) and time.monotonic() < deadline and not failures:
            time.sleep(0.01)

    def one_turn(mine: int) -> None:
        number = signed[mine]
        sign(statement=statement, data=person(f"w{mine}n{number}@example.org"))
        sign(statement=statement, data=person(f"w{mine}n{number // 2}@example.org"))
        row = rows().filter(state=SignatureState.PENDING).select_related("pledge", "statement").last()
        if row is not None:
            confirm(row, epoch=1)
        signed[mine] += 1

    threads = [
        threading.Thread(target=keep_going, args=(partial(one_turn, mine), turns[mine], stop, failures))
        for mine in range(2)
    ]
    for thread in threads:
        thread.start()
    try:
        deploy(1)
        deploy(1, 2)
        key_rotation.rekey(batch=7)
        deploy(2)
        key_rotation.finish_rotation(batch=7)
    finally:
        stop.set()
    for thread in threads:
        thread.join(timeout=60)
    key_rotation.finish_rotation()
    assert failures == []
    assert rows().count() == sum(signed)
    assert len({row.email for row in rows()}) == sum(signed)
    assert found() == []
