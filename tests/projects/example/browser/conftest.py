"""The browser of ``tests/browser``, with the example project. The demo's content is not loaded."""

from __future__ import annotations

import pytest

from tests.browser.conftest import (
    browser,
    desktop,
    open_page,
    page_errors,
    phone,
    phone_without_script,
    pytest_runtest_makereport,
)

__all__ = [
    "browser",
    "desktop",
    "open_page",
    "page_errors",
    "phone",
    "phone_without_script",
    "pytest_runtest_makereport",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.browser)
