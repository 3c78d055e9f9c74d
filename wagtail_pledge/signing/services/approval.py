"""What the campaign's staff decide about a signature."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.core.db import insert_or_nothing
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import Approval, EventKind, Lane, MessageKind, SignatureState, Verdict
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.kinds.base import web_host
from wagtail_pledge.signing.models import Organization, OutboxMessage, get_signature_model
from wagtail_pledge.signing.names import folded
from wagtail_pledge.signing.services.lifecycle import mark_dirty, public_if, public_name_of, record


class NotWaiting(PledgeError):
    """The signature is not in a state that staff can decide on."""

    def __init__(self) -> None:
        super().__init__("not_waiting", str(_("This signature does not wait for a decision (any more).")))


def find_or_make_organization(signature: Any) -> Organization:
    """Return the organization that ``signature`` names, known again by its folded name and country, else a new
    record.
    """
    details = signature.details
    name = str(details["organization"])
    website = str(details.get("website", ""))
    known = Organization.objects.filter(folded_name=folded(name), country=signature.country).first()
    return known or Organization.objects.create(
        name=name,
        folded_name=folded(name),
        website=website,
        host=web_host(website),
        country=signature.country,
        city=str(details.get("city", "")),
    )


def _decide(signature: Any, approval: Approval, before: tuple[Approval, ...], **columns: Any) -> None:
    changed = (
        get_signature_model()
        ._default_manager.filter(pk=signature.pk, state=SignatureState.CONFIRMED, approval__in=before)
        .update(approval=approval, **columns)
    )
    if not changed:
        raise NotWaiting
    signature.refresh_from_db()
    mark_dirty(signature.pledge_id, signature.confirmed_at)


@transaction.atomic
def approve(signature: Any, *, actor: Any = None, reason: str = "") -> None:
    """Count a confirmed signature that waited for approval (or was refused), show it where its signer agreed, and note
    that the signer is to be told.

    Raises :class:`NotWaiting` if it is not confirmed or already approved.
    """
    columns: dict[str, Any] = {}
    if "organization" in signature.details and get_kind(signature.kind).is_public_by_nature():
        columns["organization"] = find_or_make_organization(signature)
    columns["public_name"] = public_if(public_name_of(signature), verdict=Verdict.CLEAR)
    _decide(signature, Approval.APPROVED, (Approval.WAITING, Approval.REFUSED), **columns)
    record(signature, EventKind.APPROVED, actor=actor, reason=reason)
    _tell(signature, MessageKind.APPROVED)


def _tell(signature: Any, kind: MessageKind) -> None:
    """Note one mail about a decision; where that is taken back before it goes, the worker skips it."""
    insert_or_nothing(
        OutboxMessage(
            kind=kind,
            pledge_id=signature.pledge_id,
            signer_type_id=signature.signer_type_id,
            mailbox_key=signature.mailbox_key,
            seat=signature.seat,
            signature_uuid=signature.uuid,
            locale=signature.locale,
            lane=Lane.DECISIONS,
        )
    )


@transaction.atomic
def refuse(signature: Any, *, actor: Any = None, reason: str, tell: bool = False) -> None:
    """Leave a confirmed signature uncounted, with a reason; also takes back an approval. With ``tell`` the signer gets
    that reason by mail. Raises :class:`NotWaiting`.
    """
    _decide(signature, Approval.REFUSED, (Approval.WAITING, Approval.APPROVED), public_name="")
    record(signature, EventKind.REFUSED, actor=actor, reason=reason)
    if tell:
        _tell(signature, MessageKind.REFUSED)
