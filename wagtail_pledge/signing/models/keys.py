"""Model that remembers since when a version of the token key makes links.

It belongs to no signature, so it is apart from the models of signatures.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class TokenKeyUse(models.Model):
    """The first use of one version of the token key. Without it nobody could say how many links need the version."""

    version = models.PositiveSmallIntegerField(unique=True)
    first_used_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("use of a token key")
        verbose_name_plural = _("uses of token keys")

    def __str__(self) -> str:
        return str(self.version)
