"""Rounds: things measured in turns, the median of each, and the ratios between them. Import after Django is set up."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.load import Outcome, load
from benchmarks.requests import EXPECTED, prepare
from benchmarks.site import Door, Served

Found = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """How large a run is."""

    door: Door
    signatures: int = 1_000_000
    seconds: float = 5.0
    rounds: int = 5


def load_average() -> float:
    """Return how many processes wanted a core in the last minute."""
    return round(os.getloadavg()[0], 1)


def checked(server: Served, name: str, requests: Sequence[bytes], *, clients: int, seconds: float) -> Outcome:
    """Send ``requests``; raises if one is answered otherwise than it should."""
    found = load(server.port, requests, clients=clients, seconds=seconds)
    wanted = EXPECTED.get(name, 200)
    if set(found.statuses) != {wanted}:
        message = f"{name}: answers {dict(found.statuses)}, expected {wanted}"
        raise RuntimeError(message)
    return found


class Turn:
    """One kind of request: warmed up once, then so many prepared as the round can use."""

    def __init__(self, run: Run, server: Served, name: str, *, clients: int = 8) -> None:
        self.rates: list[float] = []
        self.cpu_ms: list[float] = []
        self.generator: list[float] = []
        self.medians_ms: list[float] = []
        self._run, self._server, self._name, self._clients = run, server, name, clients
        self._rate = 400.0
        for _time in range(2):
            # Twice, since the first one pays for the imports of both workers
            self._rate = self._go(min(run.seconds, 1.0)).rate

    def _go(self, seconds: float) -> Outcome:
        requests = prepare(self._run.door, self._name, int(self._rate * seconds * 1.5) + 50)
        return checked(self._server, self._name, requests, clients=self._clients, seconds=seconds)

    def take(self) -> None:
        """Measure one round."""
        cpu = self._server.cpu()
        found = self._go(self._run.seconds)
        self._rate = max(self._rate, found.rate)
        self.rates.append(found.rate)
        self.cpu_ms.append((self._server.cpu() - cpu) / len(found.latencies) * 1000)
        self.generator.append(found.generator_cpu / found.seconds)
        self.medians_ms.append(statistics.median(found.latencies) * 1000)


def take_turns(turns: dict[str, Turn], rounds: int) -> Found:
    """Measure each in turn, ``rounds`` times; return medians and every round."""
    for _round in range(rounds):
        for turn in turns.values():
            turn.take()
    return {
        "per second": _medians({name: turn.rates for name, turn in turns.items()}, 1),
        "CPU ms of the workers": _medians({name: turn.cpu_ms for name, turn in turns.items()}, 2),
        "median ms": _medians({name: turn.medians_ms for name, turn in turns.items()}, 2),
        "generator's share of a core": _medians({name: turn.generator for name, turn in turns.items()}, 2),
        "rounds": {name: [round(rate, 1) for rate in turn.rates] for name, turn in turns.items()},
        "load average": load_average(),
    }


def _medians(seen: dict[str, list[float]], digits: int) -> dict[str, float]:
    return {name: round(statistics.median(found), digits) for name, found in seen.items()}


def interleaved(run: Run, server: Served, names: Sequence[str], *, clients: int = 8) -> Found:
    """Measure kinds of requests in turns."""
    return take_turns({name: Turn(run, server, name, clients=clients) for name in names}, run.rounds)


def median_ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """Return the median of the ratios of each round: what disturbs a round disturbs both."""
    return round(statistics.median(a / b for a, b in zip(over, under, strict=True)), 2)


def with_ratios(found: Found, of: str) -> Found:
    """Add the ratio of one to each of the others."""
    rounds = found["rounds"]
    found["ratios"] = {f"{of} / {name}": median_ratio(rounds[of], rounds[name]) for name in rounds if name != of}
    return found
