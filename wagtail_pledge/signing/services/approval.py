"""What the campaign's staff decide about a signature."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import Approval, EventKind, SignatureState, Verdict
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.kinds.base import web_host
from wagtail_pledge.signing.models import Organization, get_signature_model
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
    """Count a confirmed signature that waited for approval (or was refused), and show it where its signer agreed.

    Raises :class:`NotWaiting` if it is not confirmed or already approved.
    """
    columns: dict[str, Any] = {}
    if "organization" in signature.details and get_kind(signature.kind).is_public_by_nature():
        columns["organization"] = find_or_make_organization(signature)
    columns["public_name"] = public_if(public_name_of(signature), verdict=Verdict.CLEAR)
    _decide(signature, Approval.APPROVED, (Approval.WAITING, Approval.REFUSED), **columns)
    record(signature, EventKind.APPROVED, actor=actor, reason=reason)


@transaction.atomic
def refuse(signature: Any, *, actor: Any = None, reason: str) -> None:
    """Leave a confirmed signature uncounted, with a reason; also takes back an approval. Raises :class:`NotWaiting`."""
    _decide(signature, Approval.REFUSED, (Approval.WAITING, Approval.APPROVED), public_name="")
    record(signature, EventKind.REFUSED, actor=actor, reason=reason)
