"""Models of organizations that have signed, shared by all pledges, and of their logos."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.managers import LogoQuerySet
from wagtail_pledge.signing.models.pledge import Pledge
from wagtail_pledge.signing.names import MAX_FOLDED


class Organization(models.Model):
    """An organization with an approved signature.

    The row is created when staff approve its signature, not before: until then its name is as private as a person's.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    folded_name = models.CharField(_("name for comparison"), max_length=MAX_FOLDED, editable=False, db_index=True)
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


class OrganizationLogo(models.Model):
    """Logo of one organization on one pledge, always re-encoded by ``signing.logos``.

    ``content`` is an image that waits for approval: kept in the database, since files in media storage are public.
    ``file`` is the approved image, which stays while a newer one waits. A rejected image is deleted.
    """

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="+", verbose_name=_("campaign"))
    signature_uuid = models.UUIDField(_("signature"))
    content = models.BinaryField(default=b"")
    file = models.FileField(_("file"), upload_to="wagtail_pledge/logos", blank=True)
    was_rejected = models.BooleanField(_("rejected"), default=False)
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
        """Whether an image waits for approval."""
        return bool(self.content)

    @property
    def is_shown(self) -> bool:
        """Whether there is an approved image."""
        return bool(self.file)

    def read(self, *, approved: bool) -> bytes:
        """Return the bytes of the approved or the waiting image, ``b""`` if there is none."""
        if not approved:
            return bytes(self.content)
        if not self.is_shown:
            return b""
        with self.file.open() as stored:
            return bytes(stored.read())
