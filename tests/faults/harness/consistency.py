"""Queries for what no failure may leave in the database: parts of a form or of a signature, and what is doubled."""

from __future__ import annotations

from typing import Final

_OF_FORM: Final = "f.pledge_id = s.pledge_id AND f.signature_uuid = s.uuid"
_OF_EVENT: Final = "e.pledge_id = s.pledge_id AND e.signature_uuid = s.uuid"
_OF_MAIL: Final = "m.pledge_id = s.pledge_id AND m.signature_uuid = s.uuid"
#: Parts of a form or of a signature, and what is doubled. Confirming ends the submission, and stores the signature, its
#: event and its mail, in one transaction.
INCONSISTENCIES: Final = {
    "forms without content": "SELECT count(*) FROM {submissions} WHERE octet_length(payload) = 0",
    "mailboxes with two forms": "SELECT count(*) - count(DISTINCT mailbox_key) FROM {submissions}",
    "mailboxes with two signatures": "SELECT count(*) - count(DISTINCT mailbox_key) FROM {signatures}",
    "confirmed forms without signature": (
        "SELECT count(*) FROM {submissions} f WHERE end_reason = 'confirmed'"
        f" AND NOT EXISTS (SELECT 1 FROM {{signatures}} s WHERE {_OF_FORM})"
    ),
    "signatures without one confirmed form": (
        "SELECT count(*) FROM {signatures} s"
        f" WHERE (SELECT count(*) FROM {{submissions}} f WHERE {_OF_FORM} AND f.end_reason = 'confirmed') <> 1"
    ),
    "signatures without one event": (
        "SELECT count(*) FROM {signatures} s"
        f" WHERE (SELECT count(*) FROM {{events}} e WHERE {_OF_EVENT} AND e.kind = 'confirmed') <> 1"
    ),
    "signatures without one mail": (
        "SELECT count(*) FROM {signatures} s"
        f" WHERE (SELECT count(*) FROM {{outbox}} m WHERE {_OF_MAIL} AND m.kind = 'thank_you') <> 1"
    ),
    "events without signature": (
        f"SELECT count(*) FROM {{events}} e WHERE NOT EXISTS (SELECT 1 FROM {{signatures}} s WHERE {_OF_EVENT})"
    ),
    "mails without signature": (
        f"SELECT count(*) FROM {{outbox}} m WHERE NOT EXISTS (SELECT 1 FROM {{signatures}} s WHERE {_OF_MAIL})"
    ),
}
