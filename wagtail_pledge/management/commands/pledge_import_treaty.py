"""Management command that imports a treaty's status from a file, or undoes the newest import.

``pledge_import_treaty FILE --treaty KEY [--dry-run] [--as-of DATE] [--source NAME]``, or ``--treaty KEY --undo``.
"""

from __future__ import annotations

import datetime as dt
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.treaties.enums import ImportState
from wagtail_pledge.treaties.formatting import format_date
from wagtail_pledge.treaties.importing.apply import get_treaty
from wagtail_pledge.treaties.importing.report import ImportReport
from wagtail_pledge.treaties.importing.workflow import Proposal, apply_proposal, propose_import, undo_import
from wagtail_pledge.treaties.models import Treaty, TreatyImport
from wagtail_pledge.treaties.sources.base import TreatySource
from wagtail_pledge.treaties.sources.registry import source_for, source_named
from wagtail_pledge.treaties.states import load_resolver
from wagtail_pledge.treaties.status import parse_day

#: A file name may contain the date of the list: ``palermo_tip__2014-01-27.csv``.
_DAY_IN_NAME: Final = re.compile(r"__(\d{4}-\d{2}-\d{2})$")


class Command(BaseCommand):
    """Import a treaty's status from a file; if any line is wrong, nothing is written."""

    help = "Import a treaty's status from a file. If any line is wrong, nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the command's arguments."""
        parser.add_argument(
            "file", type=Path, nargs="?", metavar="FILE", help="the list, in a format that a registered source can read"
        )
        parser.add_argument("--treaty", required=True, metavar="KEY", help="the treaty's key, such as cmw")
        parser.add_argument("--dry-run", action="store_true", help="print what would change and write nothing")
        parser.add_argument("--undo", action="store_true", help="undo the newest import of the treaty")
        parser.add_argument(
            "--source", metavar="NAME", help="the source that reads the file; default: the first one that can read it"
        )
        parser.add_argument(
            "--as-of",
            metavar="DATE",
            help="the date of the list, YYYY-MM-DD; default: the date in the file or its name, else the date of the"
            " stored status",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import the file, or undo the newest import. Raises ``CommandError`` if any line is wrong."""
        if not get_setting("TREATIES"):
            raise CommandError(_("Treaties are turned off on this site: WAGTAIL_PLEDGE_TREATIES."))
        try:
            treaty = get_treaty(options["treaty"])
            if options["undo"]:
                self._undo(treaty)
            elif options["file"] is None:
                raise CommandError(_("Say which file to import: FILE."))
            else:
                self._print(self._import(treaty, options))
        except (PledgeError, OSError) as error:
            raise CommandError(str(error)) from error

    def _import(self, treaty: Treaty, options: dict[str, Any]) -> ImportReport:
        path: Path = options["file"]
        content = path.read_bytes()
        source = source_named(options["source"]) if options["source"] else source_for(path.name, content)
        as_of = self._as_of(options["as_of"], path)
        with transaction.atomic():
            proposal = self._propose(treaty, source, content, path, as_of)
            if options["dry_run"]:
                transaction.set_rollback(True)
            elif proposal.entry:
                return apply_proposal(proposal.entry)
        return proposal.report

    def _propose(
        self, treaty: Treaty, source: TreatySource, content: bytes, path: Path, as_of: dt.date | None
    ) -> Proposal:
        day = as_of or source.parse(content, load_resolver()).as_of or treaty.as_of or treaty.published_on
        if day is None:
            raise CommandError(_("Say which day the list describes: --as-of YYYY-MM-DD."))
        return propose_import(treaty, source, content=content, file_name=path.name, as_of=day)

    def _as_of(self, given: str | None, path: Path) -> dt.date | None:
        named = _DAY_IN_NAME.search(path.stem)
        text = given or (named[1] if named else "")
        return parse_day(text) if text else None

    def _undo(self, treaty: Treaty) -> None:
        applied = TreatyImport.objects.filter(treaty=treaty).in_state(ImportState.APPLIED)
        entry = applied.order_by("-decided_at", "-pk").first()
        if entry is None:
            raise CommandError(_("There is no import to undo."))
        undo_import(entry)
        self.stdout.write(_("Undone: %(name)s") % {"name": entry})

    def _print(self, report: ImportReport) -> None:
        for note in report.notes:
            self.stderr.write(_("Note: %(line)s") % {"line": note})
        for error in report.errors:
            self.stderr.write(str(error))
        if not report.is_ok:
            message = _("%(count)d wrong lines; nothing was written.")
            raise CommandError(message % {"count": len(report.errors)})
        for line in report.diff():
            self.stdout.write(line)
        self.stdout.write(_outcome(report))
        self.stdout.write(_counts(report))


def _outcome(report: ImportReport) -> str:
    if not report.changes:
        return _("No change.")
    return _("Dry run: nothing was written.") if report.dry_run else _("Written.")


def _counts(report: ImportReport) -> str:
    values = {
        "treaty": report.treaty,
        "date": format_date(report.as_of) if report.as_of else "",
        "parties": report.parties,
        "signatories": report.signatories,
        "signed_only": report.signed_only,
    }
    message = _(
        "%(treaty)s as of %(date)s: %(parties)s parties, %(signatories)s signatories, %(signed_only)s signed only."
    )
    return message % values
