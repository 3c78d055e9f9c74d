"""Logging in a thread: records arrive as they were, and a handler that blocks stops nobody."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from wagtail_pledge.core import background_logging
from wagtail_pledge.core.background_logging import BackgroundLogging

pytestmark = pytest.mark.requirement("E18")


class _Handler(logging.Handler):
    """Keeps the records' texts; blocks while ``gate`` is closed."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.texts: list[str] = []
        self.gate = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if not self.gate.wait(60):
            # In the thread that logs, the gate would never be opened
            raise TimeoutError
        self.texts.append(self.format(record))


@pytest.fixture
def logger() -> Iterator[tuple[logging.Logger, _Handler]]:
    found, handler = logging.getLogger("tests.background"), _Handler()
    found.setLevel(logging.DEBUG)
    found.addHandler(handler)
    yield found, handler
    handler.gate.set()
    found.removeHandler(handler)


def test_records_are_written_by_the_original_handlers(logger: tuple[logging.Logger, _Handler]) -> None:
    found, handler = logger
    handler.gate.set()
    values = ["before"]
    with BackgroundLogging() as logs:
        found.info("value %s", values)
        values[0] = "after"
        found.debug("below the handler's level")
        try:
            raise ValueError("broken")  # noqa: TRY301
        except ValueError:
            found.exception("failed")
    assert not logs.is_stuck
    assert handler.texts[0] == "value ['before']"
    assert len(handler.texts) == 2
    assert "ValueError: broken" in handler.texts[1]
    assert found.handlers == [handler]


def test_a_handler_that_blocks_stops_nobody(
    logger: tuple[logging.Logger, _Handler], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, handler = logger
    monkeypatch.setattr(background_logging, "END_SECONDS", 0.1)
    with BackgroundLogging() as logs:
        for number in range(background_logging.MAX_RECORDS + 50):
            found.info("%s", number)
    assert logs.is_stuck
    assert found.handlers == [handler]
    handler.gate.set()
    logs._thread.join(60)
    assert handler.texts[0] == "0"
    assert any("log records were dropped" in text for text in handler.texts)


def test_records_of_loggers_without_handlers_are_written_too(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = _Handler()
    handler.gate.set()
    monkeypatch.setattr(logging, "lastResort", handler)
    lonely = logging.getLogger("tests.background.lonely")
    lonely.propagate = False
    with BackgroundLogging():
        lonely.warning("nobody listens")
    assert handler.texts == ["nobody listens"]
    assert logging.lastResort is handler
