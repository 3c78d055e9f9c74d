"""What key rotation makes again of a submission: its sealed payload, and the hashes of its mailbox and seat.

Separate from ``stored_keys``, which rotates any table and knows no forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from wagtail_pledge.signing.addresses import AddressRefused, mailbox_key
from wagtail_pledge.signing.kinds import RetiredKind, get_kind
from wagtail_pledge.signing.services.payloads import payload_of, seal_payload
from wagtail_pledge.signing.services.signing import seat_key


def reseal_submission(row: Any) -> bytes:
    """Return the payload of ``row`` sealed with the newest key, ``b""`` if it was deleted.

    Raises ``KeyMissing`` and ``DecryptionError``.
    """
    payload = payload_of(row)
    return seal_payload(row.pk, payload) if payload is not None else b""


def rehash_submission(row: Any) -> Mapping[str, bytes]:
    """Return the hashes of ``row`` under the newest listed keys; none without a payload."""
    payload = payload_of(row)
    if payload is None:
        return {}
    hashes: dict[str, bytes] = {}
    # The rules for addresses may have changed since
    with suppress(AddressRefused):
        hashes["mailbox_key"] = mailbox_key(row.pledge.uuid.bytes, payload.address)
    kind = get_kind(row.kind)
    if row.seat and not isinstance(kind, RetiredKind):
        hashes["seat"] = seat_key(row.pledge, kind.seat_text(payload.data, shared_mailboxes=True))
    return hashes
