""" "Did you mean ana@gmail.com?": a slip in a well-known mail domain. A guess never keeps anybody from signing.

Nothing is asked for over the network. The public script knows the same lists and rules.
"""

from __future__ import annotations

from typing import Final

from wagtail_pledge.signing.mailbox import MAX_ADDRESS

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
