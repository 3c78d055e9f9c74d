"""The sign form, built from the fields of a signer kind and the questions of a statement."""

from __future__ import annotations

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
from wagtail_pledge.signing.addresses import MAX_ADDRESS
from wagtail_pledge.signing.countries import country_choices
from wagtail_pledge.signing.form_copies import FormFields
from wagtail_pledge.signing.form_fields import (
    AgreementField,
    CountryField,
    CountrySelect,
    NameField,
    SignerEmailField,
    WebsiteField,
)
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
from wagtail_pledge.signing.names import ParagraphField, PlainCharField
from wagtail_pledge.signing.questions import Question, parse_questions, question_field, question_types

#: Name of the honeypot field: hidden from people, filled in by bots. Not part of the public contract.
HONEYPOT: Final = "middle_name"


def _text(cls: type[forms.CharField], field: SignerField, **attrs: str) -> forms.Field:
    no_correction = {"autocapitalize": "off", "spellcheck": "false"} if cls is not PlainCharField else {}
    widget = cls.widget(attrs={"autocomplete": field.autocomplete or "off", **no_correction, **attrs})
    return cls(max_length=field.max_length, widget=widget)


def _email(field: SignerField, _country: str) -> forms.Field:
    return _text(SignerEmailField, field, inputmode="email")


def _name(field: SignerField, _country: str) -> forms.Field:
    widget = forms.TextInput(attrs={"autocomplete": field.autocomplete, "spellcheck": "false"})
    return NameField(max_length=field.max_length, widget=widget)


def _url(field: SignerField, _country: str) -> forms.Field:
    widget = forms.URLInput(attrs={"autocomplete": "url", "placeholder": "https://"})
    return WebsiteField(max_length=field.max_length, widget=widget)


def _country(_field: SignerField, country: str) -> forms.Field:
    widget = CountrySelect(attrs={"autocomplete": "country"})
    empty = [] if country else [("", _("Choose…"))]
    return CountryField(choices=[*empty, *country_choices(country)], initial=country, widget=widget)


def _choice(field: SignerField, _country: str) -> forms.Field:
    return forms.ChoiceField(choices=list(field.choices), initial=field.initial, widget=forms.RadioSelect)


def _select(field: SignerField, _country: str) -> forms.Field:
    attrs = {"data-preview": field.preview} if field.preview else {}
    return forms.ChoiceField(
        choices=list(field.choices), initial=field.initial, widget=forms.Select(attrs=attrs)
    )


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
    FieldType.SELECT: _select,
    FieldType.LONG_TEXT: _long_text,
    FieldType.AGREEMENT: lambda _field, _country: AgreementField(),
}


def build_field(field: SignerField, country: str, consent: Mapping[str, str]) -> forms.Field:
    """Return the Django form field of ``field``.

    ``country`` is the pledge's country (ISO alpha-2), listed first in a country field. ``consent`` are the statement's
    consent texts by purpose, which replace the label of a consent field.
    """
    form_field = BUILDERS[field.type](field, country)
    form_field.label = consent.get(field.consent) or str(field.label)
    form_field.help_text = str(field.hint)
    form_field.required = bool(field.required)
    form_field.error_messages["required"] = _("Answer this question") if field.required is True else str(field.required)
    too_long = _("This must be %(limit_value)d characters or fewer. You have entered %(show_value)d")
    form_field.error_messages["max_length"] = str(field.too_long) or too_long
    form_field.widget.is_required = form_field.required
    # For the template
    form_field.shown_with = None if form_field.required else field.shown_with  # type: ignore[attr-defined]
    return form_field


#: Field of the inbox page for correcting a mistyped address.
_ADDRESS: Final = SignerField(
    name="email",
    type=FieldType.EMAIL,
    label=gettext_lazy("Corrected email address"),
    required=gettext_lazy("Enter your email address, like name@example.org"),
    max_length=MAX_ADDRESS,
    autocomplete="email",
)


class SignForm(forms.Form):
    """Base class of the sign forms; :func:`sign_form_class` returns the subclass for a kind and pledge."""

    use_required_attribute = False
    error_css_class = "pledge-field-invalid"
    kind: ClassVar[SignerKind]
    #: The editors' questions by form field name.
    questions: ClassVar[Mapping[str, Question]] = {}
    #: The kind's fields that this form leaves out, each with the value to use in place of an answer.
    omitted_fields: ClassVar[Mapping[str, Any]] = {}
    #: Fields that signers from ``required_country`` have to fill in: {field name: error message if empty}.
    required_country: ClassVar[str] = ""
    required_messages: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "sign-%s")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Validate fields together: required fields of a country, then the kind's and the site's validators."""
        data: dict[str, Any] = {**self.omitted_fields, **(super().clean() or {})}
        self._require_fields(data)
        if not self.errors:
            self.kind.clean(data)
            for path in get_setting("SIGN_VALIDATORS"):
                import_string(path)(kind=self.kind.slug, data=data)
        return data

    def _require_fields(self, data: Mapping[str, Any]) -> None:
        missing = [name for name in self.required_messages if not data.get(name) and name not in self.errors]
        for name in missing if data.get("country") == self.required_country else []:
            self.add_error(name, ValidationError(self.required_messages[name], code="required"))

    def mark_as_embedded(self) -> None:
        """Use the labels for a form on another website (``SignerField.embedded_label``).

        Call it before the form is validated or rendered.
        """
        for field in self.kind.fields:
            if field.embedded_label and field.name in self.fields:
                self.fields[field.name].label = str(field.embedded_label)

    @property
    def honeypot_filled(self) -> bool:
        """Whether the honeypot field was filled in."""
        return bool(self.data.get(HONEYPOT))

    def signer_data(self) -> SignerData:
        """Return the cleaned values for ``services.sign``. Call it on a valid form."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in self.questions}
        return replace(self.kind.signer_data(data), answers=self._answers())

    def _answers(self) -> dict[str, Any]:
        """Return {slug: JSON value} of the answered questions."""
        types, data = question_types(), self.cleaned_data
        return {
            question.slug: types[question.type].to_json(data[name])
            for name, question in self.questions.items()
            if data[name] not in (None, "", [])
        }


class AddressForm(forms.Form):
    """Form with one address: to correct a mistyped one on the inbox page, or, with another ``label``, to ask for it."""

    use_required_attribute = False

    def __init__(self, *args: Any, label: Any = "", **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "inbox-%s")
        super().__init__(*args, **kwargs)
        self.fields["email"] = build_field(_ADDRESS, "", {})
        # Before validation, which binds the field with its label
        self.fields["email"].label = label or self.fields["email"].label


def sign_form_class(
    kind: SignerKind,
    pledge: Pledge,
    consent: Mapping[str, str],
    questions: Sequence[Mapping[str, Any]] = (),
    optional_fields: Mapping[str, str] | None = None,
) -> type[SignForm]:
    """Return the form class of ``kind`` for one pledge, labelled in the active language.

    ``consent``, ``questions`` and ``optional_fields`` are those of the statement. Fields that are left out are not
    accepted either. The questions come after the kind's own fields; one whose type is not registered is not asked.
    """
    questions_json = json.dumps(questions, sort_keys=True) if questions else ""
    labels, choices = tuple(sorted(consent.items())), tuple(sorted((optional_fields or {}).items()))
    return _form_class(kind, pledge.country, labels, questions_json, choices, get_language())


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
    registered = [
        question for question in parse_questions(json.loads(questions or "[]")) if question.type in question_types()
    ]
    by_name = {question.name: question for question in registered if question.name not in {*fields, *omitted}}
    question_fields = {name: question_field(question) for name, question in by_name.items()}
    attributes = {
        "kind": kind,
        "questions": by_name,
        "omitted_fields": omitted,
        "required_country": country,
        "required_messages": required_messages,
    }
    form_class: type[SignForm] = type(
        f"{type(kind).__name__}SignForm", (SignForm,), {**fields, **question_fields, **attributes}
    )
    form_class.base_fields = FormFields(form_class.base_fields)
    return form_class
