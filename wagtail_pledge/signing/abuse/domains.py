"""Mail domains that hold a signature: throw-away mailboxes, and names drawn to look like a large provider's.

Lists are data: an update comes with the package or by settings, never over the network while somebody signs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from django.core.signals import setting_changed

from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.signing.abuse.skeletons import data_lines, skeleton

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
