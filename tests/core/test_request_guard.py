"""Headers and bodies that Django cannot begin to read, with the guard around the WSGI or ASGI application."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from hypothesis import given
from hypothesis import strategies as st

from wagtail_pledge.middleware import refuse_bad_charsets

FORM, JSON, PARTS = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b"
#: Parameters of a content type in an encoding that does not exist, or that is not one of texts.
PARAMETERS = [
    *("x*=klingon''y", "boundary*=klingon''b", "charset*=klingon''utf-8", "x*=''", "x*0*=klingon''y", "x*=hex''61"),
    *("x*=idna''%ff", "x*=undefined''y", "x*=utf-8''%ff", "charset*=hex''utf-8", "boundary*=hex''6262"),
]
PATH = "/pledge/confirm/x/"


def wsgi_status(content_type: str, *, query: str = "", body: bytes = b"", length: str | None = None) -> int:
    """Return the status that a WSGI server would send."""
    environ: dict[str, Any] = {"CONTENT_TYPE": content_type, "QUERY_STRING": query, "REQUEST_METHOD": "POST"}
    environ |= {"PATH_INFO": PATH, "HTTP_HOST": "testserver", "wsgi.input": BytesIO(body)}
    environ["CONTENT_LENGTH"] = str(len(body)) if length is None else length
    setup_testing_defaults(environ)
    statuses: list[str] = []
    answer = refuse_bad_charsets(get_wsgi_application())(environ, lambda status, _headers: statuses.append(status))
    b"".join(answer)
    if close := getattr(answer, "close", None):
        close()
    (status,) = statuses
    return int(status[:3])


def asgi_status(content_type: str) -> int:
    """Return the status that an ASGI server would send."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "query_string": b"a=b",
        "headers": [(b"host", b"testserver"), (b"content-type", content_type.encode()), (b"content-length", b"0")],
    }

    async def status() -> int:
        running = ApplicationCommunicator(refuse_bad_charsets(get_asgi_application()), scope)
        await running.send_input({"type": "http.request", "body": b""})
        answer = await running.receive_output(timeout=30)
        await running.receive_output(timeout=30)
        await running.wait(timeout=30)
        return int(answer["status"])

    return async_to_sync(status)()


@pytest.mark.requirement("E12", "D10")
@pytest.mark.parametrize("parameter", PARAMETERS)
@pytest.mark.parametrize("media_type", [FORM, JSON, PARTS, "text/plain", "klingon"])
def test_no_parameter_of_a_content_type_is_a_server_error(db: None, media_type: str, parameter: str) -> None:
    assert wsgi_status(f"{media_type}; {parameter}", query="a=b") < 500


@pytest.mark.requirement("E12")
@pytest.mark.parametrize("parameter", ["x*=klingon''y", "boundary*=klingon''b"])
def test_an_unknown_encoding_of_a_parameter_is_a_bad_request(db: None, parameter: str) -> None:
    assert wsgi_status(f"{JSON}; {parameter}") == 400


@pytest.mark.requirement("E12")
@given(
    st.sampled_from([FORM, JSON, PARTS, ""]),
    st.lists(st.sampled_from(["; ", "x", "boundary", "charset", "*", "0", "=", "''", "hex", "\xff", '"', "%ff", "b"])),
)
def test_no_content_type_is_a_server_error(media_type: str, parts: list[str]) -> None:
    def read(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        request = get_wsgi_application().request_class(environ)
        start_response("200 OK" if request.content_type is not None else "500", [])
        return []

    statuses: list[str] = []
    environ: dict[str, Any] = {"CONTENT_TYPE": media_type + "".join(parts), "QUERY_STRING": "a=%ff", "PATH_INFO": PATH}
    setup_testing_defaults(environ)
    refuse_bad_charsets(read)(environ, lambda status, _headers: statuses.append(status))
    assert statuses[0][:3] in {"200", "400"}


@pytest.mark.requirement("E12")
@pytest.mark.parametrize("parameter", ["x*=klingon''y", "boundary*=klingon''b", "charset=hex"])
def test_the_guard_of_an_asgi_application_answers_400(parameter: str) -> None:
    assert asgi_status(f"{JSON}; {parameter}") == 400


@pytest.mark.requirement("E13")
@pytest.mark.parametrize("sent", [b"", b"n", b"name=Ana", b"name=Ana+Ru"])
def test_reading_a_body_that_was_cut_off_is_an_error(sent: bytes) -> None:
    outcomes: list[Any] = []

    def read(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        request = get_wsgi_application().request_class(environ)
        for reads in (lambda: request.body, request.read, lambda: request.read(9), lambda: list(request)):
            try:
                outcomes.append(reads())
            except OSError:
                outcomes.append(OSError)
        return []

    environ: dict[str, Any] = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "12", "wsgi.input": BytesIO(sent)}
    setup_testing_defaults(environ)
    refuse_bad_charsets(read)(environ, None)
    assert outcomes[0] is OSError
    complete: dict[str, Any] = {**environ, "wsgi.input": BytesIO(b"name=Ana+Rui"), "CONTENT_LENGTH": "12"}
    outcomes.clear()
    refuse_bad_charsets(read)(complete, None)
    assert outcomes[0] == b"name=Ana+Rui"
