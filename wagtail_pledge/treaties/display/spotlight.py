"""Texts of the spotlight card, which describes one State's status under a treaty."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wagtail_pledge.treaties.enums import Act, ParticipantStatus
from wagtail_pledge.treaties.formatting import format_date
from wagtail_pledge.treaties.states import name_in_sentence
from wagtail_pledge.treaties.status import DatedAct, StateStatus, TreatyStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotlight:
    """The card of one State: ``heading`` is a short form of the status, ``text`` a sentence about it.

    ``bound`` is true for a party, ``None`` if that is unknown.
    """

    name: str
    status: ParticipantStatus
    heading: str
    text: str
    signed: bool
    bound: bool | None


def spotlight(status: TreatyStatus, key: str, treaty_name: str) -> Spotlight | None:
    """Return the card of the participant with party id ``key``, or ``None`` if ``status`` has no such participant."""
    state = status.find(key)
    if state is None:
        return None
    heading, pattern = _status_text(state)
    text = pattern % {
        "state": name_in_sentence(key=state.key, name=state.name),
        "treaty": treaty_name,
        "date": format_date(status.known_until),
        "signed": _date_of(state.signature),
        "consent": _date_of(state.consent),
        "act": state.consent.kind.label if state.consent else "",
        "withdrew": _date_of(state.withdrawal),
    }
    return Spotlight(
        name=state.name,
        status=state.status,
        heading=heading,
        text=text[:1].upper() + text[1:],
        signed=state.signature is not None,
        bound=None if state.status == ParticipantStatus.UNKNOWN else state.status == ParticipantStatus.PARTY,
    )


def _date_of(act: DatedAct | None) -> str:
    day: dt.date | None = act.date if act else None
    return format_date(day) if day else ""


def _status_text(state: StateStatus) -> tuple[str, str]:
    if state.status == ParticipantStatus.PARTY:
        return pgettext("card of a State", "Party"), _(
            "%(state)s has been a party to %(treaty)s since its %(act)s of %(consent)s."
        )
    if state.status == ParticipantStatus.SIGNED_ONLY:
        return pgettext("card of a State", "Signed, not party"), _signed_text(state)
    if state.status == ParticipantStatus.FORMER_PARTY:
        return pgettext("card of a State", "Withdrew"), _withdrawn_text(state)
    if state.status == ParticipantStatus.UNKNOWN:
        return pgettext("card of a State", "Not known"), _(
            "%(state)s became a party to %(treaty)s on %(consent)s and withdrew later. The source does not say when,"
            " so its status on %(date)s is not known."
        )
    return pgettext("card of a State", "Has not signed or joined"), _(
        "As of %(date)s, %(state)s has neither signed %(treaty)s nor become a party to it."
    )


def _signed_text(state: StateStatus) -> str:
    if state.signature and state.signature.kind == Act.SUCCESSION_TO_SIGNATURE:
        return _(
            "%(state)s succeeded to the signature of %(treaty)s on %(signed)s."
            " As of %(date)s, it has not become a party."
        )
    return _("%(state)s signed %(treaty)s on %(signed)s. As of %(date)s, it has not become a party.")


def _withdrawn_text(state: StateStatus) -> str:
    if state.withdrawal and state.withdrawal.date:
        return _("%(state)s was a party to %(treaty)s and withdrew on %(withdrew)s.")
    return _("%(state)s was a party to %(treaty)s and has withdrawn. The source does not say since when.")
