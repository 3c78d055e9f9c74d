"""Email addresses: canonical form, keyed hashes, masking, and suggestions for mistyped domains.

The canonical form identifies a mailbox and is only used for hashes; mail goes to the address as typed. The rules of
providers can be extended with ``WAGTAIL_PLEDGE_MAILBOX_RULES``. There is no rule for other providers: addresses that
differ in dots or plus signs may belong to different people there.

The part before the ``@`` is compared in NFC, and without case for ASCII letters only: whatever else a server considers
equal is not known, and treating two mailboxes as one would send the links of one to the other.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.core.signals import setting_changed

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.text import ascii_domain, unicode_domain

MAX_ADDRESS: Final = 254
MAX_LOCAL: Final = 64
#: Top-level names that never receive mail from outside (RFC 6761 and related).
UNREACHABLE: Final = frozenset({"localhost", "localdomain", "invalid", "local", "arpa", "internal", "onion"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxRule:
    """Which addresses reach the same mailbox at one provider.

    ``domain`` is the main domain of its alias domains; with ``plus``, what follows a plus sign before the ``@`` is
    ignored.
    """

    domain: str
    ignore_dots: bool = False
    plus: bool = True


_GMAIL: Final = MailboxRule(domain="gmail.com", ignore_dots=True)
_PROTON: Final = MailboxRule(domain="proton.me", ignore_dots=True)
#: domain -> rule. Sources: the providers' own help pages on dots, plus addressing and alias domains.
RULES: Final[dict[str, MailboxRule]] = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
    "pm.me": _PROTON,
    "outlook.com": MailboxRule(domain="outlook.com"),
    "hotmail.com": MailboxRule(domain="hotmail.com"),
    "live.com": MailboxRule(domain="live.com"),
    "msn.com": MailboxRule(domain="msn.com"),
    "icloud.com": MailboxRule(domain="icloud.com"),
    "me.com": MailboxRule(domain="icloud.com"),
    "mac.com": MailboxRule(domain="icloud.com"),
    "fastmail.com": MailboxRule(domain="fastmail.com"),
    "fastmail.fm": MailboxRule(domain="fastmail.fm"),
}


class AddressRefused(PledgeError):
    """No mail can be sent to this address."""

    def __init__(self) -> None:
        super().__init__("address", "Mail cannot be sent to this address")


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, MailboxRule]:
    configured: dict[str, dict[str, Any]] = get_setting("MAILBOX_RULES") or {}
    return {**RULES, **{domain: MailboxRule(**rule) for domain, rule in configured.items()}}


def _forget_rules(*, setting: str, **_kwargs: object) -> None:
    if setting == "WAGTAIL_PLEDGE_MAILBOX_RULES":
        _rules.cache_clear()


setting_changed.connect(_forget_rules, dispatch_uid="wagtail_pledge.mailbox_rules")


def split_address(address: str) -> tuple[str, str]:
    """Return (part before the last ``@`` as typed, domain in ASCII and lower case).

    Raises :class:`AddressRefused` for an address that no external mail server could deliver to.
    """
    local, _at, domain = address.strip().rpartition("@")
    if not local or not domain or len(address) > MAX_ADDRESS or len(local.encode()) > MAX_LOCAL:
        raise AddressRefused
    try:
        host = ascii_domain(domain.rstrip("."))
    except ValueError:
        raise AddressRefused from None
    labels = host.split(".")
    # A top-level domain begins with a letter (RFC 3696 §2), so IP addresses are refused
    if len(labels) < 2 or not all(labels) or labels[-1] in UNREACHABLE or not labels[-1][0].isalpha():
        raise AddressRefused
    return local, host


#: ASCII capitals -> small letters; ``str.lower`` would also turn U+212A into ``k``.
_SMALL: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
#: Characters that NFC replaces by an ASCII character: they stay, since they are not in the other address.
_BECOMES_ASCII: Final = re.compile("([\u037e\u1fef\u212a])")


def _comparable(local: str) -> str:
    """Return the part before the ``@`` in NFC, with small ASCII letters."""
    if not local.isascii():
        parts = _BECOMES_ASCII.split(local)
        parts[::2] = [unicodedata.normalize("NFC", part) for part in parts[::2]]
        local = "".join(parts)
    return local.translate(_SMALL)


def delivery_address(address: str) -> str:
    """Return the address to send mail to: as typed, with a domain of other letters in ASCII by IDNA 2008.

    Django would encode the domain by IDNA 2003, which leads to another domain for ``ß``.
    """
    if address.isascii():
        return address
    try:
        local, domain = split_address(address)
    except AddressRefused:
        return address
    return f"{local}@{domain}"


def canonical_address(address: str) -> str:
    """Return the canonical spelling of ``address``: the same for all addresses of one mailbox.

    Idempotent. Raises :class:`AddressRefused`.
    """
    local, domain = split_address(address)
    local = _comparable(local)
    rule = _rules().get(domain)
    if rule is None:
        return f"{local}@{domain}"
    plain = local.partition("+")[0] if rule.plus else local
    if rule.ignore_dots:
        plain = plain.replace(".", "")
    return f"{_comparable(plain) or local}@{rule.domain}"


def mailbox_key(pledge_uuid: bytes, address: str, *, version: int | None = None) -> bytes:
    """Return the 32-byte keyed hash of the mailbox within one pledge; it differs between pledges.

    ``version`` of the dedup key, the newest by default. Raises :class:`AddressRefused`.
    """
    return crypto.versioned_hash("dedup", b"mailbox", pledge_uuid, canonical_address(address).encode(), version=version)


def budget_key(address: str, *, version: int | None = None) -> bytes:
    """Return the 32-byte keyed hash of the mailbox over all pledges, for mail budget and suppression.

    What follows a plus sign before the ``@`` is ignored, whatever the provider: most deliver it to one mailbox.
    ``version`` of the dedup key, the newest by default. Raises :class:`AddressRefused`.
    """
    local, _at, domain = canonical_address(address).rpartition("@")
    mailbox = f"{local.partition('+')[0] or local}@{domain}"
    return crypto.versioned_hash("dedup", b"budget", mailbox.encode(), version=version)


def all_budget_keys(address: str) -> tuple[bytes, ...]:
    """Return :func:`budget_key` under every listed version of the dedup key, the newest first.

    Raises :class:`AddressRefused`.
    """
    versions = sorted(crypto.keyring("dedup"), reverse=True)
    return tuple(budget_key(address, version=version) for version in versions)


def masked(address: str) -> str:
    """Return the address as the inbox page shows it, like ``e…t@example.org``: first and last character, whole domain.

    It is enough to notice a slip, and not enough to learn the address. The domain is in the letters that people read.
    """
    local, _at, domain = address.strip().rpartition("@")
    last = local[-1:] if len(local) > 2 else ""
    return f"{local[:1]}…{last}@{unicode_domain(domain)}"


#: Domains that are suggested for a mistyped one, the most used first.
COMMON_DOMAINS: Final = (
    "gmail.com",
    "hotmail.com",
    "yahoo.com",
    "outlook.com",
    "icloud.com",
    "protonmail.com",
    "googlemail.com",
)
#: Domains of real providers that look like a typo in one of the common ones.
REAL_DOMAINS: Final = frozenset({"ymail.com", "email.com", "mail.com"})


def edit_distance(one: str, other: str) -> int:
    """Return the edit distance with transpositions of neighbours (optimal string alignment) of two strings."""
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        line = [row]
        for column, target in enumerate(other, 1):
            least = min(last[column] + 1, line[-1] + 1, last[column - 1] + (char != target))
            swapped = row > 1 and column > 1 and char == other[column - 2] and target == one[row - 2]
            line.append(min(least, before_last[column - 2] + 1) if swapped else least)
        before_last, last = last, line
    return last[-1]


def _max_distance(domain: str, target: str) -> int:
    """Return the edit distance up to which ``domain`` counts as a typo of ``target``.

    It is smaller if only the ending differs (``yahoo.ca`` is not a typo of ``yahoo.com``), or if the first character
    differs, which is rare in typos.
    """
    is_same_name = domain.partition(".")[0] == target.partition(".")[0]
    return 1 if is_same_name or domain[0] != target[0] else 2


def suggested_domain(domain: str) -> str:
    """Return the common domain of which ``domain`` is probably a typo, or ``""``."""
    longest = max(map(len, COMMON_DOMAINS)) + 2
    if domain in REAL_DOMAINS or domain in COMMON_DOMAINS or not 5 <= len(domain) <= longest:
        return ""
    distances = [(edit_distance(domain, target), index) for index, target in enumerate(COMMON_DOMAINS)]
    within = [(near, index) for near, index in distances if near <= _max_distance(domain, COMMON_DOMAINS[index])]
    return COMMON_DOMAINS[min(within)[1]] if within else ""


def suggested_address(address: str) -> str:
    """Return ``address`` with the domain that was probably meant, or ``""`` if there is no suggestion."""
    local, _at, domain = address.strip().rpartition("@")
    if not local or len(address) > MAX_ADDRESS:
        return ""
    suggestion = suggested_domain(domain.lower())
    return f"{local}@{suggestion}" if suggestion else ""
