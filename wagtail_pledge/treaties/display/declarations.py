"""Acceptances under optional articles, declarations and reservations on a day."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language

from wagtail_pledge.core.collation import sort_key
from wagtail_pledge.treaties.enums import DeclarationKind
from wagtail_pledge.treaties.formatting import FormattedDate, choice_label, formatted_date
from wagtail_pledge.treaties.models import Treaty, TreatyDeclaration
from wagtail_pledge.treaties.states import display_name

_NUMBER: Final = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationItem:
    """One declaration. ``day`` is ``None`` if the source does not give its date."""

    name: str
    kind_label: str
    article: str
    day: FormattedDate | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionalArticle:
    """An optional article with the acceptances of it, sorted by name."""

    article: str
    acceptances: tuple[DeclarationItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """What States have accepted, declared and reserved: ``articles`` by number, ``others`` by name."""

    articles: tuple[OptionalArticle, ...]
    others: tuple[DeclarationItem, ...]

    @property
    def has_texts(self) -> bool:
        """Whether one of the others has a text; it is left out in print."""
        return any(item.text for item in self.others)


def declarations_on(treaty: Treaty, day: dt.date) -> Declarations | None:
    """Return what is in effect on ``day``: one query. ``None`` if nothing is known of any declaration."""
    accepted: dict[str, list[DeclarationItem]] = defaultdict(list)
    others: list[DeclarationItem] = []
    for declaration in TreatyDeclaration.objects.in_effect_on(treaty, day):
        item = _item(declaration)
        (accepted[item.article] if declaration.kind == DeclarationKind.ACCEPTANCE else others).append(item)
    if not accepted and not others:
        return None
    return Declarations(
        articles=tuple(
            OptionalArticle(article=article, acceptances=_sorted(accepted[article]))
            for article in sorted(accepted, key=_article_order)
        ),
        others=_sorted(others),
    )


def _item(declaration: TreatyDeclaration) -> DeclarationItem:
    party = declaration.party
    return DeclarationItem(
        name=display_name(key=party.key, iso2=party.iso2, name=party.name),
        kind_label=choice_label(DeclarationKind(declaration.kind)),
        article=declaration.article,
        day=formatted_date(declaration.date),
        text=declaration.text,
    )


def _article_order(article: str) -> tuple[list[int], str]:
    return [int(number) for number in _NUMBER.findall(article)], article


def _sorted(items: Iterable[DeclarationItem]) -> tuple[DeclarationItem, ...]:
    return tuple(sorted(items, key=lambda item: (sort_key(item.name, get_language() or ""), item.article)))
