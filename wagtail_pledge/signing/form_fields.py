"""Form fields of names, addresses, websites, countries and agreements, for the sign form and the admin."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from wagtail_pledge.core.text import YES, is_visible, normalise, parse_yes_no, without_ignorable
from wagtail_pledge.signing.addresses import AddressRefused, canonical_address
from wagtail_pledge.signing.names import PlainCharField, check_name
from wagtail_pledge.signing.websites import is_web_address


class NameField(PlainCharField):
    """Form field of a name in any script."""

    def check_text(self, text: str) -> None:
        """Raise ``ValidationError`` unless the name has letters and only visible characters."""
        check_name(text)


class SignerEmailField(forms.EmailField):
    """Email field that also refuses undeliverable addresses, without any network request."""

    default_error_messages = {
        "invalid": gettext_lazy("Check the email address: it needs an @ and a domain, like name@example.org")
    }

    def clean(self, value: Any) -> str:
        """Return the address as typed. Raises ``ValidationError`` if no mail can be sent to it.

        Only ASCII before the ``@``: few mail servers accept anything else. Django's validator lets four other letters
        pass, such as U+017F, which its pattern takes for ``s``.
        """
        cleaned = str(super().clean(value))
        if cleaned and not _can_get_mail(cleaned):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return cleaned


def _can_get_mail(address: str) -> bool:
    try:
        canonical_address(address)
    except AddressRefused:
        return False
    return address.rpartition("@")[0].isascii() and _has_no_hidden_character(address)


def _has_no_hidden_character(text: str) -> bool:
    return is_visible(text) and without_ignorable(text) == text


class WebsiteField(forms.URLField):
    """Form field of the address of a website: http or https, a valid host, no user name, only visible characters."""

    default_error_messages = {"invalid": gettext_lazy("Enter a web address, like https://example.org")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", **kwargs)
        # Django's own accepts ftp as well
        web_only = URLValidator(schemes=["http", "https"], message=self.error_messages["invalid"])
        self.validators = [web_only if isinstance(one, URLValidator) else one for one in self.validators]

    def to_python(self, value: Any) -> Any:
        """Return the address in NFC, with ``https://`` if it has no scheme."""
        return super().to_python(normalise(value) if isinstance(value, str) else value)

    def clean(self, value: Any) -> Any:
        """Return the address. Raises ``ValidationError`` if it could lead elsewhere than it seems."""
        cleaned = super().clean(value)
        if cleaned and not (_has_no_hidden_character(cleaned) and is_web_address(cleaned)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return cleaned


class AgreementInput(forms.CheckboxInput):
    """Checkbox whose sent value is validated by :class:`AgreementField`, not taken for a yes."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, check_test=lambda value: value is True or value in YES)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """Return the value as sent, ``""`` if there is none."""
        return data.get(name, "")

    def format_value(self, value: Any) -> None:
        """Return no value: the browser sends ``on``, or the value among the widget's attributes."""


class AgreementField(forms.BooleanField):
    """Form field of an agreement: only an exact yes is one, and what is neither yes nor no is an error."""

    widget = AgreementInput
    default_error_messages = {"invalid": gettext_lazy("Answer yes or no")}

    def to_python(self, value: Any) -> bool:
        """Return whether the signer agreed. Raises ``ValidationError`` for a word that is neither yes nor no."""
        if value is None or isinstance(value, bool):
            return bool(value)
        try:
            return parse_yes_no(str(value))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


@lru_cache(maxsize=128)
def _options(choices: tuple[tuple[str, str], ...], selected: str) -> SafeString:
    """Return the options of a select as HTML, the one with the value ``selected`` marked as such.

    Without what HTML does not need, because there are 250: end tags, and quotes around letters and digits.
    """
    options = (
        (code if code.isalnum() else format_html('"{}"', code), " selected" if code == selected else "", name)
        for code, name in choices
    )
    return format_html_join("\n", "<option value={}{}>{}", options)


class CountrySelect(forms.Select):
    """Select of countries. All forms share its choices and its HTML.

    Django would normalise 250 choices for each form, and draw a template for each option: a third of the time for a
    campaign page.
    """

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the select as HTML."""
        drawn = self.build_attrs({"name": name, **self.attrs}, attrs)
        choices = tuple((str(code), str(label)) for code, label in self.choices)
        selected = next(iter(self.format_value(value)), "")
        return format_html("<select{}>\n{}\n</select>", flatatt(drawn), _options(choices, selected))

    def __deepcopy__(self, memo: dict[int, Any]) -> CountrySelect:
        """Copy the widget, not its choices."""
        memo[id(self)] = copied = copy.copy(self)
        copied.attrs = self.attrs.copy()
        return copied


class CountryField(forms.ChoiceField):
    """Choice field of countries; the choices are shared as in its widget, and looked up at once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._known = self._choices  # type: ignore[attr-defined]
        self._codes = frozenset(str(code) for code, _name in self._known)

    def valid_value(self, value: Any) -> bool:
        """Return whether ``value`` is one of the codes. Django compares it with 250 choices."""
        is_unchanged = self._choices is self._known  # type: ignore[attr-defined]
        return str(value) in self._codes if is_unchanged else super().valid_value(value)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Copy the field, not its choices."""
        choices: Any = self._choices  # type: ignore[attr-defined]
        memo[id(choices)] = choices
        return super().__deepcopy__(memo)
