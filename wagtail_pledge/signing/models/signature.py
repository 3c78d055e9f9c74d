"""The signature model: its abstract base, the default model, and how to get the one in use."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import swapper
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.core.fields import EncryptedJSONField, EncryptedTextField
from wagtail_pledge.signing.enums import Approval, Display, Review, SignatureState
from wagtail_pledge.signing.managers import SignatureQuerySet
from wagtail_pledge.signing.models.organization import Organization
from wagtail_pledge.signing.models.pledge import Pledge, SignerType
from wagtail_pledge.signing.models.statement import Statement

#: Length of ``public_name``: the longest name and place, and a kind's own texts.
MAX_PUBLIC_NAME: Final = 260


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionData:
    """What a form sent, for :meth:`AbstractSignature.from_submission`.

    ``columns`` are the values of the package's own columns by name; ``details`` are the other fields of the kind by
    name, ``answers`` the answers to editors' questions by slug.
    """

    columns: Mapping[str, Any]

    @property
    def details(self) -> Mapping[str, Any]:
        """The kind's fields that have no column of their own."""
        details: Mapping[str, Any] = self.columns["details"]
        return details

    @property
    def answers(self) -> Mapping[str, Any]:
        """The answers to editors' questions."""
        answers: Mapping[str, Any] = self.columns["answers"]
        return answers


class AbstractSignature(models.Model):
    """Base of the signature model; a site adds columns by subclassing it.

    ``state`` is set by the signer's actions, ``review`` by the abuse checks and moderators, ``approval`` by staff. All
    three change only through the services. Personal data is encrypted; ``mailbox_key`` is for uniqueness, ``name_key``
    for exact search. No model of the package has a foreign key to it: events and outbox refer to ``uuid``.

    ``seat`` tells apart several signatures of one mailbox on one pledge: a hash of ``SignerKind.seat_text``, or empty.
    ``epoch`` starts at 1 and goes up when a withdrawn or rejected signature is confirmed again. ``link_epoch`` goes up
    too, and when the signer renews the link: links in mails are valid for one, so old links stop working.
    """

    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="+", verbose_name=_("campaign"))
    signer_type = models.ForeignKey(
        SignerType, on_delete=models.PROTECT, related_name="+", verbose_name=_("way to sign"), db_index=False
    )
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="+", verbose_name=_("statement"), db_index=False
    )
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organization"),
    )
    kind = models.CharField(_("type of signer"), max_length=40)
    locale = models.CharField(_("language"), max_length=16)
    epoch = models.PositiveSmallIntegerField(_("epoch"), default=1)
    link_epoch = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)

    state = models.CharField(
        _("status"), max_length=16, choices=SignatureState.choices, default=SignatureState.CONFIRMED
    )
    review = models.CharField(_("check"), max_length=16, choices=Review.choices, default=Review.OK)
    approval = models.CharField(_("approval"), max_length=16, choices=Approval.choices, default=Approval.NOT_NEEDED)

    mailbox_key = models.BinaryField(max_length=32, null=True)
    mailbox_key_next = models.BinaryField(max_length=32, null=True)
    seat = models.BinaryField(max_length=32, default=b"")
    name_key = models.BinaryField(max_length=32, null=True)

    email = EncryptedTextField(context="signature", verbose_name=_("email"))
    name = EncryptedTextField(context="signature", verbose_name=_("name"))
    details = EncryptedJSONField(context="signature", verbose_name=_("details"))
    answers = EncryptedJSONField(context="signature", verbose_name=_("answers"))
    country = models.CharField(_("country"), max_length=2, blank=True)

    display = models.CharField(
        _("how the name appears"), max_length=16, choices=Display.choices, default=Display.HIDDEN
    )
    public_name = models.CharField(_("name on the website"), max_length=MAX_PUBLIC_NAME, blank=True)
    consent_sign = models.BooleanField(_("agreed to sign"), default=False)
    consent_display = models.BooleanField(_("agreed to be shown"), default=False)
    consent_updates = models.BooleanField(_("agreed to updates"), default=False)
    consent_partner = models.BooleanField(_("agreed to be shared with a partner"), default=False)

    #: Code of the link that the signer came with: ``PartnerLink.slug`` or a referral code.
    source = models.CharField(_("source"), max_length=40, blank=True, db_default="")

    created_at = models.DateTimeField(_("signed at"), db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["pledge", "kind", "mailbox_key", "seat"], name="%(app_label)s_%(class)s_one_per_mailbox"
            ),
            models.UniqueConstraint(
                fields=["pledge", "kind", "mailbox_key_next", "seat"],
                name="%(app_label)s_%(class)s_one_per_mailbox_next",
            ),
            models.UniqueConstraint(fields=["pledge", "uuid"], name="%(app_label)s_%(class)s_uuid"),
            models.CheckConstraint(
                condition=~Q(state=SignatureState.CONFIRMED) | Q(confirmed_at__isnull=False),
                name="%(app_label)s_%(class)s_confirmed_has_time",
            ),
        ]
        indexes = [
            models.Index(
                F("confirmed_at"),
                F("pledge"),
                condition=Q(state=SignatureState.CONFIRMED),
                name="%(app_label).8s_%(class).8s_counting",
            ),
            models.Index(
                fields=["pledge"],
                condition=Q(state=SignatureState.CONFIRMED, approval=Approval.WAITING),
                name="%(app_label).8s_%(class).8s_waiting",
            ),
            models.Index(
                fields=["pledge", "-confirmed_at"],
                condition=Q(consent_display=True, confirmed_at__isnull=False, review=Review.OK),
                name="%(app_label).8s_%(class).8s_shown",
            ),
            models.Index(
                fields=["pledge"],
                condition=Q(organization__isnull=False),
                name="%(app_label).8s_%(class).8s_orgs",
            ),
            models.Index(
                fields=["pledge", "kind"],
                condition=Q(approval=Approval.APPROVED),
                name="%(app_label).8s_%(class).8s_approved",
            ),
            models.Index(fields=["pledge", "name_key"], name="%(app_label).8s_%(class).8s_name"),
            models.Index(
                fields=["pledge", "source"], condition=~Q(source=""), name="%(app_label).8s_%(class).8s_source"
            ),
            models.Index(fields=["pledge", "-id"], name="%(app_label).8s_%(class).8s_newest"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @classmethod
    def from_submission(cls, data: SubmissionData) -> Self:
        """Override to fill the columns that a site adds; call ``super()`` first and set them on its result.

        Returns an unsaved signature. It is called when the form is posted, to validate the site's columns, and again
        when the mailbox's owner confirms. It must not query the database.
        """
        return cls(**data.columns)

    @property
    def is_counted(self) -> bool:
        """Whether this signature is part of the public count."""
        return (
            self.state == SignatureState.CONFIRMED
            and self.review == Review.OK
            and self.approval in {Approval.NOT_NEEDED, Approval.APPROVED}
        )


class Signature(AbstractSignature):
    """The default signature model, used unless ``WAGTAIL_PLEDGE_SIGNATURE_MODEL`` names another."""

    class Meta(AbstractSignature.Meta):
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        swappable = swapper.swappable_setting("wagtail_pledge", "Signature")


def get_signature_model() -> type[AbstractSignature]:
    """Return the signature model in use. Call it only after the apps are loaded."""
    model: type[AbstractSignature] = swapper.load_model("wagtail_pledge", "Signature")
    return model
