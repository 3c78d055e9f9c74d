"""The status of one State under several treaties."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from wagtail_pledge.conf import get_setting
from wagtail_pledge.treaties.display.facts import TreatyLabel, choose_label, label_languages
from wagtail_pledge.treaties.display.tables import Row, state_row
from wagtail_pledge.treaties.enums import Act
from wagtail_pledge.treaties.formatting import FormattedDate, formatted_date
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.status import DatedAct, StateStatus, is_always_listed, state_status


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedInstrument:
    """One State's status under one treaty, for the template.

    ``row`` is ``None`` if there is no status: nothing was imported, the day is before the treaty's adoption, or an
    organization or former State has no acts. ``as_of`` is the status date of the treaty's data; ``is_stale`` is true
    if it is older than ``WAGTAIL_PLEDGE_FACT_MAX_DAYS`` days.
    """

    key: str
    title: str
    short_name: str
    adopted: FormattedDate | None
    row: Row | None
    as_of: FormattedDate | None
    is_stale: bool


def is_stale(treaty: Treaty, today: dt.date | None = None) -> bool:
    """Return whether the treaty's data is older than ``WAGTAIL_PLEDGE_FACT_MAX_DAYS`` days; False without data."""
    limit = (today or timezone.localdate()) - dt.timedelta(days=get_setting("FACT_MAX_DAYS"))
    return treaty.as_of is not None and treaty.as_of < limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A treaty with its names in the active language and the acts of one State."""

    treaty: Treaty
    label: TreatyLabel
    acts: tuple[DatedAct, ...]


def load_instruments(state_pk: int | None) -> list[Instrument]:
    """Return every treaty, ordered by date of adoption, with the acts of the State ``state_pk``: one query."""
    treaties: dict[int, Any] = {}
    acts: dict[int, set[DatedAct]] = defaultdict(set)
    names: dict[int, dict[str, TreatyLabel]] = defaultdict(dict)
    rows: Iterable[Any] = Treaty.objects.with_acts_of(state_pk).with_name_in(label_languages())
    for row in rows:
        treaties.setdefault(row.pk, row)
        if row.act_kind:
            acts[row.pk].add(DatedAct(kind=Act(row.act_kind), date=row.act_date, effect=row.act_effect))
        if row.label_language:
            names[row.pk][row.label_language] = TreatyLabel(name=row.label_name, title=row.label_title)
    return [
        Instrument(treaty=treaty, label=choose_label(treaty, names[pk]), acts=tuple(acts[pk]))
        for pk, treaty in treaties.items()
    ]


def related_instruments(
    state: State, instruments: Iterable[Instrument], day: dt.date | None = None
) -> tuple[RelatedInstrument, ...]:
    """Return the status of ``state`` under each treaty on ``day`` (default: today). No query."""
    day = day or timezone.localdate()
    return tuple(_related(state, instrument, day) for instrument in instruments)


def _related(state: State, instrument: Instrument, day: dt.date) -> RelatedInstrument:
    treaty = instrument.treaty
    status = _status(state, treaty, instrument.acts, day)
    return RelatedInstrument(
        key=treaty.key,
        title=instrument.label.title,
        short_name=treaty.short_name,
        adopted=formatted_date(treaty.adopted_on),
        row=state_row(status) if status else None,
        as_of=formatted_date(treaty.as_of),
        is_stale=is_stale(treaty),
    )


def _status(state: State, treaty: Treaty, acts: Iterable[DatedAct], day: dt.date) -> StateStatus | None:
    if treaty.as_of is None or (treaty.adopted_on and day < treaty.adopted_on):
        return None
    acts = [act for act in acts if act.date is None or act.date <= day]
    if not acts and not is_always_listed(state):
        return None
    return state_status(state, acts, day, treaty.as_of)
