"""Slow clients occupy the front server of the reference deployment, not the application."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness.nginx import nginx_in_front_of
from tests.faults.harness.site import Answer, Site

SLOW = 40


@contextlib.contextmanager
def _nginx(site: Site, directory: Path) -> Iterator[Site]:
    """Yield the site behind the documented nginx."""
    with nginx_in_front_of(site.port, directory) as port:
        yield Site(cluster=site.cluster, seeded=site.seeded, database=site.database, port=port)


@contextlib.contextmanager
def _slow_senders(site: Site, number: int) -> Iterator[list[socket.socket]]:
    """Start POST requests that never end."""
    head = f"POST {site.seeded['path']} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nOrigin: {site.base}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2000\r\n\r\nname=A"
    with contextlib.ExitStack() as stack:
        senders = []
        for _ in range(number):
            sender = stack.enter_context(socket.create_connection(("127.0.0.1", site.port), 5))
            sender.sendall(head.encode())
            senders.append(sender)
        yield senders


def _is_connected(sender: socket.socket) -> bool:
    """Return whether the server has neither replied nor disconnected."""
    sender.setblocking(False)
    try:
        sender.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except ConnectionError:
        pass
    return False


def _sign(site: Site, number: int) -> Answer:
    return site.post(f"slow{number}@example.org", site.stamp())


@pytest.mark.requirement("C11")
def test_forty_slow_posts_do_not_delay_others_behind_nginx(site: Site, tmp_path: Path) -> None:
    with site.fresh() as fresh, fresh.served() as served, _nginx(served, tmp_path) as front:
        limit = front.limit(1)
        with _slow_senders(front, SLOW) as senders:
            answers: list[Answer] = []
            while len(answers) < 20 and all(map(_is_connected, senders)):
                answers.append(_sign(front, len(answers)))
            for sender in senders:
                # After five seconds without data nginx disconnects; otherwise this times out
                sender.settimeout(60)
                while sender.recv(1000):
                    pass
        assert {answer.status for answer in answers} == {303}, "nobody signed while the slow senders were there"
        assert max(answer.seconds for answer in answers) <= limit
        print(f"C11: {SLOW} slow POSTs, slowest sign {max(answer.seconds for answer in answers):.2f} s")
        large = front.ask(front.seeded["path"], {"name": "A" * 100_000})
        assert (large.status, "nginx" in large.body) == (413, True)
        assert len(fresh.stored()) == len(answers)
