"""Organizations that sign, known again across pledges."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Organization(models.Model):
    """An approved signer that is public by nature.

    The row is made when staff approve the signature, not before: until then its name is as private as a person's.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    folded_name = models.CharField(_("name for comparison"), max_length=200, editable=False, db_index=True)
    website = models.URLField(_("website"), blank=True)
    host = models.CharField(_("web host"), max_length=253, blank=True, editable=False, db_index=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["folded_name"]

    def __str__(self) -> str:
        return self.name
