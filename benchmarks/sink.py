"""A mail server that takes everything and keeps nothing but the time: ``python -m benchmarks.sink PORT [aiosmtpd]``.

On SIGTERM it prints as JSON when each mail came and how many connections there were. aiosmtpd may itself be the
slowest part, so the plain one is its yardstick.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP


@dataclass
class Seen:
    """What came."""

    times: list[float] = field(default_factory=list)
    connections: int = 0


class Sink(asyncio.Protocol):
    """As much of RFC 5321 as a client needs that sends mail."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._buffer = b""
        self._in_data = False

    def connection_made(self, transport: Any) -> None:
        """Greet."""
        self._seen.connections += 1
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer each complete line, or the end of a mail."""
        self._buffer += data
        while (end := b"\r\n.\r\n" if self._in_data else b"\r\n") in self._buffer:
            part, _end, self._buffer = self._buffer.partition(end)
            if self._in_data:
                self._in_data = False
                self._seen.times.append(time.monotonic())
                self._transport.write(b"250 OK\r\n")
            else:
                self._answer(part[:4].upper())

    def _answer(self, verb: bytes) -> None:
        self._in_data = verb == b"DATA"
        answers = {b"DATA": b"354 Go on\r\n", b"EHLO": b"250-sink\r\n250 8BITMIME\r\n", b"QUIT": b"221 Bye\r\n"}
        self._transport.write(answers.get(verb, b"250 OK\r\n"))
        if verb == b"QUIT":
            self._transport.close()


class _Handler:
    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    async def handle_DATA(self, *_arguments: Any) -> str:  # noqa: N802 - the name is aiosmtpd's
        self._seen.times.append(time.monotonic())
        return "250 OK"


async def serve(port: int, *, aiosmtpd: bool) -> Seen:
    """Take mail until SIGTERM; return what came."""
    seen, loop, stop = Seen(), asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)

    def taking() -> asyncio.BaseProtocol:
        if not aiosmtpd:
            return Sink(seen)
        seen.connections += 1
        return SMTP(_Handler(seen), loop=loop)

    async with await loop.create_server(taking, "127.0.0.1", port):
        await stop.wait()
    return seen


if __name__ == "__main__":
    found = asyncio.run(serve(int(sys.argv[1]), aiosmtpd="aiosmtpd" in sys.argv[2:]))
    print(json.dumps({"times": found.times, "connections": found.connections}))
