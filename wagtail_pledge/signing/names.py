"""What a name may be: any script, no tricks.

Rules after Unicode's own categories (UAX #44) and UTS #39: a name is read by people, so it must show letters,
keep its line and
not turn the text around it.
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

#: Letters that Unicode does not take apart, and where a reader of Latin letters looks for them.
_UNMARKED: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ŋ": "n", "ŧ": "t", "þ": "th"}
)
#: Letters of their own: behind all words with the letter before them.
_ELSEWHERE: Final = {"es": {"ñ": "n\U00020000"}}


def clean_name(value: str) -> str:
    """Return the name in NFC with single spaces. Raises ``ValidationError`` in the signer's words."""
    if len(value) > MAX_NAME:
        raise ValidationError(_("Enter a name of %(max)s characters or fewer") % {"max": MAX_NAME}, code="too_long")
    name = _SPACES.sub(" ", unicodedata.normalize("NFC", value)).strip()
    if not has_letters(name):
        raise ValidationError(_("Enter a name with letters"), code="no_letters")
    if not is_plain_text(name):
        raise ValidationError(_("Enter a name without hidden or stacked characters"), code="hidden")
    return name


def has_letters(text: str) -> bool:
    """Whether there is at least one letter or digit to read."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)


def is_plain_text(text: str) -> bool:
    """Whether no character hides, controls the line or piles up marks."""
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
    """Whether the text carries a link: such a name is held, not refused."""
    return bool(_WEB.search(text))


def folded(name: str) -> str:
    """Return the name for comparison: no case, marks or punctuation, single spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


@lru_cache(maxsize=4096)
def sort_key(name: str, language: str = "") -> tuple[str, str]:
    """Return what puts names in the order of a dictionary: letters first, then accents, whatever the case.

    After the root collation of CLDR as far as names need it; ``language`` counts where its readers look for a letter
    elsewhere.
    """
    text = name.casefold()
    for letter, place in _ELSEWHERE.get(language[:2], {}).items():
        text = unicodedata.normalize("NFC", text).replace(letter, place)
    return folded(text.translate(_UNMARKED)), text


def name_key(pledge_uuid: bytes, name: str) -> bytes:
    """Return the 32 bytes that find this name again within one pledge."""
    return crypto.keyed_hash("dedup", b"name", pledge_uuid, folded(name).encode())


def initials(name: str) -> str:
    """Return ``A. M.`` of ``Ana María``-like names: first and last word."""
    words = name.split()
    chosen = [words[0], words[-1]] if len(words) > 1 else words[:1]
    return " ".join(f"{word[0]}." for word in chosen)


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
