"""Context about a signature and its pledge, for all pages behind a token."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from wagtail_pledge.campaigns.lookups import find_pledge_page, full_url
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.services import MANAGE, token_for
from wagtail_pledge.signing.services.changes import MAX_REASON, REASON, UPDATES, asked_choices


def choices_of(signature: Any) -> dict[str, Any]:
    """Return the context about what the signer may change: the reason and the consent to updates, if the form asked.

    ``updates_label`` is the wording that the signer saw.
    """
    asked = asked_choices(signature)
    return {
        "asks_for_reason": REASON in asked,
        "signed_reason": signature.details.get(REASON, ""),
        "reason_length": MAX_REASON,
        "asks_for_updates": UPDATES in asked,
        "gets_updates": signature.consent_updates,
        "updates_label": signature.statement.consent.get(UPDATES, ""),
    }


def signature_context(signature: Any) -> dict[str, Any]:
    """Return the context about the signature and its pledge."""
    kind = get_kind(signature.kind)
    page = find_pledge_page(signature.pledge, signature.locale)
    return {
        "name": kind.heading(name=signature.name, details=signature.details),
        "organization": signature.details.get("organization", ""),
        "signer_details": kind.signer_details(name=signature.name, details=signature.details),
        "kind": kind.slug,
        "kind_label": kind.label,
        "waiting": signature.approval == Approval.WAITING,
        "rejected": signature.approval == Approval.REJECTED,
        "counted": signature.is_counted,
        "pledge_page": page,
        "pledge_title": page.title if page else signature.pledge.title,
        "pledge_url": full_url(page) if page else "",
        "manage_url": reverse("wagtail_pledge:manage", args=[token_for(MANAGE, signature)]),
    }
