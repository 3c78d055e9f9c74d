"""Which signer kinds the site knows."""

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
    """The ledger holds a kind that no code registers any more."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            "unknown_kind", gettext("This site no longer has the type of signer “%(kind)s”.") % {"kind": slug}
        )


class RetiredKind(SignerKind):
    """Stands for a kind whose code is gone: its signatures stay readable, nobody new can sign."""

    fields = ()

    def __init__(self, slug: str) -> None:
        self.slug = slug  # type: ignore[misc]
        self.label = self.plural = self.invitation = slug  # type: ignore[misc]

    def public_name(self, *, name: str, country: str, display: str, details: Mapping[str, Any]) -> str:
        """Show nothing: nobody knows any more what the signer agreed to be shown as."""
        return ""


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, SignerKind]:
    """Return the registered kinds by slug: ours first, then those of the hook, which may replace ours.

    A hook function returns one ``SignerKind`` instance or a list of them.
    """
    found: dict[str, SignerKind] = {kind.slug: kind for kind in (Individual(), OrganizationKind())}
    for function in hooks.get_hooks(HOOK):
        result = function()
        for kind in result if isinstance(result, list | tuple) else [result]:
            found[kind.slug] = kind
    return found


def get_kind(slug: str) -> SignerKind:
    """Return the kind; of one that no code registers any more, a stand-in that shows nothing and loses nothing."""
    return kinds().get(slug) or RetiredKind(slug)


def require_kind(slug: str) -> SignerKind:
    """Return the kind for something new. Raises :class:`UnknownKind`."""
    try:
        return kinds()[slug]
    except KeyError:
        raise UnknownKind(slug) from None


def kind_choices() -> list[tuple[str, str]]:
    """Return (slug, label) pairs for forms; pass it uncalled, so that a site's kinds never change a migration."""
    return [(slug, capfirst(str(kind.label))) for slug, kind in kinds().items()]
