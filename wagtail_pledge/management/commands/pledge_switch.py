"""Turn a kill switch on or off, or list them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from wagtail_pledge.signing.models import Switch
from wagtail_pledge.signing.services.switches import SWITCHES, turn


class Command(BaseCommand):
    """``pledge_switch [NAME on|off [--reason TEXT]]``."""

    help = "Pauses signing or mail at once, on every server; without arguments it says what is paused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("name", nargs="?", choices=SWITCHES)
        parser.add_argument("position", nargs="?", choices=("on", "off"))
        parser.add_argument("--reason", default="", help="For those who come after you; nobody outside sees it.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Turn, then say how every switch stands."""
        if options["name"] and options["position"]:
            turn(options["name"], on=options["position"] == "on", reason=options["reason"])
        holding = {switch.name: switch for switch in Switch.objects.filter(is_on=True)}
        for name in SWITCHES:
            switch = holding.get(name)
            since = f"PAUSED since {switch.changed_at:%Y-%m-%d %H:%M} UTC  {switch.reason}" if switch else "runs"
            self.stdout.write(f"{name:10} {since}".rstrip())
