"""Models for abuse limits and pauses: rate limits, used proofs of work, suppressed mailboxes, mail queues, switches.

They have no names or addresses: networks and mailboxes are stored as keyed hashes only.
"""

from __future__ import annotations

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
    """A proof of work that was used, kept until the challenge expires."""

    challenge = models.CharField(max_length=128, unique=True)
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("spent challenge")
        verbose_name_plural = _("spent challenges")

    def __str__(self) -> str:
        return str(self.pk)


class Suppression(models.Model):
    """A mailbox (as a keyed hash) that gets no mail until ``until``, after somebody there chose "This was not me"."""

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
