"""Registry of signer kinds: the built-in ones and those of the hook ``register_pledge_signer_kinds``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext
from wagtail import hooks

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.kinds.base import SignerKind
from wagtail_pledge.signing.kinds.individual import Individual
from wagtail_pledge.signing.kinds.organization import OrganizationKind

HOOK = "register_pledge_signer_kinds"


class UnknownKind(PledgeError):
    """No signer kind with this slug is registered."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            "unknown_kind", gettext("This site no longer has the type of signer “%(kind)s”.") % {"kind": slug}
        )


class RetiredKind(SignerKind):
    """Placeholder for a kind that is no longer registered: its signatures stay readable, and nobody can sign as it."""

    fields = ()

    def __init__(self, slug: str) -> None:
        self.slug = slug  # type: ignore[misc]
        self.label = self.plural = self.invitation = slug  # type: ignore[misc]

    def public_name(self, *, name: str, country: str, display: str, details: Mapping[str, Any]) -> str:
        """Return ``""``: without the kind, nothing says how the signer agreed to be shown."""
        return ""


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, SignerKind]:
    """Return the registered kinds by slug: the built-in ones first, then those of the hook, which may replace them.

    A function of the hook ``register_pledge_signer_kinds`` takes no arguments and returns one ``SignerKind`` instance
    or a list of them.
    """
    registered: dict[str, SignerKind] = {kind.slug: kind for kind in (Individual(), OrganizationKind())}
    for function in hooks.get_hooks(HOOK):
        result = function()
        for kind in result if isinstance(result, list | tuple) else [result]:
            registered[kind.slug] = kind
    return registered


def get_kind(slug: str) -> SignerKind:
    """Return the kind with this slug, or a :class:`RetiredKind` if it is not registered."""
    return kinds().get(slug) or RetiredKind(slug)


def require_kind(slug: str) -> SignerKind:
    """Return the kind with this slug, to create something new with it. Raises :class:`UnknownKind`."""
    try:
        return kinds()[slug]
    except KeyError:
        raise UnknownKind(slug) from None


def kind_choices() -> list[tuple[str, str]]:
    """Return (slug, label) pairs for forms. Pass the function itself as ``choices``, so that migrations don't contain a
    site's kinds.
    """
    return [(slug, capfirst(str(kind.label))) for slug, kind in kinds().items()]
