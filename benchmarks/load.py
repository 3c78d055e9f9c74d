"""A load generator with little overhead: requests are prepared as bytes and sent by one thread on plain sockets."""

from __future__ import annotations

import gc
import itertools
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

_TIMEOUT_SECONDS: Final = 60.0
_NETWORKS: Final = itertools.count()


@dataclass
class LoadResult:
    """The result of one round: responses by status, latencies in seconds, and CPU seconds of the generator."""

    seconds: float = 0.0
    generator_cpu: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Responses per second."""
        return len(self.latencies) / self.seconds


def forwarded_for() -> str:
    """Return the next client address, in a network (/24) of its own: what a trusted proxy writes in a header.

    So the limit of POSTs per network and minute stays on and refuses nobody. There are 14 million such networks.
    """
    number = next(_NETWORKS)
    return f"{1 + number // 65536 % 222}.{number // 256 % 256}.{number % 256}.7"


def request_bytes(path: str, data: dict[str, str] | None = None, *, headers: str = "") -> bytes:
    """Return the bytes of a GET request, or of a POST request with ``data``."""
    body = urlencode(data or {}).encode()
    verb = "GET" if data is None else "POST"
    typed = "Content-Type: application/x-www-form-urlencoded\r\n" if body else ""
    sized = "" if data is None else f"Content-Length: {len(body)}\r\n"
    return f"{verb} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{typed}{sized}\r\n".encode() + body


class Client:
    """The connection of one visitor. It is reused as long as the server keeps it open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._raw = b""
        self._answer = b""
        self._is_fresh = True
        self.began = 0.0

    def send(self, raw: bytes) -> socket.socket:
        """Send a request. Return the socket on which the response will arrive."""
        self._raw, self._answer, self.began = raw, b"", time.perf_counter()
        self._is_fresh = self._socket is None
        if self._socket is None:
            self._socket = socket.socket()
            self._socket.settimeout(_TIMEOUT_SECONDS)
            self._socket.connect(("127.0.0.1", self._port))
        self._socket.sendall(raw)
        return self._socket

    def receive(self) -> bytes | None:
        """Read available data. Return the response when it is complete, else ``None``."""
        assert self._socket is not None
        try:
            piece = self._socket.recv(262_144)
        except ConnectionResetError:
            piece = b""
        self._answer += piece
        if not piece:
            self.close()
            if not self._answer and not self._is_fresh:
                # The server closed a kept-alive connection: send the request again
                began = self.began
                self.send(self._raw)
                self.began = began
                return None
            return self._answer
        return self._answer if self._is_complete() else None

    def _is_complete(self) -> bool:
        """Return whether head and body have arrived. Close the connection if the server announces that it will."""
        head, separator, body = self._answer.partition(b"\r\n\r\n")
        if not separator:
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
        """Close the connection."""
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()

    def exchange(self, raw: bytes) -> bytes:
        """Send a request and wait for the response."""
        self.send(raw)
        while (answer := self.receive()) is None:
            pass
        return answer


def status_of(answer: bytes) -> int:
    """Return the status code of a response; 0 if there was none."""
    return int(answer[9:12]) if answer else 0


def load(port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> LoadResult:
    """Send ``requests`` from ``clients`` sockets until ``seconds`` have passed or all are sent."""
    result, source = LoadResult(), iter(requests)
    gc.collect()
    gc.disable()
    began, cpu = time.perf_counter(), time.process_time()
    try:
        _drive(port, source, result, clients=clients, until=began + seconds)
    finally:
        gc.enable()
    result.seconds = time.perf_counter() - began
    result.generator_cpu = time.process_time() - cpu
    return result


def _drive(port: int, source: Iterator[bytes], result: LoadResult, *, clients: int, until: float) -> None:
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
            ready = selector.select(_TIMEOUT_SECONDS)
            if not ready:
                message = f"no answer within {_TIMEOUT_SECONDS:.0f} s"
                raise RuntimeError(message)
            for key, _events in ready:
                client: Client = key.data
                selector.unregister(key.fileobj)
                answer = client.receive()
                if answer is None:
                    assert client.socket is not None
                    selector.register(client.socket, selectors.EVENT_READ, client)
                    continue
                result.statuses[status_of(answer)] += 1
                result.latencies.append(time.perf_counter() - client.began)
                start(client)
