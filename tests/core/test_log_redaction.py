"""Redaction of personal data in log records, errors and requests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from wagtail_pledge.core.log_redaction import (
    LogRedactionFilter,
    RedactedError,
    install_log_redaction,
    private_view,
    redact_logs,
    redacted_traceback,
)

TOKEN = "AAAAAAAAAAABTuy_lge9RzCuDZLeR2sVmwABmXyZ0123456789abcdefghijkl0"
CONTROLS = "\n", "\r", "\x1b", "\u2028", "\x85"


class LineHandler(logging.Handler):
    """Logging handler that keeps formatted lines and requests."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.requests: list[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
        self.requests.append(getattr(record, "request", None))


@pytest.fixture
def logged_lines() -> Iterator[LineHandler]:
    handler, root = LineHandler(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def failing_view(_request: Any, error: Exception) -> HttpResponse:
    raise error


@pytest.mark.requirement("B9")
def test_an_error_of_a_private_view_is_raised_without_message_and_context() -> None:
    view, request = private_view(failing_view), RequestFactory().post("/", {"name": "Ana"})
    with pytest.raises(RedactedError) as raised:
        view(request, ValueError("ana@example.org"))
    assert str(raised.value).startswith("ValueError at ")
    assert "test_log_redaction.py" in str(raised.value)
    assert "ana@" not in str(raised.value)
    assert raised.value.__context__ is raised.value.__cause__ is None
    assert request.sensitive_post_parameters == "__ALL__"
    assert redacted_traceback(raised.value) == str(raised.value)


@pytest.mark.parametrize("error", [Http404("x"), SuspiciousOperation("x")])
def test_errors_that_django_handles_are_not_changed(error: Exception) -> None:
    with pytest.raises(type(error)):
        private_view(failing_view)(HttpRequest(), error)


def test_nothing_is_redacted_in_debug_mode(settings: Settings, logged_lines: LineHandler) -> None:
    settings.DEBUG = True
    with pytest.raises(ValueError, match=r"ana@example\.org"):
        private_view(failing_view)(HttpRequest(), ValueError("ana@example.org"))
    with redact_logs():
        logging.getLogger("django.dispatch").error("lost %s", ValueError("ana@example.org"))
    assert logged_lines.lines == ["lost ana@example.org"]


@pytest.mark.requirement("B9")
def test_other_errors_of_the_site_are_not_redacted(logged_lines: LineHandler) -> None:
    request = RequestFactory().get("/en/about/")
    error = ValueError("no such block")
    logging.getLogger("django.request").error("Failed: %s", error, exc_info=error, extra={"request": request})
    logging.getLogger("django.dispatch").error("lost %s", error)
    assert logged_lines.lines == ["Failed: no such block\nValueError: no such block", "lost no such block"]
    assert logged_lines.requests == [request, None]


@pytest.mark.requirement("B9")
@pytest.mark.parametrize("name", ["django.request", "django.dispatch", "django.template", "django.db.backends.base"])
def test_djangos_loggers_are_redacted_inside_redact_logs(logged_lines: LineHandler, name: str) -> None:
    with redact_logs():
        try:
            raise ValueError("ana@example.org")  # noqa: TRY301
        except ValueError as error:
            logging.getLogger(name).exception("Error (%s)", error)  # noqa: TRY401
    (lines,) = logged_lines.lines
    assert "ValueError at " in lines
    assert "ana@" not in lines
    assert "\n" not in lines


@pytest.mark.requirement("B9")
@pytest.mark.parametrize("path", [f"/nowhere/{TOKEN})", f"/en/pledge/confirm/{TOKEN}/"])
def test_a_token_in_an_unknown_path_is_redacted(client: Client, db: None, logged_lines: LineHandler, path: str) -> None:
    assert client.get(path).status_code == 404
    lines = [line for line in logged_lines.lines if line.startswith("Not Found")]
    assert lines
    assert all("[token]" in line and TOKEN not in line for line in lines)
    assert not any(logged_lines.requests)


@pytest.mark.requirement("B9")
def test_a_request_to_a_private_view_is_logged_by_view_name(
    client: Client, db: None, logged_lines: LineHandler
) -> None:
    for path in ("confirm/ana", "not-me/ana", "manage/ana", "inbox/ana", f"{uuid4()}/sign/{uuid4()}", "nothing/ana"):
        client.put(f"/pledge/{path}/", b"ana")
    lines = [line.partition(": ")[2] for line in logged_lines.lines if not line.startswith("Not Found")]
    assert lines == [f"wagtail_pledge:{name}" for name in ("confirm", "not_me", "manage", "inbox", "sign")]
    assert not any(logged_lines.requests)


@pytest.mark.requirement("B9")
def test_tokens_in_lines_of_the_development_server_are_redacted(logged_lines: LineHandler) -> None:
    logger = logging.getLogger("django.server")
    logger.addHandler(logged_lines)
    logger.info('"%s" %s %s', f"GET /pledge/confirm/{TOKEN}/ HTTP/1.1", "200", "1")
    logger.removeHandler(logged_lines)
    assert "[token]" in logged_lines.lines[0]
    assert TOKEN not in logged_lines.lines[0]


@pytest.mark.parametrize(
    "name", ["django.request", "django.security.DisallowedHost", "django.security.SuspiciousOperation"]
)
def test_the_filter_is_installed_once(name: str) -> None:
    install_log_redaction()
    filters = logging.getLogger(name).filters
    assert len([log_filter for log_filter in filters if isinstance(log_filter, LogRedactionFilter)]) == 1


@pytest.mark.requirement("D13", "B9")
@pytest.mark.parametrize("control", CONTROLS)
def test_log_lines_cannot_be_forged(db: None, logged_lines: LineHandler, control: str) -> None:
    forged = f"x{control}ERROR forged"
    client = Client(raise_request_exception=False, headers={"user-agent": forged, "referer": forged})
    token = f"{TOKEN[:30]}{control}{TOKEN[30:]}"
    paths = (f"/{forged}", f"/pledge/{forged}/", f"/pledge/confirm/{token}/", f"/pledge/inbox/{forged}/x")
    for path in map(quote, paths):
        client.get(path)
        client.put(path)
        client.post(path, {"name": forged, "email": forged}, headers={"host": forged, "x-forwarded-for": forged})
    assert len(logged_lines.lines) > 8
    # Line breaks of tracebacks are Python's own
    assert not set("".join(logged_lines.lines)) & (set(CONTROLS) - {"\n"})
    assert not [
        line
        for lines in logged_lines.lines
        for line in lines.split("\n")
        if line.startswith(("ERROR", "x", TOKEN[30:]))
    ]
