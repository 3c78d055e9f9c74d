"""Writes the content of a list to the database in one transaction, or nothing if any line is invalid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Final

from django.db import transaction

from wagtail_pledge.core.db import PreparedQuery
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
from wagtail_pledge.treaties.managers import TreatyQuerySet, active_languages
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.signals import send_status_changed
from wagtail_pledge.treaties.sources.base import ErrorLine, ParsedStatus
from wagtail_pledge.treaties.status import TreatyStatus, status_as_of


def _treaty_query(key: str, language: str, base: str) -> TreatyQuerySet:
    return Treaty.objects.with_names_in(language, base).with_key(key)


_FIND: Final = PreparedQuery(_treaty_query, {"key": "the-key", "language": "the-language", "base": "the-base"})


def get_treaty(key: str) -> Treaty:
    """Return the treaty with that key and its names in the active language. Raises :class:`UnknownTreaty`."""
    language, base = active_languages()
    found: list[Treaty] = _FIND.rows(key=key, language=language, base=base)
    if not found:
        raise UnknownTreaty(key)
    return found[0]


def lock_treaty(treaty: Treaty) -> Treaty:
    """Return the treaty, read anew and locked until the current transaction ends."""
    return Treaty.objects.select_for_update().get(pk=treaty.pk)


@transaction.atomic
def apply_import(treaty: Treaty, parsed: ParsedStatus, *, as_of: dt.date, dry_run: bool = False) -> ImportReport:
    """Replace the stored acts by those of ``parsed`` with the status date ``as_of``; return a report.

    Nothing is written if there is any error, whether in the file, in the dates or in the recount. ``dry_run`` does the
    same work and rolls it back. A list is the whole status, so acts that it no longer contains are deleted. Sends
    ``treaty_status_changed`` after commit.
    """
    locked = lock_treaty(treaty)
    errors = [*parsed.errors, *day_errors(locked, as_of), *subject_errors(locked, parsed, as_of)]
    errors = errors or list(record_errors(locked, parsed.records, as_of))
    if errors:
        return replace(_report(locked, as_of, dry_run=dry_run, errors=errors), notes=parsed.notes)
    states = {state.key: state for state in State.objects.all()}
    diff = diff_acts(locked, _with_computed_effects(locked, parsed), states)
    diff.write()
    status = _status_with_organizations(locked, as_of)
    errors = list(recount_errors(locked, status, parsed))
    if errors or dry_run:
        transaction.set_rollback(True)
    else:
        _update_treaty(locked, parsed, as_of, is_changed=bool(diff.changes))
        treaty.as_of = as_of
        send_status_changed(locked, diff.changes)
    report = _report(locked, as_of, dry_run=dry_run, errors=errors, changes=diff.changes, status=status)
    return replace(report, notes=parsed.notes)


def _with_computed_effects(treaty: Treaty, parsed: ParsedStatus) -> ParsedStatus:
    records = (replace(record, effect=record.effect or computed_effect(treaty, record)) for record in parsed.records)
    return replace(parsed, records=tuple(records))


def _status_with_organizations(treaty: Treaty, as_of: dt.date) -> TreatyStatus:
    """Return the status with organizations counted, as the depositary's published counts include them."""
    counted = copy(treaty)
    counted.as_of = as_of
    counted.counts_organizations = True
    return status_as_of(counted, as_of)


def _update_treaty(treaty: Treaty, parsed: ParsedStatus, as_of: dt.date, *, is_changed: bool) -> None:
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
