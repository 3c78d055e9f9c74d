"""Starting a pledge and its ways to sign."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from wagtail_pledge.signing.kinds import require_kind
from wagtail_pledge.signing.models import Pledge, SignerType

DEFAULT_KIND = "individual"


def create_signer_type(pledge: Pledge, kind: str) -> SignerType:
    """Add one way to sign, with the kind's own approval rule, after those there are. Raises ``UnknownKind``."""
    return SignerType.objects.create(
        pledge=pledge,
        kind=kind,
        approval_required=require_kind(kind).approval_required,
        position=SignerType.objects.filter(pledge=pledge).count(),
    )


@transaction.atomic
def create_pledge(title: str, *, collection: Any = None) -> Pledge:
    """Start a pledge that individuals can sign, in ``collection``, else in the root collection."""
    pledge: Pledge = Pledge.objects.create(title=title[:200], **({"collection": collection} if collection else {}))
    create_signer_type(pledge, DEFAULT_KIND)
    return pledge
