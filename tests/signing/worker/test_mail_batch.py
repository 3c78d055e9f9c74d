"""Batch queries: one set for all mails, and the right data for each."""

from __future__ import annotations

import datetime as dt
import time
from secrets import token_bytes
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from tests.signing.conftest import person, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.addresses import all_budget_keys
from wagtail_pledge.signing.enums import SubmissionEnd
from wagtail_pledge.signing.models import MailSent, Pledge, SignerType, Submission, get_signature_model
from wagtail_pledge.signing.services.confirming import end_columns
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.signing import all_mailbox_keys
from wagtail_pledge.signing.services.suppression import is_suppressed, suppress, suppressed_addresses
from wagtail_pledge.signing.worker import mail as worker_mail
from wagtail_pledge.signing.worker.link_mail import _signatures_of
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.smtp import SMTPConnection
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = pytest.mark.swappable


def crowd(signer_type: SignerType, name: str, size: int) -> list[Any]:
    return [submit_as(signer_type, person(f"{name}{number}@example.org")) for number in range(size)]


def recipients() -> list[str]:
    return sorted(email.to[0] for email in mail.outbox)


@pytest.mark.requirement("P10")
def test_a_mail_takes_a_constant_number_of_queries(person_type: SignerType) -> None:
    """The budget's record and the submission after each mail; everything else is queried once per batch."""

    def cost(name: str, size: int) -> int:
        crowd(person_type, name, size)
        with CaptureQueriesContext(connection) as captured:
            assert send_due() == size
        return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)

    cost("first", 1)
    of_four, of_sixteen = cost("few", 4), cost("many", 16)
    assert of_sixteen - of_four <= 12 * 2


@pytest.mark.postgres
@pytest.mark.requirement("P10")
@pytest.mark.parametrize("lookup", ["of a batch", "of a link request", "of one mailbox"])
def test_mailboxes_are_looked_up_by_index(pledge: Pledge, person_type: SignerType, lookup: str) -> None:
    """Without the kind, the worker read all signatures of a campaign for each batch of mails."""
    model = get_signature_model()
    one = SignatureFactory(pledge=pledge, name="Ana", email="ana@example.org")
    known = {
        field.attname: getattr(one, field.attname) for field in model._meta.concrete_fields if field.attname != "id"
    }
    model._default_manager.bulk_create(
        model(
            **{
                **known,
                "pk": None,
                "uuid": uuid4(),
                "mailbox_key": token_bytes(16),
                "mailbox_key_next": token_bytes(16),
            }
        )
        for _number in range(5000)
    )
    submission = submit_as(person_type, person("ana@example.org"))
    keys = all_mailbox_keys(pledge, "ana@example.org")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as captured:
        if lookup == "of a batch":
            assert send_due() == 1
        elif lookup == "of a link request":
            assert [row.pk for row in _signatures_of(pledge.pk, keys)] == [one.pk]
        else:
            found = model._default_manager.for_mailbox(pledge.pk, submission.kind, keys, [bytes(one.seat)])
            assert found.get() == one
    [query] = [each["sql"] for each in captured if f'FROM "{model._meta.db_table}"' in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "one_per_mailbox" in plan
    assert f"Seq Scan on {model._meta.db_table}" not in plan


@pytest.mark.requirement("P10", "E7")
def test_an_unreadable_row_fails_only_its_own_mail(person_type: SignerType) -> None:
    unreadable, *others = crowd(person_type, "p", 4)
    Submission.objects.filter(pk=unreadable.pk).update(payload=bytes(others[0].payload))
    assert send_due() == 3
    assert recipients() == ["p1@example.org", "p2@example.org", "p3@example.org"]
    unreadable.refresh_from_db()
    assert (unreadable.mailed_at, unreadable.last_code) == (None, "decryption_failed")


@pytest.mark.requirement("SG2")
def test_every_spelling_of_a_suppressed_mailbox_is_skipped(db: None) -> None:
    for number, address in enumerate(["ana@gmail.com", "a.na+x@gmail.com", "other@example.org"]):
        submit_as(create_pledge(f"Pledge {number}").signer_types.get(), person(address))
    suppress("ANA@gmail.com")
    assert send_due() == 1
    assert recipients() == ["other@example.org"]
    skipped = Submission.objects.filter(mailed_at=None)
    assert list(skipped.values_list("last_code", flat=True)) == ["suppressed"] * 2


@pytest.mark.requirement("SG2")
def test_batch_and_single_suppression_checks_agree(db: None) -> None:
    now = database_now()
    addresses = ["ana@gmail.com", "a.na@gmail.com", "other@example.org", "no address"]
    suppress("ana@gmail.com")
    assert suppressed_addresses(addresses, now) == {"ana@gmail.com", "a.na@gmail.com"}
    assert is_suppressed("a.na@gmail.com", now)
    assert not is_suppressed("other@example.org", now)


@pytest.mark.parametrize(("max_age", "sent"), [(0.0, 1), (3600.0, 3)])
def test_a_suppression_during_a_batch_takes_effect_within_seconds(
    person_type: SignerType, monkeypatch: pytest.MonkeyPatch, max_age: float, sent: int
) -> None:
    crowd(person_type, "p", 3)
    monkeypatch.setattr(worker_mail, "FRESH_SECONDS", max_age)
    send = SMTPConnection.send

    def suppress_after_sending(self: SMTPConnection, email: Any) -> None:
        send(self, email)
        for number in range(3):
            suppress(f"p{number}@example.org")

    monkeypatch.setattr(SMTPConnection, "send", suppress_after_sending)
    assert send_due() == sent


@pytest.mark.requirement("A2", "A3")
def test_leases_are_renewed_while_the_mail_server_is_slow(
    person_type: SignerType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker gets none of the rows; a row that it has got nevertheless is left to it."""
    crowd(person_type, "slow", 4)
    monkeypatch.setattr(worker_mail, "FRESH_SECONDS", 0.0)
    send, taken = SMTPConnection.send, []

    def slow(connection: SMTPConnection, email: Any) -> None:
        mine = Submission.objects.filter(mailed_at__isnull=True).exclude(pk__in=taken)
        assert not mine.due().exists(), "another worker could send it too"
        send(connection, email)
        # A lease ends after a minute
        mine.update(lease_until=F("lease_until") - dt.timedelta(seconds=59))
        if not taken:
            taken.append(mine.order_by("-due_at").values_list("pk", flat=True)[0])
            Submission.objects.filter(pk__in=taken).update(lease_token=uuid4())

    monkeypatch.setattr(SMTPConnection, "send", slow)
    assert send_due() == 3
    assert len(mail.outbox) == 3
    assert Submission.objects.get(mailed_at__isnull=True).pk == taken[0]


def _end(submission: Submission) -> None:
    Submission.objects.filter(pk=submission.pk).update(**end_columns(SubmissionEnd.NOT_ME))


def _suppress(_submission: Submission) -> None:
    suppress("ana@example.org")


def _use_up_the_budget(_submission: Submission) -> None:
    key = all_budget_keys("ana@example.org")[0]
    for _number in range(3):
        MailSent.objects.create(budget_key=key, pledge_id=1, job=uuid4(), kind="confirm", outcome="sent")


@pytest.mark.requirement("B1", "SG4")
@pytest.mark.parametrize("keeps_back", [_end, _suppress, _use_up_the_budget])
def test_the_time_between_two_mails_does_not_tell_whether_one_left_between_them(
    person_type: SignerType, keeps_back: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger sends a form with the victim's address between two with own ones, and compares when the mails come."""
    clock = [time.monotonic()]
    came: list[tuple[str, float]] = []

    def wait(seconds: float) -> None:
        clock[0] += seconds

    def deliver(_connection: SMTPConnection, message: Any) -> None:
        wait(0.25)
        came.append((message.to[0], clock[0]))

    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", wait)
    monkeypatch.setattr(SMTPConnection, "send", deliver)
    addresses = ("before@attacker.example", "ana@example.org", "after@attacker.example")
    _before, named, _after = [submit_as(person_type, person(address)) for address in addresses]
    keeps_back(named)
    assert send_due() == 2
    (first, began), (second, ended) = came
    assert (first, second) == (addresses[0], addresses[2])
    assert ended - began == pytest.approx(0.5)
