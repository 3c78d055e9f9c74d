"""What a signer agrees to, purpose by purpose: the page's words, else the kind's."""

from __future__ import annotations

from typing import Any

from wagtail_pledge.signing.kinds import SignerKind


def consent_wording(kind: SignerKind, signer_type_page: Any | None) -> dict[str, str]:
    """Return the wording by purpose in the active language; a page field ``consent_<purpose>`` goes before the
    default.
    """
    return {
        purpose: str(getattr(signer_type_page, f"consent_{purpose}", "") or default)
        for purpose, default in kind.consent.items()
    }
