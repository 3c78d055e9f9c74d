"""Runs a sequence in both worlds and compares what the stranger sees.

What the victim had done before the stranger begins is run once for all sequences that begin with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core import mail

from tests.campaigns.two_worlds.actions import Owner, Wait
from tests.campaigns.two_worlds.database import Snapshot, take_snapshot
from tests.campaigns.two_worlds.observation import difference
from tests.campaigns.two_worlds.owner import HIDDEN, VICTIM
from tests.campaigns.two_worlds.site import Beginning
from tests.campaigns.two_worlds.world import Action, World

#: What the owner had done before the stranger begins.
BEFORE: Final = (
    ("signs",),
    ("signs", "confirms"),
    ("corrects", "confirms"),
    ("signs", "types the code"),
    ("signs", "confirms", "withdraws"),
    ("signs", "says not me"),
    ("signs", "says not me", "allows mail again", "signs", "confirms", "asks for the link"),
)


def history(acts: Sequence[str]) -> list[Any]:
    """Return the owner's acts with the worker after each."""
    return [step for act in acts for step in (Owner(act), Wait(10))]


#: The longest first: some begin with another.
_HISTORIES: Final = sorted(map(history, BEFORE), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A world after its history. The stranger has done nothing yet, so that the process remembers nothing either."""

    world: World
    rows: Snapshot
    mails: list[Any]

    def again(self, beginning: Beginning, could: Sequence[bool] | None) -> World:
        """Return the world as it was, with its rows, clocks and mails."""
        now, monotonic = self.world.times
        beginning.restore(self.rows, now)
        mail.outbox = list(self.mails)
        return self.world.copied(could, beginning.clock.monotonic - monotonic)


class Comparison:
    """The pairs of worlds with one beginning and the same settings."""

    def __init__(self, beginning: Beginning) -> None:
        self._beginning = beginning
        self._kept: dict[tuple[str, int], _Kept] = {}

    def difference(self, actions: Sequence[Action]) -> str:
        """Run the actions in both worlds; return the first difference that the stranger sees, ``""`` if none."""
        ours = self.run(VICTIM, actions)
        theirs = self.run(HIDDEN, actions, ours.could)
        return difference(ours.trace, theirs.trace)

    def run(self, address: str, actions: Sequence[Action], could: Sequence[bool] | None = None) -> World:
        """Run the actions in one world and return it."""
        number = next((number for number, begin in enumerate(_HISTORIES) if list(actions[: len(begin)]) == begin), None)
        if number is None:
            return World(self._beginning, address, could).run(actions)
        begin, key = _HISTORIES[number], (address, number)
        if key not in self._kept:
            world = World(self._beginning, address, could).run(begin)
            self._kept[key] = _Kept(world, take_snapshot(), list(mail.outbox))
        world = self._kept[key].again(self._beginning, could)
        return world.run(actions[len(begin) :], len(begin))
