"""A connection that ends in the middle of a form, with gunicorn alone: nothing of it is stored."""

from __future__ import annotations

import socket
from urllib.parse import urlencode

import pytest

from tests.faults.harness.site import Site


def _post_part(site: Site, body: bytes, kept: int, content_type: str = "application/x-www-form-urlencoded") -> str:
    """Send the headers for all of ``body`` but only ``kept`` bytes of it; return the status line."""
    head = f"POST {site.seeded['path']} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nContent-Type: {content_type}\r\n"
    head += f"Origin: {site.base}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.port), 60) as connection:
        connection.sendall(head.encode() + body[:kept])
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer.partition(b"\r\n")[0].decode()


@pytest.mark.requirement("E13")
def test_half_a_name_is_never_stored(site: Site) -> None:
    before = site.stored()
    values = {"email": "half@example.org", "country": "US", "display": "hidden", "statement": site.seeded["sha256"]}
    values |= {"stamp": site.stamp(), "name": "Ana Maria Lopez"}
    body = urlencode(values).encode()
    for kept in (0, len(body) // 2, len(body) - len("Lopez"), len(body) - 1):
        assert " 400 " in _post_part(site, body, kept), kept
    assert site.stored() == before
    assert " 303 " in _post_part(site, body, len(body))
    assert len(site.stored()) == len(before) + 1


@pytest.mark.requirement("E12")
@pytest.mark.parametrize("parameter", ["x*=klingon''y", "boundary*=klingon''b", "charset=hex", "charset=undefined"])
@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data; boundary=b"])
def test_no_content_type_is_a_server_error(site: Site, media_type: str, parameter: str) -> None:
    status = _post_part(site, b"{}", 2, f"{media_type}; {parameter}").split()[1]
    assert status.startswith("4") or status == "200"
