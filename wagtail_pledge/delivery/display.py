"""Decision-makers and decision paths as pages show them, in the active language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from wagtail_pledge.delivery.enums import Position, StageState
from wagtail_pledge.delivery.models import DecisionStage, Recipient
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.websites import web_address

#: How many decision-makers and stages of one campaign are shown.
MAX_RECIPIENTS: Final = 100
MAX_STAGES: Final = 50
#: How many pieces of evidence of one stage are shown, the newest.
MAX_EVIDENCE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMaker:
    """A decision-maker; every text may be ``""`` but ``office``. ``website`` is an http(s) URL."""

    office: str
    name: str = ""
    place: str = ""
    website: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    position: Position = Position.UNKNOWN
    position_on: dt.date | None = None
    position_source: str = ""

    @property
    def has_position(self) -> bool:
        """Whether a position is known, with its source and date."""
        return self.position != Position.UNKNOWN

    @property
    def title(self) -> str:
        """The name, else the office."""
        return self.name or self.office

    @property
    def details(self) -> str:
        """The office, unless it is the :attr:`title`, and the place."""
        return ", ".join(filter(None, [self.office if self.name else "", self.place]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What happened on one day; ``source`` is an http(s) URL or ``""``."""

    day: dt.date
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage. ``is_current``: the first one that is not done.

    ``evidence`` is the newest, ``more`` the number of older pieces that are not shown.
    """

    name: str
    text: str
    state: StageState
    who: str
    evidence: tuple[Evidence, ...] = ()
    more: int = 0
    is_current: bool = False


def decision_makers(pledge: Pledge) -> tuple[DecisionMaker, ...]:
    """Return whom the pledge urges, in the editors' order; one query."""
    rows = Recipient.objects.of_pledge(pledge).with_local_texts()[:MAX_RECIPIENTS]
    return tuple(_decision_maker(row) for row in rows)


def _decision_maker(row: Any) -> DecisionMaker:
    return DecisionMaker(
        name=row.name,
        office=row.local_office or row.office,
        place=row.local_place or row.place,
        website=web_address(row.website),
        email=row.email,
        phone=row.phone,
        address=row.address,
        position=Position(row.position) if row.position in Position.values else Position.UNKNOWN,
        position_on=row.position_on,
        position_source=web_address(row.position_source),
    )


def decision_path(pledge: Pledge) -> tuple[Stage, ...]:
    """Return the stages of the pledge's decision, in order, with their newest evidence; one query."""
    path = DecisionStage.objects.of_pledge(pledge).with_local_texts().with_local_evidence(MAX_EVIDENCE)
    rows = path[: MAX_STAGES * MAX_EVIDENCE]
    stages: list[Stage] = []
    for _pk, of_stage in groupby(rows, key=lambda row: row.pk):
        stages.append(_stage(list(of_stage), may_be_current=not any(stage.is_current for stage in stages)))
    return tuple(stages[:MAX_STAGES])


def _stage(rows: list[Any], *, may_be_current: bool) -> Stage:
    """Return one stage from its rows, one per piece of evidence."""
    first, state = rows[0], _state_of(rows[0])
    return Stage(
        name=first.local_name or first.name,
        text=first.local_text or first.text,
        state=state,
        who=_who(first),
        evidence=tuple(_evidence(row) for row in rows if row.evidence_day is not None),
        more=max(0, first.evidence_count - MAX_EVIDENCE),
        is_current=may_be_current and state != StageState.DONE,
    )


def _state_of(row: Any) -> StageState:
    return StageState(row.state) if row.state in StageState.values else StageState.NOT_STARTED


def _who(row: Any) -> str:
    """Return name and office of the one who can move the stage, ``""`` if nobody is named."""
    if row.recipient is None:
        return ""
    return ", ".join(filter(None, [row.recipient.name, row.local_office or row.recipient.office]))


def _evidence(row: Any) -> Evidence:
    text = row.local_evidence or row.evidence_text
    return Evidence(day=row.evidence_day, text=text, source=web_address(row.evidence_source))
