"""Workflow of an import: propose, then apply or reject, then undo. Each step is one transaction.

Each decision first updates the import's own row on condition of its state, so that a button pressed twice has no
second effect. It then locks the treaty, so that two imports of one treaty run one after the other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from wagtail_pledge.treaties.enums import ImportState
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.importing.apply import apply_import, lock_treaty
from wagtail_pledge.treaties.importing.report import ImportReport
from wagtail_pledge.treaties.importing.serialization import (
    dump_changes,
    dump_parsed,
    fingerprint,
    lacks_parties,
    load_changes,
    load_parsed,
    restore_snapshot,
    reversed_changes,
    take_snapshot,
)
from wagtail_pledge.treaties.models import Treaty, TreatyImport
from wagtail_pledge.treaties.signals import send_status_changed
from wagtail_pledge.treaties.sources.base import ErrorLine, TreatySource
from wagtail_pledge.treaties.states import load_resolver

#: Equal to the ``max_length`` of the model field.
_FILE_NAME_CHARS = 255


class MissingDate(TreatyError):
    """Neither the file nor the user gives the list's status date."""

    def __init__(self) -> None:
        super().__init__("no_day", _("The file does not show its date. Enter the “status as of” date."))


class ImportNotPending(TreatyError):
    """The import is already applied or rejected."""

    def __init__(self) -> None:
        super().__init__("import_not_waiting", _("Someone has already decided on this import."))


class StaleProposal(TreatyError):
    """The treaty's status has changed since the list was compared with it."""

    def __init__(self) -> None:
        message = _("The treaty’s status has changed since this list was compared with it. Upload the list again.")
        super().__init__("import_stale", message)


class FailedValidation(TreatyError):
    """The list is no longer valid, although it was when proposed. ``errors`` has the reasons."""

    def __init__(self, errors: tuple[ErrorLine, ...]) -> None:
        super().__init__("import_refused", " ".join(str(error) for error in errors))
        self.errors = errors


class NotApplied(TreatyError):
    """The import is not in effect, so it cannot be undone."""

    def __init__(self) -> None:
        super().__init__("import_not_applied", _("This import is not in effect, so it can’t be undone."))


class NewerImport(TreatyError):
    """A newer import of the treaty is in effect and must be undone first."""

    def __init__(self, newer: TreatyImport) -> None:
        message = _("A newer import of this treaty is in effect (%(name)s). Undo that one first.")
        super().__init__("newer_import", message % {"name": newer})


class StatusChanged(TreatyError):
    """The treaty's status was changed after the import, so it cannot be undone."""

    def __init__(self) -> None:
        message = _("The treaty’s status was changed after this import, so the earlier one can’t be brought back.")
        super().__init__("changed_since", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The report of the dry run, and the import to approve: ``None`` if there are errors or no changes."""

    report: ImportReport
    entry: TreatyImport | None


def propose_import(
    treaty: Treaty,
    source: TreatySource,
    *,
    content: bytes,
    file_name: str,
    user: Any = None,
    as_of: dt.date | None = None,
) -> Proposal:
    """Parse a list, compare it with the stored status, and store the changes for approval. The file is not kept.

    Raises :class:`~wagtail_pledge.treaties.sources.base.UnreadableFile` and :class:`MissingDate`.
    """
    parsed = source.parse(content, load_resolver())
    day = as_of or parsed.as_of
    if day is None:
        raise MissingDate
    with transaction.atomic():
        locked = lock_treaty(treaty)
        base_fingerprint = fingerprint(take_snapshot(locked))
        report = apply_import(locked, parsed, as_of=day, dry_run=True)
        if not report.is_ok or not (report.changes or locked.as_of != day):
            return Proposal(report=report, entry=None)
        entry = TreatyImport.objects.create(
            treaty=locked,
            source=source.name,
            file_name=file_name[:_FILE_NAME_CHARS],
            file_sha256=hashlib.sha256(content).hexdigest(),
            as_of=day,
            uploaded_by=user,
            parsed_list=dump_parsed(parsed),
            changes=dump_changes(report.changes),
            counts=_counts(report),
            base_fingerprint=base_fingerprint,
        )
    return Proposal(report=report, entry=entry)


@transaction.atomic
def apply_proposal(entry: TreatyImport, *, user: Any = None) -> ImportReport:
    """Apply a proposed import exactly as proposed.

    Raises :class:`ImportNotPending`, :class:`StaleProposal` and :class:`FailedValidation`; then nothing is written.
    """
    _decide(entry, ImportState.APPLIED, user)
    treaty = lock_treaty(entry.treaty)
    previous_status = take_snapshot(treaty)
    if fingerprint(previous_status) != entry.base_fingerprint:
        raise StaleProposal
    report = apply_import(treaty, load_parsed(entry.parsed_list), as_of=entry.as_of)
    if not report.is_ok:
        raise FailedValidation(report.errors)
    # The treaty's own fields, such as its effect rule, may have changed since, and with them the result
    if _without_names(dump_changes(report.changes)) != _without_names(entry.changes):
        raise StaleProposal
    treaty.refresh_from_db()
    entry.previous_status, entry.result_fingerprint = previous_status, fingerprint(take_snapshot(treaty))
    entry.save(update_fields=["previous_status", "result_fingerprint"])
    return report


def reject_proposal(entry: TreatyImport, *, user: Any = None) -> None:
    """Reject a proposed import. Raises :class:`ImportNotPending`."""
    _decide(entry, ImportState.REJECTED, user)


@transaction.atomic
def undo_import(entry: TreatyImport, *, user: Any = None) -> None:
    """Restore the status from before the import, including all primary keys and dates.

    Raises :class:`NotApplied`, :class:`NewerImport` and :class:`StatusChanged`; then nothing is written.
    """
    applied = TreatyImport.objects.in_state(ImportState.APPLIED).filter(pk=entry.pk)
    if not applied.update(state=ImportState.UNDONE, undone_at=Now(), undone_by=user):
        raise NotApplied
    treaty = lock_treaty(entry.treaty)
    entry.refresh_from_db()
    newer = TreatyImport.objects.newer_than(entry).in_state(ImportState.APPLIED).first()
    if newer is not None:
        raise NewerImport(newer)
    if fingerprint(take_snapshot(treaty)) != entry.result_fingerprint or lacks_parties(entry.previous_status):
        raise StatusChanged
    restore_snapshot(treaty, entry.previous_status)
    send_status_changed(treaty, reversed_changes(load_changes(entry.changes)))


def is_undoable(entry: TreatyImport) -> bool:
    """Return whether the import is in effect and no newer import of its treaty is."""
    if entry.state != ImportState.APPLIED:
        return False
    return not TreatyImport.objects.newer_than(entry).in_state(ImportState.APPLIED).exists()


def _decide(entry: TreatyImport, state: ImportState, user: Any) -> None:
    waiting = TreatyImport.objects.in_state(ImportState.PROPOSED).filter(pk=entry.pk)
    if not waiting.update(state=state, decided_at=Now(), decided_by=user):
        raise ImportNotPending
    entry.refresh_from_db()


def _without_names(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in change.items() if name != "name"} for change in changes]


def _counts(report: ImportReport) -> dict[str, int | None]:
    return {
        "parties": report.parties,
        "signatories": report.signatories,
        "signed_only": report.signed_only,
    }
