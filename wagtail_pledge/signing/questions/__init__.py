"""Editors' own questions in a sign form: question types, their form fields, and stored answers as columns."""

from wagtail_pledge.signing.questions.answers import AnswerColumn, answer_columns, formatted_answers
from wagtail_pledge.signing.questions.base import PREFIX, SEPARATOR, Question, QuestionType
from wagtail_pledge.signing.questions.registry import (
    get_question_type,
    parse_questions,
    question_field,
    question_types,
)

__all__ = [
    "PREFIX",
    "SEPARATOR",
    "AnswerColumn",
    "Question",
    "QuestionType",
    "answer_columns",
    "formatted_answers",
    "get_question_type",
    "parse_questions",
    "question_field",
    "question_types",
]
