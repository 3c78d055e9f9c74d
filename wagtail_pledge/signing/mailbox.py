"""Which mailbox an address reaches: the canonical form is for keys only, mail goes to what was typed.

Rules are data (``WAGTAIL_PLEDGE_MAILBOX_RULES`` extends them). Nothing is guessed about a provider that is not
listed: another
host may treat dots and plus signs as different people.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.core.signals import setting_changed

from wagtail_pledge.core import keys
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.settings import get_setting

MAX_ADDRESS: Final = 254
MAX_LOCAL: Final = 64
#: RFC 6761 and relatives: names that never receive mail from outside.
UNREACHABLE: Final = frozenset({"localhost", "localdomain", "invalid", "local", "arpa", "internal", "onion"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxRule:
    """How one provider reads the part before the ``@``, and the domain that stands for all its aliases."""

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
    """No mail can be sent to this."""

    def __init__(self) -> None:
        super().__init__("address", "This is no address that mail can be sent to")


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, MailboxRule]:
    configured: dict[str, dict[str, Any]] = get_setting("MAILBOX_RULES") or {}
    return {**RULES, **{domain: MailboxRule(**rule) for domain, rule in configured.items()}}


def _forget_rules(*, setting: str, **_kwargs: object) -> None:
    if setting == "WAGTAIL_PLEDGE_MAILBOX_RULES":
        _rules.cache_clear()


setting_changed.connect(_forget_rules, dispatch_uid="wagtail_pledge.mailbox_rules")


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode().lower().rstrip(".")
    except UnicodeError:
        raise AddressRefused from None


def split_address(address: str) -> tuple[str, str]:
    """Return (part before the last ``@`` as typed, domain in ASCII and lower case).

    Raises :class:`AddressRefused` for what no mail server outside could be asked to deliver to.
    """
    local, _at, domain = address.strip().rpartition("@")
    if not local or not domain or len(address) > MAX_ADDRESS or len(local.encode()) > MAX_LOCAL:
        raise AddressRefused
    ascii_domain = _ascii_domain(domain)
    labels = ascii_domain.split(".")
    # A top-level domain begins with a letter (RFC 3696 §2), so address literals and numbers are out.
    if len(labels) < 2 or not all(labels) or labels[-1] in UNREACHABLE or not labels[-1][0].isalpha():
        raise AddressRefused
    return local, ascii_domain


def canonical_address(address: str) -> str:
    """Return the one spelling that stands for the mailbox of ``address``. Raises :class:`AddressRefused`.

    Idempotent: the canonical form of a canonical form is itself.
    """
    local, domain = split_address(address)
    local = unicodedata.normalize("NFKC", local).casefold()
    rule = _rules().get(domain)
    if rule is None:
        return f"{local}@{domain}"
    plain = local.partition("+")[0] if rule.plus else local
    if rule.ignore_dots:
        plain = plain.replace(".", "")
    return f"{plain or local}@{rule.domain}"


def mailbox_key(pledge_uuid: bytes, address: str, *, version: int | None = None) -> bytes:
    """Return the 32 bytes that stand for the mailbox within one pledge, and link nothing across pledges."""
    return keys.keyed_hash("dedup", b"mailbox", pledge_uuid, canonical_address(address).encode(), version=version)


def budget_key(address: str, *, version: int | None = None) -> bytes:
    """Return the 32 bytes that stand for the mailbox in the mail budget, over all pledges; newest key by default."""
    return keys.keyed_hash("dedup", b"budget", canonical_address(address).encode(), version=version)


def masked(address: str) -> str:
    """Return what the inbox page shows: enough to see a slip, not enough to learn an address (``an…@example.org``)."""
    local, _at, domain = address.strip().rpartition("@")
    return f"{local[: min(2, max(1, len(local) - 1))]}…@{domain}"
