"""Stored answers as text: as (question, answer) pairs, and as columns of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wagtail_pledge.signing.models import SignerType, Statement
from wagtail_pledge.signing.questions.base import Question
from wagtail_pledge.signing.questions.registry import get_question_type, parse_questions


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerColumn:
    """Table column of one question in all its versions.

    ``slug`` is the key in ``Signature.answers``, ``type`` the slug of the question type, ``heading`` the newest
    wording. ``choices`` is {stored value: newest label}, including choices that are no longer offered.
    """

    slug: str
    type: str
    heading: str
    choices: Mapping[str, str]

    def text(self, answers: Mapping[str, Any]) -> str:
        """Return the answer as text in the active language, ``""`` if there is none.

        It is not neutralised against formula injection in spreadsheets.
        """
        stored = answers.get(self.slug)
        return "" if stored is None else get_question_type(self.type).format_answer(stored, self.choices)


def _column(wordings: list[Question]) -> AnswerColumn:
    newest = wordings[0]
    choices: dict[str, str] = {}
    for question in wordings:
        choices = {**dict(question.choices), **choices}
    return AnswerColumn(slug=newest.slug, type=newest.type, heading=newest.label, choices=choices)


def answer_columns(signer_type: SignerType, locale: str = "") -> list[AnswerColumn]:
    """Return a column for every question that ``signer_type`` has ever asked, newest statements first; one query.

    Headings are in ``locale`` if the question was asked in it. A removed question keeps its column, since its answers
    are still stored.
    """
    stored = Statement.objects.filter(signer_type=signer_type).order_by("-pk").values_list("locale", "questions")
    versions = sorted(stored, key=lambda version: version[0] != locale)
    wordings: dict[str, list[Question]] = {}
    for _locale, questions in versions:
        for question in parse_questions(questions):
            wordings.setdefault(question.slug, []).append(question)
    return [_column(versions_of_one) for versions_of_one in wordings.values()]


def formatted_answers(questions: Iterable[Mapping[str, Any]], answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (question, answer) pairs of stored ``answers`` in the order and wording of a statement's ``questions``.

    Answers whose question is not among them come last, with their slug as the question.
    """
    columns = [_column([question]) for question in parse_questions(questions)]
    asked = {column.slug for column in columns}
    rest = [AnswerColumn(slug=slug, type="", heading=slug, choices={}) for slug in answers if slug not in asked]
    return [(column.heading, column.text(answers)) for column in [*columns, *rest] if column.slug in answers]
