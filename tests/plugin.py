"""A pytest plugin that chooses the database and starts a private PostgreSQL before Django reads its settings.

Loaded with ``-p tests.plugin`` (see ``addopts``). Also reports the requirements that the tests verify.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Cluster

CLUSTER = pytest.StashKey[Cluster]()
SCRATCH = pytest.StashKey[Path]()
REQUIREMENTS = pytest.StashKey[dict[str, set[str]]]()
DATABASES = ("sqlite", "postgres")
PROJECTS = Path(__file__).resolve().parent / "projects"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("wagtail-pledge")
    group.addoption(
        "--database",
        choices=DATABASES,
        default=os.environ.get("PLEDGE_TEST_DB", "postgres" if _given_server() else "sqlite"),
        help="Where the suite runs. postgres: a private cluster, started and ended by the suite.",
    )
    group.addoption(
        "--requirements-file",
        type=Path,
        help="Write a table of the requirements and their tests to this Markdown file.",
    )
    group.addoption(
        "--only-swappable",
        action="store_true",
        help="Of the package's tests run those marked swappable, besides the project's own.",
    )
    group.addoption("--no-skips", action="store_true", help="Fail if a test is skipped.")


def _given_server() -> bool:
    return os.environ.get("DATABASE_URL", "").startswith(("postgres:", "postgresql:"))


def _prepare_scratch(config: pytest.Config) -> None:
    """Give this process a directory for uploads and databases; the first process removes them all."""
    if "PLEDGE_TEST_SCRATCH" not in os.environ:
        config.stash[SCRATCH] = Path(tempfile.mkdtemp(prefix="pledge-test-"))
        os.environ["PLEDGE_TEST_SCRATCH"] = str(config.stash[SCRATCH])
    os.environ["TEST_MEDIA_ROOT"] = str(Path(os.environ["PLEDGE_TEST_SCRATCH"], f"media-{os.getpid()}"))


def _prepare_database(config: pytest.Config, database: str) -> None:
    """Point ``DATABASE_URL`` at the cluster.

    xdist's workers inherit the variable, so there is one cluster per run. A ``DATABASE_URL`` from outside
    that names a PostgreSQL is used as it is: its user must be allowed to create databases.
    """
    if database == "sqlite":
        os.environ.pop("DATABASE_URL", None)
    elif not _given_server():
        config.stash[CLUSTER] = cluster = Cluster()
        cluster.start()
        os.environ["DATABASE_URL"] = cluster.url


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Iterator[None]:
    """Prepare what the settings read, before pytest-django loads them."""
    options = parser.parse_known_args(args)
    if not options.help and not options.version:
        _prepare_scratch(early_config)
        _prepare_database(early_config, options.database)
    try:
        return (yield)
    except BaseException:
        pytest_unconfigure(early_config)
        raise


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove the directory that this process created; xdist's workers created none."""
    if cluster := config.stash.get(CLUSTER, None):
        cluster.stop()
        os.environ.pop("DATABASE_URL", None)
    if scratch := config.stash.get(SCRATCH, None):
        shutil.rmtree(scratch, ignore_errors=True)
        os.environ.pop("PLEDGE_TEST_SCRATCH", None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests of the other database and, if asked, those not marked swappable; collect requirements.

    Runs after pytest-randomly has put the tests in a random order.
    """
    other = {"postgres": "sqlite", "sqlite": "postgres"}[config.getoption("database")]
    only_swappable = config.getoption("only_swappable")
    kept, left_out = [], []
    for item in items:
        elsewhere = item.get_closest_marker(other)
        untouched = only_swappable and PROJECTS not in item.path.parents and not item.get_closest_marker("swappable")
        (left_out if elsewhere or untouched else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    # Otherwise one process runs them at the end while the others wait
    items[:] = sorted(kept, key=lambda item: item.get_closest_marker("long") is None)
    shown = config.stash.setdefault(REQUIREMENTS, defaultdict(set))
    for item in (*kept, *left_out):
        for marker in item.iter_markers("requirement"):
            for requirement in marker.args:
                item.user_properties.append(("requirement", requirement))
                shown[requirement].add(item.nodeid.split("[")[0])


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if a test was skipped and ``--no-skips`` is set."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("no_skips") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_finish(session: pytest.Session) -> None:
    target = session.config.getoption("requirements_file")
    if target:
        target.write_text(requirements_page(session.config.stash[REQUIREMENTS]), encoding="utf-8")
    # The garbage collector need not look through all that was imported
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _by_requirement(reporter: pytest.TerminalReporter) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = defaultdict(lambda: {"passed": 0, "failed": 0, "skipped": 0})
    for outcome in ("passed", "failed", "skipped"):
        for report in reporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", []):
                if name == "requirement":
                    table[str(value)][outcome] += 1
    return table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the results by requirement, and whether a skipped test failed the run."""
    if terminalreporter.config.getoption("no_skips") and terminalreporter.stats.get("skipped"):
        terminalreporter.section("FAILED: no test may be skipped in this run", red=True)
    table = _by_requirement(terminalreporter)
    if table:
        terminalreporter.section("requirements")
    for requirement in sorted(table, key=_natural):
        counts = ", ".join(f"{number} {outcome}" for outcome, number in table[requirement].items() if number)
        terminalreporter.write_line(f"{requirement:6} {counts}")


def _natural(requirement: str) -> tuple[str, int]:
    prefix = requirement.rstrip("0123456789")
    return prefix, int(requirement[len(prefix) :] or 0)


def requirements_page(shown: dict[str, set[str]]) -> str:
    """Return the Markdown page: each requirement with the number of its tests and their files."""
    lines = [
        "# Requirements and their tests",
        "",
        "Generated by `make requirements`. Each row is a requirement and the tests that verify it.",
        "",
        "| id | tests | files |",
        "|---|---|---|",
    ]
    for requirement in sorted(shown, key=_natural):
        files = sorted({node.split("::")[0] for node in shown[requirement]})
        places = ", ".join(f"`{file}`" for file in files)
        lines.append(f"| {requirement} | {len(shown[requirement])} | {places} |")
    return "\n".join(lines) + "\n"
