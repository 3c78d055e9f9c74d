"""Question blocks: stored names, and validation when the page is published."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import RequestFactory

from wagtail_pledge.blocks.questions import MAX_QUESTIONS, QuestionsBlock, assign_slugs, serialize_questions
from wagtail_pledge.signing.questions import question_types

pytestmark = pytest.mark.requirement("SG9")

TYPES = {
    "short_text",
    "long_text",
    "choose_one",
    "choose_many",
    "yes_no",
    "number",
    "date",
    "checkbox",
    "country",
    "postal_code",
}


def choices(*labels: str) -> list[dict[str, str]]:
    return [{"label": label, "value": ""} for label in labels]


def asked(type_: str, label: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return type_, {"label": label, "hint": "", "required": False, "slug": "", **more}


def stream(*questions: tuple[str, dict[str, Any]]) -> Any:
    raw = [{"type": type_, "value": value, "id": str(number)} for number, (type_, value) in enumerate(questions)]
    return QuestionsBlock().to_python(raw)


def problems(value: Any, *, draft: bool = False) -> str:
    """Return the error messages on publishing ``value``, or ``""``."""
    block = value.stream_block
    try:
        if draft:
            block.clean_deferred(value)
        else:
            block.clean(value)
    except ValidationError as error:
        return _words(error)
    return ""


def _words(error: Any) -> str:
    parts = [*(getattr(error, "block_errors", None) or {}).values(), *(getattr(error, "non_block_errors", None) or [])]
    if not parts:
        return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return " ".join(_words(part) for part in parts)


def test_every_question_type_has_a_block() -> None:
    block = QuestionsBlock()
    assert set(block.child_blocks) == TYPES == set(question_types())
    for child in block.child_blocks.values():
        assert str(child.label)
        assert str(child.get_description()).endswith(".")
        assert ("choices" in child.child_blocks) is child.name.startswith("choose")


@pytest.mark.parametrize("name", sorted(TYPES))
def test_the_preview_shows_the_question_as_a_form_field(name: str) -> None:
    block = QuestionsBlock().child_blocks[name]
    value = block.get_preview_value()
    picker = {"request": RequestFactory().get("/"), "block_def": block, "bound_block": block.bind(value)}
    context = block.get_preview_context(value, parent_context=picker)
    html = render_to_string(block.get_preview_template(value, context), context)
    assert "Your question" in html
    assert 'name="q_sample"' in html


def test_names_are_generated_once_and_kept_when_the_label_changes() -> None:
    value = stream(asked("choose_one", "¿Qué papeles tiene?", choices=choices("Ninguno", "Una visa")))
    assign_slugs(value)
    value[0].value["label"] = "Your papers?"
    value[0].value["choices"][0]["label"] = "None at all"
    (question,) = serialize_questions(value)
    assert (question["slug"], question["label"]) == ("que_papeles_tiene", "Your papers?")
    assert question["choices"] == [["ninguno", "None at all"], ["una_visa", "Una visa"]]


def test_names_are_unique_in_any_script() -> None:
    value = stream(
        asked("number", "Age"),
        asked("number", "Age"),
        asked("number", "عمر"),
        asked("number", "年"),
        asked("number", "A" * 99),
    )
    slugs = [question["slug"] for question in serialize_questions(value)]
    assert slugs == ["age", "age_2", "question", "question_2", "a" * 30]


def test_names_are_kept_when_saved_to_the_database() -> None:
    value = stream(asked("choose_many", "Topics", choices=choices("Work", "Home")))
    assign_slugs(value)
    again = QuestionsBlock().to_python(QuestionsBlock().get_prep_value(value))
    assert serialize_questions(again) == serialize_questions(value)
    assert again[0].value["slug"] == "topics"


def test_a_question_without_a_label_is_left_out() -> None:
    value = stream(asked("short_text", ""), asked("choose_one", "Which?", choices=[]), asked("yes_no", "Vote?"))
    assert [question["slug"] for question in serialize_questions(value)] == ["vote"]


def test_a_statement_gets_exactly_the_questions_of_the_page() -> None:
    value = stream(asked("short_text", "Union?"), asked("yes_no", "Vote?", hint="At 18.", required=True))
    assert serialize_questions(value) == [
        {"slug": "union", "type": "short_text", "label": "Union?"},
        {"slug": "vote", "type": "yes_no", "label": "Vote?", "hint": "At 18.", "required": True},
    ]


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        (
            [asked("number", "A", slug="age"), asked("number", "B", slug="age")],
            "Another question already uses this name",
        ),
        ([asked("number", "A", slug="Age!")], "lowercase letters (a to z)"),
        ([asked("choose_one", "A", choices=[])], "minimum number"),
        ([asked("choose_one", "A", choices=choices("One"))], "minimum number"),
        ([asked("choose_one", "A", choices=choices("One", ""))], "required"),
        ([asked("choose_one", "A", choices=choices("One", "One"))], "Two answers are the same"),
        (
            [asked("choose_many", "A", choices=[{"label": "1", "value": "x"}, {"label": "2", "value": "x"}])],
            "Two answers are the same",
        ),
        ([asked("choose_one", "A", choices=choices(*map(str, range(21))))], "maximum number"),
        ([asked("yes_no", "")], "required"),
        ([asked("yes_no", str(number)) for number in range(MAX_QUESTIONS + 1)], "maximum number"),
        ([asked("long_text", str(number)) for number in range(6)], "Too many questions"),
    ],
)
def test_an_invalid_question_is_not_published(questions: list[Any], message: str) -> None:
    assert message in problems(stream(*questions))


def test_a_draft_may_contain_invalid_questions() -> None:
    assert problems(stream(asked("choose_one", "", choices=[]), asked("yes_no", "")), draft=True) == ""


@pytest.mark.parametrize("type_", sorted(TYPES - {"long_text"}))
def test_twenty_questions_of_one_type_are_allowed(type_: str) -> None:
    more = {"choices": choices(*(f"Answer {number}" for number in range(20)))} if type_.startswith("choose") else {}
    assert problems(stream(*(asked(type_, str(number), **more) for number in range(MAX_QUESTIONS)))) == ""
