"""Decorator and middleware that answer database errors with 503 and ``Retry-After`` in place of 500.

Importable before Django is set up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, wraps
from typing import Any, Final

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from wagtail_pledge.core.postgresql.limits import statements_of
from wagtail_pledge.core.registry import providers

logger = logging.getLogger(__name__)

#: The database is away, hangs, is read-only or was locked for too long: the same request may succeed later. Other
#: database errors are bugs. A read-only PostgreSQL raises ``InternalError``.
UNAVAILABLE: Final = (OperationalError, InterfaceError, InternalError)
RETRY_AFTER_SECONDS: Final = 30
#: Longest statement of a request to the admin: lists and searches of large campaigns, bulk actions.
ADMIN_STATEMENT_SECONDS: Final = 30.0


def answer_unavailable(request: HttpRequest, error: Exception) -> Any:
    """Return the 503 response for a database error. Nothing in it depends on the database."""
    logger.warning("the database is unavailable: %s", type(error).__name__)
    connection = transaction.get_connection()
    if connection.settings_dict.get("ATOMIC_REQUESTS") and connection.in_atomic_block:
        transaction.set_rollback(True)  # otherwise Django would try to commit after the view
    render = providers.unavailable_page
    response = render(request) if render else HttpResponse(status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def answers_database_errors(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator for a view: answers 503 if the database is unavailable."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return view(request, *args, **kwargs)
        except UNAVAILABLE as error:
            return answer_unavailable(request, error)

    return inner


class DatabaseErrorMiddleware:
    """Answers 503 with ``Retry-After`` if the database is unavailable, on pages and on views of the site too.

    Requests to the admin may run longer statements than others, if the database uses the package's engine. Put it
    first among the middleware that may use the database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Return the response."""
        if not request.path_info.startswith(_admin_paths(settings.ROOT_URLCONF, get_language())):
            return self.get_response(request)
        with statements_of(ADMIN_STATEMENT_SECONDS):
            response = self.get_response(request)
        if response.streaming and not response.is_async:
            response.streaming_content = _parts(response.streaming_content)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> Any:
        """Return 503 for a database error of a view, or of the template that it renders."""
        return answer_unavailable(request, exception) if isinstance(exception, UNAVAILABLE) else None


@lru_cache(maxsize=64)
def _admin_paths(_urlconf: str, _language: str | None) -> tuple[str, ...]:
    """Return the paths of Wagtail's and Django's admin, as far as the site has them."""
    found = []
    for name in ("wagtailadmin_home", "admin:index"):
        try:
            found.append(reverse(name))
        except NoReverseMatch:
            continue
    return tuple(found)


def _parts(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a download, whose queries run after the middleware has returned."""
    parts = iter(content)
    while True:
        with statements_of(ADMIN_STATEMENT_SECONDS):
            part = next(parts, None)
        if part is None:
            return
        yield part
