"""``python -m benchmarks [SCENARIO…|cost] [--signatures N] [--seconds S]``: measure, print, keep the figures."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any, Final

from benchmarks.fill import fill
from benchmarks.site import Door, database
from benchmarks.table import read, write

RESULTS: Final = Path(__file__).parent / "results"


def _publish() -> Door:
    # Models exist once Django is set up
    from benchmarks.pages import publish_all  # noqa: PLC0415

    return publish_all()


def _scenarios(names: list[str], options: argparse.Namespace) -> None:
    from benchmarks.rounds import Run  # noqa: PLC0415
    from benchmarks.scenarios import SCENARIOS  # noqa: PLC0415
    from wagtail_pledge.signing.worker.tallies import recount_everything  # noqa: PLC0415

    door = _publish()
    rate = fill(options.signatures)
    # As a worker would have done while they came
    recount_everything()
    print(f"{options.signatures} signatures made at {rate:.0f}/s", flush=True)
    run = Run(door=door, signatures=options.signatures, seconds=options.seconds, rounds=options.rounds)
    for name in names or SCENARIOS:
        _keep(
            options.results,
            name,
            {**SCENARIOS[name](run), "signatures": options.signatures, "rows filled per second": round(rate)},
        )


def _keep(results: Path, name: str, found: dict[str, Any]) -> None:
    results.mkdir(parents=True, exist_ok=True)
    (results / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(name, {key: value for key, value in found.items() if key != "rounds"}, flush=True)


def _cost(options: argparse.Namespace) -> None:
    from benchmarks.cost import measure, table  # noqa: PLC0415

    spent = measure(_publish())
    print(table(spent), f"load average {os.getloadavg()[0]:.1f}")
    _keep(options.results, "cost", dict(spent))


def main() -> None:
    """Run what was asked for, by default every scenario."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="SCENARIO", help="P1 P2 P3 P4 P5 P6 P10 P12 B2, or cost alone")
    parser.add_argument("--signatures", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, help="a Markdown page to put the tables of all results in")
    options = parser.parse_args()
    with database():
        if options.names == ["cost"]:
            _cost(options)
        else:
            _scenarios([name for name in options.names if name != "cost"], options)
    if options.page:
        write(options.page, read(options.results))


if __name__ == "__main__":
    main()
