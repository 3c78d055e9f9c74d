"""The documented nginx writes no token to a log, takes large headers, limits requests, and serves uploads safely."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness.application import WIDE_POLICY, Application, ask, nginx_site, request
from tests.faults.harness.nginx import nginx_in_front_of
from tests.faults.harness.site import free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.requirement("E19")

TOKEN = "Zm9vYmFyYmF6cXV4-Zm9v_YmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"
PAGES = ("inbox", "confirm", "manage", "not-me", "unsubscribe")
#: What a signer's browser, a mail program or a scanner makes of a link.
LINKS = [
    *(f"/pledge/{page}/{TOKEN}/" for page in PAGES),
    *(f"/pledge/{page}/{TOKEN[:12]}" for page in PAGES),
    *(f"/pledge/{page}/{TOKEN}/?new={TOKEN}&embed={TOKEN}" for page in PAGES),
    f"/pledge/manage/{TOKEN}/logo/",
    f"/pledge/manage/{TOKEN}/logo/?shown",
    f"/pledge/%63onfirm/{TOKEN}/",
    f"/pledge//confirm//{TOKEN}",
    f"/pledge/CONFIRM/{TOKEN[:9]}%0A{TOKEN[9:20]}%20/",
    f"/pledge/confirm%2F{TOKEN}%2F",
    f"/en/https://campaign.example/pledge/not-me/{TOKEN[:20]}]",
    f"/{TOKEN}",
    f"/en/ratify/?next=/pledge/confirm/{TOKEN}/",
    f"/admin/login/?next={TOKEN}",
    f"/pledge/x/sign/y/?embed={TOKEN}",
    f"/pledge/confirm/{TOKEN}/broken/",
    f"/broken/?x={TOKEN}",
    f"/media/{TOKEN}",
    f"/media/documents/{TOKEN}",
    f"/pledge/confirm/{TOKEN}/" + "x" * 20_000,
]
FRAGMENT = TOKEN[:9]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[int]:
    """The port of nginx in front of the application."""
    with nginx_site(tmp_path) as port:
        yield port


def written(directory: Path) -> str:
    """Return everything that nginx has written to files."""
    files = [path for path in directory.rglob("*") if path.is_file() and path.name != "nginx.conf"]
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
def test_no_token_and_no_address_is_logged(site: int, tmp_path: Path, method: str) -> None:
    for link in LINKS:
        request(site, link, method, client="127.0.0.77", Referer=f"http://campaign.example{link}")
    request(site, f"/pledge/confirm/{TOKEN}/", "POST", client="127.0.0.77", body=b"x" * 70_000)
    request(site, "/en/ratify/")
    log = tmp_path / "access.log"
    # nginx writes a line after its response
    assert wait_until(lambda: " GET /en/ratify/ 200 " in log.read_text(encoding="utf-8"), 60)
    for page in PAGES:
        assert f" {method} /pledge/{page}/[token] " in log.read_text(encoding="utf-8")
    everything = written(tmp_path)
    assert FRAGMENT not in everything
    assert "127.0.0.77" not in everything


def test_nothing_is_logged_of_a_request_that_breaks_off(site: int, tmp_path: Path) -> None:
    head = f"POST /pledge/confirm/{TOKEN}/ HTTP/1.1\r\nHost: campaign.example\r\n"
    for text in (
        head,
        f"{head}Content-Length: 9\r\n\r\nx",
        f"{head}Bad header {TOKEN}\r\n\r\n",
        f"GET  /{TOKEN} X\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", site), 5) as connection:
            connection.sendall(text.encode())
    ask(site, "/page/")
    assert wait_until(lambda: "GET /page/ 200" in written(tmp_path), 60)
    assert FRAGMENT not in written(tmp_path)


def test_no_token_is_logged_and_the_answer_is_honest_while_the_application_is_down(tmp_path: Path) -> None:
    with nginx_in_front_of(free_port(), tmp_path) as port:
        for link in LINKS[:-3]:
            reply = request(port, link, "POST", Referer=link)
            assert (reply.status, reply.headers["Retry-After"]) == (503, "30"), link
            assert reply.headers["Cache-Control"] == "no-store"
            assert "send it\nagain" in reply.body
            assert "was not" not in reply.body
    assert " 503 " in (tmp_path / "access.log").read_text(encoding="utf-8")
    assert FRAGMENT not in written(tmp_path)


def test_no_token_is_logged_when_a_limit_is_reached(site: int, tmp_path: Path) -> None:
    statuses = [request(site, f"/pledge/confirm/{TOKEN}/", "POST").status for _ in range(90)]
    assert 503 in statuses
    assert FRAGMENT not in written(tmp_path)


def test_signers_pages_and_forms_are_not_written_to_the_disk(site: int, tmp_path: Path) -> None:
    assert request(site, f"/pledge/confirm/{TOKEN}/", "POST", body=b"Ana Lopez" * 6000).status == 200
    assert "Ana Lopez" not in written(tmp_path)
    assert not [path for path in (tmp_path / "body").rglob("*") if path.is_file()]


def test_a_frame_with_twenty_websites_is_served(site: int) -> None:
    assert len(WIDE_POLICY) > 4000
    for _turn in range(2):
        assert request(site, "/wide/").headers["Content-Security-Policy"] == WIDE_POLICY
    assert Application.asked["/wide/"] == 1


@pytest.mark.parametrize("length", [3500, 4000, 8000, 14_000])
@pytest.mark.parametrize("path", ["/wide/", "/hour/", "/pledge/x/embed/", "/admin/", f"/pledge/inbox/{TOKEN}/"])
def test_a_long_query_is_served(site: int, path: str, length: int) -> None:
    for name in ("q", "embed", "unknown"):
        assert request(site, f"{path}?{name}={'x' * length}").status == 200


def test_forms_of_one_network_are_limited(site: int) -> None:
    def send(client: str) -> int:
        return request(site, "/pledge/x/sign/y/", "POST", client=client).status

    statuses = [send("127.0.0.1") for _ in range(90)]
    assert statuses[:60] == [200] * 60
    assert 503 in statuses[60:]
    reply = request(site, "/pledge/x/sign/y/", "POST")
    assert (reply.status, reply.headers["Retry-After"]) == (503, "30")
    assert send("127.0.1.1") == 200
    assert request(site, "/hour/").status == 200, "reading is limited by itself"


def test_the_page_editor_may_save_often(site: int) -> None:
    assert {request(site, "/admin/pages/7/edit/", "POST").status for _ in range(150)} == {200}


def test_logins_of_one_network_are_limited_more(site: int) -> None:
    statuses = [request(site, "/admin/login/", "POST").status for _ in range(20)]
    assert statuses[:10] == [200] * 10
    assert 503 in statuses[10:]
    assert request(site, "/admin/login/", "POST", client="127.0.1.1").status == 200
    assert request(site, "/admin/login/").status == 200


def test_requests_of_one_network_are_limited(site: int) -> None:
    def statuses(path: str) -> list[int]:
        """Send 400 requests over one connection, faster than the limit."""
        connection = http.client.HTTPConnection("127.0.0.1", site, timeout=60)
        found = []
        for _ in range(400):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            found.append(answer.status)
        connection.close()
        return found

    assert set(statuses("/media/missing.png")) == {404}, "the files of a page are not limited"
    found = statuses("/hour/")
    assert found[:200] == [200] * 200
    assert 503 in found[200:]
    assert request(site, "/hour/", client="127.0.1.1").status == 200


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("images/a.png", "image/png"),
        ("images/a.html", "application/octet-stream"),
        ("images/a.HTML", "application/octet-stream"),
        ("images/a.svg", "application/octet-stream"),
        ("a.js", "application/octet-stream"),
        ("a.xml", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_a_browser_runs_nothing_in_an_uploaded_file(site: int, tmp_path: Path, name: str, content_type: str) -> None:
    path = tmp_path / "media" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("<script>alert(1)</script>", encoding="utf-8")
    reply = request(site, f"/media/{name}")
    assert reply.headers.get_content_type() == content_type
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_documents_are_served_by_the_application_only(site: int, tmp_path: Path) -> None:
    path = tmp_path / "media" / "documents" / "a.pdf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF")
    assert request(site, "/media/documents/a.pdf").status == 404
    assert request(site, "/media/x/../documents/a.pdf").status == 404
