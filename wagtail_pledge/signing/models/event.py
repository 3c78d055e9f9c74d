"""Append-only log of changes to signatures."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.enums import EventKind
from wagtail_pledge.signing.managers import AppendOnlyError, AppendOnlyQuerySet
from wagtail_pledge.signing.models.pledge import Pledge

NONCE_BYTES = 32
LEAF_BYTES = 32


def new_nonce() -> bytes:
    """Return 32 random bytes that blind an event's commitment; they are destroyed with the person's data."""
    return secrets.token_bytes(NONCE_BYTES)


class SignatureEvent(models.Model):
    """One change of one signature. It has no personal data but what staff write as ``reason``.

    ``leaf`` is a hash of the change, blinded by ``nonce``: a leaf of the integrity proof. Nonce and reason can be
    erased, the leaf stays. ``leaf_index`` is the leaf's number within the pledge, given by the worker.
    """

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="events", verbose_name=_("campaign"))
    signature_uuid = models.UUIDField(_("signature"))
    epoch = models.PositiveSmallIntegerField(_("epoch"), default=1)
    kind = models.CharField(_("what happened"), max_length=16, choices=EventKind.choices)
    nonce = models.BinaryField(max_length=NONCE_BYTES, default=new_nonce, null=True)
    leaf = models.BinaryField(max_length=LEAF_BYTES, default=b"")
    leaf_index = models.PositiveBigIntegerField(null=True, editable=False)
    statement_sha256 = models.CharField("SHA-256", max_length=64)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=250, blank=True)
    created_at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature event")
        verbose_name_plural = _("signature events")
        indexes = [models.Index(fields=["pledge", "signature_uuid"], name="pledge_event_of_signature")]
        constraints = [models.UniqueConstraint(fields=["pledge", "leaf_index"], name="pledge_event_index_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.signature_uuid}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row. Raises ``AppendOnlyError`` for a row that is already stored."""
        if not self._state.adding:
            raise AppendOnlyError("SignatureEvent")
        self.seal_leaf()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raise ``AppendOnlyError``."""
        raise AppendOnlyError("SignatureEvent")

    def seal_leaf(self) -> Self:
        """Set the leaf from the other values; call it before the row is inserted. Returns the event."""
        parts = [
            str(self.pledge_id),
            self.signature_uuid.hex,
            str(self.epoch),
            str(self.kind),
            self.statement_sha256,
            self.reason,
        ]
        text = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        self.leaf = hashlib.sha256(b"\x00" + bytes(self.nonce or b"") + text).digest()
        return self
