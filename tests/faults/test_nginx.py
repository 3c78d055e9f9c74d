"""The documented nginx caches what the response headers allow and requests it once per interval."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.faults.harness.nginx import nginx_in_front_of

pytestmark = pytest.mark.requirement("P4")

SECONDS = 2
#: The application's response headers by path.
CACHE_CONTROL = {
    "/page/": f"public, max-age={SECONDS}",
    "/hour/": "public, max-age=3600",
    "/mine/": "private, no-store",
    "/closing/": "public, max-age=0",
}


class Application(BaseHTTPRequestHandler):
    """Counts requests."""

    protocol_version = "HTTP/1.1"
    asked: Counter[str]
    hosts: list[str]

    def do_GET(self) -> None:
        type(self).asked[self.path] += 1
        self.hosts.append(self.headers["Host"])
        time.sleep(0.1)
        session = "sessionid" in self.headers.get("Cookie", "")
        body = b"the editor's" if session else b"everybody's"
        self.send_response(200)
        self.send_header(
            "Cache-Control", CACHE_CONTROL["/mine/"] if session else CACHE_CONTROL.get(self.path, "private")
        )
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[int]:
    """The port of nginx in front of the application."""
    Application.asked, Application.hosts = Counter(), []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with nginx_in_front_of(server.server_port, tmp_path) as port:
        yield port
    server.shutdown()
    server.server_close()
    thread.join()


def ask(port: int, path: str, method: str = "GET", **headers: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200
    body = answer.read().decode()
    connection.close()
    return body


def test_the_application_gets_one_request_per_interval(site: int) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        while time.monotonic() - began < 2.5 * SECONDS:
            assert set(pool.map(lambda _n: ask(site, "/page/"), range(64))) == {"everybody's"}
    intervals = (time.monotonic() - began) / SECONDS
    assert 2 <= Application.asked["/page/"] <= intervals + 1


def test_requests_with_a_session_bypass_the_cache_and_are_not_stored(site: int) -> None:
    for _turn in range(2):
        assert ask(site, "/hour/", Cookie="sessionid=abc") == "the editor's"
        assert ask(site, "/hour/", Cookie="other=abc") == "everybody's"
    assert Application.asked["/hour/"] == 3
    assert ask(site, "/hour/", Authorization="Basic eDp5") == "everybody's"
    assert Application.asked["/hour/"] == 4


@pytest.mark.parametrize("path", ["/mine/", "/closing/"])
def test_private_responses_are_not_cached(site: int, path: str) -> None:
    for _turn in range(3):
        ask(site, path)
    assert Application.asked[path] == 3


@pytest.mark.parametrize("host", ["campaign.example:8080", "campaign.example"])
@pytest.mark.parametrize("path", ["/page/", "/pledge/manage/x/logo/", "/admin/"])
def test_the_application_gets_host_and_port(site: int, path: str, host: str) -> None:
    ask(site, path, Host=host)
    assert Application.hosts == [host]


def test_posts_reach_the_application(site: int) -> None:
    for _turn in range(3):
        ask(site, "/hour/")
        ask(site, "/hour/", "POST")
    assert Application.asked["/hour/"] == 4
