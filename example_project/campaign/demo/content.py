"""The texts of the pages, read from ``content/*.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

_REFERENCE: Final = re.compile(r'id="(@[a-z]+)"')

Content = dict[str, dict[str, Any]]
References = Mapping[str, Any]
Words = dict[str, list[Any]]


def languages() -> tuple[str, ...]:
    """Return the site's languages, the one that pages are written in first."""
    return tuple(code for code, _name in settings.LANGUAGES)


def read_content(language: str) -> Content:
    """Return the fields of each page by its name; a language may lack pages."""
    paths = (settings.PROJECT_DIR / "content" / f"{name}{language}.toml" for name in ("", "summary-"))
    found: Content = {}
    for path in paths:
        found |= tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
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
