"""Signing: one row, one note, and nothing that tells a stranger anything."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from tests.signing.conftest import organization, person, sign_as, statement_to_sign
from wagtail_pledge.core.db import insert_or_ignore
from wagtail_pledge.signing.enums import Approval, Review, SignatureState
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.services import confirm, sign, withdraw

pytestmark = pytest.mark.swappable


def rows() -> int:
    return get_signature_model()._default_manager.count()


@pytest.mark.requirement("SG3")
def test_one_mailbox_signs_once_in_any_spelling(person_type) -> None:
    first = sign_as(person_type, person("ab@gmail.com"))
    again = sign_as(person_type, person("A.B+x@GoogleMail.com", name="Somebody Else"))
    assert first.pk == again.pk
    assert again.name == "Ana María López"
    assert rows() == 1


@pytest.mark.requirement("SG3")
def test_mail_goes_to_what_was_typed(person_type) -> None:
    assert sign_as(person_type, person("A.B+x@GoogleMail.com")).email == "A.B+x@GoogleMail.com"


def test_a_couple_shares_a_mailbox_only_where_the_pledge_says_so(person_type) -> None:
    for name in ("Ana", "Luis"):
        sign(statement=statement_to_sign(person_type), data=person(name=name))
    assert rows() == 1
    person_type.pledge.shared_mailboxes = True
    person_type.pledge.save()
    for name in ("Ana", "Luis", "luis"):
        sign(statement=statement_to_sign(person_type), data=person("home@example.org", name=name))
    assert rows() == 3


@pytest.mark.requirement("SN1")
def test_a_mailbox_signs_for_itself_and_for_each_organization_once(person_type, organization_type) -> None:
    sign_as(person_type, person("rosa@casa.example"))
    for name in ("Casa del Pueblo", "CASA DEL PUEBLO", "Otra Casa"):
        sign_as(organization_type, organization(name, email="rosa@casa.example"))
    assert rows() == 3


def test_an_organization_waits_for_approval_and_a_person_does_not(person_type, organization_type) -> None:
    assert sign_as(person_type, person()).approval == Approval.NOT_NEEDED
    assert sign_as(organization_type, organization()).approval == Approval.WAITING


def _statements(work) -> list[str]:
    """Return the statements without their values; a savepoint's name counts up from test to test."""
    with CaptureQueriesContext(connection) as captured:
        work()
    statements = [query["sql"].split("VALUES")[0] for query in captured.captured_queries]
    return [sql.partition('"s')[0] if "SAVEPOINT" in sql else sql for sql in statements]


@pytest.mark.requirement("B1", "SG4")
def test_the_same_statements_run_whatever_the_ledger_holds(person_type) -> None:
    statement = statement_to_sign(person_type)

    def again() -> None:
        sign(statement=statement, data=person())

    new = _statements(again)
    pending = _statements(again)
    signature = get_signature_model()._default_manager.get()
    confirm(signature, epoch=1)
    confirmed = _statements(again)
    signature.refresh_from_db()
    withdraw(signature, epoch=1)
    withdrawn = _statements(again)
    get_signature_model()._default_manager.update(review=Review.NEEDS_REVIEW)
    held = _statements(again)
    assert new == pending == confirmed == withdrawn == held
    inserts = [sql for sql in new if sql.startswith("INSERT")]
    assert len(inserts) == 2
    assert len(new) <= 4
    assert not [sql for sql in new if sql.startswith(("UPDATE", "SELECT"))]


@pytest.mark.requirement("EM1")
def test_the_note_that_mail_is_due_carries_no_personal_data(person_type) -> None:
    sign_as(person_type, person("canary@example.org", name="Canary Bird"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {OutboxMessage._meta.db_table}")
        stored = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()])
    assert OutboxMessage.objects.count() == 1
    assert "canary" not in stored.lower()


def test_a_row_that_breaks_a_rule_is_an_error_not_a_conflict(person_type) -> None:
    signature = sign_as(person_type, person())
    broken = get_signature_model()._default_manager.get(pk=signature.pk)
    broken.pk, broken.mailbox_key, broken.idempotency_key = None, b"other", None
    broken.state, broken.confirmed_at = SignatureState.CONFIRMED, None
    with pytest.raises(IntegrityError):
        insert_or_ignore(broken)


def test_the_forms_id_makes_a_repeated_post_harmless(person_type) -> None:
    statement = statement_to_sign(person_type)
    for email in ("one@example.org", "two@example.org"):
        sign(statement=statement, data=person(email), idempotency_key=b"0123456789abcdef")
    assert rows() == 1
