"""A small application behind nginx, which records its requests, and a client that can use any loopback address."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.faults.harness.nginx import nginx_in_front_of

SECONDS: Final = 2
#: The application's ``Cache-Control`` by path. ``/list/`` depends on the query parameters ``q`` and ``page``.
CACHE_CONTROL: Final = {
    "/page/": f"public, max-age={SECONDS}",
    "/hour/": "public, max-age=3600",
    "/list/": "public, max-age=3600",
    "/wide/": "public, max-age=3600",
    "/mine/": "private, no-store",
    "/closing/": "public, max-age=0",
}
#: As long as the header can be: twenty websites with the longest host names.
WIDE_POLICY: Final = "frame-ancestors " + " ".join(
    f"https://{n:02}.{'a' * 63}.{'b' * 63}.{'c' * 60}.example" for n in range(20)
)


def listing(query: str) -> str:
    """Return the body of ``/list/``, which depends on two parameters; as in Django, the last value counts."""
    values = parse_qs(query, keep_blank_values=True)
    return " ".join(f"{name}={values[name][-1]}" for name in ("page", "q") if name in values)


class Application(BaseHTTPRequestHandler):
    """Counts requests. ``/broken/`` closes the connection without a response."""

    protocol_version = "HTTP/1.1"
    asked: Counter[str]
    hosts: list[str]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        type(self).asked[parts.path] += 1
        self.hosts.append(self.headers["Host"])
        if parts.path.endswith("/broken/"):
            self.close_connection = True
            return
        time.sleep(0.1 if parts.path == "/page/" else 0)
        session = "sessionid" in self.headers.get("Cookie", "")
        body = b"the editor's" if session else listing(parts.query).encode() or b"everybody's"
        self.send_response(200)
        self.send_header(
            "Cache-Control", CACHE_CONTROL["/mine/"] if session else CACHE_CONTROL.get(parts.path, "private")
        )
        if parts.path == "/wide/":
            self.send_header("Content-Security-Policy", WIDE_POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, *_args: object) -> None:
        pass


@contextlib.contextmanager
def nginx_site(directory: Path) -> Iterator[int]:
    """Run the application behind nginx and yield nginx's port."""
    Application.asked, Application.hosts = Counter(), []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with nginx_in_front_of(server.server_port, directory) as port:
            yield port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response; ``status`` 0 if the connection broke."""

    status: int
    body: str
    headers: http.client.HTTPMessage


def request(
    port: int, path: str, method: str = "GET", *, client: str = "127.0.0.1", body: Any = None, **headers: str
) -> Reply:
    """Send one request from the loopback address ``client``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(client, 0))
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return Reply(status=answer.status, body=answer.read().decode(), headers=answer.headers)
    except (http.client.HTTPException, ConnectionError):
        return Reply(status=0, body="", headers=http.client.HTTPMessage())
    finally:
        connection.close()


def ask(port: int, path: str, method: str = "GET", **options: str) -> str:
    """Send one request and return the body of its response, which must be a 200."""
    reply = request(port, path, method, **options)
    assert reply.status == 200, (reply.status, path)
    return reply.body
