"""Key rotation while people sign and confirm."""

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
from tests.signing.conftest import organization, person, sign_as, statement_to_sign, submission_of, submit_as
from wagtail_pledge.checks import check_keys_of_stored_data
from wagtail_pledge.signing.models import SignerType, Submission, get_signature_model
from wagtail_pledge.signing.services import confirm, key_rotation, stored_keys, submit
from wagtail_pledge.signing.services.pledges import create_pledge

pytestmark = pytest.mark.swappable

PURPOSES = ("dedup", "encryption", "token")


def keys_of(*versions: int) -> dict[str, dict[int, str]]:
    keys = {purpose: {version: key_text(version) for version in versions} for purpose in PURPOSES}
    return {**keys, "seat": {1: key_text(1)}}


def key_errors() -> list[str]:
    """Return the purposes and versions of the missing keys."""
    messages = check_keys_of_stored_data(databases=["default"])
    assert {message.id for message in messages if isinstance(message, Error)} <= {"wagtail_pledge.E007"}
    return [message.msg.partition("need")[2].partition(" the ")[2] for message in messages]


def rows() -> Any:
    return get_signature_model()._default_manager.order_by("pk")


@pytest.mark.requirement("C9")
def test_rotation_by_the_documented_steps(
    settings: Settings, person_type: SignerType, organization_type: SignerType
) -> None:
    def all_sign_again() -> int:
        for number in range(3):
            sign_as(person_type, person(f"p{number}@example.org"))
        sign_as(organization_type, organization())
        Submission.objects.all().delete()
        return int(rows().count())

    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    assert all_sign_again() == 4
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1, 2)
    assert all_sign_again() == 4
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2)
    assert key_errors() == ["dedup key of version 1", "encryption key of version 1"]
    name = get_signature_model()._meta.verbose_name_plural
    with pytest.raises(CommandError, match=f"4 {name} need the dedup key of version 1"):
        call_command("pledge_worker", "--once")
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1, 2)
    assert key_rotation.rekey(dry_run=True).changed == 4
    assert key_rotation.rekey(batch=2).changed == 4
    assert key_rotation.rekey(batch=2).changed == 0
    assert stored_keys.stored_encryption_versions() == {2}
    assert all_sign_again() == 4
    with pytest.raises(key_rotation.RotationUnfinished):
        key_rotation.finish_rotation()
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2)
    assert key_errors() == []
    assert all_sign_again() == 4
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2, 3)
    assert key_errors() == ["dedup key of version 1"]
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2)
    assert key_rotation.finish_rotation(batch=2).changed == 4
    assert all_sign_again() == 4
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2, 3)
    assert key_errors() == []
    assert all_sign_again() == 4
    assert [row.email for row in rows()][:2] == ["p0@example.org", "p1@example.org"]


@pytest.mark.requirement("C9")
def test_an_interrupted_run_can_be_resumed_and_the_check_reports_it(
    settings: Settings, person_type: SignerType, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    for number in range(4):
        sign_as(person_type, person(f"p{number}@example.org"))
    Submission.objects.all().delete()
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1, 2)
    real, calls = key_rotation._rehashed, []

    def fails_at_the_third(stored: Any, row: Any) -> dict[str, Any]:
        calls.append(row)
        if len(calls) == 3:
            raise RuntimeError
        return real(stored, row)

    with monkeypatch.context() as patch:
        patch.setattr(key_rotation, "_rehashed", fails_at_the_third)
        with pytest.raises(RuntimeError):
            key_rotation.rekey(batch=1)
    settings.WAGTAIL_PLEDGE_KEYS = {**keys_of(1, 2), "dedup": {2: key_text(2)}}
    assert key_errors() == ["dedup key of version 1"]
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1, 2)
    assert key_rotation.rekey(batch=1).changed == 2
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2)
    assert key_errors() == []


@pytest.mark.requirement("C9")
def test_the_check_reports_a_missing_seat_key(settings: Settings, organization_type: SignerType) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: key_text(1)}}
    sign_as(organization_type, organization())
    Submission.objects.all().delete()
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: key_text(1)}, "seat": {2: key_text(2)}}
    assert key_errors() == ["seat key of version 1"]
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: key_text(1), 2: key_text(2)}}
    key_rotation.rekey()
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {2: key_text(2)}}
    assert key_errors() == []


@pytest.mark.requirement("C9")
def test_the_command_reports_its_result(
    settings: Settings, person_type: SignerType, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    sign_as(person_type, person())
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1, 2)
    call_command("pledge_rekey")
    # The signature, and the form that was confirmed
    assert "2 rows changed." in capsys.readouterr().out
    with pytest.raises(CommandError, match="old dedup key"):
        call_command("pledge_rekey", "--finish")


def keep_going(turn: Callable[[], None], lock: Any, stop: threading.Event, failures: list[Exception]) -> None:
    """Call ``turn`` repeatedly until ``stop`` is set or one call fails."""
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
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    signer_type = create_pledge("Ratify").signer_types.get()
    statement = statement_to_sign(signer_type)
    stop, failures, signed = threading.Event(), list[Exception](), [0, 0]
    turns = [threading.Lock(), threading.Lock()]

    def deploy(*versions: int) -> None:
        """Use these keys from the next request on, and wait until each worker has handled five."""
        with turns[0], turns[1]:
            settings.WAGTAIL_PLEDGE_KEYS = keys_of(*versions)
            target = [number + 5 for number in signed]
        deadline = time.monotonic() + 30
        while any(signed[mine] < target[mine] for mine in range(2)) and time.monotonic() < deadline and not failures:
            time.sleep(0.01)

    def one_turn(mine: int) -> None:
        number = signed[mine]
        for turn in (number, number // 2):
            receipt = submit(statement=statement, data=person(f"w{mine}n{turn}@example.org"))
            assert confirm(submission_of(receipt.id))
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
    assert key_errors() == []


@pytest.mark.requirement("C9", "E7")
def test_an_open_form_is_sealed_and_keyed_again(settings: Settings, person_type: SignerType) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1)
    own, other = (submit_as(person_type, person(name=name)) for name in ("Ana", "Eva"))
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1, 2)
    # Forms of both versions are found as those of one mailbox
    later = submit_as(person_type, person(name="Bea"))
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(2)
    assert key_errors() == ["dedup key of version 1", "encryption key of version 1"]
    settings.WAGTAIL_PLEDGE_KEYS = keys_of(1, 2)
    assert key_rotation.rekey(dry_run=True).changed == 2
    assert key_rotation.rekey().changed == 2
    assert key_rotation.rekey().changed == 0
    settings.WAGTAIL_PLEDGE_KEYS = {**keys_of(2), "token": keys_of(1, 2)["token"]}
    assert key_errors() == []
    assert confirm(submission_of(own.pk)).signature.name == "Ana"
    assert [submission_of(row.pk).end_reason for row in (other, later)] == ["superseded"] * 2


@pytest.mark.requirement("C9", "E17")
def test_a_seat_is_found_under_every_listed_key(settings: Settings, organization_type: SignerType) -> None:
    """While keys change, a seat of the old key and one of the new key are the same seat."""
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: key_text(1)}}
    first, waiting = (submit_as(organization_type, organization(role=role)) for role in ("Chair", "Treasurer"))
    assert confirm(submission_of(first.pk)).is_new
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: key_text(1), 2: key_text(2)}}
    again = submit_as(organization_type, organization(role="Director"))
    assert bytes(again.seat) != bytes(first.seat)
    assert not confirm(submission_of(again.pk)).is_new
    assert rows().count() == 1
    key_rotation.rekey()
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {2: key_text(2)}}
    assert not confirm(submission_of(again.pk)).is_new
    assert submission_of(waiting.pk).end_reason == "superseded"
    assert rows().count() == 1
