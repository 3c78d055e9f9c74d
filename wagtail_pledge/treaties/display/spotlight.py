"""The card of one State: its words follow its status, so that they stay true after a win."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wagtail_pledge.treaties.enums import Act, Standing
from wagtail_pledge.treaties.states import name_in_sentence
from wagtail_pledge.treaties.status import DatedAct, StateStatus, TreatyStatus
from wagtail_pledge.treaties.words import date_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotlight:
    """``heading`` says the status in two words, ``text`` in a sentence; ``signed`` and ``bound`` answer yes or no.

    ``bound`` is ``None`` where nobody knows.
    """

    name: str
    status: Standing
    heading: str
    text: str
    signed: bool
    bound: bool | None


def spotlight(status: TreatyStatus, key: str, treaty_name: str) -> Spotlight | None:
    """Return the card of the participant ``key``, or ``None`` if it has no row on that day."""
    state = status.find(key)
    if state is None:
        return None
    heading, pattern = _words(state)
    said = pattern % {
        "state": name_in_sentence(key=state.key, name=state.name),
        "treaty": treaty_name,
        "date": date_in_words(status.known_until),
        "signed": _date_of(state.signature),
        "consent": _date_of(state.consent),
        "act": state.consent.kind.label if state.consent else "",
        "withdrew": _date_of(state.withdrawal),
    }
    return Spotlight(
        name=state.name,
        status=state.status,
        heading=heading,
        text=said[:1].upper() + said[1:],
        signed=state.signature is not None,
        bound=None if state.status == Standing.UNKNOWN else state.status == Standing.PARTY,
    )


def _date_of(act: DatedAct | None) -> str:
    day: dt.date | None = act.date if act else None
    return date_in_words(day) if day else ""


def _words(state: StateStatus) -> tuple[str, str]:
    if state.status == Standing.PARTY:
        return pgettext("card of a State", "Party"), _(
            "%(state)s has been a party to %(treaty)s since its %(act)s of %(consent)s."
        )
    if state.status == Standing.SIGNED_ONLY:
        return pgettext("card of a State", "Signed, not bound"), _signed_words(state)
    if state.status == Standing.FORMER_PARTY:
        return pgettext("card of a State", "Withdrew"), _withdrew_words(state)
    if state.status == Standing.UNKNOWN:
        return pgettext("card of a State", "Not known"), _(
            "%(state)s became a party to %(treaty)s on %(consent)s and withdrew later. The source does not say when,"
            " so its status on %(date)s is not known."
        )
    return pgettext("card of a State", "Not yet"), _(
        "As of %(date)s, %(state)s has neither signed %(treaty)s nor become a party to it."
    )


def _signed_words(state: StateStatus) -> str:
    if state.signature and state.signature.kind == Act.SUCCESSION_TO_SIGNATURE:
        return _(
            "%(state)s succeeded to the signature of %(treaty)s on %(signed)s."
            " As of %(date)s, it has not become a party."
        )
    return _("%(state)s signed %(treaty)s on %(signed)s. As of %(date)s, it has not become a party.")


def _withdrew_words(state: StateStatus) -> str:
    if state.withdrawal and state.withdrawal.date:
        return _("%(state)s was a party to %(treaty)s and withdrew on %(withdrew)s.")
    return _("%(state)s was a party to %(treaty)s and has withdrawn. The source does not say since when.")
