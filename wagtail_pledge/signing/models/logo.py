"""The logo that an organization sent in."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.models.pledge import Pledge
from wagtail_pledge.signing.querysets import LogoQuerySet


class OrganizationLogo(models.Model):
    """One organization's logo on one pledge, always our own re-encoding.

    ``content`` is what waits for somebody to look at it: in the database, since files are served to anybody.
    ``file`` is what was approved and is shown; it stays while a newer one waits. A refused one is forgotten.
    """

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="+", verbose_name=_("pledge"))
    signature_uuid = models.UUIDField(_("signature"))
    content = models.BinaryField(default=b"")
    file = models.FileField(_("file"), upload_to="wagtail_pledge/logos", blank=True)
    was_refused = models.BooleanField(_("refused"), default=False)
    uploaded_at = models.DateTimeField(_("uploaded at"), db_default=Now())

    objects = LogoQuerySet.as_manager()

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")
        constraints = [
            models.UniqueConstraint(fields=["pledge", "signature_uuid"], name="pledge_logo_one_a_signature"),
        ]

    def __str__(self) -> str:
        return str(self.signature_uuid)

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has to look at it."""
        return bool(self.content)

    @property
    def is_shown(self) -> bool:
        """Whether an approved one is there, whatever else waits."""
        return bool(self.file)

    def read(self, *, approved: bool) -> bytes:
        """Return the picture that is approved, or else the one that waits; nothing where there is none."""
        if not approved:
            return bytes(self.content)
        if not self.is_shown:
            return b""
        with self.file.open() as stored:
            return bytes(stored.read())
