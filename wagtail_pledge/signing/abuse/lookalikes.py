"""Mail domains that hold a signature: throw-away mailboxes, and names drawn to look like a large provider's.

Lists are data: an update comes with the package or by settings, never over the network while somebody signs.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from django.core.signals import setting_changed

from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Organization
from wagtail_pledge.signing.names import folded

DATA: Final = Path(__file__).with_name("data")


def data_lines(name: str) -> list[str]:
    """Return the lines of one of our data files, without comments."""
    return [line for line in (DATA / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]


_ROWS: Final = [line.split() for line in data_lines("drawn_like.txt")]
#: Other capital -> the ASCII capital that it is drawn like; their small letters may look nothing like each other.
_CAPITALS: Final = {ord(other): plain for plain, others in _ROWS for other in others if plain.isupper()}
#: Other letter -> the ASCII letter that it is drawn like; an i and an l look alike in many fonts.
_SMALL: Final = {ord(other): plain for plain, others in _ROWS for other in others if plain.islower()} | {ord("i"): "l"}


def skeleton(text: str) -> str:
    """Return what ``text`` looks like: equal skeletons look alike. No case, no marks."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return bare.translate(_CAPITALS).casefold().translate(_SMALL).replace("rn", "m").replace("vv", "w")


def name_skeleton(name: str) -> str:
    """Return what a name looks like, without spaces and punctuation."""
    return "".join(filter(str.isalnum, skeleton(name)))


try:
    from disposable_email_domains import blocklist as _more
except ImportError:
    _more = frozenset()

#: Providers whose names are worth imitating.
PROVIDERS: Final = frozenset(data_lines("providers.txt"))
#: Well-known throw-away services.
DISPOSABLE: Final = frozenset(data_lines("disposable.txt"))

_LOOKS: Final = frozenset(skeleton(domain) for domain in PROVIDERS)


def unicode_domain(address: str) -> str:
    """Return the domain of ``address`` as people read it, lower-cased."""
    domain = address.rpartition("@")[2].strip().rstrip(".").casefold()
    try:
        return domain.encode("ascii").decode("idna") if "xn--" in domain else domain
    except UnicodeError:
        return domain


@lru_cache(maxsize=1)
def _disposable() -> frozenset[str]:
    return DISPOSABLE | frozenset(_more) | frozenset(get_setting("DISPOSABLE_DOMAINS"))


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting == "WAGTAIL_PLEDGE_DISPOSABLE_DOMAINS":
        _disposable.cache_clear()


setting_changed.connect(_forget, dispatch_uid="wagtail_pledge.disposable_domains")


def is_disposable(domain: str) -> bool:
    """Whether ``domain``, or a domain above it, gives out throw-away mailboxes."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in _disposable() for start in range(len(labels) - 1))


def looks_like_a_provider(domain: str) -> bool:
    """Whether ``domain`` is none of the large providers but is drawn like one of them."""
    return domain not in PROVIDERS and skeleton(domain) in _LOOKS


class ApprovedNames:
    """The names of the approved organizations by what they look like: one query, when first asked."""

    @cached_property
    def _by_looks(self) -> dict[str, list[Organization]]:
        found: dict[str, list[Organization]] = defaultdict(list)
        for organization in Organization.objects.only("name", "folded_name", "country").iterator():
            found[name_skeleton(organization.name)].append(organization)
        return found

    def like(self, signature: Any) -> list[Organization]:
        """Return the organizations that the one of ``signature`` could be mistaken for, ``[]`` for a person.

        One of the same name and country is not among them: an approval knows it again.
        """
        if not get_kind(signature.kind).is_public_by_nature() or "organization" not in signature.details:
            return []
        name = str(signature.details["organization"])
        same = (folded(name), signature.country)
        found = self._by_looks.get(name_skeleton(name), ())
        return [known for known in found if (known.folded_name, known.country) != same]
