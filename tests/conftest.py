"""Fixtures for all tests. The database is chosen and started by ``tests.plugin``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test.testcases import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from tests import databases
from wagtail_pledge.campaigns.theme import stylesheet_urls

# A busy machine is no fault of the code: no time limit for one example
hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")


class _NoMigrations:
    """Every app has no migrations: tables are made from the models, without any content."""

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
    # Django flushes here. The copy comes back whole instead, and sooner
    patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: copies.restore())
    yield
    patched.undo()
    with django_db_blocker.unblock():
        copies.drop()


def _empty_tables(blocker: DjangoDbBlocker) -> Iterator[None]:
    django_settings.MIGRATION_MODULES = _NoMigrations()
    with blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True)
def _reset_language_and_cache() -> Iterator[None]:
    """Start in the site's language with an empty cache, whatever the test before left behind."""
    cache.clear()
    stylesheet_urls.clear()
    with translation.override(django_settings.LANGUAGE_CODE):
        yield
