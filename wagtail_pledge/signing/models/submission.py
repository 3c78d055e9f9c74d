"""Submissions: forms that were sent and wait for their mailbox to confirm them, apart from the ledger."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.enums import Review, SubmissionEnd
from wagtail_pledge.signing.managers import LinkRequestQuerySet, SubmissionQuerySet
from wagtail_pledge.signing.models.due import DueMail
from wagtail_pledge.signing.models.limits import NETWORK_KEY_BYTES
from wagtail_pledge.signing.models.pledge import Pledge, SignerType
from wagtail_pledge.signing.models.statement import Statement

#: Longest payload in bytes before sealing; a longer form is refused.
MAX_PAYLOAD: int = 8 * 1024
#: Value of ``mail``: the form has ended, and its turn in the queue brings no mail.
NOTHING: str = "nothing"


def PROTECT_OPEN(  # noqa: N802 - named as Django's own values of ``on_delete``
    collector: Any, field: Any, rows: Any, using: str
) -> None:
    """Value for ``on_delete``: refuse the deletion while a form can still be confirmed, else delete the ended ones."""
    # A subquery: the ids of all ended forms would be a statement of megabytes
    if Submission.objects.using(using).open().filter(pk__in=rows).exists():
        models.PROTECT(collector, field, rows, using)
    models.CASCADE(collector, field, rows, using)


class Submission(DueMail):
    """One form that was sent: one sealed payload, and the columns that the worker needs. Never counted.

    ``id`` is made from the form's stamp and its values, so the same form sent twice is one row. The foreign keys have
    no database constraint: checking them would lock the pledge's row for every signer. A row is marked, not deleted,
    while a stamp or a ticket can still reach it: ``moved_to`` by correcting the address, ``ended_at`` by everything
    else. Without its payload it is a stub, which keeps its ``id`` from being used again.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    pledge = models.ForeignKey(
        Pledge,
        on_delete=PROTECT_OPEN,
        related_name="+",
        verbose_name=_("campaign"),
        db_index=False,
        db_constraint=False,
    )
    signer_type = models.ForeignKey(
        SignerType,
        on_delete=PROTECT_OPEN,
        related_name="+",
        verbose_name=_("way to sign"),
        db_index=False,
        db_constraint=False,
    )
    statement = models.ForeignKey(
        Statement,
        on_delete=PROTECT_OPEN,
        related_name="+",
        verbose_name=_("statement"),
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(_("type of signer"), max_length=40)
    mailbox_key = models.BinaryField(max_length=32)
    seat = models.BinaryField(max_length=32)
    payload = models.BinaryField()
    submitted_at = models.DateTimeField(_("signed at"), db_default=Now(), editable=False)

    network_key = models.BinaryField(max_length=NETWORK_KEY_BYTES, null=True)
    signals = models.CharField(_("signals"), max_length=400, db_default="", blank=True)
    screened_at = models.DateTimeField(_("checked at"), null=True)
    review = models.CharField(_("check"), max_length=16, choices=Review.choices, default=Review.OK)
    review_reason = models.CharField(_("reason"), max_length=60, db_default="", blank=True)

    #: Kind of a mail that was asked for in place of the usual one (see ``MessageKind``), or ``NOTHING``.
    mail = models.CharField(_("email"), max_length=40, db_default="", blank=True)
    mailed_at = models.DateTimeField(_("first email at"), null=True)
    last_mail = models.CharField(_("last email"), max_length=40, db_default="", blank=True)
    resends = models.PositiveSmallIntegerField(_("times asked for again"), db_default=0)
    reminders = models.PositiveSmallIntegerField(_("reminders"), db_default=0)
    #: When the turn of its reminder comes, whether or not there will be one; set when it had its first turn.
    reminder_at = models.DateTimeField(null=True)

    #: When a mail or code about this submission was first used.
    used_at = models.DateTimeField(null=True)
    moves = models.PositiveSmallIntegerField(db_default=0)
    moved_from = models.UUIDField(null=True)
    moved_to = models.UUIDField(null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end_reason = models.CharField(_("outcome"), max_length=16, choices=SubmissionEnd.choices, db_default="", blank=True)
    signature_uuid = models.UUIDField(_("signature"), null=True)
    link_epoch = models.PositiveSmallIntegerField(db_default=1)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        indexes = [
            models.Index(fields=["pledge", "mailbox_key"], name="pledge_submission_mailbox"),
            models.Index(fields=["queue", "due_at"], name="pledge_submission_due"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SubmissionOutcome(models.Model):
    """Number of submissions of one pledge and day by outcome, folded from ended submissions when they are emptied."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="+", verbose_name=_("campaign"))
    day = models.DateField(_("day"))
    outcome = models.CharField(_("outcome"), max_length=16)
    count = models.PositiveIntegerField(_("count"))

    class Meta:
        verbose_name = _("outcome of submissions")
        verbose_name_plural = _("outcomes of submissions")
        constraints = [models.UniqueConstraint(fields=["pledge", "day", "outcome"], name="pledge_outcome_one_per_day")]

    def __str__(self) -> str:
        return f"{self.pledge_id} {self.day} {self.outcome}: {self.count}"


class LinkRequest(DueMail):
    """Somebody entered an address to get the link to their signature; deleted once the worker has answered it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pledge = models.ForeignKey(
        Pledge, on_delete=models.CASCADE, related_name="+", verbose_name=_("campaign"), db_constraint=False
    )
    payload = models.BinaryField()
    network_key = models.BinaryField(max_length=NETWORK_KEY_BYTES, null=True)
    screened_at = models.DateTimeField(_("checked at"), null=True)

    objects = LinkRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a link")
        verbose_name_plural = _("requests for links")
        indexes = [models.Index(fields=["queue", "due_at"], name="pledge_linkrequest_due")]

    def __str__(self) -> str:
        return str(self.pk)
