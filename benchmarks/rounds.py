"""Measures requests alternately, in rounds, and computes medians and ratios. Import after ``django.setup()``."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.load import LoadResult, load
from benchmarks.requests import EXPECTED_STATUS, STORED, make_requests, stored_rows
from benchmarks.site import Endpoints, Server

Result = dict[str, Any]

#: Requests of a batch that warms up the server.
WARM_UP: Final = 40
#: Longest time for a batch.
BATCH_SECONDS: Final = 120.0


@dataclass(frozen=True)
class Run:
    """The parameters of a run."""

    endpoints: Endpoints
    signatures: int = 1_000_000
    seconds: float = 5.0
    rounds: int = 5


def load_average() -> float:
    """Return the load average of the last minute."""
    return round(os.getloadavg()[0], 1)


def load_checked(server: Server, name: str, requests: Sequence[bytes], *, clients: int, seconds: float) -> LoadResult:
    """Send ``requests``. Raise ``RuntimeError`` unless each response has the expected status and stored a row.

    A minimal view also stores the rows of the requests that it records when its process begins.
    """
    before = stored_rows(name)
    result = load(server.port, requests, clients=clients, seconds=seconds)
    expected = EXPECTED_STATUS.get(name, 200)
    if set(result.statuses) != {expected}:
        message = f"{name}: statuses {dict(result.statuses)}, expected {expected}"
        raise RuntimeError(message)
    stored = stored_rows(name) - before
    if name in STORED and stored < len(result.latencies):
        message = f"{name}: {len(result.latencies)} requests stored only {stored} rows"
        raise RuntimeError(message)
    return result


class RequestBenchmark:
    """Measures one kind of request. The constructor warms up the server.

    ``batch`` returns the requests of a round that ends when all of them are answered; without it, a round ends when
    the time is up.
    """

    def __init__(
        self,
        run: Run,
        server: Server,
        name: str,
        *,
        clients: int = 8,
        batch: Callable[[int], list[bytes]] | None = None,
        size: int = 0,
    ) -> None:
        self.rates: list[float] = []
        self.cpu_ms: list[float] = []
        self.generator: list[float] = []
        self.medians_ms: list[float] = []
        self._run, self._server, self._name, self._clients = run, server, name, clients
        self._batch, self._size = batch, size
        self._rate = 400.0
        for _time in range(2):
            # Twice, because the first time includes the imports of both workers
            self._rate = self._load(min(run.seconds, 1.0), WARM_UP).rate

    def _load(self, seconds: float, size: int) -> LoadResult:
        if self._batch is not None:
            return load_checked(
                self._server, self._name, self._batch(size), clients=self._clients, seconds=BATCH_SECONDS
            )
        requests = make_requests(self._run.endpoints, self._name, int(self._rate * seconds * 1.5) + 50)
        return load_checked(self._server, self._name, requests, clients=self._clients, seconds=seconds)

    def measure(self) -> None:
        """Measure one round."""
        cpu = self._server.cpu()
        result = self._load(self._run.seconds, self._size)
        self._rate = max(self._rate, result.rate)
        self.rates.append(result.rate)
        self.cpu_ms.append((self._server.cpu() - cpu) / len(result.latencies) * 1000)
        self.generator.append(result.generator_cpu / result.seconds)
        self.medians_ms.append(statistics.median(result.latencies) * 1000)


def run_rounds(benchmarks: dict[str, RequestBenchmark], rounds: int) -> Result:
    """Run each benchmark once per round. Return the medians and the rates of every round."""
    for _round in range(rounds):
        for benchmark in benchmarks.values():
            benchmark.measure()
    return {
        "per second": _medians({name: each.rates for name, each in benchmarks.items()}, 1),
        "CPU ms of the workers": _medians({name: each.cpu_ms for name, each in benchmarks.items()}, 2),
        "median ms": _medians({name: each.medians_ms for name, each in benchmarks.items()}, 2),
        "generator's share of a core": _medians({name: each.generator for name, each in benchmarks.items()}, 2),
        "rounds": {name: [round(rate, 1) for rate in each.rates] for name, each in benchmarks.items()},
        "load average": load_average(),
    }


def _medians(samples: dict[str, list[float]], digits: int) -> dict[str, float]:
    return {name: round(statistics.median(values), digits) for name, values in samples.items()}


def run_interleaved(run: Run, server: Server, names: Sequence[str], *, clients: int = 8) -> Result:
    """Measure several kinds of requests alternately."""
    return run_rounds({name: RequestBenchmark(run, server, name, clients=clients) for name in names}, run.rounds)


def median_ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """Return the median of the ratios per round. A disturbance affects both measurements of a round alike."""
    return round(statistics.median(a / b for a, b in zip(over, under, strict=True)), 2)


def with_ratios(result: Result, of: str) -> Result:
    """Add the ratios of one measurement to each of the others."""
    rounds = result["rounds"]
    result["ratios"] = {f"{of} / {name}": median_ratio(rounds[of], rounds[name]) for name in rounds if name != of}
    return result
