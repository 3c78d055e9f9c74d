"""Editors' questions: validation, storage, columns, and old answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from wagtail.test.utils import WagtailTestUtils

from tests.signing.conftest import person, sign_as, submission_of
from wagtail_pledge.signing.forms import _form_class, sign_form_class
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Statement, get_signature_model
from wagtail_pledge.signing.models.statement import statement_digest
from wagtail_pledge.signing.questions import (
    SEPARATOR,
    Question,
    QuestionType,
    answer_columns,
    formatted_answers,
    question_types,
)
from wagtail_pledge.signing.services import confirm, find_statement, freeze_statement, submit

pytestmark = pytest.mark.requirement("SG9")

TOPICS = [["work", "Work"], ["home", "Home"], ["papers", "Papers"]]
CORE = {"name": "Ana María López", "email": "ana@example.org", "country": "US", "display": "hidden"}


def question(type_: str, slug: str = "x", label: str = "Which?", **more: Any) -> dict[str, Any]:
    if type_.startswith("choose"):
        more.setdefault("choices", TOPICS)
    return {"slug": slug, "type": type_, "label": label, **more}


def form_of(pledge: Any, *questions: dict[str, Any], **answers: str) -> Any:
    made = sign_form_class(get_kind("individual"), pledge, {}, questions)
    return made({**CORE, **answers})


def stored(pledge: Any, type_: str, sent: str, **more: Any) -> Any:
    """Return the stored value of one answer."""
    form = form_of(pledge, question(type_, **more), q_x=sent)
    assert form.is_valid(), form.errors
    answers = form.signer_data().answers
    json.dumps(answers)
    return answers.get("x")


def error_of(pledge: Any, type_: str, sent: str, **more: Any) -> str:
    form = form_of(pledge, question(type_, **more), q_x=sent)
    assert not form.is_valid()
    assert set(form.errors) == {"q_x"}
    return " ".join(form.errors["q_x"])


ALL_TYPES = list(question_types())


@pytest.mark.parametrize(
    ("type_", "sent", "kept"),
    [
        ("short_text", "  Tía Rosa ", "Tía Rosa"),
        ("long_text", "One\r\nTwo", "One\nTwo"),
        ("choose_one", "home", "home"),
        ("choose_many", f"papers{SEPARATOR}work", ["work", "papers"]),
        ("choose_many", f"work{SEPARATOR}work", ["work"]),
        ("yes_no", "yes", True),
        ("yes_no", "no", False),
        ("number", "12", 12),
        ("number", "0", 0),
        ("number", "-2.50", -2.5),
        ("number", "١٢", 12),
        ("date", "1990-12-18", "1990-12-18"),
        ("checkbox", "yes", True),
        ("checkbox", "on", True),
        ("checkbox", "no", None),
        ("country", "MX", "MX"),
        ("postal_code", " sw1a  1aa ", "SW1A 1AA"),
        ("postal_code", "03001", "03001"),
    ],
)
def test_an_answer_is_stored_with_its_type(pledge, type_: str, sent: str, kept: Any) -> None:
    found = stored(pledge, type_, sent)
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize("type_", ALL_TYPES)
def test_an_empty_answer_is_not_stored_and_rejected_if_required(pledge, type_: str) -> None:
    assert stored(pledge, type_, "") is None
    assert error_of(pledge, type_, "", required=True) == "Answer “Which?”"


@pytest.mark.parametrize(
    ("type_", "sent", "message"),
    [
        ("short_text", "x" * 101, "100"),
        ("short_text", "a\nb", "invisible characters"),
        ("short_text", "a\u202eb", "invisible characters"),
        ("short_text", "a\x00b", "Null characters"),
        ("short_text", f"a{SEPARATOR}b", "invisible characters"),
        ("long_text", "x" * 501, "500"),
        ("long_text", f"a{SEPARATOR}b", "invisible characters"),
        ("choose_one", "other", "one of the answers"),
        ("choose_one", f"home{SEPARATOR}work", "one of the answers"),
        ("choose_many", f"home{SEPARATOR}other", "one of the answers"),
        ("yes_no", "perhaps", "one of the answers"),
        ("checkbox", "perhaps", "yes or no"),
        ("checkbox", "null", "yes or no"),
        ("checkbox", "YES", "yes or no"),
        ("short_text", "An\u3164na", "invisible characters"),
        ("long_text", "\ufb2c" * 400, "500"),
        ("number", "many", "number"),
        ("number", "nan", "number"),
        ("number", "Infinity", "number"),
        ("number", "1e400", "number"),
        ("number", "1.000", "number"),
        ("number", "9" * 14, "number"),
        ("date", "18.12.1990", "date"),
        ("date", "2023-02-29", "date"),
        ("date", "<script>", "date"),
        ("country", "XX", "one of the answers"),
        ("country", "mx", "one of the answers"),
        ("postal_code", "9" * 17, "16"),
        ("postal_code", "94612; DROP", "postal code"),
        ("postal_code", "-", "postal code"),
    ],
)
def test_an_invalid_answer_is_rejected(pledge, type_: str, sent: str, message: str) -> None:
    assert message in error_of(pledge, type_, sent)


def test_a_spanish_decimal_comma_is_accepted(pledge) -> None:
    with override("es"):
        assert stored(pledge, "number", "2,5") == 2.5
        assert error_of(pledge, "number", "1.000")


def test_questions_follow_the_kinds_own_fields_in_order(pledge) -> None:
    form = form_of(pledge, question("date", "b"), question("short_text", "a"))
    own = [field.name for field in get_kind("individual").fields]
    assert list(form.fields) == [*own, "q_b", "q_a"]


def test_optional_questions_are_marked(pledge) -> None:
    form = form_of(pledge, question("yes_no", "a"), question("yes_no", "b", required=True, hint="Just say."))
    assert (form.fields["q_a"].label, form.fields["q_b"].label) == ("Which? (optional)", "Which?")
    assert form.fields["q_b"].help_text == "Just say."
    assert [value for value, _label in form.fields["q_a"].choices] == ["", "yes", "no"]
    assert [value for value, _label in form.fields["q_b"].choices] == ["yes", "no"]


def test_many_choices_are_a_select(pledge) -> None:
    many = [[f"c{number}", f"Choice {number}"] for number in range(8)]
    assert isinstance(form_of(pledge, question("choose_one")).fields["q_x"].widget, forms.RadioSelect)
    assert type(form_of(pledge, question("choose_one", choices=many)).fields["q_x"].widget) is forms.Select


def test_markup_in_questions_is_escaped(pledge) -> None:
    html = form_of(pledge, question("choose_one", label="<b>", choices=[["a", "<script>"], ["b", "B"]])).as_p()
    assert "<script>" not in html
    assert "<b>" not in html


def test_answers_are_separate_from_the_kinds_own_details(pledge) -> None:
    form = form_of(pledge, question("short_text"), q_x="Rosa", q_unasked="Eve", city="Oakland")
    assert form.is_valid(), form.errors
    data = form.signer_data()
    assert data.answers == {"x": "Rosa"}
    assert data.details == {"city": "Oakland"}


def frozen(signer_type: Any, *questions: dict[str, Any], locale: str = "en") -> Any:
    made = freeze_statement(
        signer_type=signer_type, locale=locale, text="<p>Ratify.</p>", consent={"sign": "I sign."}, questions=questions
    )
    return find_statement(pledge=signer_type.pledge.uuid, signer_type=signer_type.uuid, sha256=made.sha256)


def test_a_changed_question_creates_a_new_version(person_type) -> None:
    plain, asked = frozen(person_type), frozen(person_type, question("number"))
    again, other = frozen(person_type, question("number")), frozen(person_type, question("number", label="How many?"))
    assert [plain.number, asked.number, again.number, other.number] == [1, 2, 2, 3]
    assert len({plain.sha256, asked.sha256, other.sha256}) == 3
    assert other.questions == [question("number", label="How many?")]


def test_the_digest_of_a_statement_without_questions_is_unchanged(person_type) -> None:
    person_type.uuid = "00000000-0000-4000-8000-000000000001"
    digest = statement_digest(signer_type=person_type, locale="en", text="<p>Ratify.</p>", consent={}, questions=[])
    assert digest == "dc9b7d18115989702e18b946f86ece56349e19d6e2f7d0f16077cd1d762316ae"


def test_finding_a_statement_includes_its_questions_in_one_query(person_type) -> None:
    digest = frozen(person_type, question("number")).sha256
    ids = {"pledge": person_type.pledge.uuid, "signer_type": person_type.uuid}
    with CaptureQueriesContext(connection) as captured:
        statement = find_statement(**ids, sha256=digest)
        signer_type = statement.signer_type
        form_class = sign_form_class(
            get_kind(signer_type.kind), signer_type.pledge, statement.consent, statement.questions
        )
        assert "q_x" in form_class.base_fields
    assert len(captured) == 1


@pytest.mark.swappable
def test_answers_are_encrypted_in_the_database(person_type) -> None:
    signature = sign_as(person_type, person(answers={"x": "Tía Rosa"}))
    table, column = signature._meta.db_table, "answers"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        (sealed,) = cursor.fetchone()
    assert b"Rosa" not in bytes(sealed)
    assert get_signature_model()._default_manager.get().answers == {"x": "Tía Rosa"}


class TestColumns:
    def test_every_question_ever_asked_has_a_column_and_current_ones_are_first(self, person_type) -> None:
        frozen(person_type, question("number", "age", "Age"), question("short_text", "union", "Union?"))
        frozen(person_type, question("yes_no", "vote", "Vote?"), question("number", "age", "Your age"))
        columns = answer_columns(person_type)
        assert [(column.slug, column.heading) for column in columns] == [
            ("vote", "Vote?"),
            ("age", "Your age"),
            ("union", "Union?"),
        ]

    def test_headings_and_answers_are_in_the_requested_language(self, person_type) -> None:
        frozen(person_type, question("choose_one", "topic", "¿Tema?", choices=[["work", "Trabajo"]]), locale="es")
        frozen(person_type, question("choose_one", "topic", "Topic?"))
        (english,), (spanish,) = answer_columns(person_type, "en"), answer_columns(person_type, "es")
        assert (english.heading, english.text({"topic": "work"})) == ("Topic?", "Work")
        assert (spanish.heading, spanish.text({"topic": "work"})) == ("¿Tema?", "Trabajo")
        assert spanish.text({"topic": "papers"}) == "Papers"

    def test_a_removed_choice_keeps_its_label(self, person_type) -> None:
        frozen(person_type, question("choose_many", "topic"))
        frozen(person_type, question("choose_many", "topic", choices=[["work", "Paid work"]]))
        (column,) = answer_columns(person_type)
        assert column.text({"topic": ["work", "papers"]}) == "Paid work, Papers"
        assert column.text({}) == ""

    def test_columns_take_one_query(self, person_type, django_assert_num_queries) -> None:
        frozen(person_type, question("number"))
        frozen(person_type, question("date"))
        with django_assert_num_queries(1):
            answer_columns(person_type)

    @pytest.mark.parametrize("type_", [*ALL_TYPES, "gone"])
    @pytest.mark.parametrize(
        ("value", "formatted"),
        [("work", "work"), (True, "yes"), (False, "no"), (12, "12"), (2.5, "2.5"), (["a", "b"], "a, b"), ({}, "{}")],
    )
    def test_any_stored_value_can_be_formatted(self, type_: str, value: Any, formatted: str) -> None:
        asked = [question(type_, "x", choices=[])]
        assert formatted_answers(asked, {"x": value}) == [("Which?", formatted)]

    def test_a_date_is_formatted_in_the_active_language(self) -> None:
        with override("es"):
            assert formatted_answers([question("date")], {"x": "1990-12-18"}) == [("Which?", "18 de diciembre de 1990")]

    def test_a_country_is_translated(self) -> None:
        with override("es"):
            assert formatted_answers([question("country")], {"x": "DE"}) == [("Which?", "Alemania")]
        assert formatted_answers([question("country")], {"x": "QQ"}) == [("Which?", "QQ")]

    def test_an_answer_without_its_question_is_shown_under_its_name(self) -> None:
        shown = formatted_answers([question("number", "age", "Age")], {"lost": "Rosa", "age": 7})
        assert shown == [("Age", "7"), ("lost", "Rosa")]


class Postcode(QuestionType):
    """A question type of the site's own."""

    slug = "postcode"
    label = "Postcode"

    def form_field(self, question: Question) -> forms.Field:
        return forms.RegexField(r"\A\d{5}\Z")

    def to_json(self, cleaned: str) -> dict[str, str]:
        return {"code": cleaned}

    def format_answer(self, stored: Any, choices: Any) -> str:
        return f"ZIP {stored['code']}" if isinstance(stored, dict) else super().format_answer(stored, choices)


def _forget() -> None:
    question_types.cache_clear()
    _form_class.cache_clear()


@pytest.fixture
def custom_type() -> Iterator[Any]:
    """``with custom_type:`` a question type that a site has registered."""
    hook = WagtailTestUtils().register_hook("register_pledge_question_types", Postcode)
    yield hook
    _forget()


class TestCustomTypes:
    def test_a_site_can_register_a_type(self, pledge, custom_type) -> None:
        with custom_type:
            _forget()
            assert stored(pledge, "postcode", "94612") == {"code": "94612"}
            assert error_of(pledge, "postcode", "9461")
            assert formatted_answers([question("postcode")], {"x": {"code": "94612"}}) == [("Which?", "ZIP 94612")]

    def test_an_unregistered_type_is_not_asked_and_its_answers_are_kept(self, person_type, custom_type) -> None:
        with custom_type:
            _forget()
            statement = frozen(person_type, question("postcode", required=True), question("number", "age", "Age"))
            receipt = submit(statement=statement, data=person(answers={"x": {"code": "94612"}, "age": 7}))
        _forget()
        statement = Statement.objects.get()
        form = form_of(person_type.pledge, *statement.questions, q_x="94612", q_age="8")
        assert "q_x" not in form.fields
        assert form.is_valid(), form.errors
        assert form.signer_data().answers == {"age": 8}
        answers = confirm(submission_of(receipt.id)).signature.answers
        assert answers == {"x": {"code": "94612"}, "age": 7}
        assert formatted_answers(statement.questions, answers) == [("Which?", "{'code': '94612'}"), ("Age", "7")]
        assert [column.slug for column in answer_columns(person_type)] == ["x", "age"]
