"""The scenarios, by the figure they measure. Import after Django is set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks.rounds import Found, Run
from benchmarks.scenarios.front import front
from benchmarks.scenarios.mailing import mails
from benchmarks.scenarios.reading import count, page
from benchmarks.scenarios.signing import accept, confirming, crowd
from benchmarks.scenarios.states import states
from benchmarks.scenarios.tallying import tallies

SCENARIOS: Final[dict[str, Callable[[Run], Found]]] = {
    "P1": accept,
    "P2": crowd,
    "P3": page,
    "P4": count,
    "P5": confirming,
    "P6": tallies,
    "P10": mails,
    "P12": front,
    "B2": states,
}
