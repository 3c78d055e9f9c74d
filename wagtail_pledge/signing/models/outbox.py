"""Models of the outbox (messages that are due) and of mails that were sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.enums import MessageKind, OutboxReason, OutboxState
from wagtail_pledge.signing.managers import OutboxQuerySet
from wagtail_pledge.signing.models.pledge import Pledge, SignerType


class OutboxMessage(models.Model):
    """A message that is due. It has no address, body or token: the mail is rendered from the signature when it is sent.

    A row that is written while signing has pledge, signer type, mailbox key and seat, so that a duplicate runs the same
    SQL statements as a new signature; the worker looks up the signature and decides which mail to send.
    """

    kind = models.CharField(_("email"), max_length=40)
    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="+", verbose_name=_("campaign"))
    signer_type = models.ForeignKey(
        SignerType, on_delete=models.CASCADE, related_name="+", verbose_name=_("way to sign"), db_index=False
    )
    mailbox_key = models.BinaryField(max_length=32, null=True)
    seat = models.BinaryField(max_length=32, default=b"")
    signature_uuid = models.UUIDField(_("signature"), null=True)
    locale = models.CharField(_("language"), max_length=16)
    network_key = models.BinaryField(max_length=8, null=True)
    signals = models.CharField(_("signals"), max_length=120, blank=True)
    screened_at = models.DateTimeField(_("checked at"), null=True)
    state = models.CharField(_("status"), max_length=16, choices=OutboxState.choices, default=OutboxState.DUE)
    queue = models.PositiveSmallIntegerField(_("priority"), default=1)
    due_at = models.DateTimeField(_("due at"), db_default=Now())
    lease_until = models.DateTimeField(_("leased until"), null=True)
    lease_token = models.UUIDField(_("leased by"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_code = models.CharField(_("last response"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        constraints = [
            models.UniqueConstraint(
                fields=["pledge", "signer_type", "kind", "mailbox_key", "seat"],
                condition=Q(state=OutboxState.DUE),
                name="pledge_outbox_one_due_per_mailbox",
            )
        ]
        indexes = [
            models.Index(fields=["queue", "due_at"], condition=Q(state=OutboxState.DUE), name="pledge_outbox_due"),
            models.Index(fields=["pledge", "mailbox_key"], name="pledge_outbox_of_mailbox"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def kind_label(self) -> str:
        """What the email is. The worker decides what ``SIGNED`` becomes, and stores it in ``last_code`` when sent."""
        sent_as = self.last_code if self.state == OutboxState.SENT and self.last_code in MessageKind else self.kind
        return str(MessageKind(sent_as).label) if sent_as in MessageKind else sent_as

    @property
    def response_label(self) -> str:
        """The server's last reply, or why the email was put off or not sent; ``""`` for an email that was sent."""
        if self.last_code in MessageKind:
            return ""
        return str(OutboxReason(self.last_code).label) if self.last_code in OutboxReason else self.last_code


class MailSent(models.Model):
    """A mail sent to a mailbox (as a keyed hash), over all pledges: for the mail budget, deleted after 24 hours."""

    budget_key = models.BinaryField(max_length=32)
    sent_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("sent email")
        verbose_name_plural = _("sent emails")
        indexes = [models.Index(fields=["budget_key", "sent_at"], name="pledge_mailsent_budget")]

    def __str__(self) -> str:
        return str(self.pk)
