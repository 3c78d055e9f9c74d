"""Models of stored counts and of leases for the jobs that only one worker may run."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.models.pledge import Pledge


class Tally(models.Model):
    """Number of counted signatures by pledge, day of confirmation, kind and country.

    The day is that of the pledge's time zone. Set from a recount, never incremented.
    """

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="tallies", verbose_name=_("campaign"))
    day = models.DateField(_("day"))
    kind = models.CharField(_("type of signer"), max_length=40)
    country = models.CharField(_("country"), max_length=2, blank=True)
    count = models.PositiveIntegerField(_("count"))
    counted_at = models.DateTimeField(_("counted at"), db_default=Now())

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [
            models.UniqueConstraint(fields=["pledge", "day", "kind", "country"], name="pledge_tally_one_per_bucket")
        ]

    def __str__(self) -> str:
        return f"{self.pledge_id} {self.day} {self.kind} {self.country}: {self.count}"


class DirtyDay(models.Model):
    """A mark of a day to recount: one of its signatures was withdrawn, approved, rejected or reviewed.

    A day may have several. Each change adds its own mark in its own transaction: one that another change has added
    could be deleted by a recount that does not see this change yet.
    """

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="+", verbose_name=_("campaign"))
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("day to recount")
        verbose_name_plural = _("days to recount")

    def __str__(self) -> str:
        return f"{self.pledge_id} {self.day}"


class WorkLease(models.Model):
    """Lease on a job that only one worker may run at a time; it expires at ``until``."""

    name = models.CharField(max_length=60, unique=True)
    until = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("work lease")
        verbose_name_plural = _("work leases")

    def __str__(self) -> str:
        return self.name
