"""The texts of the pages, read from ``content/*.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

LANGUAGES: Final = ("en", "es")
_REFERENCE: Final = re.compile(r'id="(@[a-z]+)"')

Content = dict[str, dict[str, Any]]
References = Mapping[str, Any]
Words = dict[str, list[str]]


def read_content(language: str) -> Content:
    """Return the fields of each page by its name."""
    directory = settings.PROJECT_DIR / "content"
    found: Content = {}
    for name in (f"{language}.toml", f"summary-{language}.toml"):
        found |= tomllib.loads((directory / name).read_text(encoding="utf-8"))
    return found


def read_people() -> Words:
    """Return the words that made-up signers are made of."""
    return tomllib.loads((settings.PROJECT_DIR / "content" / "people.toml").read_text(encoding="utf-8"))


def resolved(value: Any, references: References) -> Any:
    """Return ``value`` with each ``@name`` replaced by what it stands for in this database."""
    if isinstance(value, dict):
        return {key: resolved(child, references) for key, child in value.items()}
    if isinstance(value, list):
        return [resolved(child, references) for child in value]
    if isinstance(value, str):
        return references[value] if value.startswith("@") else _with_links(value, references)
    return value


def _with_links(text: str, references: References) -> str:
    return _REFERENCE.sub(lambda found: f'id="{references[found[1]]}"', text.strip())
