"""The load generator, tested with a server that records its requests."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from benchmarks.load import Client, load, request_bytes, status_of


class _Handler(BaseHTTPRequestHandler):
    """Answers POST with 303, in two pieces. ``/close`` closes the connection, ``/plain`` sends no Content-Length."""

    protocol_version = "HTTP/1.1"
    bodies: Counter[str]
    connections: int

    def setup(self) -> None:
        super().setup()
        type(self).connections += 1

    def do_POST(self) -> None:
        data = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        type(self).bodies[data["email"][0]] += 1
        self._answer(303)

    def do_GET(self) -> None:
        self._answer(200)

    def _answer(self, status: int) -> None:
        body = b"x" * 70_000
        self.send_response(status)
        if self.path != "/plain":
            self.send_header("Content-Length", str(len(body)))
        if self.path != "/":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body[:1])
        self.wfile.flush()
        self.wfile.write(body[1:])

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""


@pytest.fixture
def handler() -> Iterator[type[_Handler]]:
    """Return the handler class of a running server, which records its requests."""
    handler_class = type("Handler", (_Handler,), {"bodies": Counter(), "connections": 0})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_class)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    handler_class.port = server.server_address[1]
    yield handler_class
    server.shutdown()
    thread.join()
    server.server_close()


def _posts(number: int, path: str = "/") -> list[bytes]:
    return [request_bytes(path, {"email": f"añá{n}@example.org"}) for n in range(number)]


def test_every_request_is_sent_once_and_counted(handler) -> None:
    result = load(handler.port, _posts(60), clients=4, seconds=20)
    assert result.statuses == {303: 60}
    assert handler.bodies == Counter(f"añá{n}@example.org" for n in range(60))
    assert len(result.latencies) == 60
    assert result.rate == pytest.approx(60 / result.seconds)
    assert all(0 < seconds < result.seconds for seconds in result.latencies)
    assert result.generator_cpu > 0


def test_kept_alive_connections_are_reused(handler) -> None:
    load(handler.port, _posts(30), clients=3, seconds=20)
    assert handler.connections == 3


@pytest.mark.parametrize("path", ["/close", "/plain"])
def test_a_closed_connection_is_reopened(handler, path: str) -> None:
    result = load(handler.port, _posts(12, path), clients=3, seconds=20)
    assert result.statuses == {303: 12}
    assert handler.connections == 12


def test_load_ends_when_the_time_is_up(handler) -> None:
    result = load(handler.port, [request_bytes("/")] * 100_000, clients=2, seconds=0.1)
    assert 0 < result.statuses[200] < 100_000
    assert result.seconds < 10


def test_exchange_returns_the_complete_response(handler) -> None:
    client = Client(handler.port)
    answer = client.exchange(request_bytes("/"))
    assert status_of(answer) == 200
    assert len(answer.partition(b"\r\n\r\n")[2]) == 70_000
    assert status_of(client.exchange(request_bytes("/"))) == 200
    client.close()
    assert handler.connections == 1


def test_an_empty_post_has_a_content_length_and_no_content_type() -> None:
    assert request_bytes("/x", {}) == b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    assert request_bytes("/x") == b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"
