"""What is to be reached, and the tables of docs/reference/benchmarks.md made of the results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

BEGIN: Final = "<!-- figures: made by `make bench` -->"
END: Final = "<!-- end of figures -->"

Results = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure of a scenario: where it stands in the results, and its bounds; none: only reported."""

    scenario: str
    what: str
    path: tuple[str, ...]
    least: float | None = None
    most: float | None = None

    def found_in(self, results: Results) -> float | None:
        """Return the figure, ``None`` if it was not measured."""
        found: Any = results.get(self.scenario)
        for part in self.path:
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def bounds(self) -> str:
        """Return what is to be reached, in signs."""
        if self.least is not None and self.most is not None:
            return f"{self.least:g} – {self.most:g}"
        if self.least is not None:
            return f"≥ {self.least:g}"
        return f"≤ {self.most:g}" if self.most is not None else "reported"

    def verdict(self, figure: float | None) -> str:
        """Return one word on ``figure``."""
        if figure is None:
            return "not measured"
        if self.least is None and self.most is None:
            return ""
        over = self.least is None or figure >= self.least
        under = self.most is None or figure <= self.most
        return "reached" if over and under else "**missed**"


GOALS: Final = (
    Goal("P1", "accept a signature / Wagtail form page", ("ratios", "sign / form page"), least=5),
    Goal("P1", "accept a signature / bare view, same statements", ("ratios", "sign / same statements"), least=0.6),
    Goal("P1", "accept a signature / view with one INSERT", ("ratios", "sign / one insert")),
    Goal("P2", "signing with 32 clients / with 8", ("ratios", "32 clients / 8 clients"), least=1),
    Goal("P2", "rows that were updated", ("updated rows",), most=0),
    Goal("P3", "pledge page, cold: queries", ("queries", "pledge page"), most=15),
    Goal(
        "P3",
        "pledge page: one with signatures / one with none",
        ("ratios", "pledge page / empty pledge page"),
        least=0.9,
        most=1.1,
    ),
    Goal("P3", "pledge page, cold / constant view", ("ratios", "pledge page / constant")),
    Goal("P3", "pledge page, kept / constant view", ("cached", "ratios", "pledge page / constant"), least=0.5),
    Goal("P3", "pledge page, cold / Wagtail form page", ("ratios", "pledge page / form page GET")),
    Goal("P4", "count.json / constant view", ("ratios", "count / constant"), least=0.5),
    Goal("P4", "count.json: queries when fresh", ("queries", "count"), most=0),
    Goal("P5", "confirm / accept a signature", ("ratios", "confirm / sign"), least=0.8),
    Goal("P6", "shown count behind the truth, most, s", ("shown behind by s", "most"), most=15),
    Goal("P6", "share of one core", ("worker and its database process, share of a core",), most=0.05),
    Goal("P10", "mails/s by 2 workers, plain mail server", ("per second", "2 workers"), least=100),
    Goal("P10", "mails/s by 2 workers, aiosmtpd", ("per second", "2 workers, aiosmtpd")),
    *(
        Goal("P12", f"{page}: {what}", (page, name), least=least, most=most)
        for page in ("pledge page", "treaty page")
        for name, what, least, most in (
            ("performance", "Lighthouse performance", 95, None),
            ("accessibility", "accessibility", 100, None),
            ("best-practices", "best practices", 96, None),
            ("seo", "SEO", 100, None),
            ("LCP ms", "largest contentful paint, ms", None, 1800),
            ("TBT ms", "total blocking time, ms", None, 100),
            ("CLS", "cumulative layout shift", None, 0.02),
            ("bytes", "bytes", None, None),
            ("requests", "requests", None, None),
        )
    ),
    Goal("B2", "difference of medians over six states, ms", ("difference of medians ms",), most=5),
    Goal("B2", "smallest p of a state against a new mailbox", ("smallest p",), least=0.01),
)


def read(results: Path) -> dict[str, dict[str, Any]]:
    """Return what is in a folder of results, by scenario."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*.json"))}


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items())
    return str(value)


def tables(results: Results) -> str:
    """Return the ratios beside what is to be reached, and below them what they were made of."""
    lines = ["| | Figure | Measured | To reach | |", "|---|---|---|---|---|"]
    for goal in GOALS:
        figure = goal.found_in(results)
        shown = "–" if figure is None else f"{figure:g}"
        lines.append(f"| {goal.scenario} | {goal.what} | {shown} | {goal.bounds()} | {goal.verdict(figure)} |")
    lines += ["", "| | Signatures | Load average | Measured, absolute |", "|---|---|---|---|"]
    for name in dict.fromkeys(goal.scenario for goal in GOALS):
        if found := results.get(name):
            parts = [
                f"{what}: {_plain(found[what])}"
                for what in ("per second", "CPU ms of the workers", "median ms", "refresh ms", "p against new")
                if what in found
            ]
            lines.append(f"| {name} | {found['signatures']:,} | {found['load average']} | {'; '.join(parts)} |")
    return "\n".join(lines) + "\n"


def write(page: Path, results: Results) -> None:
    """Put the tables between the two marks of a page. Raises ``ValueError`` where a mark is missing."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        message = f"{page.name} has no place for the figures"
        raise ValueError(message)
    page.write_text(f"{before}{BEGIN}\n\n{tables(results)}\n{END}{after}", encoding="utf-8")
