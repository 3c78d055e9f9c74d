"""What editors ask besides a kind's own fields: types of question, their fields, stored answers as columns."""

from wagtail_pledge.signing.questions.answers import AnswerColumn, answer_columns, answers_shown
from wagtail_pledge.signing.questions.base import PREFIX, SEPARATOR, Question, QuestionType
from wagtail_pledge.signing.questions.registry import (
    get_question_type,
    question_field,
    question_types,
    read_questions,
)

__all__ = [
    "PREFIX",
    "SEPARATOR",
    "AnswerColumn",
    "Question",
    "QuestionType",
    "answer_columns",
    "answers_shown",
    "get_question_type",
    "question_field",
    "question_types",
    "read_questions",
]
