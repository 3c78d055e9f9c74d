"""Text as people type it: no control characters, nothing that hides or turns the line."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from wagtail_pledge.signing.names import is_plain_text


class PlainCharField(forms.CharField):
    """Text without control characters; a line break is one only where ``multiline`` allows it."""

    def __init__(self, *, multiline: bool = False, **kwargs: Any) -> None:
        self.multiline = multiline
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Refuse what hides or breaks the line."""
        cleaned = super().clean(value)
        text = cleaned.replace("\r\n", " ").replace("\n", " ") if self.multiline else cleaned
        if not is_plain_text(text):
            raise ValidationError(_("Enter text without hidden characters"), code="hidden")
        return cleaned
