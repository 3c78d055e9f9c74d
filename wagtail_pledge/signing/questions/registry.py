"""Which types of question the site knows, and the form field of one question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from wagtail import hooks

from wagtail_pledge.signing.questions.base import Question, QuestionType
from wagtail_pledge.signing.questions.types import BUILT_IN

HOOK: Final = "register_pledge_question_types"


class RetiredType(QuestionType):
    """Stands for a type whose code is gone: its answers stay readable, nobody is asked any more."""

    def __init__(self, slug: str) -> None:
        self.slug = self.label = slug  # type: ignore[misc]


@lru_cache(maxsize=1)
def question_types() -> Mapping[str, QuestionType]:
    """Return the registered types by slug: ours first, then those of the hook, which may replace ours.

    A hook function returns one ``QuestionType`` instance or a list of them.
    """
    found: dict[str, QuestionType] = {known.slug: known for known in BUILT_IN}
    for function in hooks.get_hooks(HOOK):
        result = function()
        for known in result if isinstance(result, list | tuple) else [result]:
            found[known.slug] = known
    return found


def get_question_type(slug: str) -> QuestionType:
    """Return the type; of one that no code registers any more, a stand-in that shows what is stored."""
    return question_types().get(slug) or RetiredType(slug)


def parse_questions(stored: Iterable[Mapping[str, Any]]) -> list[Question]:
    """Return the questions that a statement stores, also those whose type is gone."""
    return [Question.from_json(one) for one in stored]


def question_field(question: Question) -> forms.Field:
    """Return the form field of a question whose type is registered, worded in the active language."""
    made = question_types()[question.type].form_field(question)
    made.label = question.label if question.required else _("%(question)s (optional)") % {"question": question.label}
    made.help_text = question.hint
    made.required = made.widget.is_required = question.required
    made.error_messages["required"] = _("Answer “%(question)s”") % {"question": question.label}
    made.error_messages["max_length"] = _(
        "This must be %(limit_value)d characters or fewer. You have entered %(show_value)d"
    )
    return made
