"""Validation, comparison and sorting of names in any script, and form fields for plain text.

The rules follow Unicode categories (UAX #44) and UTS #39: a name must have visible letters or digits, must not break
the line, and must not change the direction of the text around it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_pledge.core import crypto

MAX_NAME: Final = 120
#: Zero-width joiner and non-joiner: Persian, Arabic and Indic names need them.
JOINERS: Final = frozenset("\u200c\u200d")
MAX_MARKS: Final = 3
_SPACES: Final = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_WEB: Final = re.compile(r"(?i)(https?://|www\.|://)")

#: Letters without a Unicode decomposition, and how they are sorted.
_UNMARKED: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ŋ": "n", "ŧ": "t", "þ": "th"}
)
#: By language, letters that sort after all words with the preceding letter.
_LANGUAGE_ORDER: Final = {"es": {"ñ": "n\U00020000"}}


def clean_name(value: str) -> str:
    """Return the name in NFC with single spaces. Raises ``ValidationError`` with a message for the signer.

    Its code is ``too_long``, ``no_letters`` or ``hidden``.
    """
    if len(value) > MAX_NAME:
        raise ValidationError(_("Enter a name of %(max)s characters or fewer") % {"max": MAX_NAME}, code="too_long")
    name = _SPACES.sub(" ", unicodedata.normalize("NFC", value)).strip()
    if not has_letters(name):
        raise ValidationError(_("Enter a name that contains letters"), code="no_letters")
    if not is_plain_text(name):
        raise ValidationError(_("Enter a name without invisible or special characters"), code="hidden")
    return name


def has_letters(text: str) -> bool:
    """Whether the text has at least one letter or digit."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)


def is_plain_text(text: str) -> bool:
    """Whether the text has no invisible or control characters and no piles of combining marks."""
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if category in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} or (category == "Cf" and char not in JOINERS):
            return False
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > MAX_MARKS:
            return False
    return True


def has_web_address(text: str) -> bool:
    """Whether the text has a link. Such a name is held for review, not refused."""
    return bool(_WEB.search(text))


def fold_name(name: str) -> str:
    """Return the name for comparison: without case, diacritics and punctuation, with single spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


@lru_cache(maxsize=4096)
def sort_key(name: str, language: str = "") -> tuple[str, str]:
    """Return a sort key for alphabetical order: by letters, then by accents, ignoring case.

    Follows the root collation of CLDR as far as names need it, and the few letters that ``language`` sorts differently.
    """
    text = name.casefold()
    for letter, replacement in _LANGUAGE_ORDER.get(language[:2], {}).items():
        text = unicodedata.normalize("NFC", text).replace(letter, replacement)
    return fold_name(text.translate(_UNMARKED)), text


def name_key(pledge_uuid: bytes, name: str) -> bytes:
    """Return the 32-byte keyed hash of the folded name within one pledge, for exact search."""
    return crypto.keyed_hash("dedup", b"name", pledge_uuid, fold_name(name).encode())


def initials(name: str) -> str:
    """Return the initials of the first and the last word, like ``A. M.``."""
    words = name.split()
    chosen = [words[0], words[-1]] if len(words) > 1 else words[:1]
    return " ".join(f"{word[0]}." for word in chosen)


#: Numbers that cover the plural forms of all languages, the most usual first; ``pledge.js`` has the same list.
PLURAL_SAMPLES: Final = (100, 1, 2, 0, 3, 11)


def _joined_plurals(texts: list[str]) -> str:
    """Return the texts joined by ``|`` for an attribute; repetitions of the first text are left empty."""
    return "|".join([texts[0], *("" if text == texts[0] else text for text in texts[1:])]).rstrip("|")


class PlainCharField(forms.CharField):
    """Form field of one line of text without control characters."""

    def clean(self, value: Any) -> Any:
        """Return the text. Raises ``ValidationError`` if it has invisible or control characters."""
        cleaned = super().clean(value)
        if not is_plain_text(self.one_line(cleaned)):
            raise ValidationError(_("Enter text without invisible characters"), code="hidden")
        return cleaned

    def one_line(self, text: str) -> str:
        """Override to remove the line breaks that the text may have."""
        return text


class ParagraphField(PlainCharField):
    """Form field of several lines of text, with a counter of the characters left.

    A line break counts as one character, as in the browser. The widget has no ``maxlength``: browsers would silently
    cut pasted text.
    """

    def to_python(self, value: Any) -> Any:
        """Return the text with plain line feeds."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text

    def one_line(self, text: str) -> str:
        """Return the text with a space for each line break."""
        return text.replace("\n", " ")

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
