"""Abuse signals, and what must not be mistaken for abuse."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pytest_django import Settings

from tests.signing.conftest import person
from wagtail_pledge.signing.abuse.signals import abuse_signals

LONG_AGO = dt.timedelta(minutes=2)


def signals(*, age: dt.timedelta = LONG_AGO, honeypot: bool = False, **data: Any) -> tuple[str, ...]:
    return abuse_signals(data=person(**data), stamp_age=age, honeypot=honeypot)


@pytest.mark.requirement("SG6", "D9", "I15")
@pytest.mark.parametrize(
    "name",
    [
        "Ana María López",
        "O’Brien-Smith",
        "孫文",
        "Nguyễn Thị Ánh",
        "J. R. R. Tolkien",
        "Li",
        "محمد علی",
        "St. John-Mollusc",
    ],
)
def test_people_are_clear(name: str) -> None:
    assert signals(name=name) == ()


@pytest.mark.requirement("SG6", "I29", "I30")
def test_a_filled_trap_and_a_form_in_no_time(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_STAMP_MIN_SECONDS = 3
    assert signals(honeypot=True) == ("honeypot",)
    assert signals(age=dt.timedelta(seconds=1)) == ("fast",)
    assert signals(age=dt.timedelta(seconds=3)) == ()
    assert signals(honeypot=True, age=dt.timedelta()) == ("honeypot", "fast")


@pytest.mark.requirement("SG6", "I12", "D3")
@pytest.mark.parametrize("name", ["http://evil.example Click", "www.evil.example", "me@evil.example", "a.b.c.d buy"])
def test_a_name_that_leads_somewhere(name: str) -> None:
    assert signals(name=name) == ("name_link",)


@pytest.mark.parametrize("name", ["x", "aaaa", "A a"])
def test_a_name_of_one_letter(name: str) -> None:
    assert signals(name=name) == ("name_letters",)


@pytest.mark.requirement("C4", "I26", "SG6")
def test_throw_away_mailboxes(settings: Settings) -> None:
    assert signals(email="a@mailinator.com") == ("disposable",)
    assert signals(email="a@box.YOPMAIL.com") == ("disposable",)
    assert signals(email="a@burner.example") == ()
    settings.WAGTAIL_PLEDGE_DISPOSABLE_DOMAINS = ["burner.example"]
    assert signals(email="a@burner.example") == ("disposable",)


@pytest.mark.requirement("I23", "SG6")
@pytest.mark.parametrize(
    "domain", ["gma\u0131l.com", "\u0261mail.com", "grnail.com", "gmai1.com", "y\u0430hoo.com", "xn--gmal-nza.com"]
)
def test_domains_drawn_like_a_provider(domain: str) -> None:
    assert signals(email=f"a@{domain}") == ("look_alike",)


@pytest.mark.parametrize("domain", ["gmail.com", "mail.example", "hotmail.co.uk", "müller.de", "email.cz", "casa.org"])
def test_other_domains_are_left_alone(domain: str) -> None:
    assert signals(email=f"a@{domain}") == ()
