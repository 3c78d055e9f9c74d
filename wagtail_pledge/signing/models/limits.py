"""What limits abuse and pauses work: network windows, spent challenges, suppressed mailboxes, lanes, switches.

No row here names a person or an address: networks and mailboxes are known by keyed hashes only.
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
    """How many signatures one network gave one pledge in one hour; folded by the worker from the outbox."""

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
    """A proof of work that was used, kept until it would expire by itself."""

    challenge = models.CharField(max_length=128, unique=True)
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("spent challenge")
        verbose_name_plural = _("spent challenges")

    def __str__(self) -> str:
        return str(self.pk)


class Suppression(models.Model):
    """ "Not me, never mail me": a mailbox, known by a keyed hash, that gets no mail until a day."""

    budget_key = models.BinaryField(max_length=32, unique=True)
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("suppressed mailbox")
        verbose_name_plural = _("suppressed mailboxes")

    def __str__(self) -> str:
        return str(self.pk)


class MailQueueState(models.Model):
    """The circuit breaker of a mail lane: how often it failed in a row and until when it rests."""

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
    """A kill switch or the surge switch; a row means it was used, ``is_on`` whether it holds."""

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
