"""Turn a kill switch or a surge on or off, or list them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from wagtail_pledge.signing.models import Pledge, Switch
from wagtail_pledge.signing.services.switches import AUTOMATIC, BY_HAND, SURGE, SWITCHES, turn, turn_surge


class Command(BaseCommand):
    """``pledge_switch [NAME on|off [--pledge UUID] [--reason TEXT]]``."""

    help = "Pauses signing or mail, or begins a surge, on every server at once; without arguments it says what holds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("name", nargs="?", choices=SWITCHES)
        parser.add_argument("position", nargs="?", choices=("on", "off"))
        parser.add_argument("--pledge", type=UUID, help="Only this pledge; for surge.")
        parser.add_argument("--reason", default="", help="For those who come after you; nobody outside sees it.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Turn, then say how every switch stands."""
        if options["pledge"] and options["name"] != SURGE:
            message = "--pledge goes with surge"
            raise CommandError(message)
        if options["name"] and options["position"]:
            self._turn(on=options["position"] == "on", **options)
        self._tell()

    def _turn(self, *, name: str, on: bool, pledge: UUID | None, reason: str, **_options: Any) -> None:
        if name == SURGE:
            turn_surge(on=on, pledge=_pledge(pledge), reason=reason)
        else:
            turn(name, on=on, reason=reason)

    def _tell(self) -> None:
        rows = {switch.name: switch for switch in Switch.objects.all()}
        for name in SWITCHES:
            switch = rows.get(name)
            rests, holds = ("off", "ON") if name == SURGE else ("runs", "PAUSED")
            self._say(name, f"{holds} since {_since(switch)}" if switch and switch.is_on else rests)
        for pledge in Pledge.objects.order_by("pk"):
            if (switch := rows.get(f"{BY_HAND}{pledge.pk}")) and switch.is_on:
                self._say(SURGE, f"ON since {_since(switch)}  for {pledge.uuid}")
            if switch := rows.get(f"{AUTOMATIC}{pledge.pk}"):
                state = "ON by itself" if switch.is_on else "noticed"
                self._say(SURGE, f"{state} since {_since(switch)}  for {pledge.uuid}")

    def _say(self, name: str, how: str) -> None:
        self.stdout.write(f"{name:10} {how}")


def _since(switch: Switch) -> str:
    return f"{switch.changed_at:%Y-%m-%d %H:%M} UTC  {switch.reason}".rstrip()


def _pledge(uuid: UUID | None) -> Pledge | None:
    if uuid is None:
        return None
    found = Pledge.objects.filter(uuid=uuid).first()
    if found is None:
        message = f"There is no pledge {uuid}"
        raise CommandError(message)
    return found
