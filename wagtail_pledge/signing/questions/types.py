"""The built-in question types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.core.i18n import format_day
from wagtail_pledge.signing.names import ParagraphField, PlainCharField
from wagtail_pledge.signing.questions.base import SEPARATOR, Question, QuestionType
from wagtail_pledge.signing.questions.places import Checkbox, Country, PostalCode

#: With more choices, a select is shown in place of radio buttons.
MAX_RADIO_BUTTONS: Final = 7
YES: Final = "yes"


class MultipleCheckboxInput(forms.CheckboxSelectMultiple):
    """Checkboxes whose checked values are sent as several fields, or as one string joined by ``SEPARATOR``."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        """Return the checked values."""
        sent = data.getlist(name) if hasattr(data, "getlist") else [data.get(name) or ""]
        return [value for text in sent for value in str(text).split(SEPARATOR) if value]


class MultipleCheckboxField(forms.MultipleChoiceField):
    """Multiple-choice field that returns the values without duplicates, in the order of its choices."""

    widget = MultipleCheckboxInput

    def clean(self, value: Any) -> list[str]:
        """Return the checked values."""
        checked = set(super().clean(value))
        choices: Any = self.choices
        return [str(choice) for choice, _label in choices if choice in checked]


class ShortText(QuestionType):
    """Question type: one line of text."""

    slug = "short_text"
    label = gettext_lazy("Short text")
    description = gettext_lazy("One line of up to 100 characters.")
    icon = "pilcrow"

    def form_field(self, question: Question) -> forms.Field:
        """Return a text field."""
        return PlainCharField(
            max_length=self.max_length, widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"})
        )


class LongText(QuestionType):
    """Question type: several lines of text."""

    slug = "long_text"
    label = gettext_lazy("Long text")
    description = gettext_lazy("Several lines, up to 500 characters.")
    icon = "doc-full"
    max_length = 500

    def form_field(self, question: Question) -> forms.Field:
        """Return a textarea field."""
        widget = forms.Textarea(attrs={"rows": "4", "autocomplete": "off", "dir": "auto"})
        return ParagraphField(max_length=self.max_length, widget=widget)


class ChooseOne(QuestionType):
    """Question type: one choice from a list."""

    slug = "choose_one"
    label = gettext_lazy("Choose one")
    description = gettext_lazy("One answer from a list. Long lists open when clicked.")
    icon = "radio-full"
    has_choices = True

    def form_field(self, question: Question) -> forms.Field:
        """Return radio buttons, or a select if there are many choices."""
        if len(question.choices) > MAX_RADIO_BUTTONS:
            field = forms.ChoiceField(choices=[("", _("Choose…")), *question.choices])
        else:
            field = forms.ChoiceField(choices=_choices_with_blank(question), widget=forms.RadioSelect)
        field.error_messages["invalid_choice"] = _("Choose one of the answers")
        return field

    def max_answer_bytes(self, question: Question) -> int:
        """Return the bytes of the longest stored value."""
        return len(question.name) + 2 + max(len(value) for value, _label in question.choices)


class ChooseMany(QuestionType):
    """Question type: any number of choices from a list, stored as a list of strings."""

    slug = "choose_many"
    label = gettext_lazy("Choose several")
    description = gettext_lazy("Checkboxes: any number of answers from a list.")
    icon = "list-ul"
    has_choices = True

    def form_field(self, question: Question) -> forms.Field:
        """Return checkboxes."""
        field = MultipleCheckboxField(choices=list(question.choices))
        field.error_messages["invalid_choice"] = _("Choose one of the answers")
        return field

    def max_answer_bytes(self, question: Question) -> int:
        """Return the bytes of all stored values together."""
        return sum(len(question.name) + 2 + len(value) for value, _label in question.choices)


class YesNo(QuestionType):
    """Question type: yes or no, stored as a boolean."""

    slug = "yes_no"
    label = gettext_lazy("Yes or no")
    description = gettext_lazy("Two buttons. Leaving it blank does not count as “No”.")
    icon = "tick-inverse"
    max_length = 3

    def form_field(self, question: Question) -> forms.Field:
        """Return two radio buttons."""
        field = forms.TypedChoiceField(
            choices=[*_choices_with_blank(question)[: not question.required], (YES, _("Yes")), ("no", _("No"))],
            coerce=lambda value: value == YES,
            empty_value=None,
            widget=forms.RadioSelect,
        )
        field.error_messages["invalid_choice"] = _("Choose one of the answers")
        return field


class Number(QuestionType):
    """Question type: a number with up to two decimals."""

    slug = "number"
    label = gettext_lazy("Number")
    description = gettext_lazy("A number of up to 13 digits, with up to two decimals.")
    icon = "order"
    max_length = 20

    def form_field(self, question: Question) -> forms.Field:
        """Return a text field with ``inputmode="decimal"``: scrolling changes the value of a ``type="number"`` field.

        It accepts at most two decimals, so that "1.000" (a thousand in Spanish) is refused and not read as one.
        """
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        field = forms.DecimalField(max_digits=15, decimal_places=2, localize=True, widget=widget)
        for code in ("invalid", "max_digits", "max_whole_digits", "max_decimal_places"):
            field.error_messages[code] = _("Enter a number, like 12")
        return field

    def to_json(self, cleaned: Decimal) -> int | float:
        """Return an ``int`` for a whole number, else a ``float``."""
        return int(cleaned) if cleaned == cleaned.to_integral_value() else float(cleaned)


class Date(QuestionType):
    """Question type: a date, stored in ISO 8601."""

    slug = "date"
    label = gettext_lazy("Date")
    description = gettext_lazy("A day, chosen from the browser’s calendar.")
    icon = "date"
    max_length = 10

    def form_field(self, question: Question) -> forms.Field:
        """Return a field with the browser's date picker."""
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        field = forms.DateField(input_formats=["%Y-%m-%d"], widget=widget)
        field.error_messages["invalid"] = _("Enter a date as year, month and day, like 1990-12-18")
        return field

    def to_json(self, cleaned: dt.date) -> str:
        """Return the date in ISO 8601."""
        return cleaned.isoformat()

    def format_answer(self, stored: Any, choices: Mapping[str, str]) -> str:
        """Return the date in the format of the active language."""
        try:
            return format_day(dt.date.fromisoformat(stored))
        except (TypeError, ValueError):
            return super().format_answer(stored, choices)


def _choices_with_blank(question: Question) -> list[tuple[str, str]]:
    """Return the choices, with "No answer" first if the question is optional: radio buttons cannot be unchecked."""
    return [*question.choices] if question.required else [("", _("No answer")), *question.choices]


BUILT_IN: Final = (
    ShortText(),
    LongText(),
    ChooseOne(),
    ChooseMany(),
    YesNo(),
    Checkbox(),
    Number(),
    Date(),
    Country(),
    PostalCode(),
)
