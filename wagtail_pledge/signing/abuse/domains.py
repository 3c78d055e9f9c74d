"""Mail domains that hold a signature: throw-away mailboxes, and names drawn to look like a large provider's.

Lists are data: an update comes with the package or by settings, never over the network while somebody signs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.core.signals import setting_changed

from wagtail_pledge.core.settings import get_setting

try:
    from disposable_email_domains import blocklist as _more
except ImportError:
    _more = frozenset()

_DATA: Final = Path(__file__).with_name("data")


def _lines(name: str) -> Iterator[str]:
    for line in (_DATA / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


#: Providers whose names are worth imitating.
PROVIDERS: Final = frozenset(_lines("providers.txt"))
#: Well-known throw-away services.
DISPOSABLE: Final = frozenset(_lines("disposable.txt"))
#: Other letter -> the ASCII letter that it is drawn like; an i and an l look alike in many fonts.
_DRAWN_LIKE: Final = {
    ord(other): plain for plain, others in map(str.split, _lines("drawn_like.txt")) for other in others
} | {ord("i"): "l"}


def _skeleton(domain: str) -> str:
    """Return what ``domain`` looks like at a glance: equal skeletons look alike."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", domain.casefold()) if not unicodedata.combining(c))
    return bare.translate(_DRAWN_LIKE).replace("rn", "m").replace("vv", "w")


_LOOKS: Final = frozenset(_skeleton(domain) for domain in PROVIDERS)


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
    return domain not in PROVIDERS and _skeleton(domain) in _LOOKS
