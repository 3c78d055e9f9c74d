"""What was signed stays as it was."""

from __future__ import annotations

import pytest
from django.db.models import ProtectedError

from tests.signing.conftest import person, sign_as, statement_to_sign
from wagtail_pledge.signing.managers import AppendOnlyError
from wagtail_pledge.signing.models import Statement
from wagtail_pledge.signing.services import current_statement, freeze_statement

pytestmark = pytest.mark.requirement("CP10")


def test_the_same_text_makes_no_new_version(person_type) -> None:
    assert statement_to_sign(person_type).pk == statement_to_sign(person_type).pk


def test_a_changed_text_or_consent_makes_the_next_version(person_type) -> None:
    first = statement_to_sign(person_type)
    second = statement_to_sign(person_type, text="<p>Ratify now.</p>")
    third = freeze_statement(signer_type=person_type, locale="en", text=second.text, consent={"sign": "I do."})
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert len({first.sha256, second.sha256, third.sha256}) == 3


def test_going_back_to_an_old_text_is_a_new_version_with_the_old_hash(person_type) -> None:
    first = statement_to_sign(person_type)
    statement_to_sign(person_type, text="<p>Other.</p>")
    again = statement_to_sign(person_type)
    assert (again.number, again.sha256) == (3, first.sha256)
    assert not again.is_outdated


def test_versions_count_by_language(person_type) -> None:
    assert (statement_to_sign(person_type).number, statement_to_sign(person_type, locale="es").number) == (1, 1)
    assert current_statement(pledge=person_type.pledge.uuid, signer_type=person_type.uuid, locale="es").locale == "es"


def test_a_statement_cannot_be_changed(person_type) -> None:
    statement = Statement.objects.get(pk=statement_to_sign(person_type).pk)
    statement.text = "<p>Something else.</p>"
    with pytest.raises(AppendOnlyError):
        statement.save()


def test_each_signature_keeps_its_own_version(person_type) -> None:
    old = sign_as(person_type, person("old@example.org"))
    statement_to_sign(person_type, text="<p>Other.</p>")
    assert old.statement.number == 1
    with pytest.raises(ProtectedError):
        old.statement.delete()
