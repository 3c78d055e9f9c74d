"""Registry of question types: the built-in ones and those of the hook ``register_pledge_question_types``."""

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
    """Placeholder for a type that is no longer registered: answers stay readable, and the question is not asked."""

    def __init__(self, slug: str) -> None:
        self.slug = self.label = slug  # type: ignore[misc]


@lru_cache(maxsize=1)
def question_types() -> Mapping[str, QuestionType]:
    """Return the registered types by slug: the built-in ones first, then those of the hook, which may replace them.

    A function of the hook ``register_pledge_question_types`` takes no arguments and returns one ``QuestionType``
    instance or a list of them.
    """
    registered: dict[str, QuestionType] = {one.slug: one for one in BUILT_IN}
    for function in hooks.get_hooks(HOOK):
        result = function()
        for one in result if isinstance(result, list | tuple) else [result]:
            registered[one.slug] = one
    return registered


def get_question_type(slug: str) -> QuestionType:
    """Return the type with this slug, or a :class:`RetiredType` if it is not registered."""
    return question_types().get(slug) or RetiredType(slug)


def parse_questions(stored: Iterable[Mapping[str, Any]]) -> list[Question]:
    """Return the questions that a statement stores, including those whose type is no longer registered."""
    return [Question.from_json(one) for one in stored]


def question_field(question: Question) -> forms.Field:
    """Return the form field of ``question``, labelled in the active language.

    Raises ``KeyError`` if its type is not registered.
    """
    field = question_types()[question.type].form_field(question)
    field.label = question.label if question.required else _("%(question)s (optional)") % {"question": question.label}
    field.help_text = question.hint
    field.required = field.widget.is_required = question.required
    field.error_messages["required"] = _("Answer “%(question)s”") % {"question": question.label}
    field.error_messages["max_length"] = _(
        "This must be %(limit_value)d characters or fewer. You have entered %(show_value)d"
    )
    return field
