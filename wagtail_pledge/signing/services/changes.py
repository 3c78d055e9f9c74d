"""What signers change on their own page: the reason they gave, and whether they get updates."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.kinds import get_kind, omitted_fields
from wagtail_pledge.signing.models import get_signature_model

#: Names of the fields of a kind that signers can change.
REASON: Final = "comment"
UPDATES: Final = "updates"
#: Maximum characters of a changed reason, as in the form of an individual.
MAX_REASON: Final = 280


def asked_choices(signature: Any) -> frozenset[str]:
    """Return which of ``REASON`` and ``UPDATES`` the form of ``signature`` had."""
    kind = get_kind(signature.kind)
    omitted = omitted_fields(kind, signature.statement.optional_fields)
    return frozenset({field.name for field in kind.fields if field.name not in omitted} & {REASON, UPDATES})


def change_choices(signature: Any, *, epoch: int, reason: str | None = None, updates: bool | None = None) -> bool:
    """Store the signer's new choices; ``None`` leaves one as it is. Return false unless the signature is confirmed.

    ``reason`` is cleaned text, ``""`` for none. What the form did not have is never stored.
    """
    asked = asked_choices(signature)
    with transaction.atomic():
        rows = get_signature_model()._default_manager.select_for_update(of=("self",))
        row: Any = rows.filter(pk=signature.pk, epoch=epoch, state=SignatureState.CONFIRMED).first()
        if row is None:
            return False
        if reason is not None and REASON in asked:
            kept = {name: value for name, value in row.details.items() if name != REASON}
            row.details = {**kept, REASON: reason} if reason else kept
        if updates is not None and UPDATES in asked:
            row.consent_updates = updates
        row.save(update_fields=["details", "consent_updates"])
    return True
