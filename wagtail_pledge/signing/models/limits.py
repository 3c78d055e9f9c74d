"""Models for abuse limits and pauses: rate limits, used proofs of work, suppressed mailboxes, mail queues, switches.

They have no names or addresses: networks and mailboxes are stored as keyed hashes only.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.models.pledge import Pledge

NETWORK_KEY_BYTES = 8


class NetworkDayKey(models.Model):
    """The random key of one UTC day; destroying it after 48 hours makes the day's network hashes meaningless."""

    day = models.DateField(unique=True)
    key = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("network key")
        verbose_name_plural = _("network keys")

    def __str__(self) -> str:
        return str(self.day)


class LimitBucket(models.Model):
    """Number of signatures from one network on one pledge in one hour; the worker adds them up from the outbox."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="+", verbose_name=_("campaign"))
    network_key = models.BinaryField(max_length=NETWORK_KEY_BYTES)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("limit bucket")
        verbose_name_plural = _("limit buckets")
        constraints = [
            models.UniqueConstraint(fields=["pledge", "network_key", "hour"], name="pledge_limit_one_per_hour")
        ]
        indexes = [models.Index(fields=["hour"], name="pledge_limit_hour")]

    def __str__(self) -> str:
        return str(self.pk)


class SpentChallenge(models.Model):
    """A proof of work that was used, by which submission; kept until the challenge expires."""

    submission = models.UUIDField()
    challenge = models.CharField(max_length=128, unique=True)
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("spent challenge")
        verbose_name_plural = _("spent challenges")

    def __str__(self) -> str:
        return str(self.pk)


class NetworkPlace(models.Model):
    """A place that one submission of a network (as a daily hash) took in the mail, over all pledges.

    ``at`` is when the mail may leave, perhaps later than now. The worker adds the rows; nothing frees a place early.
    ``job`` is the id of the submission or of the request for a link. ``is_extra``: the place is of the budget that a
    moderator raised for one pledge, and does not count in that of the network.
    """

    network_key = models.BinaryField(max_length=NETWORK_KEY_BYTES)
    at = models.DateTimeField()
    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    job = models.UUIDField()
    is_extra = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("network place")
        verbose_name_plural = _("network places")
        indexes = [models.Index(fields=["network_key", "at"], name="pledge_networkplace_at")]

    def __str__(self) -> str:
        return str(self.pk)


class NetworkRaise(models.Model):
    """A moderator's decision that a network (as a daily hash) may send more forms for one pledge, until ``until``.

    ``applied_at`` is when the worker gave those that already waited an earlier place.
    """

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="+", verbose_name=_("campaign"))
    network_key = models.BinaryField(max_length=NETWORK_KEY_BYTES)
    until = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("raised limit of a network")
        verbose_name_plural = _("raised limits of networks")
        constraints = [models.UniqueConstraint(fields=["pledge", "network_key"], name="pledge_networkraise_once")]

    def __str__(self) -> str:
        return str(self.pk)


class CodeAttempts(models.Model):
    """Number of six-digit codes that were tried for one mailbox (as a keyed hash) on one UTC day, over all forms."""

    mailbox = models.BinaryField(max_length=32)
    day = models.DateField()
    count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("code attempts")
        verbose_name_plural = _("code attempts")
        constraints = [models.UniqueConstraint(fields=["mailbox", "day"], name="pledge_codeattempts_one_per_day")]

    def __str__(self) -> str:
        return str(self.pk)


class Suppression(models.Model):
    """A mailbox (as a keyed hash) that gets no mail until ``until``, after somebody there chose "This was not me".

    ``uuid`` is in the link that lifts it again.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    budget_key = models.BinaryField(max_length=32, unique=True)
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("suppressed mailbox")
        verbose_name_plural = _("suppressed mailboxes")

    def __str__(self) -> str:
        return str(self.pk)


class MailQueueState(models.Model):
    """Circuit breaker of one mail queue: consecutive failures, and until when the queue is paused."""

    queue = models.PositiveSmallIntegerField(unique=True)
    failures = models.PositiveSmallIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("email priority")
        verbose_name_plural = _("email priorities")

    def __str__(self) -> str:
        return str(self.queue)


class Switch(models.Model):
    """State of a kill switch or surge switch; see ``services.switches`` for the names. No row means off."""

    name = models.CharField(_("switch"), max_length=20, unique=True)
    is_on = models.BooleanField(_("on"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    changed_at = models.DateTimeField(_("changed at"), db_default=Now())

    class Meta:
        verbose_name = _("switch")
        verbose_name_plural = _("switches")

    def __str__(self) -> str:
        return self.name
