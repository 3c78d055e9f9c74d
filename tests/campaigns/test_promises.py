"""Pages and mails after signing say nothing that does not hold, and stay in the signer's language."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from tests.journey import confirm_path, fresh, sign_url, submissions, work
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.i18n import time_in_zone
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import CONFIRM, MANAGE, confirm, token_for, withdraw
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.signing.services.switches import SIGNING, set_switch
from wagtail_pledge.testing.factories import SignatureFactory, SubmissionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG2", "E20")]

LINK_PAGE = re.compile(r'href="(/pledge/[^"]+/link/[^"]*)"')
ADDRESS = "ana@example.org"


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return str(response.content.decode())


def sent(individual: Any, **values: Any) -> Any:
    signer_type = individual.signer_type
    known = {"pledge": signer_type.pledge, "signer_type": signer_type, "email": ADDRESS, "mailed_at": database_now()}
    return SubmissionFactory(**{**known, **values})


def path_to(view: str, subject: Any) -> str:
    return f"/pledge/{view.replace('_', '-')}/{token_for(view, subject)}/"


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("page", ["thank you", "not me", "old link"])
def test_the_page_that_mails_the_link_is_in_the_signers_language(client: Client, individual: Any, page: str) -> None:
    if page == "old link":
        signature = SignatureFactory(pledge=individual.signer_type.pledge, locale="es", link_epoch=0)
        path = path_to(MANAGE, signature)
        type(signature).objects.filter(pk=signature.pk).update(link_epoch=1)
    else:
        submission = sent(individual, locale="es")
        path = path_to(CONFIRM if page == "thank you" else NOT_ME, submission)
        done = confirm(submission)
        assert done is not None
        if page == "not me":
            done.signature.email = "Ana@example.org"
            done.signature.save()
    english = {"accept-language": "en"}
    found = LINK_PAGE.search(client.get(path, headers=english).content.decode())
    assert found
    shown = client.get(found[1], headers=english)
    assert '<html lang="es"' in shown.content.decode()
    answer = client.post(found[1], {"email": ADDRESS}, headers=english)["Location"]
    assert '<html lang="es"' in client.get(answer, headers=english).content.decode()


@pytest.mark.parametrize("why", ["switch", "paused", "closed", "too often"])
def test_the_inbox_page_says_that_the_address_was_not_changed(
    client: Client, individual: Any, person: dict[str, str], why: str
) -> None:
    inbox = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    first = inbox
    if why == "switch":
        set_switch(SIGNING, on=True)
    elif why == "too often":
        for number in range(3):
            inbox = client.post(inbox, {"email": f"p{number}@example.org"})["Location"].partition("?")[0]
    else:
        Pledge.objects.update(state=PledgeState(why))
    for ticket in (first, inbox):
        shown = read(client, client.post(ticket, {"email": "eva@example.org"})["Location"])
        assert "We did not change the address" in shown
        assert "<title>Error:" in shown
        assert "corrected address" not in shown
    assert "We did not change the address" not in read(client, first)


@pytest.mark.requirement("CP6")
def test_pages_of_a_closed_campaign_do_not_offer_to_sign(client: Client, individual: Any, organization: Any) -> None:
    confirmed, withdrawn = sent(individual), sent(individual, email="eva@example.org")
    signature = confirm(withdrawn)
    assert signature is not None
    confirm(confirmed)
    assert "Add my name" in (opened := read(client, path_to(CONFIRM, confirmed)))
    assert organization.url in opened
    Pledge.objects.update(state=PledgeState.CLOSED, closes_at=database_now())
    already = read(client, path_to(CONFIRM, confirmed))
    assert "This email address has already been used to sign." in already
    assert "Add my name" not in already
    assert "add your own name" not in already
    assert organization.url not in already
    withdraw(signature.signature, epoch=signature.signature.epoch)
    for path in (path_to(MANAGE, signature.signature), path_to(CONFIRM, withdrawn)):
        shown = read(client, path)
        assert "sign again" not in shown
        assert "at any time" not in shown
        assert "we will send you a new one" not in shown


@pytest.mark.requirement("CP6", "X3")
def test_a_link_opened_after_the_grace_of_a_closed_campaign_does_not_offer_to_sign_again(
    client: Client, individual: Any, person: dict[str, str], settings: Settings
) -> None:
    late = sent(individual)
    path = path_to(CONFIRM, late)
    settings.WAGTAIL_PLEDGE_INBOX_TICKET_MINUTES = 0
    inbox = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    assert "or sign again" in read(client, inbox)
    closed = database_now() - dt.timedelta(hours=80)
    Pledge.objects.update(closes_at=closed)
    submissions().update(submitted_at=closed - dt.timedelta(hours=1), mailed_at=closed - dt.timedelta(hours=1))
    for opened in (path, inbox):
        shown = read(client, opened)
        assert "sign again" not in shown
        assert "while the campaign is open" not in shown.lower()
    assert "This campaign is over, so you can no longer sign or confirm." in read(client, path)


@pytest.mark.requirement("EM1")
@pytest.mark.parametrize(("closes", "works"), [(-1, 24), (30, 54), (24 * 20, None), (None, None)])
def test_the_mail_says_until_when_the_link_works(
    client: Client, individual: Any, person: dict[str, str], closes: int | None, works: int | None
) -> None:
    """``closes`` and ``works`` are hours from now; a form that was sent in time may be mailed after closing."""
    client.post(sign_url(individual), fresh(individual, **person))
    now, hour = database_now(), dt.timedelta(hours=1)
    if closes is not None:
        closes_at = now + closes * hour
        Pledge.objects.update(closes_at=closes_at)
        submissions().update(submitted_at=min(now, closes_at), created_at=min(now, closes_at))
    work()
    (message,) = mail.outbox
    html = str(message.alternatives[0][0])
    if works is None:
        assert "The link works until" in message.body
        assert "The button works until" in html
        assert "the campaign closes" not in message.body + html
        return
    zone = individual.signer_type.pledge.zone
    pledge = Pledge.objects.get()
    end = max(pledge.closes_at, submissions().get().mailed_at) + 24 * hour
    near = [time_in_zone(end + dt.timedelta(minutes=minutes), zone) for minutes in (-1, 0, 1)]
    for body in (message.body, html):
        text = " ".join(body.replace("&nbsp;", " ").split())
        assert any(f"Confirm before {time}: the campaign closes" in text for time in near), text
        assert "works until" not in text
    assert client.get(confirm_path(message.to[0])).status_code == 200


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "2 December 2026, 3:30 p.m. UTC"),
        ("es", "2 de diciembre de 2026 a las 15:30 UTC"),
        ("ar", "2 ديسمبر، 2026 3:30 م UTC"),
    ],
)
def test_a_time_is_written_as_in_the_language(language: str, written: str) -> None:
    with translation.override(language):
        found = time_in_zone(dt.datetime(2026, 12, 2, 15, 30, tzinfo=dt.UTC), dt.UTC)
    assert " ".join(found.replace("\xa0", " ").split()) == written


@pytest.mark.requirement("E3")
def test_choosing_a_form_that_was_removed_meanwhile_says_so(client: Client, individual: Any) -> None:
    own, other = sent(individual, used_at=database_now()), sent(individual, name="Eva Ruiz", used_at=database_now())
    path = path_to(CONFIRM, own)
    assert client.post(path, {"end": other.pk.hex}).status_code == 303
    shown = client.post(path, {"submission": other.pk.hex, "display": "hidden"}).content.decode()
    assert "The form that you chose is no longer there. Check the one below." in shown
    assert "Choose which one" not in shown


def test_editors_are_told_what_the_form_promises_about_reasons() -> None:
    """The form says that only the team reads a reason, so the choice of fields must not offer reasons as quotations."""
    [field] = [field for field in get_kind("individual").fields if field.name == "comment"]
    assert str(field.hint) == "Only the campaign’s team reads this."
    assert field.switch is not None
    assert "ask a signer before you quote them" in str(field.switch.cost)
