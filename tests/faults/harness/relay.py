"""A relay in front of PostgreSQL that falls silent, or cuts a connection after a commit whose answer it has seen."""

from __future__ import annotations

import contextlib
import json
import re
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Self

from tests.faults.harness.site import Site

#: No word boundary before it: the length of the message, whose last byte may be a letter, precedes the statement.
_WRITES: Final = re.compile(rb"(?:INSERT|UPDATE|DELETE)\b")
#: PostgreSQL's "ready for query" outside a transaction: what was written before is committed.
_IDLE: Final = b"Z\0\0\0\5I"
_READY: Final = re.compile(rb"Z\x00\x00\x00\x05[ITE]\Z")
_TICK: Final = 0.02


@dataclass
class _Conversation:
    """One client's connection and the server's; ``wrote`` is true from a write until its transaction ends."""

    client: socket.socket
    server: socket.socket
    wrote: bool = False
    reply: bytes = b""


@dataclass
class Relay:
    """Listens on ``port`` of the loopback interface and passes everything on to a Unix socket.

    While ``is_silent`` it accepts connections and statements, and passes nothing on. ``cut_next_commit`` lets the next
    transaction that wrote something commit, and then closes its connection instead of passing on the answer;
    ``cuts`` counts these.
    """

    target: str
    is_silent: bool = False
    cuts: int = 0
    _is_armed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _listener: socket.socket = field(init=False)
    _is_closed: bool = False

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_closed = True
        self._listener.close()

    @property
    def port(self) -> int:
        """Return the port."""
        port: int = self._listener.getsockname()[1]
        return port

    def cut_next_commit(self) -> None:
        """Cut the next connection that commits a write."""
        with self._lock:
            self._is_armed = True

    def disarm(self) -> bool:
        """Cut nothing; return whether a cut was still due."""
        with self._lock:
            due, self._is_armed = self._is_armed, False
        return due

    @property
    def is_armed(self) -> bool:
        """Return whether the next commit is cut."""
        return self._is_armed

    def _accept(self) -> None:
        while not self._is_closed:
            try:
                client, _address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            client.settimeout(10)
            stack.enter_context(client)
            server = stack.enter_context(socket.socket(socket.AF_UNIX))
            server.settimeout(10)
            server.connect(self.target)
            conversation = _Conversation(client, server)
            while not self._is_closed and self._pass_on(conversation):
                pass

    def _pass_on(self, conversation: _Conversation) -> bool:
        """Pass on what has arrived; return whether the conversation continues."""
        ready, _, _ = select.select([conversation.client, conversation.server], [], [], _TICK)
        if self.is_silent:
            return not threading.Event().wait(_TICK)
        if conversation.client in ready:
            asked = conversation.client.recv(65536)
            conversation.wrote = conversation.wrote or bool(_WRITES.search(asked))
            conversation.server.sendall(asked)
            if not asked:
                return False
        return self._answer(conversation) if conversation.server in ready else True

    def _answer(self, conversation: _Conversation) -> bool:
        part = conversation.server.recv(65536)
        if not part:
            return False
        conversation.reply += part
        if conversation.wrote and self._is_armed and not _READY.search(conversation.reply):
            return True  # the answer is not complete
        if conversation.wrote and conversation.reply.endswith(_IDLE):
            conversation.wrote = False
            if self.disarm():
                self.cuts += 1
                return False
        conversation.client.sendall(conversation.reply)
        conversation.reply = b""
        return True


@contextlib.contextmanager
def relayed(site: Site, threads: int = 4) -> Iterator[tuple[Site, Relay]]:
    """Serve a copy of the site that reaches its database through a relay."""
    with site.fresh() as fresh, Relay(site.cluster.socket) as relay:
        database = json.dumps({"HOST": "127.0.0.1", "PORT": relay.port})
        with replace(fresh, threads=threads).served({"PLEDGE_FAULTS_DATABASE": database}) as served:
            yield served, relay
