"""Management command that rotates stored data to the newest keys."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wagtail_pledge.core.crypto import current_version
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.services.key_rotation import BATCH, RekeyReport, finish_rotation, forget_suppressions, rekey
from wagtail_pledge.signing.services.stored_keys import links_by_token_key


class Command(BaseCommand):
    """``pledge_rekey [--batch 500] [--dry-run | --finish | --forget-suppressions]``."""

    help = "Re-encrypts and re-hashes stored data with the newest keys. Run it again until nothing changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the command's options."""
        parser.add_argument("--batch", type=int, default=BATCH, help="Rows per transaction.")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--dry-run", action="store_true", help="Only print how many rows would change.")
        mode.add_argument(
            "--finish", action="store_true", help="Finish the rotation, after the old dedup key left the settings."
        )
        mode.add_argument(
            "--forget-suppressions",
            action="store_true",
            help='Only delete the "not me" requests whose dedup key is not listed any more.',
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rotate and print how many rows changed. Raises ``CommandError`` if a key is missing."""
        if options["batch"] < 1:
            message = "--batch must be at least 1"
            raise CommandError(message)
        if options["forget_suppressions"]:
            self.stdout.write(f"{forget_suppressions()} not-me requests were deleted.")
            return
        try:
            report = self._run(options)
        except PledgeError as error:
            raise CommandError(str(error)) from error
        verb = "would change" if options["dry_run"] else "changed"
        changed = report.changed
        self.stdout.write(f"{changed} rows {verb}." if changed else "Nothing changed: all rows use the newest keys.")
        self._print_merged(report)
        self._print_links()

    def _print_merged(self, report: RekeyReport) -> None:
        if report.merged:
            self.stdout.write(f"{len(report.merged)} duplicate signatures were merged:")
        for one in report.merged:
            self.stdout.write(f"  {one.pledge}: {one.emptied} was emptied, {one.kept} was kept")

    def _print_links(self) -> None:
        """Print how many links in mails an old token key keeps alive."""
        newest = current_version("token")
        for version, count in links_by_token_key().items():
            if count and version != newest:
                self.stdout.write(f"The links mailed to {count} signers need the token key of version {version}.")

    def _run(self, options: dict[str, Any]) -> RekeyReport:
        if options["finish"]:
            return finish_rotation(batch=options["batch"])
        return rekey(batch=options["batch"], dry_run=options["dry_run"])
