"""Correcting a mistyped email address on the "check your inbox" page: once, and only from the same form."""

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
from wagtail_pledge.signing.enums import PledgeState, Review, SignatureState
from wagtail_pledge.signing.models import OutboxMessage, Pledge
from wagtail_pledge.signing.services.switches import SIGNING, set_switch

pytestmark = pytest.mark.requirement("SG2")
MISTYPED: Final = "ana@example.net"
RIGHT: Final = "ana@example.org"
SECRETS: Final = re.compile(r"/inbox/[^/\"]+/|[A-Za-z0-9_-]{40,}")
CODE: Final = re.compile(r"^ {4}(\d{6})$", re.MULTILINE)


@pytest.fixture
def mistyped(person: dict[str, str]) -> dict[str, str]:
    """Return form data with a mistyped email address."""
    return {**person, "email": MISTYPED}


@pytest.fixture
def inbox(client: Client, individual: Any, mistyped: dict[str, str]) -> str:
    path: str = client.post(sign_url(individual), fresh(individual, **mistyped, comment="For my mother"))["Location"]
    work()
    return path


def correct(client: Client, inbox: str, address: str = RIGHT) -> str:
    """Post the corrected address as the form does; return the URL of the redirect."""
    answer = client.post(inbox, {"email": address})
    assert answer.status_code == 303
    return str(answer["Location"])


def recipients() -> list[str]:
    return [message.to[0] for message in mail.outbox]


def test_the_corrected_address_gets_the_mail_and_old_links_stop_working(
    client: Client, campaign: Any, inbox: str, settings: Settings
) -> None:
    old = signatures().get()
    dead = [confirm_path(MISTYPED), confirm_path(MISTYPED).replace("confirm", "not-me")]
    (form,) = [form for form in forms_in(client.get(inbox).content) if "email" in form.names]
    answer = client.post(inbox, form.filled(email=RIGHT))
    assert re.fullmatch(r"/pledge/inbox/[\w-]+/\?corrected=1", answer["Location"])
    shown = client.get(answer["Location"]).content.decode()
    assert "an…@example.org" in shown
    assert "We are sending the email to the corrected address." in shown
    assert 'name="email"' not in shown
    new = signatures().get()
    assert (new.email, new.name, new.details, new.state) == (RIGHT, old.name, old.details, SignatureState.PENDING)
    assert new.uuid != old.uuid
    assert new.mailbox_key != old.mailbox_key
    assert new.created_at > old.created_at
    work()
    assert recipients() == [MISTYPED, RIGHT]
    for path in dead:
        assert "does not work" in client.get(path).content.decode()
        client.post(path)
    assert counted(client, campaign.pledge)["total"] == 0
    assert confirm(client, RIGHT).status_code == 303
    assert counted(client, campaign.pledge)["total"] == 1


def test_only_the_code_of_the_new_mail_works_and_only_on_the_new_page(client: Client, inbox: str) -> None:
    (old,) = CODE.findall(str(mail.outbox[-1].body))
    new_inbox = correct(client, inbox).partition("?")[0]
    work()
    (new,) = CODE.findall(str(mail.outbox[-1].body))
    for inbox_page, code in ((inbox, old), (new_inbox, old), (inbox, new)):
        assert client.post(inbox_page, {"code": code})["Location"] == f"{inbox_page}?code=no"
    assert client.post(new_inbox, {"code": new})["Location"] == confirm_path(RIGHT)


def test_an_email_address_can_be_corrected_once_only(client: Client, individual: Any, mistyped: dict[str, str]) -> None:
    form = fresh(individual, **mistyped)
    first = client.post(sign_url(individual), form)["Location"]
    new_inbox = correct(client, first).partition("?")[0]
    assert correct(client, new_inbox, "eva@example.org") == new_inbox
    same_form = client.post(sign_url(individual), {**form, "email": RIGHT})["Location"]
    for ticket in (first, same_form):
        correct(client, ticket, "eva@example.org")
    assert [row.email for row in signatures().all()] == [RIGHT]
    work()
    assert recipients() == [RIGHT]


def test_correcting_to_the_same_mailbox_changes_nothing(client: Client, inbox: str) -> None:
    before = signatures().get()
    correct(client, inbox, MISTYPED.upper())
    assert signatures().get().uuid == before.uuid
    assert client.get(inbox).content.decode().count('name="email"') == 1


def test_a_mailbox_that_has_signed_gets_the_already_signed_mail(
    client: Client, individual: Any, person: dict[str, str], mistyped: dict[str, str], settings: Settings
) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 0
    client.post(sign_url(individual), fresh(individual, **person))
    work()
    confirm(client, RIGHT)
    mail.outbox.clear()
    OutboxMessage.objects.all().delete()
    inbox_page = client.post(sign_url(individual), fresh(individual, **mistyped))["Location"]
    correct(client, inbox_page)
    assert [(row.email, row.state) for row in signatures().all()] == [(RIGHT, SignatureState.CONFIRMED)]
    work()
    assert recipients() == [RIGHT]
    assert "/manage/" in str(mail.outbox[0].body)
    assert "/confirm/" not in str(mail.outbox[0].body)


@pytest.mark.parametrize(
    "change",
    [
        {"state": SignatureState.CONFIRMED, "confirmed_at": from_now(dt.timedelta())},
        {"state": SignatureState.WITHDRAWN},
        {"review": Review.NEEDS_REVIEW},
        {"review": Review.INVALID},
        {"created_at": from_now(-dt.timedelta(minutes=31))},
    ],
)
def test_a_confirmed_held_or_old_signature_is_not_corrected(client: Client, inbox: str, change: dict[str, Any]) -> None:
    signatures().update(**change)
    before = signatures().get()
    assert "?corrected=1" in correct(client, inbox)
    after = signatures().get()
    assert (after.uuid, after.email, after.state) == (before.uuid, MISTYPED, before.state)
    work()
    assert recipients() == [MISTYPED]


def test_a_signature_of_another_form_is_not_corrected(
    client: Client, individual: Any, inbox: str, mistyped: Any
) -> None:
    other = client.post(sign_url(individual), fresh(individual, **mistyped))["Location"]
    correct(client, other, "eva@example.org")
    assert signatures().get().email == MISTYPED


def test_no_correction_while_signing_is_paused_or_closed(client: Client, inbox: str) -> None:
    set_switch(SIGNING, on=True)
    assert correct(client, inbox) == inbox
    set_switch(SIGNING, on=False)
    Pledge.objects.update(state=PledgeState.CLOSED)
    assert correct(client, inbox) == inbox
    assert signatures().get().email == MISTYPED


def refuse_org(*, kind: str, data: dict[str, Any]) -> None:
    assert kind == "individual"
    assert data["name"] == "Ana María López"
    assert data["comment"] == "For my mother"
    if data["email"].endswith(".org"):
        raise ValidationError("no")


@pytest.mark.requirement("SG7")
def test_the_new_address_is_validated_and_screened(client: Client, inbox: str, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_SIGN_VALIDATORS = ["tests.campaigns.test_address_correction.refuse_org"]
    correct(client, inbox)
    assert signatures().get().email == MISTYPED
    correct(client, inbox, "ana@mailinator.com")
    new_inbox = signatures().get()
    assert (new_inbox.email, new_inbox.review) == ("ana@mailinator.com", Review.NEEDS_REVIEW)
    message = OutboxMessage.objects.latest("pk")
    assert message.signals == "disposable"
    assert message.network_key


@pytest.mark.parametrize(
    ("typed", "error"),
    [("", "Enter your email address, like name@example.org"), ("ana", "Check the email address"), ("<b>", "Check")],
)
def test_an_invalid_address_is_an_error_of_the_field(client: Client, inbox: str, typed: str, error: str) -> None:
    answer = client.post(inbox, {"email": typed})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: One step left" in html
    assert error in html
    assert "<b>" not in html
    (field,) = re.findall(r"<input[^>]*name=\"email\"[^>]*>", html)
    for attribute in ("autofocus", 'aria-invalid="true"', 'autocomplete="email"', 'inputmode="email"'):
        assert attribute in field
    assert signatures().get().email == MISTYPED


@pytest.mark.requirement("B1", "SG4")
def test_responses_to_a_correction_do_not_reveal_who_signed(
    client: Client, individual: Any, person: dict[str, str], mistyped: dict[str, str]
) -> None:
    """The responses are identical whether the old or the new mailbox has signed before, or neither."""

    def answers() -> Any:
        inbox_page = client.post(sign_url(individual), fresh(individual, **mistyped))["Location"]
        with CaptureQueriesContext(connection) as captured:
            posted = client.post(inbox_page, {"email": RIGHT})
        statements = [query["sql"].split()[0] for query in captured.captured_queries]
        after = client.get(posted["Location"])
        code = client.post(posted["Location"], {"code": "000000"})
        return [comparable(answer) for answer in (posted, after, code)], statements

    fresh_one, statements = answers()
    moved_before, same = answers()
    assert moved_before == fresh_one
    assert same == statements
    work()
    confirm(client, RIGHT)
    signed, _same = answers()
    signatures().update(state=SignatureState.ANONYMISED)
    anonymised, _same = answers()
    client.post(sign_url(individual), fresh(individual, **mistyped))
    old_taken, fewer = answers()
    assert fresh_one == signed == anonymised == old_taken
    # Without a signature to move, only the DELETE and one INSERT are missing
    assert statements[-5:] == ["SELECT", "DELETE", "INSERT", "INSERT", "RELEASE"]
    assert fewer == [*statements[:-5], "SELECT", "INSERT", "RELEASE"]


def comparable(response: Any) -> tuple[int, str, dict[str, str]]:
    return (
        response.status_code,
        SECRETS.sub("…", response.content.decode()),
        {key: SECRETS.sub("…", value) for key, value in response.headers.items()},
    )
