"""Question types about places, and the single checkbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.signing.countries import country_choices, country_name
from wagtail_pledge.signing.form_fields import AgreementField, AgreementInput
from wagtail_pledge.signing.names import PlainCharField
from wagtail_pledge.signing.questions.base import Question, QuestionType

_POSTAL_CODE = RegexValidator(
    r"\A[0-9A-Za-z]+(?:[ -]+[0-9A-Za-z]+)*\Z", gettext_lazy("Enter a postal code, like 94612 or SW1A 1AA")
)


class SingleCheckboxField(AgreementField):
    """Form field of a checkbox whose unchecked state means no answer."""

    def clean(self, value: Any) -> bool | None:
        """Return ``True``, or ``None`` for an unchecked box."""
        return super().clean(value) or None


class Checkbox(QuestionType):
    """Question type: one checkbox."""

    slug = "checkbox"
    label = gettext_lazy("Checkbox")
    description = gettext_lazy("One checkbox. If an answer is required, people cannot sign without checking it.")
    icon = "check"
    max_length = 3

    def form_field(self, question: Question) -> forms.Field:
        """Return a checkbox field."""
        return SingleCheckboxField(widget=AgreementInput({"value": "yes"}))


class Country(QuestionType):
    """Question type: one country, stored as its ISO alpha-2 code."""

    slug = "country"
    label = gettext_lazy("Country")
    description = gettext_lazy("One country from the list, in the visitor’s language.")
    icon = "globe"
    max_length = 2

    def form_field(self, question: Question) -> forms.Field:
        """Return a select with all countries."""
        field = forms.ChoiceField(choices=[("", _("Choose…")), *country_choices()])
        field.error_messages["invalid_choice"] = _("Choose one of the answers")
        return field

    def format_answer(self, stored: Any, choices: Mapping[str, str]) -> str:
        """Return the country's name in the active language."""
        name = country_name(stored) if isinstance(stored, str) else ""
        return name or super().format_answer(stored, choices)


class PostalCode(QuestionType):
    """Question type: a ZIP or postal code of any country."""

    slug = "postal_code"
    label = gettext_lazy("Postal code")
    description = gettext_lazy("A ZIP or postal code: up to 16 letters, digits, spaces and hyphens.")
    icon = "site"
    max_length = 16

    def form_field(self, question: Question) -> forms.Field:
        """Return a text field."""
        widget = forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr", "autocapitalize": "characters"})
        field = PlainCharField(max_length=self.max_length, widget=widget)
        field.validators.append(_POSTAL_CODE)
        return field

    def to_json(self, cleaned: str) -> str:
        """Return the code in capital letters with single spaces."""
        return " ".join(cleaned.upper().split())
