"""Public API: types of question that editors can ask signers.

Nothing inside the package imports this module. Every name is described in docs/reference/python.md.
"""

from wagtail_pledge.signing.questions.answers import AnswerColumn, answer_columns, formatted_answers
from wagtail_pledge.signing.questions.base import SEPARATOR, Question, QuestionType
from wagtail_pledge.signing.questions.places import Checkbox, Country, PostalCode
from wagtail_pledge.signing.questions.registry import get_question_type, question_types
from wagtail_pledge.signing.questions.types import ChooseMany, ChooseOne, Date, LongText, Number, ShortText, YesNo

__all__ = [
    "SEPARATOR",
    "AnswerColumn",
    "Checkbox",
    "ChooseMany",
    "ChooseOne",
    "Country",
    "Date",
    "LongText",
    "Number",
    "PostalCode",
    "Question",
    "QuestionType",
    "ShortText",
    "YesNo",
    "answer_columns",
    "formatted_answers",
    "get_question_type",
    "question_types",
]
