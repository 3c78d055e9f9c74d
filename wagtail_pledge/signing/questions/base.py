"""The question that a statement stores, and the base class of question types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext

Text = str | Promise

#: Before the slug in a form field's name, so that it never clashes with a field of the kind.
PREFIX: Final = "q_"
#: Between the values of a field that was sent several times; a control character, so it never occurs in a value.
SEPARATOR: Final = "\x1f"
#: Bytes of a character of most scripts in a form-encoded body (three bytes of UTF-8, each as ``%XX``).
MAX_BYTES_PER_CHAR: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question as it was shown.

    ``type`` is the slug of the question type; ``choices`` are (stored value, label) pairs.
    """

    slug: str
    type: str
    label: str
    hint: str = ""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Name of the form field."""
        return PREFIX + self.slug

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object that a statement stores; empty attributes are left out."""
        stored: dict[str, Any] = {"slug": self.slug, "type": self.type, "label": self.label}
        if self.hint:
            stored["hint"] = self.hint
        if self.required:
            stored["required"] = True
        if self.choices:
            stored["choices"] = [list(choice) for choice in self.choices]
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Question:
        """Return the question of a JSON object from :meth:`as_json`."""
        return cls(
            slug=stored["slug"],
            type=stored["type"],
            label=stored["label"],
            hint=stored.get("hint", ""),
            required=stored.get("required", False),
            choices=tuple((value, label) for value, label in stored.get("choices", ())),
        )


class QuestionType:
    """Base class of question types, which editors choose from for questions of their own.

    Subclass it, set the attributes, override :meth:`form_field`, and register an instance with the hook
    ``register_pledge_question_types``; editors then find it in the form panel of a signer-type page. No migration is
    needed.
    """

    #: Stable slug: stored with every question.
    slug: ClassVar[str]
    #: Name that editors choose it by, such as "Short text".
    label: ClassVar[Text]
    #: Help text for editors.
    description: ClassVar[Text] = ""
    #: Name of a Wagtail icon.
    icon: ClassVar[str] = "help"
    #: Whether editors enter a list of choices.
    has_choices: ClassVar[bool] = False
    #: Maximum length of an answer in characters.
    max_length: ClassVar[int] = 100

    def form_field(self, question: Question) -> forms.Field:
        """Override to return the Django form field of ``question``.

        Label, help text and ``required`` are set on it afterwards. Its value is a string; if the field was sent
        several times, the strings are joined by ``SEPARATOR``.
        """
        raise NotImplementedError

    def to_json(self, cleaned: Any) -> Any:
        """Override to return the JSON value to store for a cleaned answer. Not called for empty answers."""
        return cleaned

    def format_answer(self, stored: Any, choices: Mapping[str, str]) -> str:
        """Override to return a stored answer as text, in the active language; ``choices`` is {stored value: label}.

        It must accept any JSON value, since a question may have had another type when it was answered.
        """
        if isinstance(stored, bool):
            return gettext("yes") if stored else gettext("no")
        if isinstance(stored, list):
            return ", ".join(self.format_answer(one, choices) for one in stored)
        return choices.get(stored, stored) if isinstance(stored, str) else str(stored)

    def max_answer_bytes(self, question: Question) -> int:
        """Override to return how many bytes the longest answer adds to the body of a form POST."""
        return len(question.name) + 2 + self.max_length * MAX_BYTES_PER_CHAR
