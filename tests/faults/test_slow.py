"""Slow senders occupy the front server of the reference deployment, not the application."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness.front import front
from tests.faults.harness.site import Answer, Site

SLOW = 40


@contextlib.contextmanager
def _nginx(site: Site, directory: Path) -> Iterator[Site]:
    """Yield the site as seen through the documented nginx."""
    with front(site.port, directory) as port:
        yield Site(cluster=site.cluster, seeded=site.seeded, database=site.database, port=port)


@contextlib.contextmanager
def _slow_senders(site: Site, number: int) -> Iterator[list[socket.socket]]:
    """Begin POSTs that never come to an end."""
    head = f"POST {site.seeded['path']} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nOrigin: {site.base}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2000\r\n\r\nname=A"
    with contextlib.ExitStack() as stack:
        senders = []
        for _ in range(number):
            sender = stack.enter_context(socket.create_connection(("127.0.0.1", site.port), 5))
            sender.sendall(head.encode())
            senders.append(sender)
        yield senders


def _sign(site: Site, number: int) -> Answer:
    return site.post(f"slow{number}@example.org", site.stamp())


@pytest.mark.requirement("C11")
def test_forty_slow_posts_hold_up_nobody_behind_the_documented_front(site: Site, tmp_path: Path) -> None:
    with site.fresh() as fresh, fresh.served() as served, _nginx(served, tmp_path) as front:
        with _slow_senders(front, SLOW) as senders:
            began = time.monotonic()
            answers = [_sign(front, number) for number in range(20)]
            assert time.monotonic() - began < 5, "the slow senders were gone before the last signer came"
            for sender in senders:
                # After five seconds without a byte the front server hangs up; else this times out
                sender.settimeout(15)
                while sender.recv(1000):
                    pass
        assert {answer.status for answer in answers} == {303}
        assert max(answer.seconds for answer in answers) <= 1
        print(f"C11: {SLOW} slow POSTs, slowest sign {max(answer.seconds for answer in answers):.2f} s")
        large = front.ask(front.seeded["path"], {"name": "A" * 100_000})
        assert (large.status, "nginx" in large.body) == (413, True)
        assert fresh.number(f"SELECT count(*) FROM {fresh.seeded['signatures']}") == 20
