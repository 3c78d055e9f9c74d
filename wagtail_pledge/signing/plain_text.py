"""Text as people type it: no control characters, nothing that hides or turns the line."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_pledge.signing.names import is_plain_text

#: Numbers that take each plural form that languages have, the most usual first; ``pledge.js`` knows them too.
SAMPLES: Final = (100, 1, 2, 0, 3, 11)


def _forms(texts: list[str]) -> str:
    """The texts as one attribute; what repeats the first is left out."""
    return "|".join([texts[0], *("" if text == texts[0] else text for text in texts[1:])]).rstrip("|")


class PlainCharField(forms.CharField):
    """One line of text without control characters."""

    def clean(self, value: Any) -> Any:
        """Refuse what hides or breaks the line."""
        cleaned = super().clean(value)
        if not is_plain_text(self.one_line(cleaned)):
            raise ValidationError(_("Enter text without hidden characters"), code="hidden")
        return cleaned

    def one_line(self, text: str) -> str:
        """Override to take out the line breaks that may stand in the text."""
        return text


class ParagraphField(PlainCharField):
    """Text of several lines. A line break counts as the one character that the browser counts it as.

    Beside it stands how many characters are left. The browser gets no ``maxlength``: it would cut a pasted text
    without a word.
    """

    def to_python(self, value: Any) -> Any:
        """Return the text with plain line feeds."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text

    def one_line(self, text: str) -> str:
        """Return the text with a blank for each line break."""
        return text.replace("\n", " ")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return the limit and the words of the counter in the active language."""
        left = [ngettext("{count} character left", "{count} characters left", number) for number in SAMPLES]
        over = [ngettext("{count} character too many", "{count} characters too many", number) for number in SAMPLES]
        counter = {"data-counter": str(self.max_length), "data-left": _forms(left), "data-over": _forms(over)}
        kept = {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}
        return {**kept, **counter}
