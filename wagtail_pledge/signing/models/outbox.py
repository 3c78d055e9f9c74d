"""Models of the outbox (messages that are due) and of mails that were sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.enums import MessageKind, OutboxState
from wagtail_pledge.signing.managers import OutboxQuerySet
from wagtail_pledge.signing.models.due import DueMail
from wagtail_pledge.signing.models.limits import NETWORK_KEY_BYTES
from wagtail_pledge.signing.models.pledge import Pledge


class OutboxMessage(DueMail):
    """A message that is due to the signer of a signature. It has no address, body or token: the mail is rendered from
    the signature when it is sent.
    """

    kind = models.CharField(_("email"), max_length=40)
    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="+", verbose_name=_("campaign"))
    signature_uuid = models.UUIDField(_("signature"))
    locale = models.CharField(_("language"), max_length=16)
    state = models.CharField(_("status"), max_length=16, choices=OutboxState.choices, default=OutboxState.DUE)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        constraints = [
            models.UniqueConstraint(
                fields=["pledge", "signature_uuid", "kind"],
                condition=Q(state=OutboxState.DUE),
                name="pledge_outbox_one_due_of_a_kind",
            )
        ]
        indexes = [
            models.Index(fields=["queue", "due_at"], condition=Q(state=OutboxState.DUE), name="pledge_outbox_due"),
            models.Index(fields=["pledge", "signature_uuid"], name="pledge_outbox_of_signature"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def kind_label(self) -> str:
        """What the email is."""
        return str(MessageKind(self.kind).label) if self.kind in MessageKind else self.kind


class MailSent(models.Model):
    """A mail to a mailbox (as a keyed hash), over all pledges: for the mail budget, deleted after 24 hours.

    It is stored before the mail is sent, so that two workers never exceed the budget together. ``job`` is the id of
    the submission or request; ``outcome`` is empty until the mail server has answered. Of each form that was screened
    there is one record without a mailbox too: it counts in no budget, but in the judgement of mail quality.
    """

    budget_key = models.BinaryField(max_length=32)
    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    network_key = models.BinaryField(max_length=NETWORK_KEY_BYTES, null=True)
    job = models.UUIDField()
    kind = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=16, blank=True, default="")
    sent_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("sent email")
        verbose_name_plural = _("sent emails")
        indexes = [models.Index(fields=["budget_key", "sent_at"], name="pledge_mailsent_budget")]

    def __str__(self) -> str:
        return str(self.pk)
