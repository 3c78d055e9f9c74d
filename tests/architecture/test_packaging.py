"""Packaging: metadata, extras, README, sdist, supported versions and the documentation build."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from typing import Any, Final

import pytest

from tests.architecture.tree import PACKAGE, ROOT, tracked_files

PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
META: Final[dict[str, Any]] = PROJECT["project"]
REPOSITORY: Final = "https://github.com/wagtail-pledge/wagtail-pledge"
DOCUMENTATION: Final = "https://wagtail-pledge.readthedocs.io/"
#: Extras for working on this repository; all others are for sites.
TOOLING: Final = {"dev", "docs", "example", "lint", "test"}
#: Packages whose import name is not the distribution's name with underscores.
IMPORT_NAMES: Final = {"django-environ": "environ", "factory-boy": "factory", "psycopg[binary]": "psycopg"}
PAGES: Final = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _import_name(requirement: str) -> str:
    name = re.split(r"[<>=!~; ]", requirement, maxsplit=1)[0]
    return IMPORT_NAMES.get(name, name.split("[")[0].replace("-", "_"))


@cache
def _imported() -> set[str]:
    """Return the top-level packages that the package and the example project import."""
    names = set()
    for path in (*PACKAGE.rglob("*.py"), *(ROOT / "example_project").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names


def _own(requirements: list[str]) -> list[str]:
    """Return the requirements that are not extras of this package."""
    return [requirement for requirement in requirements if not requirement.startswith("wagtail-pledge[")]


def _table(page: str) -> list[str]:
    """Return the rows of the table under the heading "Supported versions"."""
    section = _read(page).split("## Supported versions\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]
    return [line for line in section.splitlines() if line.startswith("|")]


def test_project_urls() -> None:
    urls = META["urls"]
    assert {"Homepage", "Documentation", "Source", "Issues", "Changelog"} <= set(urls)
    assert [url for url in urls.values() if not url.startswith((REPOSITORY, DOCUMENTATION))] == []


@pytest.mark.parametrize("extra", sorted(set(META["optional-dependencies"]) - TOOLING))
def test_every_package_of_a_site_extra_is_imported(extra: str) -> None:
    wanted = {_import_name(requirement) for requirement in _own(META["optional-dependencies"][extra])}
    assert wanted
    assert wanted - _imported() == set()


def test_tooling_extras_exist() -> None:
    assert set(META["optional-dependencies"]) >= TOOLING


def test_every_extra_in_docs_and_messages_is_declared() -> None:
    named = set()
    for path in tracked_files():
        if path.suffix in {".md", ".py", ".html", ".toml", ".po"}:
            found = re.findall(r"wagtail-pledge\[([\w,]+)\]", path.read_text(encoding="utf-8"))
            named |= {extra for group in found for extra in group.split(",")}
    assert named - set(META["optional-dependencies"]) == set()


def test_every_site_extra_is_in_the_changelog() -> None:
    dependencies = _read("CHANGELOG.md").split("### Dependencies", maxsplit=1)[1]
    documented = set(re.findall(r"^\| `(\w+)` \|", dependencies, flags=re.MULTILINE))
    assert documented == set(META["optional-dependencies"]) - TOOLING


@pytest.mark.parametrize("page", PAGES)
def test_links_are_absolute(page: str) -> None:
    links = LINK.findall(_read(page))
    assert links or page == "SECURITY.md"
    assert [link for link in links if not link.startswith("https://")] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_to_the_documentation_point_to_existing_pages(page: str) -> None:
    found = re.findall(re.escape(DOCUMENTATION) + r"en/latest/([\w/-]+)\.html", _read(page))
    assert [name for name in found if not (ROOT / "docs" / f"{name}.md").is_file()] == []


def test_images_in_the_readme_exist() -> None:
    raw = "https://raw.githubusercontent.com/wagtail-pledge/wagtail-pledge/main/"
    shown = re.findall(re.escape(raw) + r"([^)\s]+)", _read("README.md"))
    assert shown
    assert [name for name in shown if not (ROOT / name).is_file()] == []


def test_the_sdist_includes_docs_and_changelog() -> None:
    lines = [line.split() for line in _read("MANIFEST.in").splitlines() if line.strip()]
    included = {name for command, *names in lines if command == "include" for name in names}
    grafted = {name for command, *names in lines if command == "graft" for name in names}
    pruned = {name for command, *names in lines if command == "prune" for name in names}
    assert {"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "README.md"} <= included
    assert "docs" in grafted
    assert pruned == {"docs/_build", "tests"}
    assert [name for name in included if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize(
    ("page", "source"),
    [
        ("changelog", "CHANGELOG.md"),
        ("contributing/index", "CONTRIBUTING.md"),
        ("contributing/security", "SECURITY.md"),
    ],
)
def test_the_docs_include_the_projects_files(page: str, source: str) -> None:
    path = ROOT / "docs" / f"{page}.md"
    included = re.search(r"```\{include\} (\S+)", path.read_text(encoding="utf-8"))
    assert included
    assert (path.parent / included[1]).resolve() == ROOT / source
    assert re.search(rf"^{page}$", _read("docs/index.md"), flags=re.MULTILINE)


def test_supported_versions_are_the_same_everywhere() -> None:
    table = _table("README.md")
    assert len(table) > 2
    assert table == _table("docs/index.md")
    for product, column in (("Framework :: Django :: ", 2), ("Programming Language :: Python :: 3.", 3)):
        named = {version for row in table[2:] for version in re.findall(r"\d+\.\d+", row.split("|")[column])}
        prefix = product.removesuffix("3.")
        classified = {line.removeprefix(prefix) for line in META["classifiers"] if line.startswith(product)}
        assert named == classified


def test_ci_runs_every_tox_environment() -> None:
    settings = PROJECT["tool"]["tox"]["legacy_tox_ini"]
    environments = re.search(r"env_list =\n((?:    \S+\n)+)", settings)
    assert environments
    matrix = re.findall(r"- \{ python: \"([\d.]+)\", env: ([\w-]+) \}", _read(".github/workflows/test.yml"))
    assert [name for _python, name in matrix] == environments[1].split()
    pythons = {name: f"py{python.replace('.', '')}" for python, name in matrix if name.startswith("py")}
    assert {name: name.split("-")[0] for name in pythons} == pythons


def test_every_supported_pair_has_a_tox_environment() -> None:
    settings = PROJECT["tool"]["tox"]["legacy_tox_ini"]
    tested = set(re.findall(r"py\d+-wagtail(\d+)-django(\d+)", settings))
    named = set()
    for row in _table("README.md")[2:]:
        wagtail = row.split("|")[1].split()[0]
        named |= {
            (wagtail.replace(".", ""), django.replace(".", "")) for django in re.findall(r"\d\.\d", row.split("|")[2])
        }
    assert tested == named


PROGRAM: Final = """
import runpy, sys
sys.modules.update(dict.fromkeys({blocked!r}))
runpy.run_path("docs/conf.py")
"""


def test_the_docs_extra_is_enough_to_load_the_docs() -> None:
    extras = META["optional-dependencies"]
    needed = {_import_name(requirement) for requirement in (*META["dependencies"], *extras["docs"])}
    others = {_import_name(one) for name, listed in extras.items() if name != "docs" for one in _own(listed)}
    blocked = sorted({"tests", "example_project", *others} - needed)
    assert "dj_database_url" in blocked
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM.format(blocked=blocked)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
