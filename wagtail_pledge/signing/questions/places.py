"""Types of question about places, and the single box to tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.signing.countries import country_choices, country_name
from wagtail_pledge.signing.names import PlainCharField
from wagtail_pledge.signing.questions.base import Question, QuestionType

_POSTAL_CODE = RegexValidator(
    r"\A[0-9A-Za-z]+(?:[ -]+[0-9A-Za-z]+)*\Z", gettext_lazy("Enter a postal code, like 94612 or SW1A 1AA")
)
#: What a box that is not ticked may be sent as.
UNTICKED = frozenset({"", "no", "false", "0"})


class TickInput(forms.CheckboxInput):
    """One box; a form sends ``yes`` or nothing, JSON ``yes`` or ``no``."""

    def __init__(self) -> None:
        super().__init__(attrs={"value": "yes"}, check_test=lambda value: value is True)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Return whether it is ticked."""
        return str(data.get(name, "")).strip().lower() not in UNTICKED


class TickField(forms.BooleanField):
    """Ticked, or no answer."""

    def clean(self, value: Any) -> bool | None:
        """Return ``True``, or ``None`` for a box that was left alone."""
        return super().clean(value) or None


class Checkbox(QuestionType):
    """One box to tick."""

    slug = "checkbox"
    label = gettext_lazy("Box to tick")
    description = gettext_lazy("One box. Where an answer is needed, nobody can sign without ticking it.")
    icon = "check"
    max_length = 3

    def form_field(self, question: Question) -> forms.Field:
        """Return one check box."""
        return TickField(widget=TickInput())


class Country(QuestionType):
    """A country."""

    slug = "country"
    label = gettext_lazy("Country")
    description = gettext_lazy("One country of the list, in the reader’s language.")
    icon = "globe"
    max_length = 2

    def form_field(self, question: Question) -> forms.Field:
        """Return a select with all countries."""
        made = forms.ChoiceField(choices=[("", _("Choose…")), *country_choices()])
        made.error_messages["invalid_choice"] = _("Choose one of the answers")
        return made

    def shown(self, stored: Any, choices: Mapping[str, str]) -> str:
        """Return the country's name in the reader's language."""
        known = country_name(stored) if isinstance(stored, str) else ""
        return known or super().shown(stored, choices)


class PostalCode(QuestionType):
    """A ZIP or postal code of any country."""

    slug = "postal_code"
    label = gettext_lazy("Postal code")
    description = gettext_lazy("A ZIP or postal code: up to 16 letters, digits, blanks and hyphens.")
    icon = "site"
    max_length = 16

    def form_field(self, question: Question) -> forms.Field:
        """Return a one-line field; letters count, so it is no number."""
        widget = forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr", "autocapitalize": "characters"})
        made = PlainCharField(max_length=self.max_length, widget=widget)
        made.validators.append(_POSTAL_CODE)
        return made

    def to_json(self, cleaned: str) -> str:
        """Return it with capital letters and single blanks."""
        return " ".join(cleaned.upper().split())
