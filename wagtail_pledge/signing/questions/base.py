"""A question as it is frozen with the statement, and what a type of question has to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext

Text = str | Promise

#: Before the slug in a form: an editor's question can never be taken for a field of the kind.
PREFIX: Final = "q_"
#: Between the values of a field that was sent several times; a control character, so no text holds it.
SEPARATOR: Final = "\x1f"
#: Bytes that a letter of most scripts takes in a form-encoded body (three of UTF-8, each as ``%XX``).
MAX_BYTES_PER_CHAR: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question as it was shown. ``choices`` are (stored value, label) pairs."""

    slug: str
    type: str
    label: str
    hint: str = ""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The field's name in a form."""
        return PREFIX + self.slug

    def as_json(self) -> dict[str, Any]:
        """Return what a statement stores; what is empty is left out."""
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
        """Return the question that a statement stores."""
        return cls(
            slug=stored["slug"],
            type=stored["type"],
            label=stored["label"],
            hint=stored.get("hint", ""),
            required=stored.get("required", False),
            choices=tuple((value, label) for value, label in stored.get("choices", ())),
        )


class QuestionType:
    """Base of question types. Subclass it, set the attributes and register an instance with the hook
    ``register_pledge_question_types``; editors then find it in the form of a signer-type page. No migration is needed.
    """

    #: Stable slug: stored with every question.
    slug: ClassVar[str]
    #: "Short text": what editors choose it by.
    label: ClassVar[Text]
    description: ClassVar[Text] = ""
    icon: ClassVar[str] = "help"
    #: Whether editors write a list of answers to choose from.
    has_choices: ClassVar[bool] = False
    #: Characters that an answer may have.
    max_length: ClassVar[int] = 100

    def form_field(self, question: Question) -> forms.Field:
        """Override to return the Django field that asks and validates; label, hint and ``required`` are set on it
        afterwards. It gets a text, or the texts of a field that was sent several times joined by ``SEPARATOR``.
        """
        raise NotImplementedError

    def to_json(self, cleaned: Any) -> Any:
        """Override to return what is stored of a cleaned answer: a JSON value. Empty answers don't come here."""
        return cleaned

    def format_answer(self, stored: Any, choices: Mapping[str, str]) -> str:
        """Override to write a stored answer for people; ``choices`` are labels by stored value.

        It must take whatever JSON is stored: an answer outlives the type that its question had.
        """
        if isinstance(stored, bool):
            return gettext("yes") if stored else gettext("no")
        if isinstance(stored, list):
            return ", ".join(self.format_answer(one, choices) for one in stored)
        return choices.get(stored, stored) if isinstance(stored, str) else str(stored)

    def max_answer_bytes(self, question: Question) -> int:
        """Override to return the bytes that the longest answer adds to the form's body."""
        return len(question.name) + 2 + self.max_length * MAX_BYTES_PER_CHAR
