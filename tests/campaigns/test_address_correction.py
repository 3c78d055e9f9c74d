"""Correcting a mistyped email address on the "check your inbox" page: three times, and only from the same form."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any, Final

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.forms import forms_in
from tests.journey import confirm, confirm_path, counted, fresh, sign_url, signatures, submissions, submitted, work
from wagtail_pledge.core.db import from_now
from wagtail_pledge.signing.enums import PledgeState, Review, SignatureState
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import withdraw
from wagtail_pledge.signing.services.payloads import payload_of
from wagtail_pledge.signing.services.suppression import suppress
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
    old = submissions().get()
    dead = [confirm_path(MISTYPED)]
    (form,) = [form for form in forms_in(client.get(inbox).content) if "email" in form.names]
    answer = client.post(inbox, form.filled(email=RIGHT))
    assert re.fullmatch(r"/pledge/inbox/[\w-]+/\?corrected=1", answer["Location"])
    shown = client.get(answer["Location"]).content.decode()
    assert "a…a@example.org" in shown
    assert "We are sending the email to the corrected address." in shown
    assert 'name="email"' in shown
    new, before = submissions().get(moves=1), payload_of(old)
    after = payload_of(new)
    assert after == replace(before, data=replace(before.data, email=RIGHT))
    assert new.pk != old.pk
    assert new.mailbox_key != old.mailbox_key
    assert new.submitted_at == old.submitted_at
    assert new.created_at > old.created_at
    work()
    assert recipients() == [MISTYPED, RIGHT]
    for path in dead:
        assert "does not work" in client.get(path).content.decode()
        client.post(path)
    assert counted(client, campaign.pledge)["total"] == 0
    assert confirm(client, RIGHT).status_code == 303
    assert counted(client, campaign.pledge)["total"] == 1


def test_only_the_code_of_the_new_mail_works(client: Client, inbox: str) -> None:
    (old,) = CODE.findall(str(mail.outbox[-1].body))
    new_inbox = correct(client, inbox).partition("?")[0]
    work()
    (new,) = CODE.findall(str(mail.outbox[-1].body))
    for inbox_page in (inbox, new_inbox):
        assert client.post(inbox_page, {"code": old})["Location"] == f"{inbox_page}?code=no"
        assert client.post(inbox_page, {"code": new})["Location"] == confirm_path(RIGHT)


@pytest.mark.requirement("E5")
def test_an_email_address_can_be_corrected_three_times(
    client: Client, individual: Any, mistyped: dict[str, str]
) -> None:
    form = fresh(individual, **mistyped)
    first = client.post(sign_url(individual), form)["Location"]
    inboxes = [first]
    for number in range(3):
        inboxes.append(correct(client, inboxes[-1], f"p{number}@example.org").partition("?")[0])
    assert correct(client, inboxes[-1], "eva@example.org") == f"{inboxes[-1]}?corrected=no"
    assert 'name="email"' not in client.get(inboxes[-1]).content.decode()
    same_form = client.post(sign_url(individual), form)["Location"]
    for ticket in (first, same_form):
        correct(client, ticket, "eva@example.org")
    assert submissions().count() == 4
    work()
    assert recipients() == ["p2@example.org"]


def test_a_ticket_acts_on_the_newest_address_of_its_form(client: Client, inbox: str) -> None:
    correct(client, inbox, "b@example.org")
    assert client.post(inbox)["Location"] == f"{inbox}?again=1"
    work()
    assert recipients() == [MISTYPED, "b@example.org"]


def test_correcting_to_the_same_address_asks_for_the_mail_again(client: Client, inbox: str) -> None:
    assert "?corrected=1" in correct(client, inbox, MISTYPED)
    assert submissions().get().resends == 1
    assert client.get(inbox).content.decode().count('name="email"') == 1


@pytest.mark.requirement("E1", "E2")
def test_a_mailbox_that_has_signed_gets_the_already_signed_mail(
    client: Client, individual: Any, person: dict[str, str], mistyped: dict[str, str]
) -> None:
    client.post(sign_url(individual), fresh(individual, **person))
    work()
    confirm(client, RIGHT)
    work()
    mail.outbox.clear()
    inbox_page = client.post(sign_url(individual), fresh(individual, **mistyped))["Location"]
    correct(client, inbox_page)
    assert [row.email for row in signatures().all()] == [RIGHT]
    work()
    assert recipients() == [RIGHT]
    assert "/manage/" in str(mail.outbox[0].body)
    assert "/confirm/" not in str(mail.outbox[0].body)


@pytest.mark.requirement("E1")
@pytest.mark.parametrize("victim", ["new", "waiting", "confirmed", "withdrawn", "held", "not me"])
def test_correcting_a_victims_address_to_ones_own_always_sends_the_mail(
    client: Client, individual: Any, person: dict[str, str], victim: str
) -> None:
    """The oracle: the attacker's mailbox got a mail only if the victim had not signed."""
    client.post(sign_url(individual), fresh(individual, **person))
    work()
    if victim in {"confirmed", "withdrawn"}:
        confirm(client, RIGHT)
    if victim == "withdrawn":
        withdraw(signatures().get(), epoch=1)
    if victim == "held":
        submissions().update(review=Review.NEEDS_REVIEW)
    if victim == "not me":
        client.post(confirm_path(RIGHT).replace("/confirm/", "/not-me/"))
        suppress(RIGHT)
    if victim == "new":
        submissions().all().delete()
    work()
    mail.outbox.clear()
    attack = {**person, "name": "Eva"}
    inbox_page = client.post(sign_url(individual), fresh(individual, **attack))["Location"]
    assert "?corrected=1" in correct(client, inbox_page, "eva@example.org")
    work()
    assert recipients() == ["eva@example.org"]
    assert "/confirm/" in str(mail.outbox[0].body)


@pytest.mark.parametrize("what", ["confirmed", "ended", "held", "old mail"])
def test_it_works_whatever_the_owner_or_the_worker_did_meanwhile(client: Client, inbox: str, what: str) -> None:
    if what == "confirmed":
        confirm(client, MISTYPED)
    if what == "ended":
        submissions().update(ended_at=from_now(dt.timedelta()), end_reason="not_me")
    if what == "held":
        submissions().update(review=Review.NEEDS_REVIEW, review_reason="network_hour")
    work()
    mail.outbox.clear()
    assert "?corrected=1" in correct(client, inbox)
    work()
    assert recipients() == [RIGHT]


def test_no_correction_while_signing_is_paused_or_closed(client: Client, inbox: str) -> None:
    set_switch(SIGNING, on=True)
    assert correct(client, inbox) == f"{inbox}?corrected=no"
    set_switch(SIGNING, on=False)
    Pledge.objects.update(state=PledgeState.CLOSED)
    assert correct(client, inbox) == f"{inbox}?corrected=no"
    assert submitted().email == MISTYPED


def refuse_org(*, kind: str, data: dict[str, Any]) -> None:
    assert kind == "individual"
    assert data["name"] == "Ana María López"
    assert data["comment"] == "For my mother"
    if data["email"].endswith(".org"):
        raise ValidationError("no")


@pytest.mark.requirement("SG7")
def test_the_new_address_is_validated_and_screened(client: Client, inbox: str, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_SIGN_VALIDATORS = ["tests.campaigns.test_address_correction.refuse_org"]
    refused = client.post(inbox, {"email": RIGHT})
    assert refused.status_code == 422
    assert submitted().email == MISTYPED
    correct(client, inbox, "ana@mailinator.com")
    new = submissions().get(moves=1)
    assert (submitted(moves=1).email, new.review) == ("ana@mailinator.com", Review.NEEDS_REVIEW)
    assert new.signals.split(",")[0] == "disposable"
    assert new.network_key


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
    assert submitted().email == MISTYPED


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

    fresh_one = answers()
    moved_before = answers()
    work()
    confirm(client, RIGHT)
    signed = answers()
    signatures().update(state=SignatureState.ANONYMISED)
    anonymised = answers()
    client.post(sign_url(individual), fresh(individual, **mistyped))
    old_taken = answers()
    assert fresh_one == moved_before == signed == anonymised == old_taken
    assert [one for one in fresh_one[1] if one in {"UPDATE", "INSERT", "DELETE"}] == ["UPDATE", "INSERT"]


def comparable(response: Any) -> tuple[int, str, dict[str, str]]:
    return (
        response.status_code,
        SECRETS.sub("…", response.content.decode()),
        {key: SECRETS.sub("…", value) for key, value in response.headers.items()},
    )
