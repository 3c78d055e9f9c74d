"""Guards around the WSGI or ASGI application against requests that Django cannot begin to read."""

from __future__ import annotations

import codecs
import inspect
from collections.abc import Awaitable, Callable, Iterable
from email.errors import MessageError
from typing import Any, Final

from django.core.exceptions import SuspiciousOperation
from django.utils.http import parse_header_parameters

_HEADERS: Final = [("Content-Type", "text/plain"), ("Content-Length", "0")]
#: What the constructor of a request raises, beside the errors that Django handles.
_ERRORS: Final = (ValueError, LookupError, SuspiciousOperation)


def refuse_bad_charsets(application: Callable[..., Any]) -> Callable[..., Any]:
    """Return the WSGI or ASGI application with a guard that answers 400 to requests that Django cannot begin to read.

    The constructor of a request parses the ``Content-Type`` and the query string, outside any Django middleware, where
    an error is a 500. It fails for a parameter in an unknown encoding (``x*=klingon''y``, ``boundary*=…``), for a
    charset that is not a text encoding (``hex``) or always fails (``idna``, ``undefined``), and for a query of more
    than ``DATA_UPLOAD_MAX_NUMBER_FIELDS`` together with any charset. The CSRF check fails for such a charset, too.

    Under WSGI a body that ends before its ``Content-Length`` is an error for whoever reads it: gunicorn alone would
    pass on the part that arrived. An ASGI server reports that to Django.
    """
    is_asgi = inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(type(application).__call__)
    return _guard_asgi(application) if is_asgi else _guard_wsgi(application)


def is_valid_content_type(header: str) -> bool:
    """Whether Django can parse this ``Content-Type``, and decode texts in its charset; it ignores an unknown one."""
    try:
        _type, parameters = parse_header_parameters(header)
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):
        return False
    charset = str(parameters.get("charset", "utf-8"))
    try:
        codecs.lookup(charset)
    except LookupError:
        return True
    except ValueError:
        return False
    try:
        b"a\xff".decode(charset, "replace")
    except (ValueError, LookupError):
        return False
    return True


def _guard_wsgi(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        header = environ.get("CONTENT_TYPE", "")
        environ["wsgi.input"] = CompleteBody(environ["wsgi.input"], environ.get("CONTENT_LENGTH"))
        try:
            if is_valid_content_type(header):
                return application(environ, start_response)
        except _ERRORS:
            if "charset" not in header.lower():
                raise
        start_response("400 Bad Request", _HEADERS)
        return []

    return guarded


def _guard_asgi(application: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def guarded(scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = scope.get("headers", ()) if scope["type"] == "http" else ()
        header = ",".join(value.decode("latin-1") for name, value in headers if name.lower() == b"content-type")
        try:
            if is_valid_content_type(header):
                await application(scope, receive, send)
                return
        except _ERRORS:
            if "charset" not in header.lower():
                raise
        encoded = [(name.lower().encode(), value.encode()) for name, value in _HEADERS]
        await send({"type": "http.response.start", "status": 400, "headers": encoded})
        await send({"type": "http.response.body", "body": b""})

    return guarded


class CompleteBody:
    """``wsgi.input`` that raises ``OSError`` if the body ends before its ``Content-Length``.

    Django turns it into ``UnreadablePostError``.
    """

    def __init__(self, stream: Any, length: str | None) -> None:
        self._stream = stream
        self._left = int(length) if length and length.isascii() and length.isdigit() and len(length) < 20 else 0

    def read(self, size: int = -1) -> bytes:
        """Return ``size`` bytes, or all that are left."""
        wanted, chunks = self._capped(size), []
        while wanted and (chunk := self._stream.read(wanted)):
            chunks.append(chunk)
            wanted -= len(chunk)
            self._left -= len(chunk)
        if wanted:
            raise _cut_off()
        return b"".join(chunks)

    def readline(self, size: int = -1) -> bytes:
        """Return one line of at most ``size`` bytes."""
        limit = self._capped(size)
        line: bytes = self._stream.readline(limit) if limit else b""
        if limit and not line:
            raise _cut_off()
        self._left -= len(line)
        return line

    def _capped(self, size: int | None) -> int:
        return self._left if size is None or size < 0 else min(size, self._left)


def _cut_off() -> OSError:
    return OSError("the body is shorter than its Content-Length")
