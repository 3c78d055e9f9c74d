"""Turn a kill switch or a surge on or off, or list them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from wagtail_pledge.signing.models import Pledge, Switch
from wagtail_pledge.signing.services.switches import (
    AUTOMATIC,
    MAIL_QUALITY,
    MANUAL,
    SURGE,
    SWITCHES,
    set_surge,
    set_switch,
)


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
            set_surge(on=on, pledge=_pledge(pledge), reason=reason)
        else:
            set_switch(name, on=on, reason=reason)

    def _tell(self) -> None:
        rows = {switch.name: switch for switch in Switch.objects.all()}
        for name in SWITCHES:
            switch = rows.get(name)
            if switch and switch.is_on:
                self._say(name, f"{'ON' if name == SURGE else 'PAUSED'} since {_since(switch)}")
            elif name != SURGE:
                self._say(name, "runs")
            elif MAIL_QUALITY not in rows:
                self._say(name, "off for all pledges together" if _is_any_in_surge(rows) else "off")
        self._tell_surges(rows)

    def _tell_surges(self, rows: Mapping[str, Switch]) -> None:
        if switch := rows.get(MAIL_QUALITY):
            self._say(SURGE, _by_itself(switch))
        for pledge in Pledge.objects.order_by("pk"):
            if (switch := rows.get(f"{MANUAL}{pledge.pk}")) and switch.is_on:
                self._say(SURGE, f"ON since {_since(switch)}  for {pledge.uuid}")
            if switch := rows.get(f"{AUTOMATIC}{pledge.pk}"):
                self._say(SURGE, f"{_by_itself(switch)}  for {pledge.uuid}")

    def _say(self, name: str, how: str) -> None:
        self.stdout.write(f"{name:10} {how}")


def _is_any_in_surge(rows: Mapping[str, Switch]) -> bool:
    return any(name.startswith((MANUAL, AUTOMATIC)) and switch.is_on for name, switch in rows.items())


def _by_itself(switch: Switch) -> str:
    return f"{'ON by itself' if switch.is_on else 'noticed'} since {_since(switch)}"


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
