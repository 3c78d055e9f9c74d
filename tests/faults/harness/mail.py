"""An SMTP server that misbehaves, and mail workers that are killed."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections import Counter, defaultdict
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.databases import ROOT

#: Django is loaded once; each worker is a fork of this parent, which prints its pid. A line on stdin kills one.
PARENT: Final = """
import datetime, os, signal, sys
import django
django.setup()
from django.db import connections
from wagtail_pledge.signing.worker import mail, queue, smtp
queue.LEASE = datetime.timedelta(seconds=float(sys.argv[2]))
mail.BACKOFF = tuple(minutes / 60 for minutes in mail.BACKOFF)
smtp.FIRST_PAUSE_SECONDS, smtp.MAX_PAUSE_SECONDS = 1, 4

def born():
    pid = os.fork()
    if pid:
        return pid
    from django.core.management import call_command
    connections.close_all()
    call_command("pledge_worker", only="mail", verbosity=0)
    os._exit(0)

children = [born() for _ in range(int(sys.argv[1]))]
print("ready", flush=True)
for number, line in enumerate(sys.stdin):
    victim = number % len(children)
    os.kill(children[victim], signal.SIGKILL)
    os.waitpid(children[victim], 0)
    children[victim] = born()
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


class MailServerHandler:
    """Mails received, by recipient; ``refuse`` maps a prefix of recipients to a reply to RCPT."""

    def __init__(self) -> None:
        self.arrived: dict[str, list[str]] = defaultdict(list)
        #: The last mail to each recipient.
        self.mails: dict[str, EmailMessage] = {}
        self.refuse: dict[str, str] = {}
        self.dropped: set[str] = set()
        self.drops: tuple[str, ...] = ()
        self.seconds = 0.0
        self.silent = ""

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept or reject a recipient, or do not reply within any client's timeout."""
        if self.silent and address.startswith(self.silent):
            await asyncio.sleep(60)
        for start, answer in self.refuse.items():
            if address.startswith(start):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Accept the mail; for some recipients, disconnect once without a reply."""
        await asyncio.sleep(self.seconds)
        address = envelope.rcpt_tos[0]
        mail = message_from_bytes(envelope.content or b"", policy=default_policy)
        self.mails[address] = mail
        self.arrived[address].append(str(mail["Message-ID"]))
        if address.startswith(self.drops) and self.drops and address not in self.dropped:
            self.dropped.add(address)
            transport: Any = server.transport
            transport.abort()
        return "250 OK"

    def link(self, address: str, kind: str) -> str:
        """Return the path of the first link to ``/pledge/<kind>/…`` in the text of the last mail to ``address``."""
        part = self.mails[address].get_body(("plain",))
        assert part is not None
        found = re.search(rf"/pledge/{kind}/[\w-]+/", part.get_content())
        assert found, part.get_content()
        return found[0]

    @property
    def duplicates(self) -> int:
        """Return how many mails were received more than once."""
        return sum(len(ids) - 1 for ids in self.arrived.values())

    @property
    def max_per_mailbox(self) -> int:
        """Return the largest number of mails to one mailbox."""
        return max((len(ids) for ids in self.arrived.values()), default=0)

    @property
    def has_one_message_id_each(self) -> bool:
        """Whether repeated mails have the Message-ID of the first, and no two people's mails share one."""
        ids = [set(found) for found in self.arrived.values()]
        return (
            all(len(found) == 1 for found in ids) and max(Counter(i for f in ids for i in f).values(), default=1) == 1
        )


class MailWorkers:
    """``kill_one`` kills one worker with SIGKILL and starts another."""

    def __init__(self, environment: dict[str, str], smtp_port: int, number: int = 4, lease: float = 30) -> None:
        command = [sys.executable, "-c", PARENT, str(number), str(lease)]
        self.process = subprocess.Popen(
            command,
            env={**environment, "PLEDGE_FAULTS_SMTP": str(smtp_port), "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready"

    def kill_one(self) -> None:
        """Kill the next worker."""
        assert self.process.stdin is not None
        self.process.stdin.write("kill\n")
        self.process.stdin.flush()

    def stop(self) -> None:
        """Stop all workers."""
        self.process.communicate("", timeout=60)


def mail_server(inbox: MailServerHandler, port: int) -> Controller:
    """Start the server on the loopback interface and return it."""
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    return controller
