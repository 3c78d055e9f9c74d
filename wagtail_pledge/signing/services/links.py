"""Requests for the link to a signature: anybody may enter an address, and only its mailbox learns anything.

Separate from ``worker.link_mail``, which answers them: the web process must not be able to look up who signed.
"""

from __future__ import annotations

import json
from typing import Final
from uuid import uuid4

from wagtail_pledge.core.db import insert_or_ignore
from wagtail_pledge.signing.models import LinkRequest, Pledge
from wagtail_pledge.signing.services.payloads import canonical_json, seal_bound, unseal_bound

_LINK_REQUEST: Final = "link_request"


def request_link(*, pledge: Pledge, address: str, locale: str, network_key: bytes | None) -> None:
    """Store that ``address`` asks for its link; one statement, whatever the ledger holds. The worker answers it.

    ``address`` is already validated; ``network_key`` is the 8-byte hash of the client's network.
    """
    row = uuid4()
    sealed = seal_bound(canonical_json([address.strip(), locale]), _LINK_REQUEST, row)
    insert_or_ignore(LinkRequest(id=row, pledge_id=pledge.pk, payload=sealed, network_key=network_key))


def reseal_request(request: LinkRequest) -> bytes:
    """Return the payload of ``request`` sealed with the newest key. Raises ``KeyMissing`` and ``DecryptionError``."""
    return seal_bound(unseal_bound(request.payload, _LINK_REQUEST, request.pk), _LINK_REQUEST, request.pk)


def read_request(request: LinkRequest) -> tuple[str, str]:
    """Return (address, language) of a request. Raises ``DecryptionError``."""
    address, locale = json.loads(unseal_bound(request.payload, _LINK_REQUEST, request.pk))
    return str(address), str(locale)
