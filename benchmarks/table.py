"""The targets, and the tables of results in docs/reference/benchmarks.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

BEGIN: Final = "<!-- figures: made by `make bench` -->"
END: Final = "<!-- end of figures -->"

#: What a result says about its database besides the server's settings.
_NO_SETTINGS: Final = frozenset({"server_version", "commit ms"})

Results = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Target:
    """One figure of a scenario: its path in the results and its bounds. Without bounds it is only reported."""

    scenario: str
    what: str
    path: tuple[str, ...]
    minimum: float | None = None
    maximum: float | None = None

    def value_in(self, results: Results) -> float | None:
        """Return the figure, or ``None`` if it was not measured."""
        value: Any = results.get(self.scenario)
        for part in self.path:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def bounds(self) -> str:
        """Return the bounds as text."""
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum:g} – {self.maximum:g}"
        if self.minimum is not None:
            return f"≥ {self.minimum:g}"
        return f"≤ {self.maximum:g}" if self.maximum is not None else "reported"

    def verdict(self, figure: float | None) -> str:
        """Return whether ``figure`` is within the bounds, as text."""
        if figure is None:
            return "not measured"
        if self.minimum is None and self.maximum is None:
            return ""
        is_above = self.minimum is None or figure >= self.minimum
        is_below = self.maximum is None or figure <= self.maximum
        return "met" if is_above and is_below else "**missed**"


TARGETS: Final = (
    Target("P1", "accept a signature: SQL statements when warm", ("statements", "sign"), maximum=1),
    Target(
        "P1",
        "accept a signature / minimal view, one INSERT of the same row",
        ("ratios", "sign / same row"),
        minimum=0.6,
    ),
    Target("P1", "accept a signature / Wagtail form page", ("ratios", "sign / form page"), minimum=4),
    Target(
        "P1",
        "accept a signature / Django form and one INSERT of the same row",
        ("ratios", "sign / form and same row"),
        minimum=0.9,
    ),
    Target("P1", "accept a signature / view with one INSERT of a short row", ("ratios", "sign / one insert")),
    Target("P2", "signing with 32 clients / with 8", ("ratios", "32 clients / 8 clients"), minimum=1),
    Target("P2", "rows that were updated", ("updated rows",), maximum=0),
    Target("P3", "pledge page, not cached: queries", ("queries", "pledge page"), maximum=15),
    Target(
        "P3",
        "pledge page: with signatures / without",
        ("ratios", "pledge page / empty pledge page"),
        minimum=0.9,
        maximum=1.1,
    ),
    Target("P3", "pledge page, not cached / constant view", ("ratios", "pledge page / constant")),
    Target(
        "P3", "pledge page, page cache / constant view", ("cached", "ratios", "pledge page / constant"), minimum=0.5
    ),
    Target("P3", "pledge page, not cached / Wagtail form page", ("ratios", "pledge page / form page GET")),
    Target("P4", "count.json / constant view", ("ratios", "count / constant"), minimum=0.5),
    Target("P4", "count.json: queries when cached", ("queries", "count"), maximum=0),
    Target("P5", "confirm / minimal view that runs its statements", ("ratios", "confirm / same confirm"), minimum=0.8),
    Target("P5", "confirm / accept a signature", ("ratios", "confirm / sign")),
    Target("P6", "delay of the shown count, maximum, s", ("delay of the shown count s", "maximum"), maximum=15),
    Target(
        "P6",
        "worker and database, share of one core",
        ("worker and its database process, share of a core",),
        maximum=0.05,
    ),
    Target("P10", "mails/s with 2 workers, minimal SMTP server", ("per second", "2 workers"), minimum=250),
    Target("P10", "mails/s with 2 workers, aiosmtpd", ("per second", "2 workers, aiosmtpd")),
    *(
        Target("P12", f"{page}: {what}", (page, name), minimum=minimum, maximum=maximum)
        for page in ("pledge page", "treaty page")
        for name, what, minimum, maximum in (
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
    *(
        target
        for name, what in (("sign", "sign"), ("correct", "correct the address"))
        for target in (
            Target(
                "B2",
                f"{what}: medians of six mailbox states, difference, ms",
                (name, "difference of medians ms"),
                maximum=1,
            ),
            Target("B2", f"{what}: smallest p value of a state against a new mailbox", (name, "smallest p")),
        )
    ),
)


def read(results: Path) -> dict[str, dict[str, Any]]:
    """Return the results in a directory, by scenario."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*.json"))}


def _format(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_format(part)}" for name, part in value.items())
    return str(value)


def tables(results: Results) -> str:
    """Return two Markdown tables: the figures with their targets, and the absolute values."""
    lines = ["| | Figure | Measured | Target | |", "|---|---|---|---|---|"]
    for target in TARGETS:
        figure = target.value_in(results)
        shown = "–" if figure is None else f"{figure:g}"
        lines.append(f"| {target.scenario} | {target.what} | {shown} | {target.bounds()} | {target.verdict(figure)} |")
    lines += ["", "| | Signatures | Load average | Absolute values |", "|---|---|---|---|"]
    for name in dict.fromkeys(target.scenario for target in TARGETS):
        if result := results.get(name):
            parts = [
                f"{what}: {_format(result[what])}"
                for what in ("per second", "CPU ms of the workers", "median ms", "refresh ms")
                if what in result
            ]
            parts += [
                f"{part}: {what} {_format(result[part][what])}"
                for part in ("sign", "correct")
                for what in ("median ms", "p against new")
                if part in result
            ]
            parts += [f"commit ms: {result['database']['commit ms']}"]
            lines.append(f"| {name} | {result['signatures']:,} | {result['load average']} | {'; '.join(parts)} |")
    servers = {_server(result["database"]): None for result in results.values()}
    return "\n".join([*lines, *(f"\n{server}" for server in servers)]) + "\n"


def _server(database: Mapping[str, str]) -> str:
    settings = [f"`{name} = {value}`" for name, value in database.items() if name not in _NO_SETTINGS]
    return f"PostgreSQL {database['server_version']} with {', '.join(settings)}."


def write(page: Path, results: Results) -> None:
    """Write the tables between the two markers of a page. Raise ``ValueError`` if a marker is missing."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        message = f"{page.name} has no markers for the figures"
        raise ValueError(message)
    page.write_text(f"{before}{BEGIN}\n\n{tables(results)}\n{END}{after}", encoding="utf-8")
