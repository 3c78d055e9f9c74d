"""Management command that rotates stored data to the newest keys."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.services.key_rotation import BATCH, finish_rotation, rekey


class Command(BaseCommand):
    """``pledge_rekey [--batch 500] [--dry-run | --finish]``."""

    help = "Re-encrypts and re-hashes stored data with the newest keys. Run it again until nothing changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the command's options."""
        parser.add_argument("--batch", type=int, default=BATCH, help="Rows per transaction.")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--dry-run", action="store_true", help="Only print how many rows would change.")
        mode.add_argument(
            "--finish", action="store_true", help="Finish the rotation, after the old dedup key left the settings."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rotate and print how many rows changed. Raises ``CommandError`` if a key is missing."""
        if options["batch"] < 1:
            message = "--batch must be at least 1"
            raise CommandError(message)
        try:
            changed = self._run(options)
        except PledgeError as error:
            raise CommandError(str(error)) from error
        verb = "would change" if options["dry_run"] else "changed"
        self.stdout.write(f"{changed} rows {verb}." if changed else "Nothing changed: all rows use the newest keys.")

    def _run(self, options: dict[str, Any]) -> int:
        if options["finish"]:
            return finish_rotation(batch=options["batch"])
        return rekey(batch=options["batch"], dry_run=options["dry_run"])
