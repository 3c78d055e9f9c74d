"""The public modules and their reference page list the same names."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from tests.architecture.tree import REFERENCE, ROOT

MODULES = (
    *("models", "services", "kinds", "questions", "signals", "middleware", "database", "blocks", "choosers"),
    "testing.factories",
)
#: Internal models that no site needs: leases, rate limit counters, work queues.
INTERNAL = {"WorkLease", "DirtyDay", "LimitBucket", "MailQueueState", "MailSent", "NetworkDayKey", "SpentChallenge"}


def documented(module: str) -> set[str]:
    """Return the names in the table under the module's heading."""
    page = (REFERENCE / "python.md").read_text(encoding="utf-8")
    heading, _, section = page.partition(f"## `wagtail_pledge.{module}`")
    assert section, f"no section on {module} after {heading[-40:]!r}"
    table = re.split(r"^## ", section, maxsplit=1, flags=re.MULTILINE)[0]
    return set(re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE))


@pytest.mark.parametrize("module", MODULES)
def test_the_reference_lists_what_a_public_module_exports(module: str) -> None:
    assert documented(module) == set(import_module(f"wagtail_pledge.{module}").__all__)


@pytest.mark.parametrize("module", MODULES)
def test_every_exported_name_exists(module: str) -> None:
    public = import_module(f"wagtail_pledge.{module}")
    assert [name for name in public.__all__ if not hasattr(public, name)] == []


def test_the_facade_of_models_exports_no_internals() -> None:
    assert not INTERNAL & set(import_module("wagtail_pledge.models").__all__)


def test_migrations_of_sites_import_public_modules_only() -> None:
    """Besides those, the choices of regions, which the reference says will stay."""
    public = {*(f"wagtail_pledge.{module}" for module in MODULES), "wagtail_pledge.treaties.regions"}
    imported = {
        module
        for path in (ROOT / "tests" / "projects").glob("*/migrations/0*.py")
        for module in re.findall(r"^import (wagtail_pledge\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert "wagtail_pledge.models" in imported
    assert imported - public == set()
