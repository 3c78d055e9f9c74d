"""``pledge_import_treaty FILE --treaty KEY [--dry-run] [--as-of DATE]``."""

from __future__ import annotations

import datetime as dt
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.reports import ImportReport
from wagtail_pledge.treaties.services import apply_import, get_treaty
from wagtail_pledge.treaties.sources.base import ParsedStatus
from wagtail_pledge.treaties.sources.registry import source_for
from wagtail_pledge.treaties.states import load_resolver
from wagtail_pledge.treaties.status import parse_day
from wagtail_pledge.treaties.words import date_in_words

#: A file may carry its day in its name: ``palermo_tip__2014-01-27.csv``.
_DAY_IN_NAME: Final = re.compile(r"__(\d{4}-\d{2}-\d{2})$")


class Command(BaseCommand):
    """Import a treaty's status from a file; any wrong line means that nothing is written."""

    help = "Import a treaty's status from a file. Any wrong line means that nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file and what is known about it."""
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="the list, in a format that a registered source reads"
        )
        parser.add_argument("--treaty", required=True, metavar="KEY", help="the treaty's key, such as cmw")
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
        parser.add_argument(
            "--as-of",
            metavar="DATE",
            help="the day that the list describes, YYYY-MM-DD; without it the day in the file or its name, else the"
            " day of the stored status",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, check, write, and say what changed. Exits with an error if any line is wrong."""
        path: Path = options["file"]
        try:
            treaty = get_treaty(options["treaty"])
            content = path.read_bytes()
            parsed = source_for(path.name, content).parse(content, load_resolver())
            as_of = self._as_of(options["as_of"], parsed, path, treaty)
            report = apply_import(treaty, parsed, as_of=as_of, dry_run=options["dry_run"])
        except (PledgeError, OSError) as error:
            raise CommandError(str(error)) from error
        self._print(report)

    def _as_of(self, given: str | None, parsed: ParsedStatus, path: Path, treaty: Treaty) -> dt.date:
        named = _DAY_IN_NAME.search(path.stem)
        if given or named:
            return parse_day(given or (named[1] if named else ""))
        found = parsed.as_of or treaty.as_of or treaty.published_on
        if found is None:
            raise CommandError(_("Say which day the list describes: --as-of YYYY-MM-DD."))
        return found

    def _print(self, report: ImportReport) -> None:
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
        "date": date_in_words(report.as_of) if report.as_of else "",
        "parties": report.parties,
        "signatories": report.signatories,
        "signed_only": report.signed_only,
    }
    message = _(
        "%(treaty)s as of %(date)s: %(parties)s parties, %(signatories)s signatories, %(signed_only)s signed only."
    )
    return message % values
