"""Base of the rows that the mail worker leases and sends.

Separate because ``outbox`` and ``submission`` both inherit it, and neither imports the other.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.enums import MailQueue, OutboxReason


class DueMail(models.Model):
    """Abstract base of a row that a mail is due for: when, how urgent, and the lease of the worker that sends it."""

    queue = models.PositiveSmallIntegerField(
        _("priority"), choices=MailQueue.choices, default=MailQueue.SIGNERS, db_default=MailQueue.SIGNERS
    )
    due_at = models.DateTimeField(_("due at"), db_default=Now())
    lease_until = models.DateTimeField(_("leased until"), null=True)
    lease_token = models.UUIDField(_("leased by"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)
    last_code = models.CharField(_("last response"), max_length=60, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    class Meta:
        abstract = True

    @property
    def response_label(self) -> str:
        """Why the mail was put off or not sent, or the server's last reply; ``""`` if there is nothing to say."""
        return str(OutboxReason(self.last_code).label) if self.last_code in OutboxReason else self.last_code
