"""Rotation of keys: stored data follows the newest version, while people sign.

Steps of the operator: list the new version beside the old one; run :func:`rekey` until it changes nothing; take
the old version out of the settings; run :func:`finish`. Every row carries two mailbox keys, of the oldest and of
the newest version listed when it was written, each unique: a duplicate meets one of them at every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Substr

from wagtail_pledge.core import crypto
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.core.fields import EncryptedTextField
from wagtail_pledge.signing.addresses import AddressRefused, mailbox_key
from wagtail_pledge.signing.kinds import RetiredKind, SignerData, get_kind
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.names import name_key
from wagtail_pledge.signing.services.signing import seat_key

BATCH: Final = 500
_VERSION: Final = "_version_of_"


class RotationUnfinished(PledgeError):
    """The old key is still listed, or rows wait for the new one."""

    def __init__(self, why: str) -> None:
        super().__init__("rotation_unfinished", why)


def sealed_models() -> Iterator[tuple[Any, list[str]]]:
    """Yield each model with sealed columns, and their names."""
    installed: Any = apps
    for model in installed.get_models():
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
        if names and not model._meta.swapped and not model._meta.proxy:
            yield model, names


def _version_byte(name: str) -> Any:
    """Return the second byte of a sealed column: the version of its key."""
    return Substr(name, Value(2), Value(1), output_field=models.BinaryField())


def stored_encryption_versions(database: str = "default") -> set[int]:
    """Return the versions of encryption keys that stored values name; reads every sealed column once."""
    found: set[int] = set()
    for model, names in sealed_models():
        for name in names:
            rows = model._base_manager.using(database).order_by()
            heads = rows.annotate(_head=_version_byte(name)).values_list("_head", flat=True).distinct()
            found |= {bytes(head)[0] for head in heads if head}
    return found


def oldest_row_is_covered(database: str = "default") -> bool:
    """Whether the listed dedup keys guard the oldest row, the last that a run reaches.

    One listed version: it made one of the row's two mailbox keys. Several: the oldest of them made the first key,
    else the rotation before was never finished and a duplicate could meet neither key.
    """
    rows = get_signature_model()._base_manager.using(database).filter(mailbox_key__isnull=False)
    row: Any = rows.select_related("pledge").order_by("pk").first()
    if row is None:
        return True
    versions = sorted(crypto.keyring("dedup"))
    if len(versions) > 1:
        return bytes(row.mailbox_key) == _mailbox(row, versions[0])
    return _mailbox(row, versions[0]) in {bytes(row.mailbox_key), bytes(row.mailbox_key_next or b"")}


def _mailbox(row: Any, version: int) -> bytes:
    try:
        return mailbox_key(row.pledge.uuid.bytes, row.email, version=version)
    except AddressRefused:  # old data may hold what a form would refuse: keyed by its own bytes
        address = row.email.encode("utf-8", "surrogatepass")
        return crypto.keyed_hash("dedup", b"mailbox", row.pledge.uuid.bytes, address, version=version)


def _resealed(row: Any, names: list[str], newest: int) -> dict[str, Any]:
    heads = {name: getattr(row, _VERSION + name) for name in names}
    return {name: getattr(row, name) for name, head in heads.items() if head and bytes(head)[0] != newest}


def _rehashed(row: Any) -> dict[str, Any]:
    """Return the hashes that the newest dedup key makes, as far as they differ from what is stored."""
    if row.mailbox_key is None:
        return {}
    newest = crypto.current_version("dedup")
    wanted = {"mailbox_key_next": _mailbox(row, newest)}
    if row.name_key is not None:
        wanted["name_key"] = name_key(row.pledge.uuid.bytes, row.name)
    return {name: value for name, value in wanted.items() if bytes(getattr(row, name) or b"") != value}


def _rekey_batch(model: Any, names: list[str], below: int | None, batch: int, dry_run: bool) -> tuple[int, int | None]:
    """Handle up to ``batch`` rows under ``below``; return how many changed and the lowest key seen."""
    newest, signs = crypto.current_version("encryption"), model is get_signature_model()
    with transaction.atomic():
        rows = model._base_manager.select_for_update(of=("self",)).order_by("-pk")
        rows = rows.annotate(**{_VERSION + name: _version_byte(name) for name in names})
        rows = rows.select_related("pledge") if signs else rows
        found = list((rows if below is None else rows.filter(pk__lt=below))[:batch])
        changed = 0
        for row in found:
            changes = _resealed(row, names, newest) | (_rehashed(row) if signs else {})
            changed += bool(changes)
            if changes and not dry_run:
                model._base_manager.filter(pk=row.pk).update(**changes)
    return changed, found[-1].pk if found else None


def rekey(*, batch: int = BATCH, dry_run: bool = False) -> int:
    """Bring every stored value under the newest keys; return how many rows changed (or would).

    Goes from the newest row to the oldest, ``batch`` rows a transaction: an interrupted run is simply run again.
    Raises ``KeyMissing`` where the settings lack the key of a stored value.
    """
    total = 0
    for model, names in sealed_models():
        changed, below = _rekey_batch(model, names, None, batch, dry_run)
        total += changed
        while below is not None:
            changed, below = _rekey_batch(model, names, below, batch, dry_run)
            total += changed
    return total


def finish(*, batch: int = BATCH) -> int:
    """Make the newer mailbox key the only one, in signatures and their mail; return how many rows changed.

    Raises :class:`RotationUnfinished` while an old dedup key is listed or a row waits for :func:`rekey`.
    """
    if len(crypto.keyring("dedup")) > 1:
        why = "Take the old dedup key out of WAGTAIL_PLEDGE_KEYS on every server first"
        raise RotationUnfinished(why)
    if not oldest_row_is_covered():
        why = "Some rows have no mailbox key of the new version: list the old key again and run pledge_rekey"
        raise RotationUnfinished(why)
    signatures = get_signature_model()._base_manager
    waiting = signatures.filter(mailbox_key_next__isnull=False).filter(~Q(mailbox_key=F("mailbox_key_next")))
    total = 0
    while found := list(waiting.order_by("-pk").only("pledge_id", "mailbox_key", "mailbox_key_next")[:batch]):
        with transaction.atomic():
            for row in found:
                _move(row)
        total += len(found)
    return total


def _move(row: Any) -> None:
    """Let one row and its mail go by the newer key; mail that is already due under it makes the older one idle."""
    mail = OutboxMessage.objects.filter(pledge_id=row.pledge_id)
    newer = mail.filter(mailbox_key=row.mailbox_key_next)
    taken = {(m.signer_type_id, m.kind, bytes(m.seat)) for m in newer}
    for message in mail.filter(mailbox_key=row.mailbox_key):
        if (message.signer_type_id, message.kind, bytes(message.seat)) not in taken:
            # Somebody may be signing with this mailbox just now: then their message is the one that counts
            with suppress(IntegrityError), transaction.atomic():
                mail.filter(pk=message.pk).update(mailbox_key=row.mailbox_key_next)
    same = get_signature_model()._base_manager.filter(pk=row.pk, mailbox_key=row.mailbox_key)
    same.update(mailbox_key=F("mailbox_key_next"))


def seats_are_covered(database: str = "default") -> bool:
    """Whether the settings hold the key that made the stored seats, by the oldest row with a seat."""
    rows = get_signature_model()._base_manager.using(database).filter(mailbox_key__isnull=False)
    row = rows.exclude(seat=b"").select_related("pledge").order_by("pk").first()
    if row is None or isinstance(kind := get_kind(row.kind), RetiredKind):
        return True
    data = SignerData(name=row.name, email=row.email, details=row.details, answers=row.answers)
    return seat_key(row.pledge, kind.seat_text(data, shared_mailboxes=True)) == bytes(row.seat)
