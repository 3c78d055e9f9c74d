"""Approving and rejecting signatures that need the staff's approval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.core.db import insert_or_ignore
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.text import fitting
from wagtail_pledge.signing.enums import (
    Approval,
    EventKind,
    MailQueue,
    MessageKind,
    OutboxReason,
    OutboxState,
    Review,
    SignatureState,
)
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Organization, OutboxMessage, get_signature_model
from wagtail_pledge.signing.names import folded_column
from wagtail_pledge.signing.services.lifecycle import mark_day_dirty, public_name_if, public_name_of, record_event
from wagtail_pledge.signing.services.logos import kind_has_logos, remove_logo
from wagtail_pledge.signing.websites import web_host


class NotWaiting(PledgeError):
    """The signature is not confirmed, or already has the approval status that was asked for."""

    def __init__(self) -> None:
        super().__init__("not_waiting", str(_("This signature is not waiting for a decision.")))


def find_or_make_organization(signature: Any) -> Organization:
    """Return the :class:`Organization` with the folded name and country of ``signature``, created if necessary."""
    details, lengths = signature.details, _organization_lengths()
    values = {key: str(details.get(key) or "") for key in ("organization", "website", "city")}
    name, folded = fitting(values["organization"], lengths["name"]), folded_column(values["organization"])
    website = values["website"] if len(values["website"]) <= lengths["website"] else ""
    existing = Organization.objects.filter(folded_name=folded, country=signature.country).first()
    return existing or Organization.objects.create(
        name=name,
        folded_name=folded,
        website=fitting(website, lengths["website"]),
        host=web_host(website),
        country=signature.country,
        city=fitting(values["city"], lengths["city"]),
    )


def _organization_lengths() -> dict[str, int]:
    return {field.name: field.max_length for field in Organization._meta.fields if field.max_length is not None}


def _decide(signature: Any, approval: Approval, before: tuple[Approval, ...], **columns: Any) -> None:
    changed = (
        get_signature_model()
        ._default_manager.filter(pk=signature.pk, state=SignatureState.CONFIRMED, approval__in=before)
        .update(approval=approval, **columns)
    )
    if not changed:
        raise NotWaiting
    signature.refresh_from_db()
    mark_day_dirty(signature.pledge, signature.confirmed_at)


@transaction.atomic
def approve(signature: Any, *, actor: Any = None, reason: str = "") -> None:
    """Approve a confirmed signature that is waiting for approval or was rejected, and queue a mail to its signer.

    It is then counted, and shown publicly if its signer agreed to that, unless its review holds it back. ``actor`` is
    the user who decides.
    Raises :class:`NotWaiting` if the signature is not confirmed or is already approved.
    """
    columns: dict[str, Any] = {}
    if "organization" in signature.details and get_kind(signature.kind).is_always_public():
        columns["organization"] = find_or_make_organization(signature)
    columns["public_name"] = public_name_if(public_name_of(signature), review=Review.OK)
    _decide(signature, Approval.APPROVED, (Approval.WAITING, Approval.REJECTED), **columns)
    record_event(signature, EventKind.APPROVED, actor=actor, reason=reason)
    _queue_mail(signature, MessageKind.APPROVED)


def _queue_mail(signature: Any, kind: MessageKind) -> None:
    """Queue the mail about a decision. If the decision is reversed before the mail is sent, the worker skips it."""
    insert_or_ignore(_decision_mail(signature, kind))


def _decision_mail(signature: Any, kind: MessageKind) -> OutboxMessage:
    return OutboxMessage(
        kind=kind,
        pledge_id=signature.pledge_id,
        signature_uuid=signature.uuid,
        locale=signature.locale,
        queue=MailQueue.DECISIONS,
    )


def queue_approval_mails(signatures: Sequence[Any]) -> None:
    """Queue the mail to the signers of approved ``signatures`` that count now, if it was left out because they did not.

    Call it in the transaction that makes them count. At most four statements.
    """
    uuids = [signature.uuid for signature in signatures if signature.approval == Approval.APPROVED]
    if not uuids:
        return
    mails = OutboxMessage.objects.filter(
        pledge_id__in={signature.pledge_id for signature in signatures},
        signature_uuid__in=uuids,
        kind=MessageKind.APPROVED,
    )
    left_out = mails.filter(state=OutboxState.SKIPPED, last_code=OutboxReason.NOT_COUNTED)
    found = {mail.signature_uuid: mail for mail in left_out}
    OutboxMessage.objects.bulk_create(
        [_decision_mail(one, MessageKind.APPROVED) for one in signatures if one.uuid in found], ignore_conflicts=True
    )
    # The next release finds none
    left_out.filter(signature_uuid__in=list(found)).update(last_code=OutboxReason.DECISION_CHANGED)


@transaction.atomic
def reject(signature: Any, *, actor: Any = None, reason: str, notify: bool = False) -> None:
    """Reject a confirmed signature that is waiting for approval or was approved: it is neither counted nor shown.

    Its logo is deleted, so that the file is not public any longer.

    With ``notify``, the signer gets ``reason`` by mail. Raises :class:`NotWaiting` if the signature is not confirmed
    or is already rejected.
    """
    _decide(signature, Approval.REJECTED, (Approval.WAITING, Approval.APPROVED), public_name="")
    record_event(signature, EventKind.REJECTED, actor=actor, reason=reason)
    if kind_has_logos(signature.kind):
        remove_logo(signature)
    if notify:
        _queue_mail(signature, MessageKind.REJECTED)
