"""The sealed payload of a submission: its values as JSON, bound to the row, and the signature built from it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, fields
from typing import Any, Final
from uuid import UUID

from wagtail_pledge.core.crypto import DecryptionError, seal_column, unseal_column
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import Approval, Display, Review
from wagtail_pledge.signing.kinds import RetiredKind, SignerData, get_kind, require_kind
from wagtail_pledge.signing.models import AbstractSignature, Statement, Submission, SubmissionData, get_signature_model
from wagtail_pledge.signing.models.submission import MAX_PAYLOAD
from wagtail_pledge.signing.names import name_key
from wagtail_pledge.signing.services.signing import all_seat_keys, mailbox_keys, seat_key

#: Label of the table in the additional data of a sealed payload; it never changes.
_SUBMISSION: Final = "submission"
_COLUMN: Final = "payload"
#: Longest code of a link.
SOURCE_CHARS: Final = 40
_SIGNER_FIELDS: Final = tuple(field.name for field in fields(SignerData))


class PayloadTooLong(PledgeError):
    """The form's values together are longer than a submission can store."""

    def __init__(self) -> None:
        super().__init__("payload_too_long", "The form is too long")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What a submission stores sealed: the form's values, and what belongs to them."""

    data: SignerData
    locale: str
    source: str = ""

    @property
    def address(self) -> str:
        """The address as typed, without spaces around it."""
        return self.data.email.strip()


_JSON: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def canonical_json(value: Any) -> bytes:
    """Return ``value`` as JSON with sorted keys and without spaces; lone surrogates are kept."""
    return _JSON.encode(value).encode("utf-8", "surrogatepass")


def values_of(data: SignerData) -> dict[str, Any]:
    """Return the cleaned values of a form as a JSON object."""
    # Not ``asdict``, which copies every value in it
    return {name: getattr(data, name) for name in _SIGNER_FIELDS}


def seal_bound(plain: bytes, label: str, row: UUID) -> bytes:
    """Return ``plain`` sealed for the column ``payload`` of one row; ``label`` names the table for ever."""
    return seal_column(plain, label=label, column=_COLUMN, row=row)


def unseal_bound(sealed: bytes | memoryview, label: str, row: UUID) -> bytes:
    """Return the plain bytes. Raises ``DecryptionError`` for a value of another row or table."""
    sealed_for, plain = unseal_column(bytes(sealed), label=label, column=_COLUMN)
    if sealed_for != row:
        raise DecryptionError
    return plain


def _plain(payload: Payload) -> bytes:
    return canonical_json({**values_of(payload.data), "locale": payload.locale, "source": payload.source})


def is_too_long(payload: Payload) -> bool:
    """Whether the payload cannot be stored, whatever its source: it is longer than 8 KiB."""
    return len(_plain(payload)) + SOURCE_CHARS > MAX_PAYLOAD


def seal_payload(row: UUID, payload: Payload) -> bytes:
    """Return the payload sealed for the submission ``row``. Raises :class:`PayloadTooLong` above 8 KiB."""
    plain = _plain(payload)
    if len(plain) > MAX_PAYLOAD:
        raise PayloadTooLong
    return seal_bound(plain, _SUBMISSION, row)


def payload_of(submission: Submission) -> Payload | None:
    """Return the payload of a submission, ``None`` if it was deleted.

    Raises ``DecryptionError`` for a payload that was made for another row.
    """
    if not submission.payload:
        return None
    plain = unseal_bound(submission.payload, _SUBMISSION, submission.pk)
    values = json.loads(plain.decode("utf-8", "surrogatepass"))
    data = SignerData(**{name: value for name, value in values.items() if name in _SIGNER_FIELDS})
    return Payload(data=data, locale=values["locale"], source=values["source"])


def seat_of(statement: Statement, data: SignerData) -> bytes:
    """Return the seat of a form: what tells apart several signatures of one mailbox."""
    pledge, kind = statement.signer_type.pledge, require_kind(statement.signer_type.kind)
    return seat_key(pledge, kind.seat_text(data, shared_mailboxes=pledge.shared_mailboxes))


def all_seats_of(submission: Submission, payload: Payload) -> list[bytes]:
    """Return the seat of a submission under every listed version of its key, the stored one first."""
    stored, kind = bytes(submission.seat), get_kind(submission.kind)
    if not stored or isinstance(kind, RetiredKind):
        return [stored]
    text = kind.seat_text(payload.data, shared_mailboxes=True)
    others = all_seat_keys(submission.statement.signer_type.pledge, text)
    return [stored, *(seat for seat in others if seat != stored)]


def build_signature(
    statement: Statement,
    payload: Payload,
    *,
    review: str = Review.OK,
    submitted_at: dt.datetime | None = None,
    consent_partner: bool = False,
    seat: bytes | None = None,
) -> AbstractSignature:
    """Return the unsaved signature of a form; no query. Its keys are made from the address.

    ``seat`` is the stored one of a submission, whose kind may not be registered any more. Raises ``AddressRefused``.
    """
    signer_type, data = statement.signer_type, payload.data
    pledge, kind = signer_type.pledge, get_kind(signer_type.kind)
    columns: dict[str, Any] = {
        "pledge": pledge,
        "signer_type": signer_type,
        "statement": statement,
        "kind": kind.slug,
        "locale": payload.locale,
        "review": review,
        "approval": Approval.WAITING if signer_type.approval_required else Approval.NOT_NEEDED,
        "seat": seat_of(statement, data) if seat is None else seat,
        "name_key": name_key(pledge.uuid.bytes, data.name),
        "email": payload.address,
        "name": data.name,
        "details": dict(data.details),
        "answers": dict(data.answers),
        "country": data.country,
        "display": data.display,
        "source": payload.source,
        "consent_sign": True,
        "consent_display": kind.is_always_public() or data.display != Display.HIDDEN,
        "consent_updates": data.consent_updates,
        "consent_partner": consent_partner,
        **mailbox_keys(pledge, data.email),
    }
    if submitted_at is not None:
        columns["created_at"] = submitted_at
    return get_signature_model().from_submission(SubmissionData(columns=columns))
