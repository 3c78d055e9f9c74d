"""One "today" for the whole room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.treaties.treaty_data import TODAY


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield
