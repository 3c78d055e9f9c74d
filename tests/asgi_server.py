"""A small ASGI server for tests: HTTP/1.1 over real sockets, one request per connection, in a thread of its own.

It calls the application as uvicorn does, each request in a task of one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit

HOST: Final = "127.0.0.1"
SECONDS: Final = 30


class AsgiServer:
    """Serves ``application`` on a free port; ``root_path`` is the path prefix that the server is mounted at."""

    def __init__(self, application: Any, root_path: str = "") -> None:
        self.port = 0
        self._application = application
        self._root_path = root_path
        self._loop = asyncio.new_event_loop()
        self._is_listening = threading.Event()
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def start(self) -> None:
        """Start the thread; return when the server listens."""
        self._thread.start()
        assert self._is_listening.wait(SECONDS)

    def stop(self) -> None:
        """Close the socket and end the thread."""
        if self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(SECONDS)
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._respond, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._is_listening.set()
        async with server:
            await self._stop.wait()
        # The application closes its database connections after the client has the whole response
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
        await self._loop.shutdown_default_executor()

    async def _respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        method, target, _version = head[0].decode().split(" ")
        headers = [self._header(line) for line in head[1:] if line]
        body = await reader.readexactly(int(dict(headers).get(b"content-length", 0)))
        await self._application(
            self._scope(method, target, headers, writer), _receiver(body), lambda message: _send(writer, message)
        )
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def _header(self, line: bytes) -> tuple[bytes, bytes]:
        name, _colon, value = line.partition(b":")
        return name.strip().lower(), value.strip()

    def _scope(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], writer: asyncio.StreamWriter
    ) -> dict[str, Any]:
        path, _mark, query = target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": self._root_path,
            "headers": headers,
            "client": writer.get_extra_info("peername")[:2],
            "server": (HOST, self.port),
        }


def _receiver(body: bytes) -> Any:
    """Return an ASGI ``receive`` with the whole body; the client never disconnects."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop()

    return receive


async def _send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    if message["type"] == "http.response.start":
        status = HTTPStatus(message["status"])
        lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
        lines += [name + b": " + value for name, value in message["headers"]]
        writer.write(b"\r\n".join([*lines, b"Connection: close", b"", b""]))
    else:
        writer.write(message.get("body", b""))
        await writer.drain()


class HttpResponse:
    """What the tests read of a response, named as in Django's test client."""

    def __init__(self, status_code: int, headers: dict[str, str], content: bytes) -> None:
        self.status_code = status_code
        self.headers = headers
        self.content = content

    @property
    def url(self) -> str:
        """Where a redirect leads to."""
        return self.headers["Location"]

    def json(self) -> Any:
        """Return the body, read as JSON."""
        return json.loads(self.content)


class HttpClient:
    """Browser without JavaScript: keeps cookies and does not follow redirects."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: SimpleCookie = SimpleCookie()

    def get(self, path: str) -> HttpResponse:
        """GET ``path``, or the path of an absolute URL."""
        return self._request("GET", path)

    def post(self, path: str, data: dict[str, Any] | None = None) -> HttpResponse:
        """POST ``data`` as a form."""
        return self._request("POST", path, urlencode(data or {}))

    def _request(self, method: str, path: str, body: str = "") -> HttpResponse:
        parts = urlsplit(path)
        headers = {"Accept": "text/html"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={one.value}" for name, one in self._cookies.items())
        connection = HTTPConnection(HOST, self._port, timeout=SECONDS)
        try:
            connection.request(method, parts._replace(scheme="", netloc="").geturl(), body.encode() or None, headers)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    self._cookies.load(value)
            return HttpResponse(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()


@contextlib.contextmanager
def served(application: Any, root_path: str = "") -> Iterator[AsgiServer]:
    """Context manager in which ``application`` is served."""
    server = AsgiServer(application, root_path)
    server.start()
    try:
        yield server
    finally:
        server.stop()
