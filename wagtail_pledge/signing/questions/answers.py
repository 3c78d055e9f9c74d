"""Stored answers for people: beside their questions, and as the columns of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wagtail_pledge.signing.models import SignerType, Statement
from wagtail_pledge.signing.questions.base import Question
from wagtail_pledge.signing.questions.registry import get_question_type, parse_questions


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerColumn:
    """One question through all its wordings. ``slug`` is the key of the answer, ``heading`` the newest wording.

    ``choices`` are the newest labels by stored value, also of choices that are offered no more.
    """

    slug: str
    type: str
    heading: str
    choices: Mapping[str, str]

    def text(self, answers: Mapping[str, Any]) -> str:
        """Return the answer for people, in the active language; ``""`` where there is none. Spreadsheets need it
        neutralised on top.
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
    """Return a column for every question that ``signer_type`` ever asked, those of today first; one query.

    Headings are worded in ``locale`` where the question was asked in it. A question that was removed keeps its
    column: its answers are still there.
    """
    found = Statement.objects.filter(signer_type=signer_type).order_by("-pk").values_list("locale", "questions")
    versions = sorted(found, key=lambda version: version[0] != locale)
    wordings: dict[str, list[Question]] = {}
    for _locale, questions in versions:
        for question in parse_questions(questions):
            wordings.setdefault(question.slug, []).append(question)
    return [_column(known) for known in wordings.values()]


def formatted_answers(questions: Iterable[Mapping[str, Any]], answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (question, answer) pairs as they were asked in a statement's ``questions``; what is stored without a
    question comes last, under its slug.
    """
    columns = [_column([question]) for question in parse_questions(questions)]
    asked = {column.slug for column in columns}
    rest = [AnswerColumn(slug=slug, type="", heading=slug, choices={}) for slug in answers if slug not in asked]
    return [(column.heading, column.text(answers)) for column in [*columns, *rest] if column.slug in answers]
