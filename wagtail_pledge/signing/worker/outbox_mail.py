"""Mail of the outbox: thank-you, approved, rejected. It is rendered from the signature as it is when it is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Final

from django.db import transaction
from django.db.models import Exists
from django.db.models.functions import Now

from wagtail_pledge.core.db import insert_or_ignore
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.registry import message_kinds
from wagtail_pledge.signing.enums import Approval, MessageKind, OutboxReason, OutboxState, SignatureState
from wagtail_pledge.signing.messages import MailSubject
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.worker.queue import leased, release
from wagtail_pledge.signing.worker.smtp import DeliveryOutcome
from wagtail_pledge.signing.worker.sources import MailNotNeeded, MailSource, Outgoing

#: Final states of messages that would fail again.
_FINAL: Final = {
    DeliveryOutcome.UNDELIVERABLE: OutboxState.UNDELIVERABLE,
    DeliveryOutcome.INVALID_MESSAGE: OutboxState.FAILED,
}


class OutboxSource(MailSource[OutboxMessage]):
    """Source of the mails to signers of the ledger."""

    model: ClassVar[type[OutboxMessage]] = OutboxMessage

    def __init__(self, jobs: Sequence[OutboxMessage], now: dt.datetime) -> None:
        super().__init__(jobs, now)
        self._signatures: dict[tuple[int, Any], Any] = {}
        self._epochs: dict[int, dict[str, int]] = {}
        self._reads_individually = False
        try:
            for signature in _signatures().filter(
                pledge_id__in={job.pledge_id for job in jobs}, uuid__in={job.signature_uuid for job in jobs}
            ):
                self._signatures[signature.pledge_id, signature.uuid] = signature
        except PledgeError:
            self._reads_individually = True
        self.read_suppressed({signature.email for signature in self._signatures.values()})

    def _signature_of(self, job: OutboxMessage) -> Any | None:
        if self._reads_individually:
            return _signatures().filter(pledge_id=job.pledge_id, uuid=job.signature_uuid).first()
        return self._signatures.get((job.pledge_id, job.signature_uuid))

    def outgoing(self, job: OutboxMessage) -> Outgoing:
        """Return the mail of ``job``, unless it is out of date."""
        signature = self._signature_of(job)
        if signature is None or signature.state == SignatureState.ANONYMISED:
            raise MailNotNeeded(OutboxReason.NO_SIGNATURE)
        if self.is_suppressed(signature.email):
            raise MailNotNeeded(OutboxReason.SUPPRESSED)
        if not _is_up_to_date(job.kind, signature):
            raise MailNotNeeded(_why_out_of_date(job.kind, signature))
        column = "link_epoch" if job.kind == MessageKind.LINKS else "epoch"
        self._epochs[job.pk] = {column: getattr(signature, column)}
        return Outgoing(
            kind=job.kind,
            address=signature.email,
            locale=signature.locale,
            render=partial(message_kinds[job.kind], job.kind, MailSubject(signature=signature, signatures=[signature])),
        )

    def sent(self, job: OutboxMessage, mail: Outgoing) -> None:
        """Record that the mail was sent; if it is out of date meanwhile, queue another one.

        The mail that was to be queued then was left out, because this one was still due.
        """
        if self._finish(job, OutboxState.SENT, "", Exists(self._unchanged(job))):
            return
        if self._finish(job, OutboxState.SENT, ""):
            insert_or_ignore(
                OutboxMessage(
                    kind=job.kind,
                    pledge_id=job.pledge_id,
                    signature_uuid=job.signature_uuid,
                    locale=job.locale,
                    queue=job.queue,
                )
            )

    def _unchanged(self, job: OutboxMessage) -> Any:
        """Return a queryset of the signature, empty if it was confirmed again, or the links of the mail renewed."""
        rows = get_signature_model()._default_manager
        return rows.filter(pledge_id=job.pledge_id, uuid=job.signature_uuid, **self._epochs[job.pk])

    def skip(self, job: OutboxMessage, code: str) -> None:
        """Record why no mail was needed."""
        if code == OutboxReason.NOT_COUNTED:
            self._skip_uncounted(job)
        else:
            self._finish(job, OutboxState.SKIPPED, code)

    def _skip_uncounted(self, job: OutboxMessage) -> None:
        """Leave the mail out, unless the signature counts meanwhile: then the mail is due again.

        What makes signatures count has them locked while it looks for mails that were left out, so the lock leaves none
        between the two.
        """
        signatures = get_signature_model()._default_manager.filter(pledge_id=job.pledge_id, uuid=job.signature_uuid)
        with transaction.atomic():
            list(signatures.select_for_update().values_list("pk"))
            if signatures.counted().exists():
                release(job)
            else:
                self._finish(job, OutboxState.SKIPPED, OutboxReason.NOT_COUNTED)

    def give_up(self, job: OutboxMessage, outcome: DeliveryOutcome, code: str) -> None:
        """Record why the mail can never be sent."""
        self._finish(job, _FINAL.get(outcome, OutboxState.EXPIRED), code)

    def _finish(self, job: OutboxMessage, state: OutboxState, code: str, *conditions: Any) -> int:
        """Record what became of the row if it is still leased and meets the ``conditions``; return how many rows."""
        columns = {"state": state, "last_code": code[:60], "finished_at": Now()}
        return int(leased(job).filter(*conditions).update(**columns, lease_until=None, lease_token=None))


def _is_up_to_date(kind: str, signature: Any) -> bool:
    """Return whether what the mail is about still holds."""
    if kind == MessageKind.APPROVED:
        return bool(signature.is_counted)
    if kind == MessageKind.REJECTED:
        return bool(signature.state == SignatureState.CONFIRMED and signature.approval == Approval.REJECTED)
    return bool(signature.state == SignatureState.CONFIRMED)


def _why_out_of_date(kind: str, signature: Any) -> OutboxReason:
    """Return why the mail is not sent. A release of the signature sends one that was left out as ``NOT_COUNTED``."""
    is_approved = signature.state == SignatureState.CONFIRMED and signature.approval == Approval.APPROVED
    return OutboxReason.NOT_COUNTED if kind == MessageKind.APPROVED and is_approved else OutboxReason.DECISION_CHANGED


def _signatures() -> Any:
    signatures = get_signature_model()._default_manager.select_related("pledge", "signer_type", "statement")
    return signatures.annotate(db_now=Now())
