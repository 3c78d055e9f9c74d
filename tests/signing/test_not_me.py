"""Somebody else typed the address: one reminder at most, no word of the other's, and a way out."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.signing.conftest import person, sign_as, statement_to_sign
from wagtail_pledge.signing.enums import MessageKind, OutboxState
from wagtail_pledge.signing.models import MailSent, OutboxMessage, SignerType, Suppression
from wagtail_pledge.signing.services import confirm, sign
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.worker.mail import send_due

pytestmark = pytest.mark.swappable

LINK = re.compile(r"https://pledge\.example(/pledge/not-me/\S+)")


def a_day_later() -> None:
    MailSent.objects.all().delete()
    past = timezone.now() - dt.timedelta(minutes=1)
    OutboxMessage.objects.filter(state=OutboxState.DUE).update(due_at=past)
    OutboxMessage.objects.filter(state=OutboxState.SENT).update(finished_at=timezone.now() - dt.timedelta(hours=24))


def not_me_path() -> str:
    found = LINK.search(str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.fixture(autouse=True)
def _reminders_on(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 24


@pytest.mark.requirement("SG2", "EM1")
def test_one_reminder_a_day_later_and_never_a_second(person_type: SignerType) -> None:
    sign_as(person_type, person())
    assert send_due() == 1
    reminder = OutboxMessage.objects.get(kind=MessageKind.REMINDER)
    assert dt.timedelta(hours=23) < reminder.due_at - timezone.now() <= dt.timedelta(hours=24)
    a_day_later()
    assert send_due() == 1
    assert mail.outbox[1].subject != mail.outbox[0].subject
    assert re.findall(r"\S+/confirm/\S+", str(mail.outbox[1].body)) == re.findall(
        r"\S+/confirm/\S+", str(mail.outbox[0].body)
    )
    sign(statement=statement_to_sign(person_type), data=person())
    a_day_later()
    assert send_due() == 1
    a_day_later()
    assert send_due() == 0


@pytest.mark.requirement("SG2")
def test_whoever_confirmed_is_not_reminded(person_type: SignerType) -> None:
    signature = sign_as(person_type, person())
    send_due()
    confirm(signature, epoch=1)
    a_day_later()
    assert send_due() == 0
    assert OutboxMessage.objects.get(kind=MessageKind.REMINDER).state == OutboxState.SKIPPED


@pytest.mark.requirement("SG6", "C5")
def test_a_held_signature_causes_no_reminder(person_type: SignerType) -> None:
    sign_as(person_type, person(), signals=["fast"])
    assert send_due() == 1
    assert not OutboxMessage.objects.filter(kind=MessageKind.REMINDER).exists()


@pytest.mark.requirement("C5", "SG2")
def test_not_me_stops_all_mail_to_the_mailbox_for_a_year(client: Client, person_type: SignerType) -> None:
    sign_as(person_type, person("ana.b@gmail.com"))
    send_due()
    path = not_me_path()
    for method in (client.get, client.head, client.options):
        method(path)
    assert not Suppression.objects.exists()
    page = client.get(path)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert not page.cookies
    assert client.post(path).status_code == 303
    assert "We will not email you again" in client.get(path).content.decode()
    other = create_pledge("Another").signer_types.get()
    for spelling in ("a.n.a.b+x@googlemail.com", "ANAB@gmail.com"):
        sign(statement=statement_to_sign(other), data=person(spelling))
    a_day_later()
    assert send_due() == 0
    assert len(mail.outbox) == 1
    Suppression.objects.update(until=timezone.now() - dt.timedelta(seconds=1))
    sign(statement=statement_to_sign(other), data=person("anab@gmail.com"))
    assert send_due() == 1


@pytest.mark.requirement("I44", "C8")
@pytest.mark.parametrize(
    ("token", "shown", "posted"),
    [("x", 200, 303), ("../../etc", 404, 404), pytest.param("a" * 4096, 200, 303, id="long"), ("%00", 200, 303)],
)
def test_a_bad_token_stops_nobodys_mail(client: Client, db: None, token: str, shown: int, posted: int) -> None:
    assert client.get(f"/pledge/not-me/{token}/").status_code == shown
    assert client.post(f"/pledge/not-me/{token}/").status_code == posted
    assert not Suppression.objects.exists()


@pytest.mark.requirement("C8")
def test_a_link_opens_only_what_it_is_for(client: Client, person_type: SignerType) -> None:
    sign_as(person_type, person())
    send_due()
    token = not_me_path().rstrip("/").rpartition("/")[2]
    client.post(f"/pledge/confirm/{token}/")
    client.post(f"/pledge/manage/{token}/", {"action": "withdraw"})
    assert not person_type.pledge.events.exists()


@pytest.mark.requirement("C5", "D3")
def test_a_mail_to_an_unconfirmed_mailbox_carries_no_typed_word(person_type: SignerType, settings: Settings) -> None:
    sign_as(person_type, person(name="Cheap Pills"))
    send_due()
    assert "Cheap" not in f"{mail.outbox[0].body}{mail.outbox[0].alternatives[0].content}"
    settings.WAGTAIL_PLEDGE_MAIL_GREETS_BY_NAME = True
    for number, (name, shown) in enumerate([("Ana López", "Hello Ana,"), ("evil.example now", "Hello,")]):
        sign_as(person_type, person(f"{number}@example.org", name=name))
        send_due()
        assert shown in str(mail.outbox[-1].body)
