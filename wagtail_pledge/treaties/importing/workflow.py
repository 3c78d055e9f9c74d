"""An import as a reviewed act: proposed, applied or refused, undone; each step in one transaction.

Every step begins with a conditional update of the import's own row, so that a second press of a button finds it
taken, and then locks the treaty, so that two imports of one treaty follow each other.
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
from wagtail_pledge.treaties.signals import announce
from wagtail_pledge.treaties.sources.base import ErrorLine, TreatySource
from wagtail_pledge.treaties.states import load_resolver

#: As long as the column.
_FILE_NAME_CHARS = 255


class NoDay(TreatyError):
    """Neither the file nor anybody says which day the list is of."""

    def __init__(self) -> None:
        super().__init__("no_day", _("The file does not say which day it is of. Give the day of its status."))


class NotWaiting(TreatyError):
    """Somebody has decided already."""

    def __init__(self) -> None:
        super().__init__("import_not_waiting", _("Somebody has decided on this import already."))


class StaleProposal(TreatyError):
    """The difference was taken from a status that is no more."""

    def __init__(self) -> None:
        message = _("The treaty’s status has changed since this list was compared with it. Upload the list again.")
        super().__init__("import_stale", message)


class RefusedByChecks(TreatyError):
    """What was right when it was proposed is wrong now; ``errors`` says why."""

    def __init__(self, errors: tuple[ErrorLine, ...]) -> None:
        super().__init__("import_refused", " ".join(str(error) for error in errors))
        self.errors = errors


class NotApplied(TreatyError):
    """There is nothing to undo."""

    def __init__(self) -> None:
        super().__init__("import_not_applied", _("This import is not in effect, so it can’t be undone."))


class NewerImport(TreatyError):
    """A later import stands on this one."""

    def __init__(self, newer: TreatyImport) -> None:
        message = _("A newer import of this treaty is in effect (%(name)s). Undo that one first.")
        super().__init__("newer_import", message % {"name": newer})


class ChangedSince(TreatyError):
    """The status is not what the import made it."""

    def __init__(self) -> None:
        message = _("The treaty’s status was changed after this import, so the earlier one can’t be brought back.")
        super().__init__("changed_since", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The dry run, and the entry that waits for approval: ``None`` if a line is wrong or nothing would change."""

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
    """Read a list, compare it with the stored status, and keep the difference for approval; the file is not kept.

    Raises :class:`~wagtail_pledge.treaties.sources.base.UnreadableFile` and :class:`NoDay`.
    """
    parsed = source.parse(content, load_resolver())
    day = as_of or parsed.as_of
    if day is None:
        raise NoDay
    with transaction.atomic():
        locked = lock_treaty(treaty)
        base = fingerprint(take_snapshot(locked))
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
            listed=dump_parsed(parsed),
            changes=dump_changes(report.changes),
            counts=_counts(report),
            base=base,
        )
    return Proposal(report=report, entry=entry)


@transaction.atomic
def apply_proposal(entry: TreatyImport, *, user: Any = None) -> ImportReport:
    """Write what was proposed, exactly that.

    Raises :class:`NotWaiting`, :class:`StaleProposal` and :class:`RefusedByChecks`; then nothing is written.
    """
    _decide(entry, ImportState.APPLIED, user)
    treaty = lock_treaty(entry.treaty)
    earlier = take_snapshot(treaty)
    if fingerprint(earlier) != entry.base:
        raise StaleProposal
    report = apply_import(treaty, load_parsed(entry.listed), as_of=entry.as_of)
    if not report.is_ok:
        raise RefusedByChecks(report.errors)
    # The treaty's own facts, its effect rule for one, may have changed what follows from the list
    if _without_names(dump_changes(report.changes)) != _without_names(entry.changes):
        raise StaleProposal
    treaty.refresh_from_db()
    entry.earlier, entry.result = earlier, fingerprint(take_snapshot(treaty))
    entry.save(update_fields=["earlier", "result"])
    return report


def refuse_proposal(entry: TreatyImport, *, user: Any = None) -> None:
    """Keep a proposal as refused. Raises :class:`NotWaiting`."""
    _decide(entry, ImportState.REFUSED, user)


@transaction.atomic
def undo_import(entry: TreatyImport, *, user: Any = None) -> None:
    """Bring back the status from before the import, every row and date of it.

    Raises :class:`NotApplied`, :class:`NewerImport` and :class:`ChangedSince`; then nothing is written.
    """
    applied = TreatyImport.objects.in_state(ImportState.APPLIED).filter(pk=entry.pk)
    if not applied.update(state=ImportState.UNDONE, undone_at=Now(), undone_by=user):
        raise NotApplied
    treaty = lock_treaty(entry.treaty)
    entry.refresh_from_db()
    newer = TreatyImport.objects.newer_than(entry).in_state(ImportState.APPLIED).first()
    if newer is not None:
        raise NewerImport(newer)
    if fingerprint(take_snapshot(treaty)) != entry.result or lacks_parties(entry.earlier):
        raise ChangedSince
    restore_snapshot(treaty, entry.earlier)
    announce(treaty, reversed_changes(load_changes(entry.changes)))


def is_undoable(entry: TreatyImport) -> bool:
    """Whether the import is in effect and no newer one of its treaty is."""
    if entry.state != ImportState.APPLIED:
        return False
    return not TreatyImport.objects.newer_than(entry).in_state(ImportState.APPLIED).exists()


def _decide(entry: TreatyImport, state: ImportState, user: Any) -> None:
    waiting = TreatyImport.objects.in_state(ImportState.PROPOSED).filter(pk=entry.pk)
    if not waiting.update(state=state, decided_at=Now(), decided_by=user):
        raise NotWaiting
    entry.refresh_from_db()


def _without_names(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in change.items() if name != "name"} for change in changes]


def _counts(report: ImportReport) -> dict[str, int | None]:
    return {
        "parties": report.parties,
        "signatories": report.signatories,
        "signed_only": report.signed_only,
    }
