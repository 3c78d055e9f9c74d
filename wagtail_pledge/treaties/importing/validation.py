"""Why an import must not be written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_pledge.treaties.effect import effect_date
from wagtail_pledge.treaties.enums import CONSENTS, Act, Standing
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus, StatusRecord
from wagtail_pledge.treaties.status import TreatyStatus
from wagtail_pledge.treaties.words import date_in_words


def computed_effect(treaty: Treaty, record: StatusRecord) -> dt.date | None:
    """Return the effect date by the treaty's rule, or ``None`` where the rule says nothing about such an act."""
    if record.date is None or record.action not in CONSENTS or record.action == Act.SUCCESSION:
        return None
    return effect_date(treaty.effect_rule, record.date, treaty.in_force_on)


def day_errors(treaty: Treaty, as_of: dt.date) -> Iterator[ErrorLine]:
    """Yield why the list can't be of the day ``as_of``."""
    if as_of > timezone.localdate():
        message = _("The as-of date %(date)s lies in the future.") % {"date": date_in_words(as_of)}
        yield ErrorLine(row=0, code="as_of_in_the_future", message=message)
    if treaty.adopted_on and as_of < treaty.adopted_on:
        message = _("The as-of date %(date)s lies before the treaty's adoption.") % {"date": date_in_words(as_of)}
        yield ErrorLine(row=0, code="as_of_before_adoption", message=message)
    if treaty.as_of and as_of < treaty.as_of:
        message = _("The stored status is of %(stored)s; a list of %(date)s is older and would undo it.")
        values = {"stored": date_in_words(treaty.as_of), "date": date_in_words(as_of)}
        yield ErrorLine(row=0, code="as_of_outdated", message=message % values)


def subject_errors(treaty: Treaty, parsed: ParsedStatus, as_of: dt.date) -> Iterator[ErrorLine]:
    """Yield where the file itself says that it is about another treaty, or about another day."""
    own = {day for day in (treaty.adopted_on, treaty.opened_on) if day}
    if parsed.concluded_on and own and parsed.concluded_on not in own:
        message = _("The file is about a treaty of %(found)s; this one is of %(own)s.")
        values = {"found": date_in_words(parsed.concluded_on), "own": date_in_words(min(own))}
        yield ErrorLine(row=0, code="wrong_treaty", message=message % values)
    if parsed.as_of and parsed.as_of != as_of:
        message = _("The file says that it is of %(found)s, not of %(given)s.")
        values = {"found": date_in_words(parsed.as_of), "given": date_in_words(as_of)}
        yield ErrorLine(row=0, code="as_of_contradicts", message=message % values)


def record_errors(treaty: Treaty, records: Iterable[StatusRecord], as_of: dt.date) -> Iterator[ErrorLine]:
    """Yield the acts that can't be true: twice, too early, too late, or in force on another day than the rule says."""
    seen: set[tuple[str, str, dt.date | None]] = set()
    for record in records:
        if (key := (record.party, record.action.value, record.date)) in seen:
            yield _line(record, "repeated_act", _("The act stands there twice."))
        seen.add(key)
        if record.date is not None:
            yield from _date_errors(treaty, record, record.date, as_of)
        # A day that lies past the list is wrong already, and one at the end of time has no day of effect
        is_done = record.date is not None and record.date <= as_of
        computed = computed_effect(treaty, record) if is_done else None
        if record.effect and computed and record.effect != computed:
            message = _("By the treaty's rule the act takes effect on %(computed)s, not on %(given)s.")
            values = {"computed": date_in_words(computed), "given": date_in_words(record.effect)}
            yield _line(record, "effect_mismatch", message % values)


def _date_errors(treaty: Treaty, record: StatusRecord, day: dt.date, as_of: dt.date) -> Iterator[ErrorLine]:
    if day > as_of:
        message = _("The act is of %(date)s, later than the list itself (%(as_of)s).")
        values = {"date": date_in_words(day), "as_of": date_in_words(as_of)}
        yield _line(record, "after_as_of", message % values)
    if treaty.adopted_on and day < treaty.adopted_on:
        message = _("The act is of %(date)s, before the treaty's adoption.")
        yield _line(record, "before_adoption", message % {"date": date_in_words(day)})


def _line(record: StatusRecord, code: str, message: str) -> ErrorLine:
    text = f"{record.named_as}: {record.action.label}"
    return ErrorLine(row=record.row, code=code, message=message, text=text)


def recount_errors(treaty: Treaty, status: TreatyStatus, parsed: ParsedStatus) -> Iterator[ErrorLine]:
    """Yield where our recount differs from the source's own word on a participant, or from the published counts."""
    for key, (row, expected) in parsed.expected.items():
        found = status.find(key)
        counted = found.status if found else Standing.NONE
        if counted != expected:
            message = _("The list says “%(listed)s”, the acts make it “%(counted)s”.")
            values = {"listed": expected.label, "counted": counted.label}
            text = found.name if found else key
            yield ErrorLine(row=row, code="status_mismatch", message=message % values, text=text)
    if parsed.published_parties is not None or parsed.published_signatories is not None:
        yield from _count_errors(status, parsed.published_parties, parsed.published_signatories)
    elif treaty.published_on == status.as_of:
        yield from _count_errors(status, treaty.published_parties, treaty.published_signatories)


def _count_errors(status: TreatyStatus, parties: int | None, signatories: int | None) -> Iterator[ErrorLine]:
    counts = (
        (
            parties,
            status.parties,
            _("The depositary counts %(published)d parties, the list makes %(counted)d."),
        ),
        (
            signatories,
            status.signatories,
            _("The depositary counts %(published)d signatories, the list makes %(counted)d."),
        ),
    )
    for published, counted, message in counts:
        if published is not None and published != counted:
            values = {"published": published, "counted": counted}
            yield ErrorLine(row=0, code="header_mismatch", message=message % values)
