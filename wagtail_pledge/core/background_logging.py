"""Writes log records in a thread, so that a log that accepts no more (a full pipe) stops nothing else."""

from __future__ import annotations

import logging
from contextlib import suppress
from copy import copy
from queue import Empty, Full, Queue
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self

#: Further records are dropped and counted.
MAX_RECORDS: Final = 1000
#: How long the end of the block waits for the records to be written.
END_SECONDS: Final = 1.0


class _QueueHandler(logging.Handler):
    """Takes the place of one handler and passes its records to the thread."""

    def __init__(self, handler: logging.Handler, background: BackgroundLogging) -> None:
        super().__init__(handler.level)
        self.handler = handler
        self._background = background

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on a copy; its message is final, as the arguments may change before it is written."""
        written = copy(record)
        written.msg, written.args = record.getMessage(), None
        self._background.put(self.handler, written)


class BackgroundLogging:
    """Context manager in which the handlers of all loggers write in one thread.

    ``is_stuck``: the thread was still waiting for a handler at the end, so the process cannot end normally.
    """

    def __init__(self) -> None:
        self.is_stuck = False
        self._queue: Queue[tuple[logging.Handler, logging.LogRecord] | None] = Queue(MAX_RECORDS)
        self._dropped = 0
        self._replaced: list[tuple[logging.Logger, list[logging.Handler]]] = []
        self._last_resort: Any = None
        self._thread = Thread(target=self._write, daemon=True, name="log")

    def __enter__(self) -> Self:
        loggers = [
            logger for logger in logging.Logger.manager.loggerDict.values() if isinstance(logger, logging.Logger)
        ]
        for logger in (logging.getLogger(), *loggers):
            if logger.handlers:
                self._replaced.append((logger, logger.handlers[:]))
                logger.handlers[:] = [_QueueHandler(handler, self) for handler in logger.handlers]
        self._last_resort = logging.lastResort
        if logging.lastResort is not None:
            vars(logging)["lastResort"] = _QueueHandler(logging.lastResort, self)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for logger, handlers in self._replaced:
            logger.handlers[:] = handlers
        vars(logging)["lastResort"] = self._last_resort
        self._end()
        self._thread.join(END_SECONDS)
        self.is_stuck = self._thread.is_alive()

    def put(self, handler: logging.Handler, record: logging.LogRecord) -> None:
        """Have ``handler`` write ``record``, or count it as dropped."""
        try:
            self._queue.put_nowait((handler, record))
        except Full:
            self._dropped += 1

    def _end(self) -> None:
        while True:
            try:
                self._queue.put_nowait(None)
            except Full:
                # The thread is stuck, or slow
                with suppress(Empty):
                    self._queue.get_nowait()
            else:
                return

    def _write(self) -> None:
        while (entry := self._queue.get()) is not None:
            handler, record = entry
            handler.handle(record)
            dropped, self._dropped = self._dropped, 0
            if dropped:
                message = f"{dropped} log records were dropped, because the log accepted no more"
                handler.handle(logging.LogRecord(__name__, logging.WARNING, __file__, 0, message, None, None))
