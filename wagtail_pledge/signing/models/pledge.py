"""Models of the pledge that signatures belong to, and of the ways to sign it."""

from __future__ import annotations

import datetime as dt
import uuid
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel
from wagtail.models import get_root_collection_id

from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.managers import PledgeQuerySet


def validate_time_zone(value: str) -> None:
    """Raise ``ValidationError`` unless ``value`` is the name of a time zone."""
    if value not in available_timezones():
        raise ValidationError(_("Enter the name of a time zone, like Europe/Berlin."), code="time_zone")


class Pledge(ClusterableModel):  # type: ignore[misc]
    """One petition: what signatures belong to. It is language-neutral; pages show it, in any number of languages."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(
        _("title"), max_length=200, help_text=_("Only your team sees this. Pages have their own titles.")
    )
    collection = models.ForeignKey(
        "wagtailcore.Collection",
        on_delete=models.PROTECT,
        default=get_root_collection_id,
        related_name="+",
        verbose_name=_("collection"),
        help_text=_("Permissions on this collection decide who can see and moderate the signatures."),
    )
    state = models.CharField(_("status"), max_length=16, choices=PledgeState.choices, default=PledgeState.OPEN)
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(
        _("closes at"), null=True, blank=True, help_text=_("Signing ends automatically at this time.")
    )
    goal = models.PositiveIntegerField(
        _("goal"), null=True, blank=True, help_text=_("How many signatures you hope for. If empty, no goal is shown.")
    )
    goal_steps = models.CharField(
        _("steps to the goal"),
        max_length=200,
        blank=True,
        db_default="",
        default="",
        help_text=_(
            "For example, 1000 5000 10000. When one is reached, the next is shown automatically. "
            "If empty, the goal does not change."
        ),
    )
    shown_from = models.PositiveIntegerField(
        _("minimum number to show"),
        null=True,
        blank=True,
        help_text=_("Below this number, pages show no count. If empty, the count is always shown."),
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("This country is listed first in the form.")
    )
    shared_mailboxes = models.BooleanField(
        _("allow shared email addresses"),
        default=False,
        help_text=_("Two people with different names can sign with one email address."),
    )
    referral_links = models.BooleanField(
        _("give signers a personal link"),
        default=True,
        db_default=True,
        help_text=_(
            "Counts how many people sign through it. Nobody sees whose link it was, and signers do not see who came."
        ),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=63,
        blank=True,
        default="",
        db_default="",
        validators=[validate_time_zone],
        help_text=_("Days of the counts begin and end in it, for example America/New_York. If empty, the site’s."),
    )
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = PledgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                name="pledge_opens_before_it_closes",
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(opens_at__lt=F("closes_at")),
                violation_error_message=_("The closing time must come after the opening time."),
            )
        ]
        permissions = [
            ("moderate_pledge", _("Can approve and reject signatures")),
            ("view_contact_data", _("Can see signers’ names and email addresses")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the days of its counts."""
        return ZoneInfo(self.time_zone or settings.TIME_ZONE)

    def local_day(self, moment: dt.datetime) -> dt.date:
        """Return the day of ``moment`` in the time zone of its counts."""
        return moment.astimezone(self.zone).date()

    @property
    def opening_day(self) -> dt.date | None:
        """The first day on which people can sign, ``None`` if it has no opening time."""
        return self.local_day(self.opens_at) if self.opens_at is not None else None

    @property
    def last_day(self) -> dt.date | None:
        """The last day on which people can sign, ``None`` without a deadline; one at midnight ends the day before."""
        return self.local_day(self.closes_at - dt.timedelta.resolution) if self.closes_at is not None else None

    def shows(self, total: int) -> bool:
        """Whether pages show the number of signatures if it is ``total``."""
        return total >= (self.shown_from or 0)


class SignerType(models.Model):
    """One way to sign one pledge, of one signer kind; each has a signer-type page per locale."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pledge = models.ForeignKey(
        Pledge, on_delete=models.PROTECT, related_name="signer_types", verbose_name=_("campaign")
    )
    kind = models.CharField(_("type of signer"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True)
    approval_required = models.BooleanField(
        _("approval required"),
        default=False,
        help_text=_("A signature counts only after your team approves it."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("way to sign")
        verbose_name_plural = _("ways to sign")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name or f"{self.pledge} · {self.kind}"
