"""The scenarios by name. Import after ``django.setup()``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks.rounds import Result, Run
from benchmarks.scenarios.lighthouse import lighthouse
from benchmarks.scenarios.mailing import mails
from benchmarks.scenarios.reading import count, page
from benchmarks.scenarios.signing import accept, confirming, many_clients
from benchmarks.scenarios.tallying import tallies
from benchmarks.scenarios.timing import timing

SCENARIOS: Final[dict[str, Callable[[Run], Result]]] = {
    "P1": accept,
    "P2": many_clients,
    "P3": page,
    "P4": count,
    "P5": confirming,
    "P6": tallies,
    "P10": mails,
    "P12": lighthouse,
    "B2": timing,
}
