"""Detects disposable mail domains and lookalikes of large mail providers and of approved organizations.

The lists are data files: they are updated by releases of the package or by settings, never over the network.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from django.core.signals import setting_changed

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.text import unicode_domain, without_ignorable, words
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Organization
from wagtail_pledge.signing.names import fold_name

DATA: Final = Path(__file__).with_name("data")


def data_lines(name: str) -> list[str]:
    """Return the lines of a file in ``data/``, without comments."""
    return [line for line in (DATA / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]


_ROWS: Final = [line.split() for line in data_lines("confusables.txt")]
#: Capital letter -> the ASCII capital that it looks like; the lower-case forms may look quite different.
_CAPITALS: Final = {ord(other): plain for plain, others in _ROWS for other in others if plain.isupper()}
#: Lower-case letter -> the ASCII letter that it looks like; i and l look alike in many fonts.
_SMALL: Final = {ord(other): plain for plain, others in _ROWS for other in others if plain.islower()} | {ord("i"): "l"}


def skeleton(text: str) -> str:
    """Return the skeleton of ``text``: texts that look alike have equal skeletons.

    Case, accents and invisible characters are ignored.
    """
    visible = without_ignorable(unicodedata.normalize("NFKD", text))
    bare = "".join(c for c in visible if not unicodedata.combining(c))
    return bare.translate(_CAPITALS).casefold().translate(_SMALL).replace("rn", "m").replace("vv", "w")


def name_skeleton(name: str) -> str:
    """Return the skeleton of a name without spaces and punctuation."""
    return words(skeleton(name), separator="")


try:
    from disposable_email_domains import blocklist as _extra_domains
except ImportError:
    _extra_domains = frozenset()

#: Domains of large mail providers, which are worth imitating.
PROVIDERS: Final = frozenset(data_lines("providers.txt"))
#: Domains of well-known disposable mail services.
DISPOSABLE: Final = frozenset(data_lines("disposable.txt"))

_PROVIDER_SKELETONS: Final = frozenset(skeleton(domain) for domain in PROVIDERS)


def mail_domain(address: str) -> str:
    """Return the domain of ``address``, or of a text without ``@``, in lower case, with punycode decoded."""
    return unicode_domain(address.rpartition("@")[2].strip().rstrip("."))


@lru_cache(maxsize=1)
def _disposable() -> frozenset[str]:
    return DISPOSABLE | frozenset(_extra_domains) | frozenset(get_setting("DISPOSABLE_DOMAINS"))


def _clear_disposable_cache(*, setting: str, **_kwargs: object) -> None:
    if setting == "WAGTAIL_PLEDGE_DISPOSABLE_DOMAINS":
        _disposable.cache_clear()


setting_changed.connect(_clear_disposable_cache, dispatch_uid="wagtail_pledge.disposable_domains")


def is_disposable(domain: str) -> bool:
    """Return whether ``domain`` or a parent domain offers disposable mailboxes."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in _disposable() for start in range(len(labels) - 1))


def imitates_provider(domain: str) -> bool:
    """Return whether ``domain`` looks like the domain of a large provider without being one."""
    return domain not in PROVIDERS and skeleton(domain) in _PROVIDER_SKELETONS


class ApprovedOrganizationNames:
    """Approved organizations by the skeleton of their name; one query, when first used."""

    @cached_property
    def _by_skeleton(self) -> dict[str, list[Organization]]:
        by_skeleton: dict[str, list[Organization]] = defaultdict(list)
        for organization in Organization.objects.only("name", "folded_name", "country").iterator():
            by_skeleton[name_skeleton(organization.name)].append(organization)
        return by_skeleton

    def similar_to(self, signature: Any) -> list[Organization]:
        """Return the organizations that the one of ``signature`` could be mistaken for; ``[]`` for a person.

        An organization of the same name and country is left out: it is the same one.
        """
        if not get_kind(signature.kind).is_always_public() or "organization" not in signature.details:
            return []
        name = str(signature.details["organization"])
        own = (fold_name(name), signature.country)
        similar = self._by_skeleton.get(name_skeleton(name), ())
        return [organization for organization in similar if (organization.folded_name, organization.country) != own]
