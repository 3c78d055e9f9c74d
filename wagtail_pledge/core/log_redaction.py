"""Keeps signers' personal data out of logs and error reports.

Django reports a failed request with its URL, its body and the client's IP address, and an exception with its message,
which often repeats user input. On a private page any of these can identify a person. The redacted record contains
enough to find the fault: the view, the status, the type of the exception and the lines it passed through.

With ``DEBUG = True`` nothing is redacted.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from http.client import responses
from typing import Any, Final, ParamSpec, TypeVar

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, resolve

from wagtail_pledge.core.database_errors import answers_database_errors

P = ParamSpec("P")
R = TypeVar("R")

#: Loggers of requests, and of exceptions that Django catches.
REDACTED_LOGGERS: Final = (
    "django.request",
    "django.server",
    "django.security.csrf",
    "django.template",
    "django.dispatch",
    "django.db.backends.base",
)
#: Exceptions that Django turns into a response; their text is removed from the log.
_HANDLED_BY_DJANGO: Final = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)
#: Tokens in URLs. A confirm link with a stray bracket at its end is a 404 in the log, but contains a valid token.
_TOKEN: Final = re.compile(r"[\w-]{40,}", re.ASCII)
_MAX_FRAMES: Final = 8

_is_redacting: Final[ContextVar[bool]] = ContextVar("wagtail_pledge_is_redacting", default=False)


class RedactedError(Exception):
    """Replaces an unexpected exception whose text and variables may contain personal data.

    Its message is the type of the original exception and where it was raised.
    """


def redacted_traceback(error: BaseException) -> str:
    """Return the type and the traceback of ``error`` on one line, innermost frame first, without its message."""
    if isinstance(error, RedactedError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:]
    lines = " < ".join(f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in reversed(frames))
    return f"{type(error).__name__} at {lines}" if lines else type(error).__name__


@contextmanager
def redact_logs() -> Iterator[None]:
    """Context manager that redacts exceptions in Django's logs, for code that handles personal data."""
    token = _is_redacting.set(True)
    try:
        yield
    finally:
        _is_redacting.reset(token)


def redact_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator that raises :class:`RedactedError` in place of unexpected exceptions of ``function``."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with redact_logs():
                return function(*args, **kwargs)
        except _HANDLED_BY_DJANGO:
            raise
        except Exception as error:
            if settings.DEBUG:
                raise
            message = redacted_traceback(error)
        # Not inside "except": the new exception would have the original one as its context
        raise RedactedError(message)

    return inner


def private_view(view: Callable[..., Any]) -> Any:
    """Decorator for a view whose URL or body contains personal data. It must be the outermost decorator.

    Returns 503 if the database is unavailable.
    """
    guarded = redact_errors(answers_database_errors(view))

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # For error reports that don't go through logging
        request.sensitive_post_parameters = "__ALL__"  # type: ignore[attr-defined]
        return guarded(request, *args, **kwargs)

    inner.is_private = True  # type: ignore[attr-defined]
    return inner


class LogRedactionFilter(logging.Filter):
    """Logging filter that removes personal data from records. It lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact ``record`` in place."""
        if settings.DEBUG:
            return True
        view = _private_view_name(getattr(record, "request", None))
        if view:
            status = getattr(record, "status_code", 0)
            record.msg, record.args = f"{responses.get(status, status)}: {view}", ()
        # django.template logs a missing variable with the whole context, also while an error report is rendered
        if view or _is_redacting.get() or record.name == "django.template":
            _redact_errors(record)
            _remove_request(record)
        _redact_tokens(record)
        return True


def _private_view_name(request: Any) -> str:
    """Return the name of the private view that the request matches, ``""`` if there is none."""
    if not isinstance(request, HttpRequest):
        return ""
    match = request.resolver_match
    if match is None:  # rejected by a middleware before URL resolution
        try:
            match = resolve(request.path_info, getattr(request, "urlconf", None))
        except Resolver404:
            return ""
    return match.view_name if getattr(match.func, "is_private", False) else ""


def _redact_errors(record: logging.LogRecord) -> None:
    if isinstance(record.args, tuple):
        record.args = tuple(redacted_traceback(arg) if isinstance(arg, BaseException) else arg for arg in record.args)
    error = record.exc_info[1] if record.exc_info else None
    if error is not None and redacted_traceback(error) not in record.getMessage():
        record.msg, record.args = f"{record.getMessage()} ({redacted_traceback(error)})", ()
    record.exc_info = record.exc_text = None


def _remove_request(record: logging.LogRecord) -> None:
    if hasattr(record, "request"):
        record.request = None


def _redact_tokens(record: logging.LogRecord) -> None:
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest) and _TOKEN.search(request.path):
        _redact_errors(record)
        _remove_request(record)
        record.msg, record.args = _TOKEN.sub("[token]", record.getMessage()), ()
    elif record.name == "django.server":
        record.msg, record.args = _TOKEN.sub("[token]", record.getMessage()), ()


def _subclasses_of(error: type[Exception]) -> Iterator[type[Exception]]:
    yield error
    for kind in error.__subclasses__():
        yield from _subclasses_of(kind)


def install_log_redaction() -> None:
    """Add the filter to Django's loggers; to each, as filters don't apply to records of child loggers."""
    names = {*REDACTED_LOGGERS, *(f"django.security.{kind.__name__}" for kind in _subclasses_of(SuspiciousOperation))}
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(installed, LogRedactionFilter) for installed in logger.filters):
            logger.addFilter(LogRedactionFilter())
