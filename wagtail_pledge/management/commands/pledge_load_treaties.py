"""Management command that adds treaties of the package's catalogue: ``pledge_load_treaties [KEY …] [--all]``."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.treaties.importing.catalogue import catalogue, load_from_catalogue
from wagtail_pledge.treaties.importing.reference_data import load_states
from wagtail_pledge.treaties.models import State, StateAlias, Treaty


class Command(BaseCommand):
    """Add treaties of the catalogue with their status; without arguments, list the catalogue."""

    help = "Add treaties of the catalogue with their status. Without arguments, list the catalogue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the command's arguments."""
        parser.add_argument("keys", nargs="*", metavar="KEY", help="the keys of the treaties, such as cmw")
        parser.add_argument("--all", action="store_true", help="add all treaties of the catalogue")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Add the treaties, or print the list. Raises ``CommandError`` for an unknown key."""
        if not get_setting("TREATIES"):
            raise CommandError(_("Treaties are turned off on this site: WAGTAIL_PLEDGE_TREATIES."))
        keys = list(catalogue()) if options["all"] else options["keys"]
        if not keys:
            self._print_catalogue()
            return
        if not State.objects.exists():
            # Treaties were off when the site was migrated
            load_states(State, StateAlias)
        try:
            added = load_from_catalogue(keys)
        except PledgeError as error:
            raise CommandError(str(error)) from error
        for treaty in added:
            self.stdout.write(_("Added: %(treaty)s") % {"treaty": treaty})
        if not added:
            self.stdout.write(_("No change."))

    def _print_catalogue(self) -> None:
        existing = set(Treaty.objects.values_list("key", flat=True))
        for entry in catalogue().values():
            day = entry.as_of.isoformat() if entry.as_of else "-"
            mark = "*" if entry.key in existing else " "
            self.stdout.write(f"{mark} {entry.key:14} {day:10}  {entry.title}")
        self.stdout.write(_("* is on this site already. The date is that of the status list."))
