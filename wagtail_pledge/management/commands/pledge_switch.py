"""Management command that turns a kill switch or a surge on or off, or lists them."""

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

    help = "Pauses signing or mail, or begins a surge, on all servers at once. Without arguments it lists the switches."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the command's arguments."""
        parser.add_argument("name", nargs="?", choices=SWITCHES)
        parser.add_argument(
            "position",
            nargs="?",
            choices=("on", "off"),
            help="on: pauses signing or mail, or begins a surge; off: ends that.",
        )
        parser.add_argument("--pledge", type=UUID, help="Only for this pledge; surge only.")
        parser.add_argument("--reason", default="", help="Note for your colleagues; never shown to the public.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Set the switch, if one is given, and print all switches."""
        if options["pledge"] and options["name"] != SURGE:
            message = "--pledge is for surge only"
            raise CommandError(message)
        if options["name"] and options["position"]:
            self._set(on=options["position"] == "on", **options)
        self._print_switches()

    def _set(self, *, name: str, on: bool, pledge: UUID | None, reason: str, **_options: Any) -> None:
        if name == SURGE:
            set_surge(on=on, pledge=_pledge(pledge), reason=reason)
        else:
            set_switch(name, on=on, reason=reason)

    def _print_switches(self) -> None:
        rows = {switch.name: switch for switch in Switch.objects.all()}
        for name in SWITCHES:
            switch = rows.get(name)
            if switch and switch.is_on:
                self._print(name, f"{'ON' if name == SURGE else 'PAUSED'} since {_since(switch)}")
            elif name != SURGE:
                self._print(name, "runs")
            elif MAIL_QUALITY not in rows:
                self._print(name, "off, except for single pledges" if _is_any_in_surge(rows) else "off")
        self._print_surges(rows)

    def _print_surges(self, rows: Mapping[str, Switch]) -> None:
        if switch := rows.get(MAIL_QUALITY):
            self._print(SURGE, _automatic(switch))
        for pledge in Pledge.objects.order_by("pk"):
            if (switch := rows.get(f"{MANUAL}{pledge.pk}")) and switch.is_on:
                self._print(SURGE, f"ON since {_since(switch)}  for {pledge.uuid}")
            if switch := rows.get(f"{AUTOMATIC}{pledge.pk}"):
                self._print(SURGE, f"{_automatic(switch)}  for {pledge.uuid}")

    def _print(self, name: str, state: str) -> None:
        self.stdout.write(f"{name:10} {state}")


def _is_any_in_surge(rows: Mapping[str, Switch]) -> bool:
    return any(name.startswith((MANUAL, AUTOMATIC)) and switch.is_on for name, switch in rows.items())


def _automatic(switch: Switch) -> str:
    return f"{'ON (automatic)' if switch.is_on else 'detected (not on)'} since {_since(switch)}"


def _since(switch: Switch) -> str:
    return f"{switch.changed_at:%Y-%m-%d %H:%M} UTC  {switch.reason}".rstrip()


def _pledge(uuid: UUID | None) -> Pledge | None:
    if uuid is None:
        return None
    pledge: Pledge | None = Pledge.objects.filter(uuid=uuid).first()
    if pledge is None:
        message = f"There is no pledge {uuid}"
        raise CommandError(message)
    return pledge
