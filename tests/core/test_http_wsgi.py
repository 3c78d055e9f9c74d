"""Requests that make Django fail before any view, and the WSGI middleware that answers 400."""

from __future__ import annotations

from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.wsgi import get_wsgi_application

from wagtail_pledge.core.request_guard import refuse_bad_charsets

MANY = "&".join(f"f{number}=" for number in range(1001))
BROKEN = [("idna", "a=%ff"), ("undefined", "a=b"), ("hex", "a=b"), ("utf-8", MANY)]


def request_status(application: Any, content_type: str, query: str) -> str:
    """Return the status line that a WSGI server would send."""
    environ = {"CONTENT_TYPE": content_type, "QUERY_STRING": query, "REQUEST_METHOD": "POST", "CONTENT_LENGTH": "0"}
    environ |= {"PATH_INFO": "/pledge/confirm/x/", "HTTP_HOST": "testserver"}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    body = application(environ, lambda status, _headers: statuses.append(status))
    b"".join(body)
    if close := getattr(body, "close", None):
        close()
    (status,) = statuses
    return status


@pytest.mark.requirement("I38", "D10")
@pytest.mark.parametrize(("charset", "query"), BROKEN)
def test_a_charset_that_breaks_the_request_is_a_bad_request(db: None, charset: str, query: str) -> None:
    content_type = f"application/json; CHARSET={charset}"
    plain = get_wsgi_application()
    with pytest.raises((UnicodeError, LookupError, SuspiciousOperation)):  # the reason for the middleware
        request_status(plain, content_type, query)
    assert request_status(refuse_bad_charsets(plain), content_type, query) == "400 Bad Request"


@pytest.mark.parametrize(("charset", "query"), [("utf-8", "a=b"), ("nonsense", "a=b"), ("latin-1", "%ff=%ED")])
def test_other_requests_are_passed_on(db: None, charset: str, query: str) -> None:
    assert (
        request_status(refuse_bad_charsets(get_wsgi_application()), f"text/plain; charset={charset}", query)
        == "303 See Other"
    )


def test_other_errors_are_raised() -> None:
    def failing_application(_environ: Any, _start_response: Any) -> Any:
        raise KeyError

    with pytest.raises(KeyError):
        request_status(refuse_bad_charsets(failing_application), "application/json", "")
