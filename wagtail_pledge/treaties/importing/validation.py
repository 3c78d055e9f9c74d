"""Validates an import, and calculates effect dates by the treaty's rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_pledge.treaties.enums import CONSENTS, Act, EffectRule, ParticipantStatus
from wagtail_pledge.treaties.formatting import format_date
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus, StatusRecord
from wagtail_pledge.treaties.status import TreatyStatus


def _month_after_three_months(deposit: dt.date) -> dt.date:
    # Article 87 (2) of the Migrant Workers Convention: "the first day of the month following a period of three
    # months after the date of the deposit". The result is the same for every day of a month, including the last.
    years, month = divmod(deposit.month + 3, 12)
    return dt.date(deposit.year + years, month + 1, 1)


def _thirtieth_day(deposit: dt.date) -> dt.date:
    return deposit + dt.timedelta(days=30)


_RULES = {
    EffectRule.MONTH_AFTER_THREE_MONTHS.value: _month_after_three_months,
    EffectRule.THIRTIETH_DAY.value: _thirtieth_day,
}


def effect_date(rule: str, deposit: dt.date, in_force_on: dt.date | None) -> dt.date | None:
    """Return the date on which an instrument takes effect, ``None`` without a rule or an entry into force.

    An instrument deposited before the treaty's entry into force takes effect on that day. Not for successions, which
    take effect on the day of independence.
    """
    computed = _RULES.get(rule)
    if computed is None or in_force_on is None:
        return None
    return max(computed(deposit), in_force_on)


def computed_effect(treaty: Treaty, record: StatusRecord) -> dt.date | None:
    """Return the effect date by the treaty's rule, or ``None`` if the rule does not apply to the act."""
    if record.date is None or record.action not in CONSENTS or record.action == Act.SUCCESSION:
        return None
    return effect_date(treaty.effect_rule, record.date, treaty.in_force_on)


def day_errors(treaty: Treaty, as_of: dt.date) -> Iterator[ErrorLine]:
    """Yield errors if ``as_of`` cannot be the list's status date: future, before adoption or outdated."""
    if as_of > timezone.localdate():
        message = _("The status date %(date)s is in the future.") % {"date": format_date(as_of)}
        yield ErrorLine(row=0, code="as_of_in_the_future", message=message)
    if treaty.adopted_on and as_of < treaty.adopted_on:
        message = _("The status date %(date)s is before the treaty’s adoption.") % {"date": format_date(as_of)}
        yield ErrorLine(row=0, code="as_of_before_adoption", message=message)
    if treaty.as_of and as_of < treaty.as_of:
        message = _("The stored status is dated %(stored)s. A list dated %(date)s is older and would undo it.")
        values = {"stored": format_date(treaty.as_of), "date": format_date(as_of)}
        yield ErrorLine(row=0, code="as_of_outdated", message=message % values)


def subject_errors(treaty: Treaty, parsed: ParsedStatus, as_of: dt.date) -> Iterator[ErrorLine]:
    """Yield errors if the file is about another treaty or has another status date than ``as_of``."""
    own = {day for day in (treaty.adopted_on, treaty.opened_on) if day}
    if parsed.concluded_on and own and parsed.concluded_on not in own:
        message = _("The file is about a treaty of %(found)s; this one is of %(own)s.")
        values = {"found": format_date(parsed.concluded_on), "own": format_date(min(own))}
        yield ErrorLine(row=0, code="wrong_treaty", message=message % values)
    if parsed.as_of and parsed.as_of != as_of:
        message = _("The file is dated %(found)s, not %(given)s.")
        values = {"found": format_date(parsed.as_of), "given": format_date(as_of)}
        yield ErrorLine(row=0, code="as_of_contradicts", message=message % values)


def record_errors(treaty: Treaty, records: Iterable[StatusRecord], as_of: dt.date) -> Iterator[ErrorLine]:
    """Yield an error for each repeated act, and for each act with an impossible date or effect date."""
    seen: set[tuple[str, str, dt.date | None]] = set()
    for record in records:
        if (key := (record.party, record.action.value, record.date)) in seen:
            yield _line(record, "repeated_act", _("This act is listed twice."))
        seen.add(key)
        if record.date is not None:
            yield from _date_errors(treaty, record, record.date, as_of)
        # A date after ``as_of`` is an error already, and ``effect_date`` would overflow for the year 9999
        is_past = record.date is not None and record.date <= as_of
        computed = computed_effect(treaty, record) if is_past else None
        if record.effect and computed and record.effect != computed:
            message = _("By the treaty's rule the act takes effect on %(computed)s, not on %(given)s.")
            values = {"computed": format_date(computed), "given": format_date(record.effect)}
            yield _line(record, "effect_mismatch", message % values)


def _date_errors(treaty: Treaty, record: StatusRecord, day: dt.date, as_of: dt.date) -> Iterator[ErrorLine]:
    if day > as_of:
        message = _("The act is dated %(date)s, later than the list itself (%(as_of)s).")
        values = {"date": format_date(day), "as_of": format_date(as_of)}
        yield _line(record, "after_as_of", message % values)
    if treaty.adopted_on and day < treaty.adopted_on:
        message = _("The act is dated %(date)s, before the treaty’s adoption.")
        yield _line(record, "before_adoption", message % {"date": format_date(day)})


def _line(record: StatusRecord, code: str, message: str) -> ErrorLine:
    text = f"{record.named_as}: {record.action.label}"
    return ErrorLine(row=record.row, code=code, message=message, text=text)


def recount_errors(treaty: Treaty, status: TreatyStatus, parsed: ParsedStatus) -> Iterator[ErrorLine]:
    """Yield an error for each status or count that differs from the list's own statuses and published counts."""
    for key, (row, expected) in parsed.expected.items():
        state = status.find(key)
        counted = state.status if state else ParticipantStatus.NONE
        if counted != expected:
            message = _("The list says “%(listed)s”, but the acts add up to “%(counted)s”.")
            values = {"listed": expected.label, "counted": counted.label}
            text = state.name if state else key
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
            _("The depositary counts %(published)d parties, but the list has %(counted)d."),
        ),
        (
            signatories,
            status.signatories,
            _("The depositary counts %(published)d signatories, but the list has %(counted)d."),
        ),
    )
    for published, counted, message in counts:
        if published is not None and published != counted:
            values = {"published": published, "counted": counted}
            yield ErrorLine(row=0, code="header_mismatch", message=message % values)
