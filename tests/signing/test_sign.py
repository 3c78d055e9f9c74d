"""Submitting a form: one statement, apart from the ledger, the same for everybody."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.signing.conftest import organization, person, sign_as, statement_to_sign, submission_of, submit_as
from wagtail_pledge.core.crypto import DecryptionError
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import Approval, Review
from wagtail_pledge.signing.models import OutboxMessage, Submission, get_signature_model
from wagtail_pledge.signing.services import confirm, submit, withdraw
from wagtail_pledge.signing.services.payloads import PayloadTooLong, payload_of
from wagtail_pledge.signing.services.suppression import suppress
from wagtail_pledge.signing.stamps import Stamp

pytestmark = pytest.mark.swappable


def rows() -> int:
    return get_signature_model()._default_manager.count()


def stamp(form_id: bytes = b"0123456789abcdef") -> Stamp:
    return Stamp(form_id=form_id, issued_at=database_now(), key_version=0)


@pytest.mark.requirement("SG3")
def test_a_mailbox_signs_once_in_any_spelling(person_type) -> None:
    first = sign_as(person_type, person("ab@gmail.com"))
    again = sign_as(person_type, person("A.B+x@GoogleMail.com", name="Somebody Else"))
    assert first.pk == again.pk
    assert again.name == "Ana María López"
    assert rows() == 1


@pytest.mark.requirement("SG3")
def test_mail_is_sent_to_the_address_as_typed(person_type) -> None:
    assert sign_as(person_type, person("A.B+x@GoogleMail.com")).email == "A.B+x@GoogleMail.com"


def test_two_people_share_a_mailbox_only_if_the_pledge_allows_it(person_type) -> None:
    for name in ("Ana", "Luis"):
        sign_as(person_type, person(name=name))
    assert rows() == 1
    person_type.pledge.shared_mailboxes = True
    person_type.pledge.save()
    for name in ("Ana", "Luis", "luis"):
        sign_as(person_type, person("home@example.org", name=name))
    assert rows() == 3


@pytest.mark.requirement("SN1")
def test_a_mailbox_signs_once_for_itself_and_once_for_each_organization(person_type, organization_type) -> None:
    sign_as(person_type, person("rosa@casa.example"))
    for name in ("Casa del Pueblo", "CASA DEL PUEBLO", "Otra Casa"):
        sign_as(organization_type, organization(name, email="rosa@casa.example"))
    assert rows() == 3


def test_an_organization_waits_for_approval_and_a_person_does_not(person_type, organization_type) -> None:
    assert sign_as(person_type, person()).approval == Approval.NOT_NEEDED
    assert sign_as(organization_type, organization()).approval == Approval.WAITING


def _statements(work) -> list[str]:
    """Return the SQL statements without values."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"].split("VALUES")[0] for query in captured.captured_queries]


@pytest.mark.requirement("B1", "SG4", "P1", "E1", "E2")
def test_one_statement_runs_whatever_the_ledger_holds(person_type) -> None:
    statement = statement_to_sign(person_type)

    def again() -> None:
        submit(statement=statement, data=person())

    new = _statements(again)
    waiting = _statements(again)
    signature = sign_as(person_type, person())
    confirmed = _statements(again)
    withdraw(signature, epoch=1)
    withdrawn = _statements(again)
    get_signature_model()._default_manager.update(review=Review.NEEDS_REVIEW)
    held = _statements(again)
    suppress("ana@example.org")
    suppressed = _statements(again)
    assert new == waiting == confirmed == withdrawn == held == suppressed
    assert len(new) == 1
    assert new[0].startswith(f'INSERT INTO "{Submission._meta.db_table}"')


@pytest.mark.requirement("EM1", "PV5")
def test_a_submission_is_stored_sealed_and_the_outbox_holds_nothing(person_type) -> None:
    submit_as(person_type, person("canary@example.org", name="Canary Bird", details={"city": "Canarytown"}))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {Submission._meta.db_table}")
        stored = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()])
    assert "canary" not in stored.lower()
    assert OutboxMessage.objects.count() == rows() == 0


@pytest.mark.requirement("A5")
def test_the_same_form_twice_is_stored_once(person_type) -> None:
    statement = statement_to_sign(person_type)
    receipts = [submit(statement=statement, data=person(), stamp=stamp()) for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert Submission.objects.count() == 1


@pytest.mark.requirement("E2", "E3")
@pytest.mark.parametrize("changed", [{"email": "b@example.org"}, {"name": "Bea"}, {"display": "name"}])
def test_a_changed_form_is_another_submission(person_type, changed: dict[str, str]) -> None:
    statement = statement_to_sign(person_type)
    submit(statement=statement, data=person(), stamp=stamp())
    submit(statement=statement, data=person(**changed), stamp=stamp())
    submit(statement=statement, data=person(), stamp=stamp(b"another form id!"))
    assert Submission.objects.count() == 3


@pytest.mark.requirement("E7")
@pytest.mark.parametrize("is_relabelled", [False, True])
def test_a_payload_moved_to_another_row_cannot_be_read(person_type, is_relabelled: bool) -> None:
    """Nor if the row's id, which the value carries, is replaced too."""
    one, other = submit_as(person_type, person()), submit_as(person_type, person("b@example.org"))
    moved = bytes(other.payload)
    if is_relabelled:
        assert moved[2:18] == other.pk.bytes
        moved = moved[:2] + one.pk.bytes + moved[18:]
    Submission.objects.filter(pk=one.pk).update(payload=moved)
    with pytest.raises(DecryptionError):
        payload_of(submission_of(one.pk))
    assert payload_of(other).address == "b@example.org"


def test_a_payload_over_eight_kib_is_refused(person_type) -> None:
    submit_as(person_type, person(details={"comment": "x" * 7800}))
    with pytest.raises(PayloadTooLong):
        submit_as(person_type, person(details={"comment": "x" * 8200}))
    assert Submission.objects.count() == 1


def test_submitting_needs_no_request_and_no_page(person_type) -> None:
    receipt = submit(statement=statement_to_sign(person_type), data=person())
    assert receipt.ticket.masked == "a…a@example.org"


def test_the_signing_time_is_that_of_the_form(person_type) -> None:
    submission = submit_as(person_type, person())
    long_ago = database_now() - dt.timedelta(days=3)
    Submission.objects.filter(pk=submission.pk).update(submitted_at=long_ago)
    signature = confirm(submission_of(submission.pk)).signature
    assert signature.created_at == long_ago
    assert signature.confirmed_at > long_ago
