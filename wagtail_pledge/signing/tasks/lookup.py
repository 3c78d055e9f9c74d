"""What a batch of messages needs to know, read in a few statements for all of them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from typing import Any, Final, Self

from django.db.models import Max, Q
from django.db.models.functions import Now

from wagtail_pledge.core.dates import database_now
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import OutboxState
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.services.suppression import is_suppressed, suppressed_among
from wagtail_pledge.signing.services.surges import is_mail_doubted

#: Who asks to be left alone or withdraws while a batch is sent is heard after so many seconds.
FRESH_SECONDS: Final = 2.0

Key = tuple[Any, ...]


def _found_by(message: OutboxMessage) -> Key:
    return message.pledge_id, message.signer_type.kind, bytes(message.mailbox_key or b""), bytes(message.seat)


def _said_by(kind: str, pledge_id: int, signer_type_id: int, mailbox_key: Any, seat: Any) -> Key:
    return kind, pledge_id, signer_type_id, bytes(mailbox_key), bytes(seat)


class Lookup:
    """Signatures, suppressed mailboxes and what was said last, of some leased messages."""

    def __init__(self, messages: Iterable[OutboxMessage]) -> None:
        self._read_at = time.monotonic()
        self.now: dt.datetime = database_now()
        self.is_doubted: bool = is_mail_doubted()
        self._signatures: dict[Key, Any] = {}
        #: Whether a mailbox wants nothing, by address.
        self._suppressed: dict[str, bool] = {}
        #: When a mailbox was last told something, by what was asked for and by the mail that went out.
        self._said: dict[Key, dict[str, dt.datetime]] = {}
        #: Whether one unreadable row kept all from being read: then each is read alone, and only its own message fails.
        self._is_each_alone = False
        of_mailboxes = [message for message in messages if message.mailbox_key and not message.signature_uuid]
        if of_mailboxes:
            self._read(of_mailboxes)

    def refreshed(self, messages: Iterable[OutboxMessage]) -> Self:
        """Return this one while it is fresh, else another for ``messages``."""
        is_fresh = time.monotonic() - self._read_at < FRESH_SECONDS
        return self if is_fresh else type(self)(messages)

    def _read(self, messages: list[OutboxMessage]) -> None:
        pledges = {message.pledge_id for message in messages}
        asked = {bytes(message.mailbox_key or b"") for message in messages}
        self._read_said(messages, pledges, asked)
        try:
            self._read_signatures(messages, pledges, asked)
        except PledgeError:
            self._is_each_alone = True

    def _read_said(self, messages: list[OutboxMessage], pledges: set[int], asked: set[bytes]) -> None:
        sent = OutboxMessage.objects.filter(
            kind__in={message.kind for message in messages},
            pledge_id__in=pledges,
            mailbox_key__in=asked,
            state=OutboxState.SENT,
        )
        columns = ("kind", "pledge_id", "signer_type_id", "mailbox_key", "seat", "last_code")
        rows = sent.values_list(*columns).annotate(last=Max("finished_at")).order_by()
        for *key, mail, last in rows:
            self._said.setdefault(_said_by(*key), {})[mail] = last

    def _read_signatures(self, messages: list[OutboxMessage], pledges: set[int], asked: set[bytes]) -> None:
        found = _signatures().filter(
            Q(mailbox_key__in=asked) | Q(mailbox_key_next__in=asked),
            pledge_id__in=pledges,
            kind__in={message.signer_type.kind for message in messages},
        )
        for signature in found.order_by("pk"):
            # Under either key of a rotation
            for key in (signature.mailbox_key, signature.mailbox_key_next):
                if key is not None:
                    place = (signature.pledge_id, signature.kind, bytes(key), bytes(signature.seat))
                    self._signatures.setdefault(place, signature)
        addresses = {signature.email for signature in self._signatures.values()}
        suppressed = suppressed_among(addresses, self.now)
        self._suppressed = {address: address in suppressed for address in addresses}

    def signature_of(self, message: OutboxMessage) -> Any | None:
        """Return the signature that ``message`` stands for, with pledge, type and statement."""
        if message.signature_uuid:
            return _signatures().filter(pledge_id=message.pledge_id, uuid=message.signature_uuid).first()
        if self._is_each_alone:
            return _signatures().of_mailbox(*_found_by(message)).first()
        return self._signatures.get(_found_by(message))

    def is_suppressed(self, signature: Any) -> bool:
        """Whether the mailbox of ``signature`` wants nothing."""
        known = self._suppressed.get(signature.email)
        return is_suppressed(signature.email, self.now) if known is None else known

    def last_said(self, message: OutboxMessage, mail: str = "") -> dt.datetime | None:
        """Return when the mailbox of ``message`` last got an answer to the same wish: any, or this ``mail``."""
        key = (message.kind, message.pledge_id, message.signer_type_id, message.mailbox_key or b"", message.seat)
        said = self._said.get(_said_by(*key), {})
        return said.get(mail) if mail else max(said.values(), default=None)


def _signatures() -> Any:
    known = get_signature_model()._default_manager.select_related("pledge", "signer_type", "statement")
    return known.annotate(db_now=Now())
