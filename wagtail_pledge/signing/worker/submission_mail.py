"""Mail for submissions: "please confirm", or "you have already signed" where the ledger says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Final

from django.db.models import F
from django.db.models.functions import Coalesce, Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.signing.addresses import AddressRefused, all_budget_keys
from wagtail_pledge.signing.enums import MailQueue, MessageKind, OutboxReason, Review
from wagtail_pledge.signing.messages import MailSubject
from wagtail_pledge.signing.models import Submission, get_signature_model
from wagtail_pledge.signing.models.submission import NOTHING
from wagtail_pledge.signing.services.confirming import is_live, is_signed
from wagtail_pledge.signing.services.payloads import Payload, all_seats_of, build_signature, payload_of
from wagtail_pledge.signing.services.signing import all_mailbox_keys
from wagtail_pledge.signing.services.suppression import suppression_of
from wagtail_pledge.signing.worker.budget import BudgetRequest
from wagtail_pledge.signing.worker.queue import leased
from wagtail_pledge.signing.worker.retention import next_deletion
from wagtail_pledge.signing.worker.screening import screen
from wagtail_pledge.signing.worker.smtp import DeliveryOutcome
from wagtail_pledge.signing.worker.sources import MailNotNeeded, MailSource, Outgoing

_NO_MAIL: Final = MailQueue.NO_MAIL

Key = tuple[int, str, bytes, bytes]


class SubmissionSource(MailSource[Submission]):
    """Source of the mails for submissions."""

    model: ClassVar[type[Submission]] = Submission

    def __init__(self, jobs: Sequence[Submission], now: dt.datetime) -> None:
        super().__init__(jobs, now)
        rows = Submission.objects.filter(pk__in=[job.pk for job in jobs])
        self._rows = {row.pk: row for row in rows.select_related("statement__signer_type__pledge")}
        self._payloads: dict[Any, Payload | PledgeError | None] = {pk: _read(row) for pk, row in self._rows.items()}
        payloads = {pk: one for pk, one in self._payloads.items() if isinstance(one, Payload)}
        self.read_suppressed({payload.address for payload in payloads.values()})
        self._signed: dict[Key, Any] = {}
        self._reads_individually = False
        if payloads:
            self._read_ledger(payloads)

    @classmethod
    def screen(cls, jobs: Sequence[Submission], now: dt.datetime) -> None:
        """Run the abuse checks; see ``worker.screening``."""
        screen(list(jobs), now)

    def _keys(self, row: Submission, payload: Payload) -> list[bytes]:
        return all_mailbox_keys(row.statement.signer_type.pledge, payload.address)

    def _read_ledger(self, payloads: dict[Any, Payload]) -> None:
        keys = [key for pk, payload in payloads.items() for key in self._keys(self._rows[pk], payload)]
        rows = [self._rows[pk] for pk in payloads]
        stored = _signatures().of_mailboxes({row.pledge_id for row in rows}, {row.kind for row in rows}, keys)
        try:
            for signature in stored:
                for key in filter(None, (signature.mailbox_key, signature.mailbox_key_next)):
                    self._signed[signature.pledge_id, signature.kind, bytes(key), bytes(signature.seat)] = signature
        except PledgeError:
            # One unreadable row must not stop the others
            self._reads_individually = True

    def _signature_of(self, row: Submission, payload: Payload) -> Any | None:
        keys, seats = self._keys(row, payload), all_seats_of(row, payload)
        if self._reads_individually:
            return _signatures().for_mailbox(row.pledge_id, row.kind, keys, seats).first()
        found = (self._signed.get((row.pledge_id, row.kind, key, seat)) for key in keys for seat in seats)
        return next((signature for signature in found if signature is not None), None)

    def outgoing(self, job: Submission) -> Outgoing:
        """Return the mail that is due for ``job`` by what the ledger says now."""
        row, payload = self._rows.get(job.pk), self._payloads.get(job.pk)
        if isinstance(payload, PledgeError):
            raise payload
        if row is None or payload is None or _is_over(row):
            raise MailNotNeeded(OutboxReason.ENDED)
        if row.mail == MessageKind.STOPPED:
            return self._last_mail(row, payload)
        if self.is_suppressed(payload.address):
            raise MailNotNeeded(OutboxReason.SUPPRESSED)
        signature = self._signature_of(row, payload)
        if job.queue == MailQueue.REMINDERS:
            self._check_reminder(row, payload, signature)
            return self._confirm_mail(row, payload, MessageKind.REMINDER)
        if signature is not None and is_signed(signature):
            subject = MailSubject(signature=signature)
            return self._mail(row, payload, MessageKind.ALREADY_SIGNED, subject)
        if not is_live(row, self.now):
            raise MailNotNeeded(OutboxReason.ENDED if row.ended_at else OutboxReason.TOO_LATE)
        return self._confirm_mail(row, payload, MessageKind.CONFIRM)

    def _confirm_mail(self, row: Submission, payload: Payload, kind: MessageKind) -> Outgoing:
        unsaved: Any = build_signature(row.statement, payload, review=row.review, seat=bytes(row.seat))
        row.db_now = self.now  # type: ignore[attr-defined]
        return self._mail(row, payload, kind, MailSubject(signature=unsaved, submission=row))

    def _mail(self, row: Submission, payload: Payload, kind: MessageKind, subject: MailSubject) -> Outgoing:
        return Outgoing(
            kind=kind,
            address=_own_address(payload, subject),
            locale=subject.signature.locale,
            render=partial(message_kinds[kind], kind, subject),
            budget=_budget(row, payload, kind),
            may_be_dropped=row.mailed_at is not None,
        )

    def _last_mail(self, row: Submission, payload: Payload) -> Outgoing:
        suppression = suppression_of(payload.address, self.now)
        if suppression is None:
            raise MailNotNeeded(OutboxReason.UNDONE)
        unsaved: Any = build_signature(row.statement, payload, seat=bytes(row.seat))
        subject = MailSubject(signature=unsaved, submission=row, suppression=suppression)
        # One that was told before, and undone, counts in the budget: nobody can cause mail without end
        is_repeated = row.last_mail == MessageKind.STOPPED
        return Outgoing(
            kind=MessageKind.STOPPED,
            address=payload.address,
            locale=payload.locale,
            render=partial(message_kinds[MessageKind.STOPPED], MessageKind.STOPPED, subject),
            budget=_budget(row, payload, MessageKind.STOPPED) if is_repeated else None,
            may_be_dropped=is_repeated,
        )

    def _check_reminder(self, row: Submission, payload: Payload, signature: Any | None) -> None:
        """Raise :class:`MailNotNeeded` unless this is the one reminder of the mailbox, and its link works.

        Of several that are due at the same time, the mail budget grants one.
        """
        closes_at = row.statement.signer_type.pledge.closes_at
        is_over = closes_at is not None and closes_at <= self.now
        others = Submission.objects.of_mailbox(row.pledge_id, self._keys(row, payload))
        is_wanted = (
            row.review == Review.OK
            and row.last_mail == MessageKind.CONFIRM
            and signature is None
            and not is_over
            and is_live(row, self.now)
            and not others.filter(reminders__gt=0).exists()
        )
        if not is_wanted:
            raise MailNotNeeded(OutboxReason.NO_REMINDER)

    def sent(self, job: Submission, mail: Outgoing) -> None:
        """Record the mail, and plan the turn of the reminder or the deletion of the data."""
        row = self._rows[job.pk]
        columns: dict[str, Any] = {"mailed_at": Coalesce("mailed_at", Now()), "last_mail": mail.kind, "last_code": ""}
        if mail.kind == MessageKind.REMINDER:
            columns["reminders"] = F("reminders") + 1
        self._finish(job, row, **columns)

    def skip(self, job: Submission, code: str) -> None:
        """Record why no mail was needed; a form whose campaign was deleted is deleted too."""
        self._finish(job, self._rows.get(job.pk), last_code=code[:60])

    def give_up(self, job: Submission, outcome: DeliveryOutcome, code: str) -> None:
        """Record why the mail can never be sent."""
        self.skip(job, code)

    def _finish(self, job: Submission, row: Submission | None, **columns: Any) -> None:
        idle = {"lease_until": None, "lease_token": None, "attempts": 0, "mail": ""}
        leased(job).update(**self._next(row), **idle, **columns)

    def _next(self, row: Submission | None) -> dict[str, Any]:
        """Return the columns for the turn of the reminder, else for the deletion of the data.

        The turn comes whatever this turn has brought: nobody learns from the mails before and after it whether the
        mailbox of ``row`` has signed, or gets no mail any more. Its own checks decide whether there is a reminder.
        """
        if row is None:
            return {"queue": _NO_MAIL, "due_at": self.now}
        turn = row.reminder_at or self.now + dt.timedelta(hours=get_setting("REMINDER_HOURS"))
        is_planned = row.review == Review.OK and row.moved_to is None and turn > self.now
        if is_planned and (row.reminder_at is None or row.mail == MessageKind.STOPPED):
            return {"reminder_at": turn, "queue": MailQueue.REMINDERS, "due_at": turn}
        return {"reminder_at": turn, "queue": _NO_MAIL, "due_at": next_deletion(row, self.now)}


def _budget(row: Submission, payload: Payload, kind: MessageKind) -> BudgetRequest:
    return BudgetRequest(
        job=row.pk,
        kind=kind,
        budget_keys=all_budget_keys(payload.address),
        pledge_id=row.pledge_id,
        network_key=bytes(row.network_key) if row.network_key else None,
    )


def _is_over(row: Submission) -> bool:
    """Whether the address was corrected, or the form ended and nobody has asked for a mail since."""
    return row.mail == NOTHING or (row.moved_to is not None and row.mail != MessageKind.STOPPED)


def _read(row: Submission) -> Payload | PledgeError | None:
    try:
        payload = payload_of(row)
        if payload is not None:
            all_budget_keys(payload.address)
    except AddressRefused as error:
        return error
    except PledgeError as error:
        return error
    return payload


def _own_address(payload: Payload, subject: MailSubject) -> str:
    """Return the address of a mail: one with a link into a signature goes to the signature's own address only."""
    return payload.address if subject.submission is not None else str(subject.signature.email)


def _signatures() -> Any:
    signatures = get_signature_model()._default_manager.select_related("pledge", "signer_type", "statement")
    return signatures.annotate(db_now=Now())
