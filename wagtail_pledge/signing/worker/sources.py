"""The sources of due mail: submissions, the outbox of the ledger, and requests for links.

Each source reads what a batch of its rows needs with a few queries, says which mail a row leads to, and records what
became of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.addresses import AddressRefused
from wagtail_pledge.signing.enums import OutboxReason
from wagtail_pledge.signing.messages import MailContent
from wagtail_pledge.signing.models.due import DueMail
from wagtail_pledge.signing.services.suppression import is_suppressed, suppressed_addresses
from wagtail_pledge.signing.worker.budget import BudgetRequest
from wagtail_pledge.signing.worker.smtp import DeliveryOutcome

Job = TypeVar("Job", bound=DueMail)


class MailNotNeeded(Exception):
    """Raised when no mail is to be sent for a row; ``code`` is the reason."""

    def __init__(self, code: OutboxReason) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A mail to send: its kind, address and language, and how to render it.

    ``budget`` is what it counts in the budget of its mailbox, ``None`` for a mail that its owner caused.
    ``may_be_dropped``: it was asked for again, so it is dropped if the budget would delay it for long.
    """

    kind: str
    address: str
    locale: str
    render: Callable[[], MailContent]
    budget: BudgetRequest | None = None
    may_be_dropped: bool = False


class MailSource(Generic[Job]):
    """Base class of the sources; ``now`` is the database's time."""

    model: ClassVar[type[DueMail]]

    def __init__(self, jobs: Sequence[Job], now: dt.datetime) -> None:
        self.jobs = jobs
        self.now = now
        self._suppressed: dict[str, bool] = {}

    @classmethod
    def screen(cls, jobs: Sequence[Job], now: dt.datetime) -> None:
        """Override to check new rows before their mail is sent; a row that has to wait loses its lease."""

    def outgoing(self, job: Job) -> Outgoing:
        """Override to return the mail of ``job``. Raise :class:`MailNotNeeded` if there is none."""
        raise NotImplementedError

    def sent(self, job: Job, mail: Outgoing) -> None:
        """Override to record that the mail was sent."""
        raise NotImplementedError

    def skip(self, job: Job, code: str) -> None:
        """Override to record that no mail is needed."""
        raise NotImplementedError

    def give_up(self, job: Job, outcome: DeliveryOutcome, code: str) -> None:
        """Override to record that the mail can never be sent."""
        raise NotImplementedError

    def read_suppressed(self, addresses: set[str]) -> None:
        """Look up which of ``addresses`` get no mail; one query."""
        found = suppressed_addresses(addresses, self.now)
        self._suppressed = {address: address in found for address in addresses}

    def is_suppressed(self, address: str) -> bool:
        """Whether mail to ``address`` is suppressed."""
        cached = self._suppressed.get(address)
        if cached is not None:
            return cached
        try:
            return is_suppressed(address, self.now)
        except AddressRefused:
            return False


def read_or_none(read: Callable[[], Any]) -> Any | None:
    """Return ``read()``, or ``None`` if a stored value cannot be decrypted: only its own mail fails then."""
    try:
        return read()
    except PledgeError:
        return None
