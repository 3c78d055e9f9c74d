"""The exact text that a signer saw."""

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
    asking: Mapping[str, str] | None = None,
) -> str:
    """Return the SHA-256 (64 hex digits) of the canonical JSON of what is shown.

    Without questions, or with nothing about which fields are asked, the key is left out, so statements from before
    there were any keep their digest.
    """
    shown: dict[str, Any] = {
        "signer_type": str(signer_type.uuid),
        "locale": locale,
        "text": text,
        "consent": consent,
    }
    if questions:
        shown["questions"] = list(questions)
    if asking:
        shown["asking"] = dict(asking)
    canonical = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Statement(models.Model):
    """Pledge text, consent text, editors' questions and choice of fields in one locale: immutable, numbered, hashed.

    The questions belong here because an answer means nothing without the words it was given to: who reads it later
    finds the question as it stood, and the form that comes in is checked against what was shown. The sign path reads
    the statement anyway, so the questions cost it no query. The choice of fields (``kinds.settle_asking``; empty:
    everything that the kind asks) is kept for the same reasons.

    Made only by ``services.freeze_statement``. The highest number of a signer type and locale is the current one.
    """

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="statements", verbose_name=_("pledge"))
    signer_type = models.ForeignKey(
        SignerType, on_delete=models.PROTECT, related_name="statements", verbose_name=_("signer type")
    )
    locale = models.CharField(_("language"), max_length=16)
    number = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("pledge text"))
    consent = models.JSONField(_("consent texts"), default=dict)
    questions = models.JSONField(_("questions"), default=list, blank=True)
    asking = models.JSONField(_("choice of fields"), default=dict, blank=True)
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
        """Add the row; a second save is refused with ``AppendOnlyError``."""
        if not self._state.adding:
            raise AppendOnlyError("Statement")
        super().save(*args, **kwargs)
