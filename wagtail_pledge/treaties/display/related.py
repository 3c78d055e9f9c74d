"""What one State did with several treaties."""

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
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.status import DatedAct, StateStatus, is_always_listed, state_status
from wagtail_pledge.treaties.words import DayInWords, day_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedInstrument:
    """One treaty. ``row`` is ``None`` where the data can't say: nothing was imported, or the day is too early.

    ``as_of`` is the day of its data; ``is_stale`` says that it is older than ``WAGTAIL_PLEDGE_FACT_MAX_DAYS``.
    """

    key: str
    title: str
    short_name: str
    adopted: DayInWords | None
    row: Row | None
    as_of: DayInWords | None
    is_stale: bool


def is_stale(treaty: Treaty, today: dt.date | None = None) -> bool:
    """Tell whether the data is older than the site lets facts grow. Without data there is nothing to be old."""
    limit = (today or timezone.localdate()) - dt.timedelta(days=get_setting("FACT_MAX_DAYS"))
    return treaty.as_of is not None and treaty.as_of < limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A treaty, what it is called in the reader's language, and what one State did with it."""

    treaty: Treaty
    label: TreatyLabel
    acts: tuple[DatedAct, ...]


def load_instruments(state_pk: int | None) -> list[Instrument]:
    """Return every treaty in the order of adoption, with the acts of the State ``state_pk``: one query."""
    treaties: dict[int, Any] = {}
    acts: dict[int, set[DatedAct]] = defaultdict(set)
    names: dict[int, dict[str, TreatyLabel]] = defaultdict(dict)
    found: Iterable[Any] = Treaty.objects.with_acts_of(state_pk).with_name_in(label_languages())
    for row in found:
        treaties.setdefault(row.pk, row)
        if row.done_action:
            acts[row.pk].add(DatedAct(kind=Act(row.done_action), date=row.done_date, effect=row.done_effect))
        if row.said_in:
            names[row.pk][row.said_in] = TreatyLabel(name=row.said_name, title=row.said_title)
    return [
        Instrument(treaty=treaty, label=choose_label(treaty, names[pk]), acts=tuple(acts[pk]))
        for pk, treaty in treaties.items()
    ]


def related_instruments(
    state: State, instruments: Iterable[Instrument], day: dt.date | None = None
) -> tuple[RelatedInstrument, ...]:
    """Return what ``state`` did with each by ``day`` (today without one). No query."""
    asked = day or timezone.localdate()
    return tuple(_related(state, one, asked) for one in instruments)


def _related(state: State, one: Instrument, day: dt.date) -> RelatedInstrument:
    treaty = one.treaty
    status = _status(state, treaty, one.acts, day)
    return RelatedInstrument(
        key=treaty.key,
        title=one.label.title,
        short_name=treaty.short_name,
        adopted=day_in_words(treaty.adopted_on),
        row=state_row(status) if status else None,
        as_of=day_in_words(treaty.as_of),
        is_stale=is_stale(treaty),
    )


def _status(state: State, treaty: Treaty, acts: Iterable[DatedAct], day: dt.date) -> StateStatus | None:
    if treaty.as_of is None or (treaty.adopted_on and day < treaty.adopted_on):
        return None
    done = [act for act in acts if act.date is None or act.date <= day]
    if not done and not is_always_listed(state):
        return None
    return state_status(state, done, day, treaty.as_of)
