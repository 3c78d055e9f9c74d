"""Reads message catalogues and finds untranslated English sentences in a page or a mail."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Final

from tests.architecture.tree import PACKAGE, ROOT

CATALOGUES: Final = sorted(
    path for place in ("wagtail_pledge", "example_project") for path in (ROOT / place).glob("**/LC_MESSAGES/*.po")
)
_LINE: Final = re.compile(r'^(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) )?(".*")$')
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")
_SPLIT: Final = re.compile(r"%\(\w+\)[a-z]|\{\w+\}|<[^>]+>|[“”]")
_TAG: Final = re.compile(r"<[^>]+>")
#: Shorter phrases can be names, or the same in another language.
WORDS_OF_A_SENTENCE: Final = 3

#: Context and text, which identify a message.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message; ``forms`` are its translations, one unless it has a plural."""

    context: str
    text: str
    plural: str
    forms: tuple[str, ...]
    is_fuzzy: bool

    @property
    def key(self) -> Key:
        """Return the context and text that identify the message."""
        return self.context, self.text

    @property
    def is_translated(self) -> bool:
        """Return whether all forms are translated."""
        return all(self.forms)


def placeholders(text: str) -> set[str]:
    """Return the placeholders of the text."""
    return set(_PLACEHOLDER.findall(text))


def entries(catalogue: Path) -> list[Entry]:
    """Return the messages of a catalogue without its header."""
    return [entry for entry in map(entry_of, blocks(catalogue)) if entry.text]


def blocks(catalogue: Path) -> list[str]:
    """Return the text of each message with its comments; the first is the header."""
    return catalogue.read_text(encoding="utf-8").split("\n\n")


def entry_of(block: str) -> Entry:
    """Return the message that the text describes."""
    found: dict[str, str] = defaultdict(str)
    keyword = ""
    for line in block.splitlines():
        if match := _LINE.match(line):
            keyword = match[1] or keyword
            found[keyword] += ast.literal_eval(match[2])
    return Entry(
        context=found["msgctxt"],
        text=found["msgid"],
        plural=found["msgid_plural"],
        forms=tuple(value for name, value in sorted(found.items()) if name.startswith("msgstr")),
        is_fuzzy=any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines()),
    )


def _sentences() -> Iterator[str]:
    for entry in entries(PACKAGE / "locale" / "es" / "LC_MESSAGES" / "django.po"):
        for part in (*_SPLIT.split(entry.text), *_SPLIT.split(entry.plural)):
            sentence = part.strip(" ,.:;?")
            if len(sentence.split()) >= WORDS_OF_A_SENTENCE and not any(sentence in form for form in entry.forms):
                yield sentence


def english_in(html: str) -> list[str]:
    """Return the package's untranslated English sentences, or parts of them, in a Spanish page or mail."""
    shown = unescape(_TAG.sub(" ", html) + " ".join(re.findall(r'(?:aria-label|data-[\w-]+)="([^"]*)"', html)))
    text = " ".join(shown.split())
    return sorted({sentence for sentence in _sentences() if sentence in text})
