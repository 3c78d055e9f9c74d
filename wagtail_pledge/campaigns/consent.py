"""What a signer agrees to, purpose by purpose: the page's words, else the kind's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wagtail_pledge.signing.kinds import SignerKind, left_out


def consent_wording(
    kind: SignerKind, signer_type_page: Any | None, asking: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the wording by purpose in the active language; a page field ``consent_<purpose>`` goes before the
    default. Nobody agrees to what ``asking`` leaves out.
    """
    away = left_out(kind, asking or {})
    unasked = {field.consent for field in kind.fields if field.name in away}
    return {
        purpose: str(getattr(signer_type_page, f"consent_{purpose}", "") or default)
        for purpose, default in kind.consent.items()
        if purpose not in unasked
    }
