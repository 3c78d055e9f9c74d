"""Validation and comparison of names in any script, and form fields for plain text.

The rules for characters are those of ``core.text``; a name must also have a visible letter or digit.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_pledge.core import crypto
from wagtail_pledge.core.text import (
    NFC_SHRINKS,
    first_grapheme,
    has_letters,
    is_visible,
    normalise,
    without_ignorable,
    words,
)

MAX_NAME: Final = 120
#: Length of the column ``Organization.folded_name``.
MAX_FOLDED: Final = 200
_WEB: Final = re.compile(r"(?i)(https?://|www\.|://)")


def clean_name(value: str, max_length: int = MAX_NAME) -> str:
    """Return the name as ``normalise`` writes it. Raises ``ValidationError`` with a message for the signer.

    Its code is ``too_long``, ``no_letters`` or ``hidden``. The length is that of the normalised name.
    """
    name = value if len(value) > max_length * NFC_SHRINKS else normalise(value)
    if len(name) > max_length:
        raise ValidationError(_("Enter a name of %(max)s characters or fewer") % {"max": max_length}, code="too_long")
    check_name(name)
    return name


def check_name(name: str) -> None:
    """Raise ``ValidationError`` unless the normalised ``name`` has letters and only visible characters."""
    if not has_letters(name):
        raise ValidationError(_("Enter a name that contains letters"), code="no_letters")
    if not is_visible(name):
        raise ValidationError(_("Enter a name without invisible or special characters"), code="hidden")


def has_web_address(text: str) -> bool:
    """Whether the text has a link. Such a name is held for review, not refused."""
    return bool(_WEB.search(text))


def fold_name(name: str) -> str:
    """Return the name for comparison: without case, diacritics, punctuation and invisible characters, with single
    spaces. It can be 18 times as long as the name.
    """
    folded = name.casefold()
    if folded.isascii():
        return words(folded)
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return words(without_ignorable(bare))


def folded_column(name: str) -> str:
    """Return the folded name as ``Organization.folded_name`` stores it, in at most ``MAX_FOLDED`` characters.

    A longer one (only characters like U+FDFA, one of which stands for 18, make it so) ends in its SHA-256, so that
    different names stay different.
    """
    folded = fold_name(name)
    if len(folded) <= MAX_FOLDED:
        return folded
    digest = hashlib.sha256(folded.encode()).hexdigest()
    return f"{folded[: MAX_FOLDED - len(digest) - 1]} {digest}"


def name_key(pledge_uuid: bytes, name: str) -> bytes:
    """Return the 32-byte keyed hash of the folded name within one pledge, for exact search."""
    return crypto.versioned_hash("dedup", b"name", pledge_uuid, fold_name(name).encode())


def initials(name: str) -> str:
    """Return the initials of the first and the last word, like ``A. M.``."""
    words = name.split()
    chosen = [words[0], words[-1]] if len(words) > 1 else words[:1]
    return " ".join(f"{first_grapheme(word)}." for word in chosen)


#: Numbers that cover the plural forms of all languages, the most usual first; ``pledge.js`` has the same list.
PLURAL_SAMPLES: Final = (100, 1, 2, 0, 3, 11)


def _joined_plurals(texts: list[str]) -> str:
    """Return the texts joined by ``|`` for an attribute; repetitions of the first text are left empty."""
    return "|".join([texts[0], *("" if text == texts[0] else text for text in texts[1:])]).rstrip("|")


class PlainCharField(forms.CharField):
    """Form field of one line of visible text; ``max_length`` is the length of the normalised text."""

    multiline = False

    def to_python(self, value: Any) -> Any:
        """Return the normalised text; one that is far too long is returned as typed, for the error message."""
        text = super().to_python(value)
        if not isinstance(text, str) or len(text) > (self.max_length or len(text)) * NFC_SHRINKS:
            return text
        return normalise(text, multiline=self.multiline) or self.empty_value

    def clean(self, value: Any) -> Any:
        """Return the text. Raises ``ValidationError`` if :meth:`check_text` refuses it."""
        cleaned = super().clean(value)
        if cleaned:
            self.check_text(cleaned)
        return cleaned

    def check_text(self, text: str) -> None:
        """Override to raise ``ValidationError`` for a normalised text that is refused."""
        if not is_visible(text, multiline=self.multiline):
            raise ValidationError(_("Enter text without invisible characters"), code="hidden")


class MultilineField(PlainCharField):
    """Form field of several lines of visible text. A line break counts as one character, as in the browser."""

    widget = forms.Textarea
    multiline = True


class ParagraphField(MultilineField):
    """Form field of several lines of text, with a counter of the characters left.

    The widget has no ``maxlength``: browsers would silently cut pasted text.
    """

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return the limit and the texts of the counter, in the active language."""
        left = [ngettext("{count} character left", "{count} characters left", number) for number in PLURAL_SAMPLES]
        over = [
            ngettext("{count} character too many", "{count} characters too many", number) for number in PLURAL_SAMPLES
        ]
        counter = {
            "data-counter": str(self.max_length),
            "data-left": _joined_plurals(left),
            "data-over": _joined_plurals(over),
        }
        kept = {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}
        return {**kept, **counter}
