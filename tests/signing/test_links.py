"""Requests for the link to a signature: one statement, and only the mailbox learns whether it has signed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.signing.conftest import organization, pass_time, person, sign_as, submit_as
from wagtail_pledge.signing.models import LinkRequest, NetworkPlace, OutboxMessage, get_signature_model
from wagtail_pledge.signing.services import MANAGE, renew_links, token_for
from wagtail_pledge.signing.services.links import request_link
from wagtail_pledge.signing.services.suppression import suppress
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.smtp import SMTPConnection

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG5", "E20"), pytest.mark.swappable]


def ask(person_type, address: str = "ana@example.org", network: bytes | None = None) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        request_link(pledge=person_type.pledge, address=address, locale="en", network_key=network)
    return [query["sql"].split("VALUES")[0] for query in captured.captured_queries]


def test_a_signer_gets_one_mail_that_lists_the_signatures(person_type, organization_type) -> None:
    sign_as(person_type, person())
    sign_as(organization_type, organization(email="ana@example.org"))
    OutboxMessage.objects.all().delete()
    ask(person_type)
    assert send_due() == 1
    (email,) = mail.outbox
    assert email.to == ["ana@example.org"]
    assert email.body.count("/pledge/manage/") == 2
    assert "Casa del Pueblo" in email.body
    assert not LinkRequest.objects.exists()


def test_an_open_form_is_mailed_again_and_a_stranger_gets_nothing(person_type) -> None:
    submit_as(person_type, person())
    send_due()
    ask(person_type)
    ask(person_type, "stranger@example.org")
    # The requests are answered after the forms; what is asked for again leaves with the next batch
    assert [send_due(), send_due(), send_due()] == [0, 1, 0]
    assert [email.to for email in mail.outbox] == [["ana@example.org"]] * 2
    assert mail.outbox[0].body == mail.outbox[1].body


def test_a_barred_mailbox_gets_nothing(person_type) -> None:
    sign_as(person_type, person())
    OutboxMessage.objects.all().delete()
    suppress("ana@example.org")
    ask(person_type)
    assert send_due() == 0
    assert not LinkRequest.objects.exists()


def test_the_link_goes_to_the_address_that_signed(person_type) -> None:
    sign_as(person_type, person("ab@gmail.com"))
    OutboxMessage.objects.all().delete()
    ask(person_type, "a.b+x@googlemail.com")
    send_due()
    assert [email.to for email in mail.outbox] == [["ab@gmail.com"]]


@pytest.mark.requirement("B1", "E1")
def test_the_same_statement_runs_for_every_address(person_type) -> None:
    sign_as(person_type, person())
    statements = [ask(person_type, address) for address in ("ana@example.org", "stranger@example.org")]
    assert statements[0] == statements[1]
    assert len(statements[0]) == 1


@pytest.mark.requirement("E5", "C5")
def test_a_request_takes_a_place_of_its_network_and_of_the_mailbox(person_type) -> None:
    sign_as(person_type, person())
    OutboxMessage.objects.all().delete()
    for _ in range(3):
        ask(person_type, network=b"\x01" * 8)
        send_due()
    assert len(mail.outbox) == 2
    assert NetworkPlace.objects.count() == 3
    pass_time(hours=2)
    assert send_due() == 0


@pytest.mark.requirement("E16")
def test_a_request_that_was_sent_twice_is_answered_with_one_mail(person_type) -> None:
    for address in ("ana@example.org", "eva@example.org"):
        sign_as(person_type, person(address))
    OutboxMessage.objects.all().delete()
    for _ in range(2):
        ask(person_type, network=b"\x01" * 8)
        ask(person_type, "eva@example.org", network=b"\x01" * 8)
    assert send_due() == 2
    assert sorted(email.to for email in mail.outbox) == [["ana@example.org"], ["eva@example.org"]]
    assert NetworkPlace.objects.count() == 4, "each takes a place of its network"
    assert not LinkRequest.objects.exists()


@pytest.mark.requirement("E14")
def test_links_renewed_while_the_mail_with_them_leaves_are_mailed_again(person_type, monkeypatch) -> None:
    signature = sign_as(person_type, person())
    send_due()
    renew_links(signature)
    send = SMTPConnection.send
    leaving: list[Any] = []

    def renewed_meanwhile(connection: SMTPConnection, message: Any) -> None:
        if not leaving:
            assert renew_links(get_signature_model()._default_manager.select_related("statement").get())
        leaving.append(message)
        send(connection, message)

    monkeypatch.setattr(SMTPConnection, "send", renewed_meanwhile)
    mail.outbox.clear()
    send_due()
    send_due()
    dead, alive = [message.body for message in mail.outbox]
    signature.refresh_from_db()
    link = token_for(MANAGE, signature)
    assert (link in dead, link in alive) == (False, True)
    assert len({message.extra_headers["Message-ID"] for message in leaving}) == 2
    assert not OutboxMessage.objects.waiting().exists()
