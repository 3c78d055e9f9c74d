"""A load generator that costs little: requests are bytes made beforehand, one thread, many plain sockets."""

from __future__ import annotations

import gc
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

_PATIENCE: Final = 60.0


@dataclass
class Outcome:
    """What one round saw: answers by status, each answer's seconds, and what the generator itself cost."""

    seconds: float = 0.0
    generator_cpu: float = 0.0
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
    typed = "Content-Type: application/x-www-form-urlencoded\r\n" if body else ""
    sized = "" if data is None else f"Content-Length: {len(body)}\r\n"
    return f"{verb} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{typed}{sized}\r\n".encode() + body


class Client:
    """One visitor's connection: used again while the server leaves it open, opened anew when not."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._raw = b""
        self._answer = b""
        self._is_fresh = True
        self.began = 0.0

    def send(self, raw: bytes) -> socket.socket:
        """Send one request; return the socket that its answer will come by."""
        self._raw, self._answer, self.began = raw, b"", time.perf_counter()
        self._is_fresh = self._socket is None
        if self._socket is None:
            self._socket = socket.socket()
            self._socket.settimeout(_PATIENCE)
            self._socket.connect(("127.0.0.1", self._port))
        self._socket.sendall(raw)
        return self._socket

    def receive(self) -> bytes | None:
        """Read what is there; return the whole answer once it is complete."""
        assert self._socket is not None
        try:
            piece = self._socket.recv(262_144)
        except ConnectionResetError:
            piece = b""
        self._answer += piece
        if not piece:
            self.close()
            if not self._answer and not self._is_fresh:
                # The server ended a connection that it had left open
                began = self.began
                self.send(self._raw)
                self.began = began
                return None
            return self._answer
        return self._answer if self._is_complete() else None

    def _is_complete(self) -> bool:
        """Whether head and body are there; a server that closes is taken by its word."""
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return False
        head = head.lower()
        _before, sized, after = head.partition(b"content-length:")
        if not sized or len(body) < int(after.split(b"\r\n", 1)[0]):
            return False
        if b"connection: close" in head:
            self.close()
        return True

    @property
    def socket(self) -> socket.socket | None:
        """The connection, if one is open."""
        return self._socket

    def close(self) -> None:
        """End the connection."""
        found, self._socket = self._socket, None
        if found is not None:
            found.close()

    def exchange(self, raw: bytes) -> bytes:
        """Send one request and wait for its answer."""
        self.send(raw)
        while (answer := self.receive()) is None:
            pass
        return answer


def status_of(answer: bytes) -> int:
    """Return the status of an answer; 0 if there was none."""
    return int(answer[9:12]) if answer else 0


def load(port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> Outcome:
    """Send ``requests`` from ``clients`` sockets until ``seconds`` are over or none is left."""
    outcome, source = Outcome(), iter(requests)
    gc.collect()
    gc.disable()
    began, cpu = time.perf_counter(), time.process_time()
    try:
        _drive(port, source, outcome, clients=clients, until=began + seconds)
    finally:
        gc.enable()
    outcome.seconds = time.perf_counter() - began
    outcome.generator_cpu = time.process_time() - cpu
    return outcome


def _drive(port: int, source: Iterator[bytes], outcome: Outcome, *, clients: int, until: float) -> None:
    with selectors.DefaultSelector() as selector:

        def start(client: Client) -> None:
            raw = next(source, None) if time.perf_counter() < until else None
            if raw is None:
                client.close()
            else:
                selector.register(client.send(raw), selectors.EVENT_READ, client)

        for _number in range(clients):
            start(Client(port))
        while selector.get_map():
            ready = selector.select(_PATIENCE)
            if not ready:
                message = f"no answer within {_PATIENCE:.0f} s"
                raise RuntimeError(message)
            for key, _events in ready:
                client: Client = key.data
                selector.unregister(key.fileobj)
                answer = client.receive()
                if answer is None:
                    assert client.socket is not None
                    selector.register(client.socket, selectors.EVENT_READ, client)
                    continue
                outcome.statuses[status_of(answer)] += 1
                outcome.latencies.append(time.perf_counter() - client.began)
                start(client)
