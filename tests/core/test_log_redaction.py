"""What is left of a record, an error and a request once nobody is named in them."""

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


class Lines(logging.Handler):
    """What a log file would hold."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []
        self.requests: list[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))
        self.requests.append(getattr(record, "request", None))


@pytest.fixture
def logged_lines() -> Iterator[Lines]:
    heard, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    yield heard
    root.removeHandler(heard)
    root.setLevel(level)


def fails(_request: Any, error: Exception) -> HttpResponse:
    raise error


@pytest.mark.requirement("B9")
def test_an_error_leaves_a_private_view_without_its_text_and_without_its_past() -> None:
    view, request = private_view(fails), RequestFactory().post("/", {"name": "Ana"})
    with pytest.raises(RedactedError) as raised:
        view(request, ValueError("ana@example.org"))
    assert str(raised.value).startswith("ValueError at ")
    assert "test_log_redaction.py" in str(raised.value)
    assert "ana@" not in str(raised.value)
    assert raised.value.__context__ is raised.value.__cause__ is None
    assert request.sensitive_post_parameters == "__ALL__"
    assert redacted_traceback(raised.value) == str(raised.value)


@pytest.mark.parametrize("error", [Http404("x"), SuspiciousOperation("x")])
def test_what_django_answers_itself_passes(error: Exception) -> None:
    with pytest.raises(type(error)):
        private_view(fails)(HttpRequest(), error)


def test_a_developer_sees_everything(settings: Settings, logged_lines: Lines) -> None:
    settings.DEBUG = True
    with pytest.raises(ValueError, match=r"ana@example\.org"):
        private_view(fails)(HttpRequest(), ValueError("ana@example.org"))
    with redact_logs():
        logging.getLogger("django.dispatch").error("lost %s", ValueError("ana@example.org"))
    assert logged_lines.said == ["lost ana@example.org"]


@pytest.mark.requirement("B9")
def test_errors_of_the_rest_of_the_site_are_reported_in_full(logged_lines: Lines) -> None:
    request = RequestFactory().get("/en/about/")
    error = ValueError("no such block")
    logging.getLogger("django.request").error("Failed: %s", error, exc_info=error, extra={"request": request})
    logging.getLogger("django.dispatch").error("lost %s", error)
    assert logged_lines.said == ["Failed: no such block\nValueError: no such block", "lost no such block"]
    assert logged_lines.requests == [request, None]


@pytest.mark.requirement("B9")
@pytest.mark.parametrize("name", ["django.request", "django.dispatch", "django.template", "django.db.backends.base"])
def test_while_a_person_is_handled_djangos_loggers_only_outline(logged_lines: Lines, name: str) -> None:
    with redact_logs():
        try:
            raise ValueError("ana@example.org")  # noqa: TRY301
        except ValueError as error:
            logging.getLogger(name).exception("Error (%s)", error)  # noqa: TRY401
    (said,) = logged_lines.said
    assert "ValueError at " in said
    assert "ana@" not in said
    assert "\n" not in said


@pytest.mark.requirement("B9")
@pytest.mark.parametrize("path", [f"/nowhere/{TOKEN})", f"/en/pledge/confirm/{TOKEN}/"])
def test_a_link_that_was_broken_on_the_way_is_not_written_down(
    client: Client, db: None, logged_lines: Lines, path: str
) -> None:
    assert client.get(path).status_code == 404
    said = [line for line in logged_lines.said if line.startswith("Not Found")]
    assert said
    assert all("[token]" in line and TOKEN not in line for line in said)
    assert not any(logged_lines.requests)


@pytest.mark.requirement("B9")
def test_of_a_request_to_a_private_view_only_the_view_and_the_status_are_told(
    client: Client, db: None, logged_lines: Lines
) -> None:
    for path in ("confirm/ana", "not-me/ana", "manage/ana", "inbox/ana", f"{uuid4()}/sign/{uuid4()}", "nothing/ana"):
        client.put(f"/pledge/{path}/", b"ana")
    said = [line.partition(": ")[2] for line in logged_lines.said if not line.startswith("Not Found")]
    assert said == [f"wagtail_pledge:{name}" for name in ("confirm", "not_me", "manage", "inbox", "sign")]
    assert not any(logged_lines.requests)


@pytest.mark.requirement("B9")
def test_the_development_server_writes_no_token(logged_lines: Lines) -> None:
    logger = logging.getLogger("django.server")
    logger.addHandler(logged_lines)
    logger.info('"%s" %s %s', f"GET /pledge/confirm/{TOKEN}/ HTTP/1.1", "200", "1")
    logger.removeHandler(logged_lines)
    assert "[token]" in logged_lines.said[0]
    assert TOKEN not in logged_lines.said[0]


def test_the_filter_is_put_on_once() -> None:
    install_log_redaction()
    for name in ("django.request", "django.security.DisallowedHost", "django.security.SuspiciousOperation"):
        assert len([known for known in logging.getLogger(name).filters if isinstance(known, LogRedactionFilter)]) == 1


@pytest.mark.requirement("D13", "B9")
@pytest.mark.parametrize("control", CONTROLS)
def test_nothing_that_a_visitor_sends_begins_a_line_of_the_log(db: None, logged_lines: Lines, control: str) -> None:
    forged = f"x{control}ERROR forged"
    client = Client(raise_request_exception=False, headers={"user-agent": forged, "referer": forged})
    token = f"{TOKEN[:30]}{control}{TOKEN[30:]}"
    paths = (f"/{forged}", f"/pledge/{forged}/", f"/pledge/confirm/{token}/", f"/pledge/inbox/{forged}/x")
    for path in map(quote, paths):
        client.get(path)
        client.put(path)
        client.post(path, {"name": forged, "email": forged}, headers={"host": forged, "x-forwarded-for": forged})
    assert len(logged_lines.said) > 8
    # A traceback has lines of its own, each made by Python
    assert not set("".join(logged_lines.said)) & (set(CONTROLS) - {"\n"})
    assert not [
        line for said in logged_lines.said for line in said.split("\n") if line.startswith(("ERROR", "x", TOKEN[30:]))
    ]
