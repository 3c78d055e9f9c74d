"""``python -m benchmarks [SCENARIO…|cost] [--signatures N] [--seconds S]``: runs benchmarks and saves the results."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any, Final

from benchmarks.database import commit_ms, private_database, server_settings
from benchmarks.fill import fill
from benchmarks.site import Endpoints
from benchmarks.table import read, write

RESULTS: Final = Path(__file__).parent / "results"


def _publish() -> Endpoints:
    # Imported here because models need django.setup()
    from benchmarks.pages import publish_all  # noqa: PLC0415

    return publish_all()


def _run_scenarios(names: list[str], options: argparse.Namespace) -> None:
    from benchmarks.rounds import Run  # noqa: PLC0415
    from benchmarks.scenarios import SCENARIOS  # noqa: PLC0415
    from wagtail_pledge.signing.worker.tallies import recount_all  # noqa: PLC0415

    endpoints = _publish()
    rate = fill(options.signatures)
    # A worker would have counted them as they were confirmed
    recount_all()
    print(f"{options.signatures} signatures created at {rate:.0f}/s", flush=True)
    database = server_settings()
    run = Run(endpoints=endpoints, signatures=options.signatures, seconds=options.seconds, rounds=options.rounds)
    for name in names or SCENARIOS:
        _save(
            options.results,
            name,
            {
                **SCENARIOS[name](run),
                "signatures": options.signatures,
                "rows filled per second": round(rate),
                "database": {**database, "commit ms": commit_ms()},
            },
        )


def _save(results: Path, name: str, result: dict[str, Any]) -> None:
    results.mkdir(parents=True, exist_ok=True)
    (results / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(name, {key: value for key, value in result.items() if key != "rounds"}, flush=True)


def _run_cost(options: argparse.Namespace) -> None:
    from benchmarks.cost import measure, table  # noqa: PLC0415

    milliseconds = measure(_publish())
    print(table(milliseconds), f"load average {os.getloadavg()[0]:.1f}")
    _save(options.results, "cost", dict(milliseconds))


def main() -> None:
    """Run the named scenarios, by default all of them."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="SCENARIO", help="P1 P2 P3 P4 P5 P6 P10 P12 B2, or cost alone")
    parser.add_argument("--signatures", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, help="a Markdown page; the tables of all results are written into it")
    options = parser.parse_args()
    with private_database():
        if options.names == ["cost"]:
            _run_cost(options)
        else:
            _run_scenarios([name for name in options.names if name != "cost"], options)
    if options.page:
        write(options.page, read(options.results))


if __name__ == "__main__":
    main()
