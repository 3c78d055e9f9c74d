"""A slip in the address, corrected on the "check your inbox" page: once, by the form that made it, and silently."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.forms import forms_in
from tests.journey import confirm, confirm_path, counted, fresh, sign_url, signatures, work
from wagtail_pledge.core.db import from_now
from wagtail_pledge.signing.enums import PledgeState, SignatureState, Verdict
from wagtail_pledge.signing.models import OutboxMessage, Pledge
from wagtail_pledge.signing.services.switches import SIGNING, turn

pytestmark = pytest.mark.requirement("SG2")
SLIP: Final = "ana@example.net"
RIGHT: Final = "ana@example.org"
SECRETS: Final = re.compile(r"/inbox/[^/\"]+/|[A-Za-z0-9_-]{40,}")
CODE: Final = re.compile(r"^ {4}(\d{6})$", re.MULTILINE)


@pytest.fixture
def slip(person: dict[str, str]) -> dict[str, str]:
    """A person who has typed the wrong address."""
    return {**person, "email": SLIP}


@pytest.fixture
def inbox(client: Client, individual: Any, slip: dict[str, str]) -> str:
    path: str = client.post(sign_url(individual), fresh(individual, **slip, comment="For my mother"))["Location"]
    work()
    return path


def correct(client: Client, inbox: str, address: str = RIGHT) -> str:
    """Correct the address as the form on the page does; return where that leads."""
    answer = client.post(inbox, {"email": address})
    assert answer.status_code == 303
    return str(answer["Location"])


def letters() -> list[str]:
    return [letter.to[0] for letter in mail.outbox]


def test_the_corrected_address_gets_the_mail_and_the_old_links_are_dead(
    client: Client, campaign: Any, inbox: str, settings: Settings
) -> None:
    old = signatures().get()
    dead = [confirm_path(SLIP), confirm_path(SLIP).replace("confirm", "not-me")]
    (form,) = [form for form in forms_in(client.get(inbox).content) if "email" in form.names]
    answer = client.post(inbox, form.filled(email=RIGHT))
    assert re.fullmatch(r"/pledge/inbox/[\w-]+/\?corrected=1", answer["Location"])
    shown = client.get(answer["Location"]).content.decode()
    assert "an…@example.org" in shown
    assert "We send the message to the corrected address." in shown
    assert 'name="email"' not in shown
    new = signatures().get()
    assert (new.email, new.name, new.details, new.state) == (RIGHT, old.name, old.details, SignatureState.PENDING)
    assert new.uuid != old.uuid
    assert new.mailbox_key != old.mailbox_key
    assert new.created_at > old.created_at
    work()
    assert letters() == [SLIP, RIGHT]
    for path in dead:
        assert "does not work" in client.get(path).content.decode()
        client.post(path)
    assert counted(client, campaign.pledge)["total"] == 0
    assert confirm(client, RIGHT).status_code == 303
    assert counted(client, campaign.pledge)["total"] == 1


def test_the_code_of_the_new_mail_works_on_the_new_page_and_the_old_one_nowhere(client: Client, inbox: str) -> None:
    (old,) = CODE.findall(str(mail.outbox[-1].body))
    moved = correct(client, inbox).partition("?")[0]
    work()
    (new,) = CODE.findall(str(mail.outbox[-1].body))
    for place, code in ((inbox, old), (moved, old), (inbox, new)):
        assert client.post(place, {"code": code})["Location"] == f"{place}?code=no"
    assert client.post(moved, {"code": new})["Location"] == confirm_path(RIGHT)


def test_an_address_is_corrected_once_by_no_ticket_twice(client: Client, individual: Any, slip: dict[str, str]) -> None:
    form = fresh(individual, **slip)
    first = client.post(sign_url(individual), form)["Location"]
    moved = correct(client, first).partition("?")[0]
    assert correct(client, moved, "eva@example.org") == moved
    same_form = client.post(sign_url(individual), {**form, "email": RIGHT})["Location"]
    for ticket in (first, same_form):
        correct(client, ticket, "eva@example.org")
    assert [row.email for row in signatures().all()] == [RIGHT]
    work()
    assert letters() == [RIGHT]


def test_the_same_mailbox_is_asked_again_and_nothing_is_replaced(client: Client, inbox: str) -> None:
    before = signatures().get()
    correct(client, inbox, SLIP.upper())
    assert signatures().get().uuid == before.uuid
    assert client.get(inbox).content.decode().count('name="email"') == 1


def test_a_mailbox_that_has_signed_gets_its_notice_and_keeps_its_signature(
    client: Client, individual: Any, person: dict[str, str], slip: dict[str, str], settings: Settings
) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 0
    client.post(sign_url(individual), fresh(individual, **person))
    work()
    confirm(client, RIGHT)
    mail.outbox.clear()
    OutboxMessage.objects.all().delete()
    place = client.post(sign_url(individual), fresh(individual, **slip))["Location"]
    correct(client, place)
    assert [(row.email, row.state) for row in signatures().all()] == [(RIGHT, SignatureState.CONFIRMED)]
    work()
    assert letters() == [RIGHT]
    assert "/manage/" in str(mail.outbox[0].body)
    assert "/confirm/" not in str(mail.outbox[0].body)


@pytest.mark.parametrize(
    "change",
    [
        {"state": SignatureState.CONFIRMED, "confirmed_at": from_now(dt.timedelta())},
        {"state": SignatureState.WITHDRAWN},
        {"verdict": Verdict.HELD},
        {"verdict": Verdict.INVALID},
        {"created_at": from_now(-dt.timedelta(minutes=31))},
    ],
)
def test_what_is_confirmed_held_or_too_old_stays_where_it_is(
    client: Client, inbox: str, change: dict[str, Any]
) -> None:
    signatures().update(**change)
    before = signatures().get()
    assert "?corrected=1" in correct(client, inbox)
    after = signatures().get()
    assert (after.uuid, after.email, after.state) == (before.uuid, SLIP, before.state)
    work()
    assert letters() == [SLIP]


def test_nobody_moves_a_signature_that_another_form_made(
    client: Client, individual: Any, inbox: str, slip: Any
) -> None:
    other = client.post(sign_url(individual), fresh(individual, **slip))["Location"]
    correct(client, other, "eva@example.org")
    assert signatures().get().email == SLIP


def test_a_pledge_that_takes_no_names_moves_none(client: Client, inbox: str) -> None:
    turn(SIGNING, on=True)
    assert correct(client, inbox) == inbox
    turn(SIGNING, on=False)
    Pledge.objects.update(state=PledgeState.CLOSED)
    assert correct(client, inbox) == inbox
    assert signatures().get().email == SLIP


def refuse_org(*, kind: str, data: dict[str, Any]) -> None:
    assert kind == "individual"
    assert data["name"] == "Ana María López"
    assert data["comment"] == "For my mother"
    if data["email"].endswith(".org"):
        raise ValidationError("no")


@pytest.mark.requirement("SG7")
def test_the_door_looks_at_the_new_address_too(client: Client, inbox: str, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_SIGN_VALIDATORS = ["tests.campaigns.test_address_correction.refuse_org"]
    correct(client, inbox)
    assert signatures().get().email == SLIP
    correct(client, inbox, "ana@mailinator.com")
    moved = signatures().get()
    assert (moved.email, moved.verdict) == ("ana@mailinator.com", Verdict.HELD)
    message = OutboxMessage.objects.latest("pk")
    assert message.signals == "disposable"
    assert message.network_key


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "Enter your email address, like name@example.org"), ("ana", "Check the email address"), ("<b>", "Check")],
)
def test_what_is_no_address_is_said_at_the_field(client: Client, inbox: str, typed: str, words: str) -> None:
    answer = client.post(inbox, {"email": typed})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: One step left" in html
    assert words in html
    assert "<b>" not in html
    (field,) = re.findall(r"<input[^>]*name=\"email\"[^>]*>", html)
    for said in ("autofocus", 'aria-invalid="true"', 'autocomplete="email"', 'inputmode="email"'):
        assert said in field
    assert signatures().get().email == SLIP


@pytest.mark.requirement("B1", "SG4")
def test_the_answers_to_a_correction_tell_nobody_who_signed(
    client: Client, individual: Any, person: dict[str, str], slip: dict[str, str]
) -> None:
    """The same bytes, whether the old or the new mailbox has signed before, or neither."""

    def answers() -> Any:
        place = client.post(sign_url(individual), fresh(individual, **slip))["Location"]
        with CaptureQueriesContext(connection) as captured:
            posted = client.post(place, {"email": RIGHT})
        statements = [query["sql"].split()[0] for query in captured.captured_queries]
        after = client.get(posted["Location"])
        code = client.post(posted["Location"], {"code": "000000"})
        return [_everything(answer) for answer in (posted, after, code)], statements

    fresh_one, statements = answers()
    moved_before, same = answers()
    assert moved_before == fresh_one
    assert same == statements
    work()
    confirm(client, RIGHT)
    signed, _same = answers()
    signatures().update(state=SignatureState.ANONYMISED)
    anonymised, _same = answers()
    client.post(sign_url(individual), fresh(individual, **slip))
    old_taken, fewer = answers()
    assert fresh_one == signed == anonymised == old_taken
    # Where nothing can be moved, these two are missing, and nothing else
    assert statements[-5:] == ["SELECT", "DELETE", "INSERT", "INSERT", "RELEASE"]
    assert fewer == [*statements[:-5], "SELECT", "INSERT", "RELEASE"]


def _everything(response: Any) -> tuple[int, str, dict[str, str]]:
    return (
        response.status_code,
        SECRETS.sub("…", response.content.decode()),
        {key: SECRETS.sub("…", value) for key, value in response.headers.items()},
    )
