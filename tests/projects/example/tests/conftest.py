"""Loads the demo once per run. Each test runs in a transaction that is rolled back."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker
from wagtail.models import Site

from wagtail_pledge.signing.models import Pledge


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        call_command("pledge_demo", stdout=StringIO())


@pytest.fixture
def home() -> Any:
    return Site.objects.get(is_default_site=True).root_page.specific


@pytest.fixture
def pledge() -> Pledge:
    return Pledge.objects.get()
