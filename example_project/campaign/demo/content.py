"""Reads the texts of the pages from ``content/*.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

_REFERENCE: Final = re.compile(r'\b(id|href)="(@[a-z]+)"')

Content = dict[str, dict[str, Any]]
References = Mapping[str, Any]
SampleSigners = dict[str, list[Any]]


def languages() -> tuple[str, ...]:
    """Return the language codes of the site. The first one is the language of the original pages."""
    return tuple(code for code, _name in settings.LANGUAGES)


def read_content(language: str) -> Content:
    """Return the fields of each page by page name. A language need not have every page."""
    paths = (settings.PROJECT_DIR / "content" / f"{name}{language}.toml" for name in ("", "summary-"))
    content: Content = {}
    for path in paths:
        content |= tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return content


def read_sample_signers() -> SampleSigners:
    """Return the names, cities and organizations for generated signatures."""
    return tomllib.loads((settings.PROJECT_DIR / "content" / "people.toml").read_text(encoding="utf-8"))


def resolve_references(value: Any, references: References) -> Any:
    """Return ``value`` with each ``@name`` replaced by the key of that object in this database."""
    if isinstance(value, dict):
        return {key: resolve_references(child, references) for key, child in value.items()}
    if isinstance(value, list):
        return [resolve_references(child, references) for child in value]
    if isinstance(value, str):
        return references[value] if value.startswith("@") else _resolve_links(value, references)
    return value


def _resolve_links(text: str, references: References) -> str:
    return _REFERENCE.sub(lambda match: f'{match[1]}="{references[match[2]]}"', text.strip())
