"""Rules for texts that people type: normalisation, allowed characters, length, domain names, and yes or no.

Every form, the JSON API, the admin and imports use these rules. They follow Unicode properties (UAX #44, UAX #29), from
the ``regex`` package: its Unicode version is newer than that of Python's ``unicodedata`` and does not depend on the
Python version.

Two invisible characters are kept: the zero-width joiner and non-joiner, which Persian, Arabic and Indic words need.
They are removed where they change nothing, as at the end of a word or after a Latin letter.

Domain names are those of IDNA 2008 (RFC 5891), as browsers and mail servers use them. Python's own codec ``idna`` is
IDNA 2003, which maps ``straße.de`` to ``strasse.de``: another domain.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import idna
import regex

#: Most combining marks on one base character.
MAX_MARKS: Final = 3
#: The same for scripts whose words stack more: Burmese လွှို့, Tibetan བསྒྲུབས.
MAX_STACKED_MARKS: Final = 6
#: NFC makes a text at most four times shorter (a Greek letter with three marks); longer input is not normalised.
NFC_SHRINKS: Final = 4
#: Most characters of a domain and of one of its parts, in ASCII.
MAX_DOMAIN: Final = 253
MAX_LABEL: Final = 63

_JOINER: Final = "[\u200c\u200d]"
#: Characters without a glyph that have no property for it: braille blank, Egyptian blanks, Khitan filler, object.
_BLANKS: Final = "\u2800\U00013441\U00013442\U00016fe4\ufffc"
#: Space separators other than U+0020, and tab: shown as a space, and typed in its place.
_SPACES: Final = regex.compile(r"[\p{Zs}\t\u2800]+")
_LINE_BREAKS: Final = regex.compile(r"\r\n?")
_TYPED_SPACES: Final = str.maketrans("\t\u2800", "  ")
#: Characters that are no visible text.
_HIDDEN: Final = regex.compile(
    rf"[[\p{{Cc}}\p{{Cf}}\p{{Cs}}\p{{Co}}\p{{Cn}}\p{{Zl}}\p{{Zp}}\p{{Default_Ignorable_Code_Point}}{_BLANKS}]"
    rf"--{_JOINER}]",
    regex.V1,
)
_IGNORABLE: Final = regex.compile(rf"[\p{{Default_Ignorable_Code_Point}}{_BLANKS}]")
_LETTER: Final = regex.compile(rf"[[\p{{L}}\p{{N}}]--[\p{{Default_Ignorable_Code_Point}}{_BLANKS}]]", regex.V1)
#: Scripts in which a joiner changes the shape of the letters around it, and emoji, which it combines.
_JOINING: Final = (
    r"[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mandaic}\p{Script=Mongolian}\p{Script=Adlam}"
    r"\p{Script=Hanifi_Rohingya}\p{InCB=Consonant}\p{InCB=Linker}\p{ccc=9}\p{Script=Devanagari}\p{Script=Bengali}"
    r"\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}"
    r"\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Balinese}"
    r"\p{Script=Javanese}\p{Script=Limbu}\p{Extended_Pictographic}\p{Emoji_Modifier}]"
)
_REPEATED_JOINERS: Final = regex.compile(rf"({_JOINER}){_JOINER}+")
#: A zero-width joiner at the end of a word is kept: Malayalam writes final consonants with it.
_USELESS_JOINER: Final = regex.compile(rf"(?<!{_JOINING}\p{{M}}{{0,4}}){_JOINER}|\u200c(?=[\s\p{{P}}]|\Z)")
#: A variation selector after a character that it varies: emoji in colour, the form of a Chinese character in a Japanese
#: name, of a Mongolian letter. Keyboards add it unasked, and without it the text reads the same.
_SELECTOR: Final = regex.compile(
    r"(?<=[\p{Emoji}--[\x00-\x7f]])[\ufe0e\ufe0f]|(?<=\p{Han})[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    r"|(?<=\p{Script=Mongolian})[\u180b-\u180d\u180f]",
    regex.V1,
)
_NO_WORD: Final = regex.compile(r"[^\p{L}\p{N}\p{M}]+")
_CLUSTER: Final = regex.compile(r"\X")
_MARK: Final = regex.compile(r"[\p{Mn}\p{Me}]")
_STACKING_MARK: Final = regex.compile(r"[[\p{Mn}\p{Me}]--[\p{Script=Myanmar}\p{Script=Tibetan}]]", regex.V1)
#: A virama between two consonants: it makes a conjunct, not a pile of marks.
_CONJUNCT: Final = regex.compile(rf"\p{{ccc=9}}{_JOINER}?(?=\p{{L}})")


def normalise(text: str, *, multiline: bool = False) -> str:
    """Return ``text`` in NFC with single plain spaces, without useless joiners and spaces at its ends.

    With ``multiline``, line breaks become line feeds, and several spaces in a row stay.
    """
    if multiline:
        return _in_nfc(_LINE_BREAKS.sub("\n", text).translate(_TYPED_SPACES)).strip(" \n")
    return str(_SPACES.sub(" ", _in_nfc(text))).strip(" ")


def _in_nfc(text: str) -> str:
    if text.isascii():
        return text
    text = _REPEATED_JOINERS.sub(r"\1", _SELECTOR.sub("", text))
    return unicodedata.normalize("NFC", _USELESS_JOINER.sub("", text))


def is_visible(text: str, *, multiline: bool = False) -> bool:
    """Whether ``text`` has only visible characters, spaces and useful joiners, and no piles of combining marks.

    Call it with a text from :func:`normalise`.
    """
    if multiline:
        text = text.replace("\n", " ")
    if text.isascii():
        return text.isprintable()
    return not _HIDDEN.search(text) and not _has_piled_marks(text)


def _has_piled_marks(text: str) -> bool:
    """Whether the text begins with a combining mark, or has too many of them in one grapheme cluster."""
    if not _MARK.search(text):
        return False
    return bool(_MARK.match(text)) or any(_is_pile(cluster) for cluster in _CLUSTER.findall(text))


def _is_pile(cluster: str) -> bool:
    bare = _CONJUNCT.sub("", cluster) if len(cluster) > MAX_MARKS else ""
    return len(_STACKING_MARK.findall(bare)) > MAX_MARKS or len(_MARK.findall(bare)) > MAX_STACKED_MARKS


def has_letters(text: str) -> bool:
    """Whether ``text`` has at least one visible letter or digit."""
    return bool(_LETTER.search(text))


def without_ignorable(text: str) -> str:
    """Return ``text`` without invisible characters, for comparison: joiners, fillers, selectors, blanks, controls."""
    return text if text.isascii() else str(_IGNORABLE.sub("", text))


def words(text: str, separator: str = " ") -> str:
    """Return the letters, digits and marks of ``text``, with ``separator`` for what is between them.

    Vowel signs of Indic scripts are marks: without them, different names would be equal.
    """
    return separator.join(_NO_WORD.sub(" ", text).split())


def first_grapheme(word: str) -> str:
    """Return what a reader takes for the first character of ``word``: a letter with its marks."""
    found = _CLUSTER.match(word)
    return str(found[0]) if found else ""


def fitting(text: str, length: int) -> str:
    """Return ``text`` as a column of ``length`` characters can store it: without U+0000 and lone surrogates, cut after
    a grapheme.

    Texts from forms fit already; this is for rows that came another way.
    """
    text = text.replace("\x00", "").encode("utf-8", "replace").decode()
    if len(text) <= length:
        return text
    kept = ""
    for cluster in _CLUSTER.findall(text):
        if len(kept) + len(cluster) > length:
            break
        kept += cluster
    return kept or text[:length]


#: What forms and JSON may send for yes and no; anything else is an error. Absent means no.
YES: Final = frozenset({"on", "true", "yes", "1"})
NO: Final = frozenset({"", "false", "no", "off", "0"})


def parse_yes_no(text: str) -> bool:
    """Return whether ``text`` says yes. Raises ``ValueError`` if it is neither an exact yes nor an exact no."""
    if text in YES:
        return True
    if text in NO:
        return False
    raise ValueError


def ascii_domain(domain: str) -> str:
    """Return the domain in ASCII and lower case, without a final dot. Raises ``ValueError`` if it is not valid.

    Labels of ASCII letters are not checked any further: hosts with underscores exist.
    """
    plain = domain.lower() if domain.isascii() else domain
    if not plain.isascii() or "xn--" in plain:
        # idna's errors are UnicodeErrors, and so ValueErrors
        plain = idna.encode(domain, uts46=True, std3_rules=True).decode()
    plain = plain.removesuffix(".")
    if len(plain) > MAX_DOMAIN or not all(0 < len(label) <= MAX_LABEL for label in plain.split(".")):
        message = "not a domain"
        raise ValueError(message)
    return plain


def unicode_domain(domain: str) -> str:
    """Return the domain in lower case with its letters as people read them; an invalid one only in lower case."""
    try:
        plain = ascii_domain(domain)
        return str(idna.decode(plain)) if "xn--" in plain else plain
    except ValueError:
        return domain.lower()
