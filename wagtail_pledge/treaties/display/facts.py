"""Sentences that are rendered from data, so that they stay true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from wagtail_pledge.caching.local import read_once
from wagtail_pledge.treaties.display.spotlight import spotlight
from wagtail_pledge.treaties.enums import FactKind, Standing
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.importing.apply import get_treaty
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.states import name_in_sentence
from wagtail_pledge.treaties.status import Look, TreatyStatus, look
from wagtail_pledge.treaties.words import date_in_words, list_in_words, number_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatyLabel:
    """What a treaty is called in the reader's language: ``name`` in a sentence, with its article, and ``title``."""

    name: str
    title: str


def treaty_label(treaty: Treaty) -> TreatyLabel:
    """Return the treaty's names in the active language, else in the treaty's first language.

    No query where the treaty came with its names (``Treaty.objects.with_names()``), else one.
    """
    if not hasattr(treaty, "local_name"):
        treaty = Treaty.objects.with_names().get(pk=treaty.pk)
    name, title = getattr(treaty, "local_name", None), getattr(treaty, "local_title", None)
    return TreatyLabel(name=name or treaty.name, title=title or treaty.title)


def label_languages() -> tuple[str, str]:
    """Return the languages in which a treaty's name serves the reader, the better one first."""
    language = get_language() or ""
    return language, language.partition("-")[0]


def choose_label(treaty: Treaty, names: Mapping[str, TreatyLabel]) -> TreatyLabel:
    """Return the one of ``names`` that serves the reader best, else the treaty's own."""
    found = (names[language] for language in label_languages() if language in names)
    return next(found, TreatyLabel(name=treaty.name, title=treaty.title))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """How the parts of a sentence are written: as they are, or marked up."""

    number: Callable[[int], str]
    day: Callable[[dt.date], str]
    text: Callable[[str], str]


def _number_html(number: int) -> str:
    return format_html('<span class="pledge-fact">{}</span>', number_in_words(number))


def _day_html(day: dt.date) -> str:
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), date_in_words(day))


_PLAIN: Final = _Style(number=number_in_words, day=date_in_words, text=str)
_HTML: Final = _Style(number=_number_html, day=_day_html, text=escape)


def treaty_sentence(status: TreatyStatus, treaty_name: str, examples: Iterable[str] = ()) -> str:
    """Return the fact in the active language, with the day it is true for.

    "As of 3 February 2026, 60 States are party to the Migrant Workers Convention, Mexico and the Philippines
    among them; 11 more have signed it." ``examples`` are party ids; each is named only while it is a party.
    """
    return _sentence(status, treaty_name, examples, _PLAIN)


def treaty_sentence_html(status: TreatyStatus, treaty_name: str, examples: Iterable[str] = ()) -> SafeString:
    """Return :func:`treaty_sentence` with the day in ``<time>`` and each number in ``span.pledge-fact``."""
    return mark_safe(_sentence(status, treaty_name, examples, _HTML))  # noqa: S308 - _HTML escapes each value


def treaty_fact_html(
    status: TreatyStatus, treaty_name: str, kind: FactKind, *, examples: Iterable[str] = (), state: str = ""
) -> SafeString:
    """Return a live fact of that kind, "" where it can't be told (a State without a row on that day).

    Numbers carry their day in ``title`` and, for print, in ``data-as-of``.
    """
    if kind in _NUMBERS:
        return _number_of_day_html(_NUMBERS[kind](status), status.known_until)
    if kind == FactKind.STATE:
        card = spotlight(status, state, treaty_name)
        return format_html("{}", card.text) if card else mark_safe("")
    return mark_safe(_sentence(status, treaty_name, examples, _HTML, kind))  # noqa: S308 - _HTML escapes each value


_NUMBERS: Final[Mapping[FactKind, Callable[[TreatyStatus], int]]] = {
    FactKind.NUMBER_PARTIES: lambda status: status.parties,
    FactKind.NUMBER_SIGNED_ONLY: lambda status: status.signed_only,
    FactKind.NUMBER_NEITHER: lambda status: status.neither,
}


def _number_of_day_html(number: int, day: dt.date) -> SafeString:
    words = _("as of %(date)s") % {"date": date_in_words(day)}
    return format_html(
        '<span class="pledge-fact" title="{0}" data-as-of=" ({0})">{1}</span>', words, number_in_words(number)
    )


def _sentence(
    status: TreatyStatus,
    treaty_name: str,
    examples: Iterable[str],
    style: _Style,
    kind: FactKind = FactKind.SENTENCE,
) -> str:
    clauses = list(_clauses(status, treaty_name, examples, style, kind))
    said = pgettext("between clauses of a sentence", "; ").join(clause for clause in clauses if clause)
    return pgettext("whole sentence", "%(clauses)s.") % {"clauses": said}


def _clauses(
    status: TreatyStatus, treaty_name: str, examples: Iterable[str], style: _Style, kind: FactKind
) -> Iterator[str]:
    if kind == FactKind.SIGNED_ONLY:
        yield _only_signed_clause(status, style.text(treaty_name), style)
        return
    yield _parties_clause(status, style.text(treaty_name), style.text(examples_in_words(status, examples)), style)
    yield _organizations_clause(status, style)
    if kind == FactKind.SENTENCE:
        yield _signed_clause(status, style)


def examples_in_words(status: TreatyStatus, examples: Iterable[str]) -> str:
    """Return "Mexico and the Philippines": those of the given party ids that are parties on the day."""
    found = [status.find(key) for key in dict.fromkeys(examples)]
    return list_in_words(
        [
            name_in_sentence(key=state.key, name=state.name)
            for state in found
            if state and state.status == Standing.PARTY and not state.is_organization
        ]
    )


def _parties_clause(status: TreatyStatus, treaty_name: str, examples: str, style: _Style) -> str:
    number = status.parties - status.organizations
    if number == 0:
        pattern = _("As of %(date)s, no State is party to %(treaty)s")
    elif examples:
        pattern = ngettext(
            "As of %(date)s, %(count)s State is party to %(treaty)s: %(examples)s",
            "As of %(date)s, %(count)s States are party to %(treaty)s, %(examples)s among them",
            number,
        )
    else:
        pattern = ngettext(
            "As of %(date)s, %(count)s State is party to %(treaty)s",
            "As of %(date)s, %(count)s States are party to %(treaty)s",
            number,
        )
    return pattern % {
        "date": style.day(status.known_until),
        "count": style.number(number),
        "treaty": treaty_name,
        "examples": examples,
    }


def _organizations_clause(status: TreatyStatus, style: _Style) -> str:
    number = status.organizations
    pattern = ngettext("%(count)s organization is party as well", "%(count)s organizations are party as well", number)
    return pattern % {"count": style.number(number)} if number else ""


def _signed_clause(status: TreatyStatus, style: _Style) -> str:
    number = status.signed_only
    if status.parties:
        pattern = ngettext("%(count)s more has signed it", "%(count)s more have signed it", number)
    else:
        pattern = ngettext("%(count)s has signed it", "%(count)s have signed it", number)
    return pattern % {"count": style.number(number)} if number else ""


def _only_signed_clause(status: TreatyStatus, treaty_name: str, style: _Style) -> str:
    number = status.signed_only
    if number == 0:
        pattern = _("As of %(date)s, no State has signed %(treaty)s without becoming a party to it")
    else:
        pattern = ngettext(
            "As of %(date)s, %(count)s signatory of %(treaty)s has not become a party to it",
            "As of %(date)s, %(count)s signatories of %(treaty)s have not become parties to it",
            number,
        )
    return pattern % {"date": style.day(status.known_until), "count": style.number(number), "treaty": treaty_name}


Seen = tuple[Treaty, Look, TreatyLabel]


def look_today(treaty: Treaty) -> Look:
    """Return today's status with its acts: one query. Raises a subclass of :class:`AsOfError`."""
    return read_once(("look", treaty.pk, get_language()), partial(look, treaty))


def see_treaty(key: str) -> Seen | None:
    """Return the treaty of that key with its status today and its names, ``None`` where it is gone or has no data yet;
    two queries.
    """
    return read_once(("treaty", key, get_language()), partial(_see, key))


def _see(key: str) -> Seen | None:
    try:
        treaty = get_treaty(key)
        return treaty, look_today(treaty), treaty_label(treaty)
    except TreatyError:
        return None
