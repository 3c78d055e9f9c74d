"""Run the suite's stages one after the other and print how long each took: ``python -m tests.run [STAGE …]``.

The next stage runs even if one failed; the exit status is 1 if any failed.
``PLEDGE_TEST_WORKERS`` sets the number of processes of a stage, otherwise there is one per core.
With ``CI`` set, coverage is measured and a skipped test is a failure in every stage that has to run all of its tests.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PROJECTS: Final = ROOT / "tests" / "projects"
#: Tests of the source tree, whose results are the same in every environment.
SOURCE: Final = ("tests/architecture", "tests/core/test_translations.py")
#: Tests with separate stages.
SERVED: Final = ("tests/browser", "tests/faults")
#: What can differ between databases, and between releases of Django and Wagtail: run on SQLite, and by CI with the
#: oldest supported versions. Blocks, malformed requests, the parsers of treaty sources and the templates of campaigns
#: are the same everywhere.
SQLITE: Final = (
    "tests/core",
    "tests/caching",
    "tests/signing",
    "tests/treaties",
    "tests/admin",
    "tests/api",
    "tests/testing",
    *(
        f"tests/campaigns/test_{name}.py"
        for name in (
            "indexes",
            "journey",
            "page_editor",
            "pages",
            "previews",
            "private_pages",
            "cache_invalidation",
            "query_costs",
            "sitemap",
            "updates",
        )
    ),
    "tests/campaigns/two_worlds/test_two_worlds.py",
)
#: The same in every environment, and only run once.
PARSERS: Final = "tests/treaties/test_sources.py"
#: Where a project that swaps a model also runs the tests with the marker ``swappable``; other projects only run their
#: own. ``uuid_signature`` and ``custom_signature`` swap the same model; other page models can differ in
#: the checks and in the admin.
SWAPPABLE: Final = {
    "uuid_signature": ("tests/core", "tests/signing", "tests/admin", "tests/testing"),
    "no_pages": ("tests/core", "tests/admin", "--ignore=tests/admin/treaties"),
    "custom_page": ("tests/core", "tests/admin", "--ignore=tests/admin/treaties"),
}
#: The projects with the most tests, started before the others.
LONGEST: Final = ("uuid_signature", "custom_page", "example", "no_pages")
#: ``WAGTAIL_PAGE_MODEL`` exists since Wagtail 8.
NEEDS_WAGTAIL: Final = {"custom_page": 8}
WORKERS: Final = os.environ.get("PLEDGE_TEST_WORKERS", "auto")
CI: Final = bool(os.environ.get("CI"))
STAGES: Final = ("postgres", "sqlite", "projects", "browser")
#: Run only when named: ``source`` by ``make lint``, ``faults`` by ``make test-faults``.
EXTRA: Final = ("source", "faults")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One pytest run: title and arguments. ``is_small`` runs take one process each and run beside each other."""

    title: str
    arguments: tuple[str, ...]
    is_small: bool = False


def project_names() -> list[str]:
    """Return the integrator projects that this Wagtail can run."""
    wagtail = int(version("wagtail").split(".")[0])
    names = sorted(path.parent.name for path in PROJECTS.glob("*/settings.py"))
    return [name for name in names if NEEDS_WAGTAIL.get(name, 0) <= wagtail]


def settings_of(project: str) -> str:
    """Return the dotted path of a project's settings."""
    return f"tests.projects.{project}.settings"


def _parallel(more: int = 0) -> tuple[str, ...]:
    """Return the options for one process per core and ``more``. One that has run its share takes from the others'."""
    number = str((os.cpu_count() or 1) + more) if WORKERS == "auto" else WORKERS
    return ("-n", number, "--dist", "worksteal")


def _complete() -> tuple[str, ...]:
    """Return the option of stages in which no test may be skipped."""
    return ("--no-skips",) if CI else ()


def _coverage() -> tuple[str, ...]:
    return ("--cov", "--cov-report=term:skip-covered") if CI else ()


def _environment() -> dict[str, str]:
    """Return the environment of pytest: ``sys.monitoring`` measures coverage at little cost, from Python 3.12."""
    return {**os.environ, **({"COVERAGE_CORE": "sysmon"} if sys.version_info >= (3, 12) else {})}


def _without(*places: str) -> tuple[str, ...]:
    return tuple(f"--ignore={place}" for place in places)


def _project(name: str) -> Run:
    own = f"tests/projects/{name}/tests"
    # One process each, beside another project: two would both wait for the migrations
    arguments: tuple[str, ...] = ("-n", "0", f"--ds={settings_of(name)}")
    if name not in SWAPPABLE:
        return Run(title=f"project {name}", arguments=(*arguments, own), is_small=True)
    # The project's own tests have no marker: the plugin keeps them as well
    places = (*SWAPPABLE[name], *_without(*SOURCE), *((own,) if (ROOT / own).is_dir() else ()))
    return Run(title=f"project {name}", arguments=(*arguments, "--only-swappable", *places), is_small=True)


def runs(stage: str) -> Iterator[Run]:
    """Yield the pytest runs of a stage."""
    if stage == "source":
        yield Run(title="tests of the source tree and the docs", arguments=(*_parallel(), *SOURCE, *_complete()))
    elif stage == "postgres":
        everything = (*_parallel(), "--database=postgres", *_without(*SERVED, *SOURCE), "tests")
        yield Run(title="unit tests on PostgreSQL", arguments=(*everything, *_complete(), *_coverage()))
    elif stage == "sqlite":
        yield Run(
            title="unit tests on SQLite",
            arguments=(*_parallel(), "--database=sqlite", *SQLITE, *_without(*SOURCE, PARSERS)),
        )
    elif stage == "projects":
        names = sorted(project_names(), key=lambda name: (*LONGEST, name).index(name))
        yield from (_project(name) for name in names if name != "default")
    elif stage == "browser":
        # PostgreSQL, because the server's threads and the test use separate connections
        yield Run(
            title="browser tests in Chromium",
            # Test, server and browser wait for each other a fifth of the time
            arguments=(*_parallel(1), "tests/browser", "--database=postgres", *_complete()),
        )
        yield Run(
            title="browser tests of the example project",
            arguments=(
                *("-n", "0", f"--ds={settings_of('example')}", "tests/projects/example/browser"),
                *("--database=postgres", *_complete()),
            ),
        )
    elif stage == "faults":
        yield Run(
            title="faults: killed databases, workers and mail servers",
            arguments=("tests/faults", "-p", "no:randomly", *_complete()),
        )


def call(run: Run) -> tuple[str, float, int]:
    """Run pytest and return title, seconds and exit status. The output of a small run is printed when it ends."""
    heading = f"\n==> {run.title}: pytest {' '.join(run.arguments)}"
    command = [sys.executable, "-m", "pytest", "-q", *run.arguments]
    began = time.monotonic()
    if run.is_small:
        done = subprocess.run(
            command, cwd=ROOT, env=_environment(), check=False, text=True, capture_output=True, encoding="utf-8"
        )
        print(f"{heading}\n{done.stdout}{done.stderr}", end="", flush=True)
        return run.title, time.monotonic() - began, done.returncode
    print(heading, flush=True)
    status = subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode
    return run.title, time.monotonic() - began, status


def call_all(stage: str) -> list[tuple[str, float, int]]:
    """Run a stage: first the small runs beside each other, then the others one after the other."""
    found = list(runs(stage))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        small = list(pool.map(call, [run for run in found if run.is_small]))
    return small + [call(run) for run in found if not run.is_small]


def main() -> int:
    """Run the stages named on the command line, or all but the extra ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of {', '.join((*STAGES, *EXTRA))}")
    named = parser.parse_args().stages
    if unknown := set(named) - {*STAGES, *EXTRA}:
        parser.error(f"unknown stage: {', '.join(sorted(unknown))}")
    began = time.monotonic()
    results = [result for stage in named or STAGES for result in call_all(stage)]
    print(f"\nPython {platform.python_version()}, Django {version('django')}, Wagtail {version('wagtail')}")
    for title, seconds, status in results:
        print(f"  {seconds:7.1f} s  {'passed' if status == 0 else f'FAILED ({status})':12} {title}")
    print(f"  {time.monotonic() - began:7.1f} s  in all")
    return int(any(status for _title, _seconds, status in results))


if __name__ == "__main__":
    sys.exit(main())
