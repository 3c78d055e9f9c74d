"""Nobody learns from a log or an error report who signed.

Django reports a failed request with its address, its body and the client's network address, and an error with its text,
which often repeats what was typed. On a private page any of these names a person. What is left here is enough to
find the fault: the view, the status, the type of the error and the places it came through.

With ``DEBUG = True`` everything is reported in full.
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

P = ParamSpec("P")
R = TypeVar("R")

#: Where Django writes of requests, and of errors that it does not let through.
LOGGERS: Final = (
    "django.request",
    "django.server",
    "django.security.csrf",
    "django.template",
    "django.dispatch",
    "django.db.backends.base",
)
#: Django turns these into an answer of its own; their text is dropped from the log.
_ANSWERS: Final = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)
#: A confirm link with a bracket behind it is not found, and still confirms without the bracket.
_TOKEN: Final = re.compile(r"[\w-]{40,}", re.ASCII)
_PLACES: Final = 8

_is_discreet: Final[ContextVar[bool]] = ContextVar("wagtail_pledge_is_discreet", default=False)


class Undisclosed(Exception):
    """Stands for an unexpected error whose text and variables may name a person; says where that one was raised."""


def outline(error: BaseException) -> str:
    """Return type and places of ``error`` on one line, the innermost place first; never its text."""
    if isinstance(error, Undisclosed):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    places = " < ".join(f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places}" if places else type(error).__name__


@contextmanager
def discreetly() -> Iterator[None]:
    """While a person's data is handled, let Django's loggers outline errors instead of printing them."""
    token = _is_discreet.set(True)
    try:
        yield
    finally:
        _is_discreet.reset(token)


def undisclosed(function: Callable[P, R]) -> Callable[P, R]:
    """Let no unexpected error out of ``function``: :class:`Undisclosed` is raised in its place."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with discreetly():
                return function(*args, **kwargs)
        except _ANSWERS:
            raise
        except Exception as error:
            if settings.DEBUG:
                raise
            said = outline(error)
        # Not inside "except": the new error would carry the old one as its context
        raise Undisclosed(said)

    return inner


def private_view(view: Callable[..., Any]) -> Any:
    """Decorate a view whose address or body belongs to one person; put it outermost."""
    guarded = undisclosed(view)

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # For error reports that do not come through the log
        request.sensitive_post_parameters = "__ALL__"  # type: ignore[attr-defined]
        return guarded(request, *args, **kwargs)

    inner.is_private = True  # type: ignore[attr-defined]
    return inner


class Discretion(logging.Filter):
    """Takes out of a record what may name a person; passes every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite ``record``."""
        if settings.DEBUG:
            return True
        view = _private_view_of(getattr(record, "request", None))
        if view:
            status = getattr(record, "status_code", 0)
            record.msg, record.args = f"{responses.get(status, status)}: {view}", ()
        # A missing variable is reported with the whole context, and with whatever error a report is being made of
        if view or _is_discreet.get() or record.name == "django.template":
            _outline_errors(record)
            _forget_request(record)
        _hide_tokens(record)
        return True


def _private_view_of(request: Any) -> str:
    """Return the name of the private view that the request was meant for, ``""`` if for none."""
    if not isinstance(request, HttpRequest):
        return ""
    match = request.resolver_match
    if match is None:  # refused before Django looked for a view
        try:
            match = resolve(request.path_info, getattr(request, "urlconf", None))
        except Resolver404:
            return ""
    return match.view_name if getattr(match.func, "is_private", False) else ""


def _outline_errors(record: logging.LogRecord) -> None:
    if isinstance(record.args, tuple):
        record.args = tuple(outline(arg) if isinstance(arg, BaseException) else arg for arg in record.args)
    error = record.exc_info[1] if record.exc_info else None
    if error is not None and outline(error) not in record.getMessage():
        record.msg, record.args = f"{record.getMessage()} ({outline(error)})", ()
    record.exc_info = record.exc_text = None


def _forget_request(record: logging.LogRecord) -> None:
    if hasattr(record, "request"):
        record.request = None


def _hide_tokens(record: logging.LogRecord) -> None:
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest) and _TOKEN.search(request.path):
        _outline_errors(record)
        _forget_request(record)
        record.msg, record.args = _TOKEN.sub("[token]", record.getMessage()), ()
    elif record.name == "django.server":
        record.msg, record.args = _TOKEN.sub("[token]", record.getMessage()), ()


def _kinds_of(error: type[Exception]) -> Iterator[type[Exception]]:
    yield error
    for kind in error.__subclasses__():
        yield from _kinds_of(kind)


def guard_loggers() -> None:
    """Put the filter on Django's loggers; on each, as a filter does not see what comes from loggers below."""
    names = {*LOGGERS, *(f"django.security.{kind.__name__}" for kind in _kinds_of(SuspiciousOperation))}
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(known, Discretion) for known in logger.filters):
            logger.addFilter(Discretion())
