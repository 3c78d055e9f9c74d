"""The types of question that every site has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.signing.names import ParagraphField, PlainCharField
from wagtail_pledge.signing.questions.base import SEPARATOR, Question, QuestionType
from wagtail_pledge.signing.questions.places import Checkbox, Country, PostalCode

#: More choices than this are a list that opens.
MOST_RADIOS: Final = 7
YES: Final = "yes"


class BoxesInput(forms.CheckboxSelectMultiple):
    """Check boxes whose ticked values come as several fields, or as one text."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        """Return the ticked values."""
        sent = data.getlist(name) if hasattr(data, "getlist") else [data.get(name) or ""]
        return [value for text in sent for value in str(text).split(SEPARATOR) if value]


class BoxesField(forms.MultipleChoiceField):
    """Any number of the choices, each once, in the order in which they stand."""

    widget = BoxesInput

    def clean(self, value: Any) -> list[str]:
        """Return the values ticked."""
        ticked = set(super().clean(value))
        choices: Any = self.choices
        return [str(choice) for choice, _label in choices if choice in ticked]


class ShortText(QuestionType):
    """One line."""

    slug = "short_text"
    label = gettext_lazy("Short text")
    description = gettext_lazy("One line of up to 100 characters.")
    icon = "pilcrow"

    def form_field(self, question: Question) -> forms.Field:
        """Return a one-line field."""
        return PlainCharField(
            max_length=self.max_length, widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"})
        )


class LongText(QuestionType):
    """A few lines."""

    slug = "long_text"
    label = gettext_lazy("Long text")
    description = gettext_lazy("Several lines, up to 500 characters.")
    icon = "doc-full"
    max_length = 500

    def form_field(self, question: Question) -> forms.Field:
        """Return a text area."""
        widget = forms.Textarea(attrs={"rows": "4", "autocomplete": "off", "dir": "auto"})
        return ParagraphField(max_length=self.max_length, widget=widget)


class ChooseOne(QuestionType):
    """One answer of a list."""

    slug = "choose_one"
    label = gettext_lazy("Choose one")
    description = gettext_lazy("One answer of a list. A long list opens on a click.")
    icon = "radio-full"
    has_choices = True

    def form_field(self, question: Question) -> forms.Field:
        """Return radio buttons, or a select where there are many choices."""
        if len(question.choices) > MOST_RADIOS:
            made = forms.ChoiceField(choices=[("", _("Choose…")), *question.choices])
        else:
            made = forms.ChoiceField(choices=_with_none(question), widget=forms.RadioSelect)
        made.error_messages["invalid_choice"] = _("Choose one of the answers")
        return made

    def longest(self, question: Question) -> int:
        """Return the bytes of the longest choice."""
        return len(question.name) + 2 + max(len(value) for value, _label in question.choices)


class ChooseMany(QuestionType):
    """Any of the answers of a list."""

    slug = "choose_many"
    label = gettext_lazy("Choose several")
    description = gettext_lazy("Check boxes: any answers of a list.")
    icon = "list-ul"
    has_choices = True

    def form_field(self, question: Question) -> forms.Field:
        """Return check boxes."""
        made = BoxesField(choices=list(question.choices))
        made.error_messages["invalid_choice"] = _("Choose one of the answers")
        return made

    def longest(self, question: Question) -> int:
        """Return the bytes of all choices together."""
        return sum(len(question.name) + 2 + len(value) for value, _label in question.choices)


class YesNo(QuestionType):
    """Yes or no."""

    slug = "yes_no"
    label = gettext_lazy("Yes or no")
    description = gettext_lazy("Two buttons. Not answering is no “No”.")
    icon = "tick-inverse"
    max_length = 3

    def form_field(self, question: Question) -> forms.Field:
        """Return two radio buttons."""
        made = forms.TypedChoiceField(
            choices=[*_with_none(question)[: not question.required], (YES, _("Yes")), ("no", _("No"))],
            coerce=lambda value: value == YES,
            empty_value=None,
            widget=forms.RadioSelect,
        )
        made.error_messages["invalid_choice"] = _("Choose one of the answers")
        return made


class Number(QuestionType):
    """A number."""

    slug = "number"
    label = gettext_lazy("Number")
    description = gettext_lazy("A number of up to 13 digits, with up to two decimals.")
    icon = "order"
    max_length = 20

    def form_field(self, question: Question) -> forms.Field:
        """Return a text field with the keyboard for numbers: ``type=number`` changes what was typed by scrolling.

        No more than two decimals, so a Spanish "1.000" is refused rather than taken for one.
        """
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        made = forms.DecimalField(max_digits=15, decimal_places=2, localize=True, widget=widget)
        for code in ("invalid", "max_digits", "max_whole_digits", "max_decimal_places"):
            made.error_messages[code] = _("Enter a number, like 12")
        return made

    def to_json(self, cleaned: Decimal) -> int | float:
        """Return a whole number where it is one."""
        return int(cleaned) if cleaned == cleaned.to_integral_value() else float(cleaned)


class Date(QuestionType):
    """A day."""

    slug = "date"
    label = gettext_lazy("Date")
    description = gettext_lazy("A day, chosen from the browser’s calendar.")
    icon = "date"
    max_length = 10

    def form_field(self, question: Question) -> forms.Field:
        """Return the browser's own date field."""
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        made = forms.DateField(input_formats=["%Y-%m-%d"], widget=widget)
        made.error_messages["invalid"] = _("Enter a date as year, month and day, like 1990-12-18")
        return made

    def to_json(self, cleaned: dt.date) -> str:
        """Return the day in ISO 8601."""
        return cleaned.isoformat()

    def shown(self, stored: Any, choices: Mapping[str, str]) -> str:
        """Return the day in the reader's format."""
        try:
            return str(formats.date_format(dt.date.fromisoformat(stored)))
        except (TypeError, ValueError):
            return super().shown(stored, choices)


def _with_none(question: Question) -> list[tuple[str, str]]:
    """The choices; where no answer is needed, one that takes an answer back: radio buttons can't be unticked."""
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
