"""Suppressed mailboxes: after "This was not me", a mailbox gets no mail for ``SUPPRESS_DAYS``."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.addresses import AddressRefused, budget_key
from wagtail_pledge.signing.models import Suppression

#: Purpose of the token behind the "This was not me" link in confirmation mails.
NOT_ME: Final = "not_me"


def suppress(address: str) -> None:
    """Suppress the mailbox of ``address``, in any spelling, for ``SUPPRESS_DAYS``. Raises ``AddressRefused``."""
    until = database_now() + dt.timedelta(days=get_setting("SUPPRESS_DAYS"))
    Suppression.objects.update_or_create(budget_key=budget_key(address), defaults={"until": until})


def is_suppressed(address: str, now: dt.datetime) -> bool:
    """Whether the mailbox is suppressed at ``now``, under any listed dedup key. Raises ``AddressRefused``."""
    versions = crypto.keyring("dedup")
    keys = [budget_key(address, version=version) for version in versions]
    return Suppression.objects.filter(budget_key__in=keys, until__gt=now).exists()


def suppressed_addresses(addresses: Iterable[str], now: dt.datetime) -> set[str]:
    """Return those of ``addresses`` whose mailbox is suppressed at ``now``; ignores invalid ones. One query."""
    by_key: dict[bytes, set[str]] = defaultdict(set)
    for address in addresses:
        with contextlib.suppress(AddressRefused):
            for version in crypto.keyring("dedup"):
                by_key[budget_key(address, version=version)].add(address)
    suppressed = Suppression.objects.filter(budget_key__in=list(by_key), until__gt=now)
    return {address for key in suppressed.values_list("budget_key", flat=True) for address in by_key[bytes(key)]}
