"""Fixtures for all tests. The database is chosen and started by ``tests.plugin``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test.testcases import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from modelsearch import signal_handlers as search_signals
from pytest_django import DjangoDbBlocker
from wagtail.signal_handlers import reference_index_auto_update_disabled

from tests import databases
from tests.recorded_rows import Published, RecordedRows
from wagtail_pledge.campaigns.theme import stylesheet_urls

#: Where saving a page updates Wagtail's indexes as on a site.
INDEXED: Final = tuple(Path(__file__).parent / name for name in ("browser", "faults"))

# No time limit per example, which would fail on a busy machine
hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")


class _NoMigrations:
    """``MIGRATION_MODULES`` that makes Django create tables from the models, without data migrations."""

    def __contains__(self, _label: str) -> bool:
        return True

    def __getitem__(self, _label: str) -> None:
        return None


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Give this worker a copy of the migrated template; ``--nomigrations`` gives empty tables instead."""
    if request.config.getvalue("nomigrations"):
        yield from _empty_tables(django_db_blocker)
        return
    with django_db_blocker.unblock():
        copies = databases.copies()
        copies.create()
    patched = pytest.MonkeyPatch()
    # Instead of Django's flush: restoring the copy is faster and keeps the migrated data
    patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: copies.restore())
    yield
    patched.undo()
    with django_db_blocker.unblock():
        copies.drop()


def _empty_tables(blocker: DjangoDbBlocker) -> Iterator[None]:
    django_settings.MIGRATION_MODULES = _NoMigrations()
    with blocker.unblock():
        databases_made = setup_databases(verbosity=0, interactive=False)
    yield
    with blocker.unblock():
        teardown_databases(databases_made, verbosity=0)


@pytest.fixture(autouse=True)
def _reset_language_and_cache() -> Iterator[None]:
    """Start each test in the site's language with an empty cache."""
    cache.clear()
    stylesheet_urls.clear()
    with translation.override(django_settings.LANGUAGE_CODE):
        yield


class _NoTask:
    """Replaces a task that is not to run."""

    def enqueue(self, *_arguments: object) -> None:
        """Do nothing."""


@contextmanager
def without_indexes() -> Iterator[None]:
    """Leave out Wagtail's search and reference indexes, a fifth of the time to save a page.

    Can be nested, unlike Wagtail's ``disable_reference_index_auto_update``.
    """
    before = getattr(reference_index_auto_update_disabled, "value", False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_signals, "insert_or_update_object_task", _NoTask())
        reference_index_auto_update_disabled.value = True
        try:
            yield
        finally:
            reference_index_auto_update_disabled.value = before


@pytest.fixture
def is_indexed(request: pytest.FixtureRequest) -> bool:
    """Whether the test has Wagtail's indexes: tests in the browser, fault tests, and those marked ``indexed``."""
    return bool(request.node.get_closest_marker("indexed") or set(INDEXED) & set(request.node.path.parents))


@pytest.fixture(autouse=True)
def _without_indexes(is_indexed: bool) -> Iterator[None]:
    with nullcontext() if is_indexed else without_indexes():
        yield


@pytest.fixture(scope="session")
def recorded_pages(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> dict[Any, RecordedRows]:
    """The rows of the pages of :mod:`tests.campaign_fixtures`, recorded before any test."""
    # A project can be without the package's pages
    record = import_module("tests.campaign_fixtures").record
    with django_db_blocker.unblock(), without_indexes(), translation.override(django_settings.LANGUAGE_CODE):
        found: dict[Any, RecordedRows] = record()
    return found


@pytest.fixture
def published(db: None, recorded_pages: dict[Any, RecordedRows], is_indexed: bool) -> Published:
    """Return ``published(make, *parents)``: the page that ``make`` publishes, from recorded rows where they fit."""
    return Published({} if is_indexed else recorded_pages)
