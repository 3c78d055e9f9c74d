"""The sign form, built from what a kind says about itself."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.addresses import MAX_ADDRESS, AddressRefused, canonical_address
from wagtail_pledge.signing.countries import country_choices
from wagtail_pledge.signing.kinds import (
    FieldType,
    SignerData,
    SignerField,
    SignerKind,
    omitted_fields,
    required_messages_for,
    visible_fields,
)
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.names import ParagraphField, PlainCharField, clean_name
from wagtail_pledge.signing.questions import Question, parse_questions, question_field, question_types

#: Looks like any field to a robot; people never see it. Not part of the contract.
HONEYPOT: Final = "middle_name"


class NameField(forms.CharField):
    """A name in any script."""

    def clean(self, value: Any) -> str:
        """Return the name in its stored form."""
        cleaned = super().clean(value)
        return clean_name(cleaned) if cleaned else ""


class SignerEmailField(forms.EmailField):
    """An address that mail can reach: looked at, never asked for over the network."""

    def clean(self, value: Any) -> str:
        """Return the address as typed."""
        message = _("Check the email address: it needs an @ and a domain, like name@example.org")
        cleaned = str(super().clean(value))
        try:
            canonical_address(cleaned)
        except AddressRefused:
            raise ValidationError(message, code="invalid") from None
        return cleaned


def _text(cls: type[forms.CharField], field: SignerField, **attrs: str) -> forms.Field:
    quiet = {"autocapitalize": "off", "spellcheck": "false"} if cls is not PlainCharField else {}
    widget = cls.widget(attrs={"autocomplete": field.autocomplete or "off", **quiet, **attrs})
    return cls(max_length=field.max_length, widget=widget)


def _email(field: SignerField, _country: str) -> forms.Field:
    made = _text(SignerEmailField, field, inputmode="email")
    made.error_messages["invalid"] = _("Check the email address: it needs an @ and a domain, like name@example.org")
    return made


def _name(field: SignerField, _country: str) -> forms.Field:
    widget = forms.TextInput(attrs={"autocomplete": field.autocomplete, "spellcheck": "false"})
    return NameField(max_length=field.max_length, widget=widget)


def _url(field: SignerField, _country: str) -> forms.Field:
    widget = forms.URLInput(attrs={"autocomplete": "url", "placeholder": "https://"})
    made = forms.URLField(max_length=field.max_length, widget=widget, assume_scheme="https")
    made.error_messages["invalid"] = _("Enter a web address, like https://example.org")
    return made


class CountrySelect(forms.Select):
    """The list of countries, shared by every form: Django would normalise two hundred and fifty choices for each."""

    def __deepcopy__(self, memo: dict[int, Any]) -> CountrySelect:
        """Copy the widget, not its choices."""
        memo[id(self)] = made = copy.copy(self)
        made.attrs = self.attrs.copy()
        return made


class CountryField(forms.ChoiceField):
    """One of the countries; the list is shared as in its widget."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Copy the field, not its choices."""
        choices: Any = self._choices  # type: ignore[attr-defined]
        memo[id(choices)] = choices
        return super().__deepcopy__(memo)


def _country(_field: SignerField, country: str) -> forms.Field:
    widget = CountrySelect(attrs={"autocomplete": "country"})
    empty = [] if country else [("", _("Choose…"))]
    return CountryField(choices=[*empty, *country_choices(country)], initial=country, widget=widget)


def _choice(field: SignerField, _country: str) -> forms.Field:
    return forms.ChoiceField(choices=list(field.choices), initial=field.initial, widget=forms.RadioSelect)


def _long_text(field: SignerField, _country: str) -> forms.Field:
    return ParagraphField(max_length=field.max_length, widget=forms.Textarea(attrs={"rows": "4", "dir": "auto"}))


BUILDERS: Final[Mapping[str, Callable[[SignerField, str], forms.Field]]] = {
    FieldType.NAME: _name,
    FieldType.TEXT: lambda field, _country: _text(PlainCharField, field),
    FieldType.EMAIL: _email,
    FieldType.URL: _url,
    FieldType.COUNTRY: _country,
    FieldType.POSTAL_CODE: lambda field, _country: _text(PlainCharField, field, spellcheck="false"),
    FieldType.CHOICE: _choice,
    FieldType.LONG_TEXT: _long_text,
    FieldType.AGREEMENT: lambda _field, _country: forms.BooleanField(),
}


def build_field(field: SignerField, country: str, consent: Mapping[str, str]) -> forms.Field:
    """Return the Django field of one question; a consent's frozen wording replaces its label. ``country`` is the
    pledge's, named first in a list of countries.
    """
    made = BUILDERS[field.type](field, country)
    made.label = consent.get(field.consent) or str(field.label)
    made.help_text = str(field.hint)
    made.required = bool(field.required)
    made.error_messages["required"] = _("Answer this question") if field.required is True else str(field.required)
    too_long = _("This must be %(limit_value)d characters or fewer. You have entered %(show_value)d")
    made.error_messages["max_length"] = str(field.too_long) or too_long
    made.widget.is_required = made.required
    return made


#: The field of the page after the form, where somebody corrects a slip.
_ADDRESS: Final = SignerField(
    name="email",
    type=FieldType.EMAIL,
    label=gettext_lazy("Corrected email address"),
    required=gettext_lazy("Enter your email address, like name@example.org"),
    max_length=MAX_ADDRESS,
    autocomplete="email",
)


class SignForm(forms.Form):
    """Base of the form of every kind. Build one with :func:`sign_form_class`."""

    use_required_attribute = False
    error_css_class = "pledge-field-invalid"
    kind: ClassVar[SignerKind]
    #: What editors ask, by the name of the field.
    questions: ClassVar[Mapping[str, Question]] = {}
    #: The kind's fields that this form leaves out, with what stands for an answer.
    omitted_fields: ClassVar[Mapping[str, Any]] = {}
    #: What signers from ``required_country`` have to fill in, with the words for whoever does not.
    required_country: ClassVar[str] = ""
    required_messages: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "sign-%s")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Let the kind, then the site, look at the whole."""
        data: dict[str, Any] = {**self.omitted_fields, **(super().clean() or {})}
        self._require_fields(data)
        if not self.errors:
            self.kind.clean(data)
            for path in get_setting("SIGN_VALIDATORS"):
                import_string(path)(kind=self.kind.slug, data=data)
        return data

    def _require_fields(self, data: Mapping[str, Any]) -> None:
        absent = [name for name in self.required_messages if not data.get(name) and name not in self.errors]
        for name in absent if data.get("country") == self.required_country else []:
            self.add_error(name, ValidationError(self.required_messages[name], code="required"))

    def mark_as_embedded(self) -> None:
        """Name the campaign's website where the form says "this website". Call it before the form is read or shown."""
        for field in self.kind.fields:
            if field.embedded_label and field.name in self.fields:
                self.fields[field.name].label = str(field.embedded_label)

    @property
    def honeypot_filled(self) -> bool:
        """Whether the field that people don't see has come back filled."""
        return bool(self.data.get(HONEYPOT))

    def signer_data(self) -> SignerData:
        """Return the cleaned answers as the ledger stores them. Call it on a valid form."""
        own = {name: value for name, value in self.cleaned_data.items() if name not in self.questions}
        return replace(self.kind.signer_data(own), answers=self._answers())

    def _answers(self) -> dict[str, Any]:
        """The answers to editors' questions as JSON values, by slug; what was not answered is left out."""
        types, given = question_types(), self.cleaned_data
        return {
            question.slug: types[question.type].to_json(given[name])
            for name, question in self.questions.items()
            if given[name] not in (None, "", [])
        }


class AddressForm(forms.Form):
    """The one field of somebody whose address had a slip."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "inbox-%s")
        super().__init__(*args, **kwargs)
        self.fields["email"] = build_field(_ADDRESS, "", {})


def sign_form_class(
    kind: SignerKind,
    pledge: Pledge,
    consent: Mapping[str, str],
    questions: Sequence[Mapping[str, Any]] = (),
    optional_fields: Mapping[str, str] | None = None,
) -> type[SignForm]:
    """Return the form class of ``kind`` for one pledge, labelled in the active language.

    ``consent``, ``questions`` and ``optional_fields`` are those of the statement. A field that is not
    shown is not accepted. The questions come after the kind's own fields,
    in their order; one whose type no code knows any more is not asked.
    """
    asked = json.dumps(questions, sort_keys=True) if questions else ""
    words, choices = tuple(sorted(consent.items())), tuple(sorted((optional_fields or {}).items()))
    return _form_class(kind, pledge.country, words, asked, choices, get_language())


@lru_cache(maxsize=256)
def _form_class(
    kind: SignerKind,
    country: str,
    consent: tuple[tuple[str, str], ...],
    questions: str,
    optional_fields: tuple[tuple[str, str], ...],
    _language: str | None,
) -> type[SignForm]:
    labels, choices = dict(consent), dict(optional_fields)
    omitted, required_messages = omitted_fields(kind, choices), required_messages_for(kind, choices, country)
    fields = {field.name: build_field(field, country, labels) for field in visible_fields(kind, choices, country)}
    known = [
        question for question in parse_questions(json.loads(questions or "[]")) if question.type in question_types()
    ]
    asked = {question.name: question for question in known if question.name not in {*fields, *omitted}}
    extra = {name: question_field(question) for name, question in asked.items()}
    own = {
        "kind": kind,
        "questions": asked,
        "omitted_fields": omitted,
        "required_country": country,
        "required_messages": required_messages,
    }
    return type(f"{type(kind).__name__}SignForm", (SignForm,), {**fields, **extra, **own})
