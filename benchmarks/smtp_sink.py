"""An SMTP server that accepts and discards all mail: ``python -m benchmarks.smtp_sink PORT [aiosmtpd]``.

On SIGTERM it prints, as JSON, the time at which each mail arrived and the number of connections. aiosmtpd may itself
be the bottleneck, so the default is a minimal server.
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
class Received:
    """The times of the mails and the number of connections."""

    times: list[float] = field(default_factory=list)
    connections: int = 0


class SinkProtocol(asyncio.Protocol):
    """The part of RFC 5321 that a client needs to send mail."""

    def __init__(self, received: Received) -> None:
        self._received = received
        self._buffer = b""
        self._in_data = False

    def connection_made(self, transport: Any) -> None:
        """Send the greeting."""
        self._received.connections += 1
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Reply to each complete command and to the end of each mail."""
        self._buffer += data
        while (end := b"\r\n.\r\n" if self._in_data else b"\r\n") in self._buffer:
            part, _end, self._buffer = self._buffer.partition(end)
            if self._in_data:
                self._in_data = False
                self._received.times.append(time.monotonic())
                self._transport.write(b"250 OK\r\n")
            else:
                self._reply(part[:4].upper())

    def _reply(self, verb: bytes) -> None:
        self._in_data = verb == b"DATA"
        replies = {b"DATA": b"354 Go on\r\n", b"EHLO": b"250-sink\r\n250 8BITMIME\r\n", b"QUIT": b"221 Bye\r\n"}
        self._transport.write(replies.get(verb, b"250 OK\r\n"))
        if verb == b"QUIT":
            self._transport.close()


class _Handler:
    def __init__(self, received: Received) -> None:
        self._received = received

    async def handle_DATA(self, *_arguments: Any) -> str:  # noqa: N802 - the name is aiosmtpd's
        self._received.times.append(time.monotonic())
        return "250 OK"


async def serve(port: int, *, aiosmtpd: bool) -> Received:
    """Accept mail until SIGTERM."""
    received, loop, stop = Received(), asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)

    def protocol() -> asyncio.BaseProtocol:
        if not aiosmtpd:
            return SinkProtocol(received)
        received.connections += 1
        return SMTP(_Handler(received), loop=loop)

    async with await loop.create_server(protocol, "127.0.0.1", port):
        await stop.wait()
    return received


if __name__ == "__main__":
    result = asyncio.run(serve(int(sys.argv[1]), aiosmtpd="aiosmtpd" in sys.argv[2:]))
    print(json.dumps({"times": result.times, "connections": result.connections}))
