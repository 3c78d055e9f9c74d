"""A load generator: threads, one plain connection a request, requests made beforehand."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass
class Outcome:
    """What one round saw: answers by status, and each answer's seconds."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


def request_bytes(path: str, data: dict[str, str] | None = None, *, headers: str = "") -> bytes:
    """Return a GET, or a POST of ``data``, ready to be sent."""
    body = urlencode(data or {}).encode()
    verb = "GET" if data is None else "POST"
    typed = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if body else ""
    bare = "Content-Length: 0\r\n" if data == {} else ""
    return (
        f"{verb} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{typed}{bare}Connection: close\r\n\r\n".encode() + body
    )


def send(port: int, raw: bytes) -> int:
    """Send one request and read the whole answer; return its status."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(raw)
        head = answer = connection.recv(65536)
        while answer:
            answer = connection.recv(65536)
    return int(head.split(b" ", 2)[1])


def load(port: int, requests: Iterable[bytes], *, clients: int, seconds: float) -> Outcome:
    """Send ``requests`` from ``clients`` threads until ``seconds`` are over or none is left."""
    outcome, lock, source = Outcome(), threading.Lock(), iter(requests)
    began = time.perf_counter()

    def client(source: Iterator[bytes]) -> None:
        while time.perf_counter() - began < seconds:
            with lock:
                raw = next(source, None)
            if raw is None:
                return
            start = time.perf_counter()
            status = send(port, raw)
            with lock:
                outcome.statuses[status] += 1
                outcome.latencies.append(time.perf_counter() - start)

    threads = [threading.Thread(target=client, args=(source,)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - began
    return outcome
