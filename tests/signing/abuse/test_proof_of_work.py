"""Proof of work: accepted only if signed by us, for this pledge, and before it expires."""

from __future__ import annotations

import base64
import datetime as dt
import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import pytest
from altcha import Challenge, Payload, create_challenge, solve_challenge
from django.utils import timezone

from tests.signing.conftest import person
from wagtail_pledge.signing.abuse import proof_of_work
from wagtail_pledge.signing.abuse.proof_of_work import (
    MAX_CHARS,
    Proof,
    is_proof_of_work_enabled,
    issue_challenge,
    read_proof,
)
from wagtail_pledge.signing.abuse.signals import proof_in, rate_keys_in, screening_notes, signal_codes_in
from wagtail_pledge.signing.models import Submission

PLEDGE = UUID(int=7)
MINUTE = dt.timedelta(minutes=1)
#: More than one form can have: there is one signal about the name.
EVERY_SIGNAL = ("honeypot", "fast", "name_link", "name_letters", "disposable", "look_alike")


@pytest.fixture(autouse=True)
def _altcha_on(settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_ALTCHA = True
    settings.WAGTAIL_PLEDGE_ALTCHA_COST = 1


def solve(challenge: dict[str, Any]) -> dict[str, Any]:
    made = Challenge.from_dict(challenge)
    solution = solve_challenge(made)
    assert solution
    return Payload(made, solution).to_dict()


def sent(payload: Any) -> str:
    return base64.b64encode(json.dumps(payload).encode()).decode()


def solved(now: dt.datetime, pledge: UUID = PLEDGE) -> dict[str, Any]:
    return solve(issue_challenge(pledge, now))


@pytest.mark.requirement("SG7")
def test_a_solved_challenge_is_valid_for_its_pledge_until_it_expires() -> None:
    now = timezone.now()
    text = sent(solved(now))
    proof = read_proof(text, PLEDGE, now)
    assert proof is not None
    assert proof.until == int((now + 120 * MINUTE).timestamp())
    assert read_proof(text, PLEDGE, now + 119 * MINUTE) == proof
    assert read_proof(text, PLEDGE, now + 120 * MINUTE) is None
    assert read_proof(text, UUID(int=8), now) is None


@pytest.mark.requirement("SG7", "A9")
def test_expiry_ignores_the_clock_of_this_host(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    text = sent(solved(now))
    ahead = time.time() + 86_400
    monkeypatch.setattr("time.time", lambda: ahead)
    assert read_proof(text, PLEDGE, now) is not None


def changed_prefix(payload: dict[str, Any]) -> None:
    payload["challenge"]["parameters"]["keyPrefix"] = ""


def later_expiry(payload: dict[str, Any]) -> None:
    payload["challenge"]["parameters"]["data"]["until"] += 1


def another_counter(payload: dict[str, Any]) -> None:
    payload["solution"]["counter"] += 1


def another_key(payload: dict[str, Any]) -> None:
    payload["solution"]["derivedKey"] = "00" * 32


def unsigned(payload: dict[str, Any]) -> None:
    del payload["challenge"]["signature"]


def another_secret(payload: dict[str, Any]) -> None:
    data = payload["challenge"]["parameters"]["data"]
    payload.update(solve(create_challenge("PBKDF2/SHA-256", 1, data=data, hmac_secret=b"another").to_dict()))


def missing_key(payload: dict[str, Any]) -> None:
    payload["challenge"]["parameters"]["data"]["key"] = 200


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize(
    "forge", [changed_prefix, later_expiry, another_counter, another_key, unsigned, another_secret, missing_key]
)
def test_a_forged_solution_is_rejected(forge: Callable[[dict[str, Any]], None]) -> None:
    now = timezone.now()
    payload = solved(now)
    assert read_proof(sent(payload), PLEDGE, now) is not None
    forge(payload)
    assert read_proof(sent(payload), PLEDGE, now) is None


@pytest.mark.requirement("SG7", "D10")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "%",
        "ä" * 40,
        "\x00",
        "e30=",
        base64.b64encode(b"\xff").decode(),
        base64.b64encode(b"[" * 1400).decode(),
        sent([]),
        sent(None),
        sent({"challenge": [], "solution": {}}),
        sent({"challenge": {"parameters": {}}, "solution": {}}),
        "A" * (MAX_CHARS + 1),
    ],
)
def test_a_malformed_payload_is_rejected(text: str) -> None:
    assert read_proof(text, PLEDGE, timezone.now()) is None


@pytest.mark.requirement("SG7", "D10")
@pytest.mark.parametrize("value", [None, True, -1, 1.5, 2**40, "1", [], {}, "\ud800"])
@pytest.mark.parametrize("place", ["counter", "derivedKey", "nonce", "cost", "data", "key", "signature"])
def test_values_of_a_wrong_type_are_rejected_without_an_error(place: str, value: object) -> None:
    now = timezone.now()
    payload = solved(now)
    owner: Any = {
        "counter": payload["solution"],
        "derivedKey": payload["solution"],
        "key": payload["challenge"]["parameters"]["data"],
        "signature": payload["challenge"],
    }.get(place, payload["challenge"]["parameters"])
    owner[place] = value
    assert read_proof(sent(payload), PLEDGE, now) is None


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize("missing", ["setting", "package"])
def test_without_the_setting_or_the_package_proof_of_work_is_disabled(
    settings: Any, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    now = timezone.now()
    text = sent(solved(now))
    if missing == "setting":
        settings.WAGTAIL_PLEDGE_ALTCHA = False
    else:
        monkeypatch.setattr(proof_of_work, "IS_INSTALLED", False)
    assert not is_proof_of_work_enabled()
    assert read_proof(text, PLEDGE, now) is None


@pytest.mark.requirement("SG7", "C12")
def test_verification_takes_less_than_five_milliseconds(settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_ALTCHA_COST = 1000
    now = timezone.now()
    text = sent(solved(now))
    spent = []
    for _ in range(25):
        began = time.process_time()
        assert read_proof(text, PLEDGE, now)
        spent.append(time.process_time() - began)
    assert median(spent) < 0.005


@pytest.mark.requirement("SG7")
def test_notes_fit_their_column_contain_no_personal_data_and_can_be_parsed(db: None) -> None:
    proof = Proof(challenge=uuid4().hex, until=int(timezone.now().timestamp()))
    notes = screening_notes(data=person(email="john001@example.org"), proof=proof, now=timezone.now())
    signals = ",".join((*EVERY_SIGNAL, *notes))
    assert len(signals) <= (Submission._meta.get_field("signals").max_length or 0)
    assert signal_codes_in(signals) == list(EVERY_SIGNAL)
    assert set(rate_keys_in(signals)) == {"d", "n", "l"}
    assert proof_in(signals) == proof
    assert "john" not in signals


def rate_keys_of(address: str, name: str = "Ana María López") -> dict[str, str]:
    return rate_keys_in(
        ",".join(screening_notes(data=person(email=address, name=name), proof=None, now=timezone.now()))
    )


@pytest.mark.requirement("SG6")
def test_rate_keys_group_domains_names_and_numbered_mailboxes(db: None) -> None:
    assert (
        rate_keys_of("john001@gmail.com")["l"]
        == rate_keys_of("John2@gmail.com")["l"]
        != rate_keys_of("john001@x.org")["l"]
    )
    assert rate_keys_of("a@gmail.com").keys() == {"n"}
    # Purely numeric mailboxes are the normal form at a large Chinese provider
    assert "l" not in rate_keys_of("12345@qq.com")
    assert rate_keys_of("a@x.org")["d"] == rate_keys_of("b@X.ORG")["d"] != rate_keys_of("a@y.org")["d"]
    assert (
        rate_keys_of("a@x.org")["n"]
        == rate_keys_of("a@x.org", "ANA  Maria López")["n"]
        != rate_keys_of("a@x.org", "Ana López")["n"]
    )
    assert signal_codes_in("fast,d:00") == ["fast"]
    assert proof_in("fast,p:x:y") is proof_in("") is None
