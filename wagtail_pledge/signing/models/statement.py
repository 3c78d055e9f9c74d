"""Model of the statement: the exact text that was signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.managers import AppendOnlyError, StatementQuerySet
from wagtail_pledge.signing.models.pledge import Pledge, SignerType


def statement_digest(
    *,
    signer_type: SignerType,
    locale: str,
    text: str,
    consent: dict[str, str],
    questions: Sequence[Mapping[str, Any]] = (),
    optional_fields: Mapping[str, str] | None = None,
) -> str:
    """Return the SHA-256 (64 hex digits) of the canonical JSON of a statement's content.

    Empty ``questions`` and ``optional_fields`` are left out, so statements without any keep their digest from before
    these existed.
    """
    content: dict[str, Any] = {
        "signer_type": str(signer_type.uuid),
        "locale": locale,
        "text": text,
        "consent": consent,
    }
    if questions:
        content["questions"] = list(questions)
    if optional_fields:
        content["optional_fields"] = dict(optional_fields)
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Statement(models.Model):
    """Pledge text, consent texts, questions and choice of fields in one locale: immutable, numbered and hashed.

    The questions are stored here because an answer means nothing without the wording of its question, and because a
    submitted form is validated against what was shown; the sign view reads the statement anyway, so they need no extra
    query. The choice of fields (the result of ``kinds.resolve_optional_fields``; empty: all fields of the kind) is
    stored for the same reasons.

    Created only by ``services.freeze_statement``. The highest number of a signer type and locale is the current one.
    """

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="statements", verbose_name=_("campaign"))
    signer_type = models.ForeignKey(
        SignerType, on_delete=models.PROTECT, related_name="statements", verbose_name=_("way to sign")
    )
    locale = models.CharField(_("language"), max_length=16)
    number = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("statement text"))
    consent = models.JSONField(_("consent texts"), default=dict)
    questions = models.JSONField(_("questions"), default=list, blank=True)
    optional_fields = models.JSONField(_("fields"), default=dict, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    created_at = models.DateTimeField(_("published at"), db_default=Now(), editable=False)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["signer_type", "locale", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["signer_type", "locale", "number"], name="pledge_statement_number_once_per_type_and_locale"
            )
        ]
        indexes = [models.Index(fields=["sha256"], name="pledge_statement_sha256")]

    def __str__(self) -> str:
        return f"{self.signer_type} · {self.locale} · {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row. Raises ``AppendOnlyError`` for a row that is already stored."""
        if not self._state.adding:
            raise AppendOnlyError("Statement")
        super().save(*args, **kwargs)
