"""Context about a signature and its pledge, for all pages behind a token."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from wagtail_pledge.campaigns.lookups import find_pledge_page, full_url
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.services import MANAGE, token_for


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
