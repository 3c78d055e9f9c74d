"""Writing treaty data: one transaction, and nothing at all if any line is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from django.db import transaction

from wagtail_pledge.treaties.errors import UnknownTreaty
from wagtail_pledge.treaties.importing.diff import diff_acts
from wagtail_pledge.treaties.importing.report import Change, ImportReport
from wagtail_pledge.treaties.importing.validation import (
    computed_effect,
    day_errors,
    record_errors,
    recount_errors,
    subject_errors,
)
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.signals import announce
from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus
from wagtail_pledge.treaties.status import TreatyStatus, status_as_of


def get_treaty(key: str) -> Treaty:
    """Return the treaty of that key with its names. Raises :class:`UnknownTreaty`."""
    treaty = Treaty.objects.with_names().keyed(key).first()
    if treaty is None:
        raise UnknownTreaty(key)
    return treaty


def lock_treaty(treaty: Treaty) -> Treaty:
    """Return the treaty as it is now, locked until the running transaction ends."""
    return Treaty.objects.select_for_update().get(pk=treaty.pk)


@transaction.atomic
def apply_import(treaty: Treaty, parsed: ParsedStatus, *, as_of: dt.date, dry_run: bool = False) -> ImportReport:
    """Make the stored acts equal to what ``parsed`` states for the day ``as_of``, or say why not.

    Any error line, from the source, from the dates or from the recount, means that nothing is written; so does
    ``dry_run``,
    which does everything else and takes it back. Acts that the list no longer has are removed: it is the whole status.
    Sends ``treaty_status_changed`` after commit.
    """
    locked = lock_treaty(treaty)
    errors = [*parsed.errors, *day_errors(locked, as_of), *subject_errors(locked, parsed, as_of)]
    errors = errors or list(record_errors(locked, parsed.records, as_of))
    if errors:
        return _report(locked, as_of, dry_run=dry_run, errors=errors)
    states = {state.key: state for state in State.objects.all()}
    diff = diff_acts(locked, _completed(locked, parsed), states)
    diff.write()
    status = _as_the_depositary_counts(locked, as_of)
    errors = list(recount_errors(locked, status, parsed))
    if errors or dry_run:
        transaction.set_rollback(True)
    else:
        _record_day(locked, parsed, as_of, is_changed=bool(diff.changes))
        treaty.as_of = as_of
        announce(locked, diff.changes)
    return _report(locked, as_of, dry_run=dry_run, errors=errors, changes=diff.changes, status=status)


def _completed(treaty: Treaty, parsed: ParsedStatus) -> ParsedStatus:
    records = (replace(record, effect=record.effect or computed_effect(treaty, record)) for record in parsed.records)
    return replace(parsed, records=tuple(records))


def _as_the_depositary_counts(treaty: Treaty, as_of: dt.date) -> TreatyStatus:
    """Return the status with everybody who joined, organizations too: only that compares with a published count."""
    counting = copy(treaty)
    counting.as_of = as_of
    counting.counts_organizations = True
    return status_as_of(counting, as_of)


def _record_day(treaty: Treaty, parsed: ParsedStatus, as_of: dt.date, *, is_changed: bool) -> None:
    values: dict[str, object] = {"as_of": as_of}
    if parsed.origin:
        values["source"] = parsed.origin
    if parsed.published_parties is not None:
        values["published_on"] = as_of
        values["published_parties"] = parsed.published_parties
        values["published_signatories"] = parsed.published_signatories
    if is_changed or any(getattr(treaty, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(treaty, name, value)
        treaty.save(update_fields=[*values, "updated_at"])


def _report(
    treaty: Treaty,
    as_of: dt.date,
    *,
    dry_run: bool,
    errors: Sequence[ErrorLine],
    changes: tuple[Change, ...] = (),
    status: TreatyStatus | None = None,
) -> ImportReport:
    return ImportReport(
        treaty=treaty.key,
        as_of=as_of,
        dry_run=dry_run,
        written=bool(changes) and not errors and not dry_run,
        errors=tuple(errors),
        changes=changes,
        parties=status.parties if status else None,
        signatories=status.signatories if status else None,
        signed_only=status.signed_only if status else None,
    )
