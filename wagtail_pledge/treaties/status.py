"""Calculates the status of a treaty and of each participant on a given day."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.utils import timezone
from django.utils.translation import get_language

from wagtail_pledge.core.collation import sort_key
from wagtail_pledge.core.db import PreparedQuery
from wagtail_pledge.treaties.enums import CONSENTS, SIGNATURES, Act, EffectRule, ParticipantStatus, StateKind
from wagtail_pledge.treaties.errors import BeforeAdoption, FutureDate, InvalidDate, NoTreatyData
from wagtail_pledge.treaties.managers import ActRow
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.states import display_name

#: Every participant with its acts up to a day, undated ones included.
ActsOf = Sequence[tuple[State, Sequence["DatedAct"]]]

_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedAct:
    """One act. ``date`` is the day of signature or deposit, ``effect`` the day it takes effect; ``None`` is unknown."""

    kind: Act
    date: dt.date | None
    effect: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateStatus:
    """Status of one participant on one day. ``iso3`` is empty for an organization, whose ``key`` is its id.

    ``signature`` is ``None`` if the signature was withdrawn by that day.
    """

    pk: int | None
    key: str
    iso3: str
    name: str
    kind: StateKind
    status: ParticipantStatus
    signature: DatedAct | None = None
    consent: DatedAct | None = None
    withdrawal: DatedAct | None = None

    @property
    def is_organization(self) -> bool:
        """True for an organization, False for a State."""
        return self.kind == StateKind.ORGANIZATION


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatyStatus:
    """Status of a treaty on one day: counts and participants.

    ``parties`` and ``signed_only`` are disjoint. ``parties`` includes ``organizations`` and ``territories``, as the
    depositary's count does. If the treaty's option ``counts_organizations`` is off, ``organizations`` is 0.
    ``signatories`` counts every signature that is in effect, of parties too. ``unknown`` counts the participants that
    may or may not have withdrawn by that day, because their withdrawal has no date; no other count but ``signatories``
    includes them. ``in_force_for`` is the number of parties for which the treaty is in force, ``None`` if the effect
    rule or a party's effect date is unknown. ``states`` is sorted by name in the active language.
    """

    treaty: str
    as_of: dt.date
    data_as_of: dt.date
    parties: int
    signatories: int
    signed_only: int
    former_parties: int
    unknown: int
    neither: int
    organizations: int
    in_force_for: int | None
    states: tuple[StateStatus, ...]
    territories: int = 0

    @property
    def known_until(self) -> dt.date:
        """The last day the counts are valid for: ``as_of``, or the status date of the data if that is earlier."""
        return min(self.as_of, self.data_as_of)

    def find(self, key: str) -> StateStatus | None:
        """Return the participant with that party id, or ``None``."""
        return next((state for state in self.states if state.key == key), None)


def parse_day(text: str) -> dt.date:
    """Parse a date in the format YYYY-MM-DD. Raises :class:`InvalidDate`."""
    if not _ISO_DAY.fullmatch(text):
        raise InvalidDate(text)
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidDate(text) from None


def check_day(treaty: Treaty, day: dt.date | None) -> tuple[dt.date, dt.date]:
    """Return the requested day (default: today) and the status date of the treaty's data.

    Raises a subclass of :class:`AsOfError` for a day before adoption or in the future, and if nothing was imported yet.
    """
    today = timezone.localdate()
    day = today if day is None else day
    if day > today:
        raise FutureDate(today)
    if treaty.adopted_on and day < treaty.adopted_on:
        raise BeforeAdoption(treaty.adopted_on)
    if treaty.as_of is None:
        raise NoTreatyData
    return day, treaty.as_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSnapshot:
    """A status, with the acts up to that day that it was calculated from. Shared between requests: read only."""

    status: TreatyStatus
    acts_of: ActsOf


def status_snapshot(treaty: Treaty, day: dt.date | None = None) -> StatusSnapshot:
    """Return the status on ``day`` (default: today) with its acts: one query, whatever the number of States.

    Raises a subclass of :class:`AsOfError`: see :func:`check_day`.
    """
    day, data_as_of = check_day(treaty, day)
    rows = tuple(_WITH_ACTS.rows(treaty_pk=treaty.pk, day=day))
    rules = (treaty.key, treaty.counts_organizations, treaty.effect_rule)
    return _snapshot(rules, day, data_as_of, rows, get_language())


_WITH_ACTS: Final = PreparedQuery(State.objects.with_acts, {"treaty_pk": 2_147_483_001, "day": dt.date(1, 2, 3)})


@lru_cache(maxsize=16)
def _snapshot(
    rules: tuple[str, bool, str], day: dt.date, data_as_of: dt.date, rows: tuple[ActRow, ...], _language: str | None
) -> StatusSnapshot:
    """Return the snapshot of these rows. Kept in this process, because most requests read the same rows."""
    key, counts_organizations, effect_rule = rules
    treaty = Treaty(key=key, counts_organizations=counts_organizations, effect_rule=effect_rule)
    acts_of = _acts_by_state(rows)
    return StatusSnapshot(status=status_from(treaty, day, data_as_of, acts_of), acts_of=acts_of)


def status_as_of(treaty: Treaty, day: dt.date | None = None) -> TreatyStatus:
    """Return the status on ``day`` (default: today): see ``status_snapshot``."""
    return status_snapshot(treaty, day).status


def status_from(treaty: Treaty, day: dt.date, data_as_of: dt.date, acts_of: ActsOf) -> TreatyStatus:
    """Return the status on ``day`` from every participant with its acts up to that day: no query."""
    states = [
        state_status(state, acts, day, data_as_of)
        for state, acts in acts_of
        if (acts or is_always_listed(state)) and not has_ended(state, day)
    ]
    return summarize(treaty, day, data_as_of, states)


def _acts_by_state(rows: Iterable[ActRow]) -> ActsOf:
    """Return every participant with its acts."""
    states: dict[int, State] = {}
    acts: dict[int, list[DatedAct]] = defaultdict(list)
    for pk, key, iso3, iso2, name, kind, end, action, date, effect in rows:
        states[pk] = State(pk=pk, key=key, iso3=iso3, iso2=iso2, name=name, kind=kind, ended_on=end)
        if action:
            acts[pk].append(DatedAct(kind=Act(action), date=date, effect=effect))
    return tuple((state, tuple(acts[pk])) for pk, state in states.items())


def is_always_listed(state: State) -> bool:
    """Return whether a participant is listed even without any act: true for States that can still join."""
    return state.kind not in {StateKind.ORGANIZATION, StateKind.FORMER_STATE, StateKind.TERRITORY}


def has_ended(state: State, day: dt.date) -> bool:
    """Return whether a former State no longer existed on ``day``."""
    return state.ended_on is not None and state.ended_on <= day


def state_status(state: State, acts: Iterable[DatedAct], day: dt.date, data_as_of: dt.date) -> StateStatus:
    """Return one participant's status from its acts up to ``day``, in any order."""
    ordered = sorted(acts, key=lambda act: act.date or dt.date.max)
    signature = _effective_signature(ordered, day, is_past=day < data_as_of)
    consents = [act for act in ordered if act.kind in CONSENTS]
    withdrawal = _effective_withdrawal(ordered, consents, day)
    return StateStatus(
        pk=state.pk,
        key=state.key,
        iso3=state.iso3,
        name=display_name(key=state.key, iso2=state.iso2, name=state.name),
        kind=StateKind(state.kind),
        status=_participant_status(state, ordered, signature, withdrawal, is_past=day < data_as_of),
        signature=signature,
        consent=consents[-1] if consents else None,
        withdrawal=withdrawal,
    )


def _effective_withdrawal(acts: Sequence[DatedAct], consents: Sequence[DatedAct], day: dt.date) -> DatedAct | None:
    """Return the withdrawal that has taken effect by ``day``, unless a later consent has superseded it."""
    withdrawal = next((act for act in reversed(acts) if act.kind == Act.WITHDRAWAL), None)
    if withdrawal is None or not consents or withdrawal.date is None:
        return withdrawal if consents else None
    if (withdrawal.effect or withdrawal.date) > day:
        return None
    # A State may withdraw and accede again on the same day; then the last of several consents is the newer act.
    last = consents[-1].date
    rejoined = last is not None and (last > withdrawal.date or (last == withdrawal.date and len(consents) > 1))
    return None if rejoined else withdrawal


def _effective_signature(acts: Sequence[DatedAct], day: dt.date, *, is_past: bool) -> DatedAct | None:
    """Return the signature, unless it was withdrawn by ``day``.

    A signature that was withdrawn on an unknown date is returned for every day before the status date of the data
    (``is_past``), because it was in effect for some of that time.
    """
    signatures = [act for act in acts if act.kind in SIGNATURES]
    withdrawn = next((act for act in reversed(acts) if act.kind == Act.WITHDRAWAL_OF_SIGNATURE), None)
    if withdrawn is not None and withdrawn.date is None:
        signatures = signatures if is_past else []
    elif withdrawn is not None and withdrawn.date is not None and (withdrawn.effect or withdrawn.date) <= day:
        signatures = [act for act in signatures if act.date and act.date > withdrawn.date]
    return signatures[0] if signatures else None


def _participant_status(
    state: State,
    acts: Sequence[DatedAct],
    signature: DatedAct | None,
    withdrawal: DatedAct | None,
    *,
    is_past: bool,
) -> ParticipantStatus:
    if state.kind == StateKind.FORMER_STATE and state.ended_on is None:
        return ParticipantStatus.UNKNOWN
    if not any(act.kind in CONSENTS for act in acts):
        return _signatory_status(acts, signature)
    if withdrawal is None:
        return ParticipantStatus.PARTY
    # The source shows that the instrument is no longer in effect, but not since when: earlier days are unknown.
    return ParticipantStatus.UNKNOWN if withdrawal.date is None and is_past else ParticipantStatus.FORMER_PARTY


def _signatory_status(acts: Sequence[DatedAct], signature: DatedAct | None) -> ParticipantStatus:
    if signature is None:
        return ParticipantStatus.NONE
    undated = any(act.kind == Act.WITHDRAWAL_OF_SIGNATURE and act.date is None for act in acts)
    return ParticipantStatus.UNKNOWN if undated else ParticipantStatus.SIGNED_ONLY


def summarize(treaty: Treaty, day: dt.date, data_as_of: dt.date, states: Iterable[StateStatus]) -> TreatyStatus:
    """Return the treaty's status with all its counts. Every count of participants is calculated here."""
    language = get_language() or ""
    ordered = tuple(sorted(states, key=lambda state: sort_key(state.name, language)))
    counted = [state for state in ordered if treaty.counts_organizations or not state.is_organization]
    count: Mapping[ParticipantStatus, int] = {
        participant_status: sum(state.status == participant_status for state in counted)
        for participant_status in ParticipantStatus
    }
    parties = [state for state in counted if state.status == ParticipantStatus.PARTY]
    return TreatyStatus(
        treaty=treaty.key,
        as_of=day,
        data_as_of=data_as_of,
        parties=len(parties),
        signatories=sum(state.signature is not None for state in counted),
        signed_only=count[ParticipantStatus.SIGNED_ONLY],
        former_parties=count[ParticipantStatus.FORMER_PARTY],
        unknown=count[ParticipantStatus.UNKNOWN],
        neither=count[ParticipantStatus.NONE],
        organizations=sum(state.is_organization for state in parties),
        territories=sum(state.kind == StateKind.TERRITORY for state in parties),
        in_force_for=_in_force_for(treaty, parties, day),
        states=ordered,
    )


def _in_force_for(treaty: Treaty, parties: Sequence[StateStatus], day: dt.date) -> int | None:
    effects = [state.consent.effect if state.consent else None for state in parties]
    if treaty.effect_rule == EffectRule.UNKNOWN:
        return None
    dates = [effect for effect in effects if effect is not None]
    return sum(effect <= day for effect in dates) if len(dates) == len(effects) else None
