"""Renders a treaty's status as sentences and numbers in the active language."""

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

from wagtail_pledge.caching.local import memoize_per_request
from wagtail_pledge.core.i18n import format_number
from wagtail_pledge.treaties.display.spotlight import spotlight
from wagtail_pledge.treaties.enums import FactKind, ParticipantStatus
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.formatting import format_date, format_list
from wagtail_pledge.treaties.importing.apply import get_treaty
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.states import name_in_sentence
from wagtail_pledge.treaties.status import StatusSnapshot, TreatyStatus, status_snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatyLabel:
    """A treaty's names in one language: ``name`` is for use in a sentence, ``title`` is the official title."""

    name: str
    title: str


def treaty_label(treaty: Treaty) -> TreatyLabel:
    """Return the treaty's names in the active language, or else its own ``name`` and ``title``.

    Needs a query unless the treaty was loaded by ``Treaty.objects.with_names()``.
    """
    if not hasattr(treaty, "local_name"):
        treaty = Treaty.objects.with_names().get(pk=treaty.pk)
    name, title = getattr(treaty, "local_name", None), getattr(treaty, "local_title", None)
    return TreatyLabel(name=name or treaty.name, title=title or treaty.title)


def label_languages() -> tuple[str, str]:
    """Return the active language and its base language, such as ("es-mx", "es")."""
    language = get_language() or ""
    return language, language.partition("-")[0]


def choose_label(treaty: Treaty, names: Mapping[str, TreatyLabel]) -> TreatyLabel:
    """Return the label in the active or base language from ``names`` (by language), else the treaty's own names."""
    matching = (names[language] for language in label_languages() if language in names)
    return next(matching, TreatyLabel(name=treaty.name, title=treaty.title))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """Formatters of the parts of a sentence, for plain text or HTML."""

    number: Callable[[int], str]
    day: Callable[[dt.date], str]
    text: Callable[[str], str]


def _number_html(number: int) -> str:
    return format_html('<span class="pledge-fact">{}</span>', format_number(number))


def _day_html(day: dt.date) -> str:
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), format_date(day))


_PLAIN: Final = _Style(number=format_number, day=format_date, text=str)
_HTML: Final = _Style(number=_number_html, day=_day_html, text=escape)


def treaty_sentence(status: TreatyStatus, treaty_name: str, examples: Iterable[str] = ()) -> str:
    """Return the status as a sentence in the active language.

    "As of 3 February 2026, 60 States are party to the Migrant Workers Convention, including Mexico and the
    Philippines; 11 more have signed but are not party." ``examples`` are party ids; only parties are named.
    """
    return _sentence(status, treaty_name, examples, _PLAIN)


def treaty_sentence_html(status: TreatyStatus, treaty_name: str, examples: Iterable[str] = ()) -> SafeString:
    """Return :func:`treaty_sentence` as HTML: the date in ``<time>``, each number in ``span.pledge-fact``."""
    return mark_safe(_sentence(status, treaty_name, examples, _HTML))  # noqa: S308 - _HTML escapes each value


def treaty_fact_html(
    status: TreatyStatus, treaty_name: str, kind: FactKind, *, examples: Iterable[str] = (), state: str = ""
) -> SafeString:
    """Return a live fact of that kind as HTML, "" if the status has no row for ``state``.

    A number is followed by its date in brackets.
    """
    if kind in _NUMBERS:
        return _dated_number_html(_NUMBERS[kind](status), status.known_until)
    if kind == FactKind.STATE:
        card = spotlight(status, state, treaty_name)
        return format_html("{}", card.text) if card else mark_safe("")
    return mark_safe(_sentence(status, treaty_name, examples, _HTML, kind))  # noqa: S308 - _HTML escapes each value


_NUMBERS: Final[Mapping[FactKind, Callable[[TreatyStatus], int]]] = {
    FactKind.NUMBER_PARTIES: lambda status: status.parties,
    FactKind.NUMBER_SIGNED_ONLY: lambda status: status.signed_only,
    FactKind.NUMBER_NEITHER: lambda status: status.neither,
}


def _dated_number_html(number: int, day: dt.date) -> SafeString:
    date = _("as of %(date)s") % {"date": format_date(day)}
    return format_html(
        '<span class="pledge-fact">{}</span> <small class="pledge-fact-date">({})</small>', format_number(number), date
    )


def _sentence(
    status: TreatyStatus,
    treaty_name: str,
    examples: Iterable[str],
    style: _Style,
    kind: FactKind = FactKind.SENTENCE,
) -> str:
    clauses = list(_clauses(status, treaty_name, examples, style, kind))
    joined = pgettext("between clauses of a sentence", "; ").join(clause for clause in clauses if clause)
    return pgettext("whole sentence", "%(clauses)s.") % {"clauses": joined}


def _clauses(
    status: TreatyStatus, treaty_name: str, examples: Iterable[str], style: _Style, kind: FactKind
) -> Iterator[str]:
    if kind == FactKind.SIGNED_ONLY:
        yield _only_signed_clause(status, style.text(treaty_name), style)
        return
    yield _parties_clause(status, style.text(treaty_name), style.text(format_examples(status, examples)), style)
    yield _organizations_clause(status, style)
    yield _territories_clause(status, style)
    if kind == FactKind.SENTENCE:
        yield _signed_clause(status, style)


def format_examples(status: TreatyStatus, examples: Iterable[str]) -> str:
    """Return "Mexico and the Philippines": the States among the party ids ``examples`` that are parties."""
    states = [status.find(key) for key in dict.fromkeys(examples)]
    return format_list(
        [
            name_in_sentence(key=state.key, name=state.name)
            for state in states
            if state and state.status == ParticipantStatus.PARTY and not state.is_organization
        ]
    )


def _parties_clause(status: TreatyStatus, treaty_name: str, examples: str, style: _Style) -> str:
    number = status.parties - status.organizations - status.territories
    if number == 0:
        pattern = _("As of %(date)s, no State is party to %(treaty)s")
    elif examples:
        pattern = ngettext(
            "As of %(date)s, %(count)s State is party to %(treaty)s: %(examples)s",
            "As of %(date)s, %(count)s States are party to %(treaty)s, including %(examples)s",
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


def _territories_clause(status: TreatyStatus, style: _Style) -> str:
    number = status.territories
    pattern = ngettext("%(count)s territory is party as well", "%(count)s territories are party as well", number)
    return pattern % {"count": style.number(number)} if number else ""


def _signed_clause(status: TreatyStatus, style: _Style) -> str:
    number = status.signed_only
    if status.parties:
        pattern = ngettext(
            "%(count)s more has signed but is not party", "%(count)s more have signed but are not party", number
        )
    else:
        pattern = ngettext("%(count)s has signed but is not party", "%(count)s have signed but are not party", number)
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


LabelledSnapshot = tuple[Treaty, StatusSnapshot, TreatyLabel]


def status_snapshot_today(treaty: Treaty) -> StatusSnapshot:
    """Return today's status with its acts: one query per request. Raises a subclass of :class:`AsOfError`."""
    return memoize_per_request(("status_snapshot", treaty.pk, get_language()), partial(status_snapshot, treaty))


def load_treaty_snapshot(key: str) -> LabelledSnapshot | None:
    """Return the treaty with that key, its status today and its names: two queries per request.

    ``None`` if the treaty does not exist or has no data yet.
    """
    return memoize_per_request(("treaty_snapshot", key, get_language()), partial(_load_treaty_snapshot, key))


def _load_treaty_snapshot(key: str) -> LabelledSnapshot | None:
    try:
        treaty = get_treaty(key)
        return treaty, status_snapshot_today(treaty), treaty_label(treaty)
    except TreatyError:
        return None
