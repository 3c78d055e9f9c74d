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

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.errors import PledgeError

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
    return crypto.keyed_hash("dedup", b"mailbox", pledge_uuid, canonical_address(address).encode(), version=version)


def budget_key(address: str, *, version: int | None = None) -> bytes:
    """Return the 32 bytes that stand for the mailbox in the mail budget, over all pledges; newest key by default."""
    return crypto.keyed_hash("dedup", b"budget", canonical_address(address).encode(), version=version)


def masked(address: str) -> str:
    """Return what the inbox page shows: enough to see a slip, not enough to learn an address (``an…@example.org``)."""
    local, _at, domain = address.strip().rpartition("@")
    return f"{local[: min(2, max(1, len(local) - 1))]}…@{domain}"


#: What is guessed, the most used first.
COMMON: Final = (
    "gmail.com",
    "hotmail.com",
    "yahoo.com",
    "outlook.com",
    "icloud.com",
    "protonmail.com",
    "googlemail.com",
)
#: Domains of real providers that look like a slip in one of the common ones.
REAL: Final = frozenset({"ymail.com", "email.com", "mail.com"})


def distance(one: str, other: str) -> int:
    """Return how many letters to change, add, drop or swap with their neighbour make ``one`` into ``other``."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, wanted in enumerate(other, 1):
            least = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != wanted))
            swapped = row > 1 and column > 1 and letter == other[column - 2] and wanted == one[row - 2]
            line.append(min(least, before[column - 2] + 1) if swapped else least)
        before, last = last, line
    return last[-1]


def _reach(domain: str, target: str) -> int:
    """Return how far ``domain`` may be from ``target``. ``yahoo.ca`` is no slip in ``yahoo.com``: its end is another's;
    and who begins with another letter rarely means this one.
    """
    is_end_only = domain.partition(".")[0] == target.partition(".")[0]
    return 1 if is_end_only or domain[0] != target[0] else 2


def suggested_domain(domain: str) -> str:
    """Return the common domain that ``domain`` is a slip in, ``""`` if it is none."""
    longest = max(map(len, COMMON)) + 2
    if domain in REAL or domain in COMMON or not 5 <= len(domain) <= longest:
        return ""
    near = [(distance(domain, target), place) for place, target in enumerate(COMMON)]
    within = [found for found in near if found[0] <= _reach(domain, COMMON[found[1]])]
    return COMMON[min(within)[1]] if within else ""


def suggested_address(address: str) -> str:
    """Return ``address`` at the domain that was probably meant, ``""`` where nothing is guessed."""
    local, _at, domain = address.strip().rpartition("@")
    if not local or len(address) > MAX_ADDRESS:
        return ""
    meant = suggested_domain(domain.lower())
    return f"{local}@{meant}" if meant else ""
