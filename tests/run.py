"""Run the suite's stages one after the other and say how long each took: ``python -m tests.run [STAGE …]``.

A failed stage does not keep the next from running; the exit status tells whether any failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PROJECTS: Final = ROOT / "tests" / "projects"
#: What every integrator's project must pass besides its own tests.
COMMON: Final = ("tests/core", "tests/signing", "tests/treaties", "tests/admin", "tests/testing")
#: The demo's content is loaded once a run and would stand in the way of the common tests; looks and a translator
#: concern none of them; nor do the server and the middleware.
OWN_ONLY: Final = frozenset({"asgi", "example", "localize", "no_locale_middleware", "own_looks"})
#: A base page model of the site's own exists since Wagtail 8.
NEEDS_WAGTAIL: Final = {"custom_page": 8}
WORKERS: Final = os.environ.get("PLEDGE_TEST_WORKERS", "2")
STAGES: Final = ("sqlite", "postgres", "projects", "browser")
#: Run only when named: it kills what it starts, and its figures want a machine to itself.
EXTRA: Final = ("faults",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One pytest run: a title for people and its arguments."""

    title: str
    arguments: tuple[str, ...]


def project_names() -> list[str]:
    """Return the integrator projects that this Wagtail can run."""
    wagtail = int(version("wagtail").split(".")[0])
    names = sorted(path.parent.name for path in PROJECTS.glob("*/settings.py"))
    return [name for name in names if NEEDS_WAGTAIL.get(name, 0) <= wagtail]


def settings_of(project: str) -> str:
    """Return the dotted path of a project's settings."""
    return f"tests.projects.{project}.settings"


def _parallel() -> tuple[str, ...]:
    return ("-n", WORKERS)


def _unit() -> tuple[str, ...]:
    return (*_parallel(), "--ignore=tests/browser", "--ignore=tests/faults", "tests")


def _project(name: str) -> Run:
    own = f"tests/projects/{name}/tests"
    common = () if name in OWN_ONLY else COMMON
    places = [place for place in (*common, own) if (ROOT / place).is_dir()]
    return Run(title=f"project {name}", arguments=(*_parallel(), f"--ds={settings_of(name)}", *places))


def runs(stage: str) -> Iterator[Run]:
    """Yield the pytest runs of a stage."""
    if stage == "sqlite":
        coverage = ("--cov", "--cov-report=term:skip-covered")
        yield Run(title="unit tests on SQLite", arguments=(*_unit(), "--database=sqlite", *coverage))
    elif stage == "postgres":
        yield Run(title="unit tests on PostgreSQL", arguments=(*_unit(), "--database=postgres"))
    elif stage == "projects":
        yield from (_project(name) for name in project_names() if name != "default")
    elif stage == "browser":
        # PostgreSQL: the server's threads and the test's each have a connection of their own
        yield Run(title="browser tests in Chromium", arguments=("tests/browser", "--database=postgres"))
    elif stage == "faults":
        yield Run(
            title="faults: killed databases, workers and mail servers", arguments=("tests/faults", "-p", "no:randomly")
        )


def call(run: Run) -> tuple[str, float, int]:
    """Run pytest and return title, seconds and exit status."""
    print(f"\n==> {run.title}: pytest {' '.join(run.arguments)}", flush=True)
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", *run.arguments], cwd=ROOT, check=False)
    return run.title, time.monotonic() - began, done.returncode


def main() -> int:
    """Run the stages named on the command line, or all but the extra ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of {', '.join((*STAGES, *EXTRA))}")
    named = parser.parse_args().stages
    if unknown := set(named) - {*STAGES, *EXTRA}:
        parser.error(f"unknown stage: {', '.join(sorted(unknown))}")
    results = [call(run) for stage in named or STAGES for run in runs(stage)]
    print("\nStages")
    for title, seconds, status in results:
        print(f"  {seconds:7.1f} s  {'passed' if status == 0 else f'FAILED ({status})':12} {title}")
    return int(any(status for _title, _seconds, status in results))


if __name__ == "__main__":
    sys.exit(main())
