"""The ledger that signatures belong to, and the ways to sign it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel
from wagtail.models import get_root_collection_id

from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.managers import PledgeQuerySet


class Pledge(ClusterableModel):  # type: ignore[misc]
    """One petition. Language-neutral; a page shows it, it is not the page."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(
        _("title"), max_length=200, help_text=_("For people who work on the campaign; pages have their own title.")
    )
    collection = models.ForeignKey(
        "wagtailcore.Collection",
        on_delete=models.PROTECT,
        default=get_root_collection_id,
        related_name="+",
        verbose_name=_("collection"),
        help_text=_("Who may see and moderate its signatures is decided by the rights on this collection."),
    )
    state = models.CharField(_("state"), max_length=16, choices=PledgeState.choices, default=PledgeState.OPEN)
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(
        _("closes at"), null=True, blank=True, help_text=_("Signing ends by itself at this time.")
    )
    goal = models.PositiveIntegerField(
        _("goal"), null=True, blank=True, help_text=_("How many signatures you hope for. Empty: no goal is shown.")
    )
    goal_steps = models.CharField(
        _("steps to the goal"),
        max_length=200,
        blank=True,
        db_default="",
        default="",
        help_text=_(
            "Like 1000 5000 10000: the next goal shows by itself when one is reached. Empty: the goal is fixed."
        ),
    )
    shown_from = models.PositiveIntegerField(
        _("smallest number shown"),
        null=True,
        blank=True,
        help_text=_("With fewer signatures the pages show no number. Empty: the number always shows."),
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("ISO code of the country that stands first in the form.")
    )
    shared_mailboxes = models.BooleanField(
        _("people may share a mailbox"),
        default=False,
        help_text=_("Two people with different names may sign with one e-mail address."),
    )
    own_links = models.BooleanField(
        _("signers get a link of their own"),
        default=True,
        db_default=True,
        help_text=_("It counts who came through it. Nobody sees whose link it was, and no signer sees who came."),
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = PledgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        constraints = [
            models.CheckConstraint(
                name="pledge_opens_before_it_closes",
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(opens_at__lt=F("closes_at")),
                violation_error_message=_("The closing time must come after the opening time."),
            )
        ]
        permissions = [
            ("moderate_pledge", _("Can approve and refuse signatures")),
            ("view_contact_data", _("Can see names and addresses of signers")),
        ]

    def __str__(self) -> str:
        return self.title

    def shows(self, total: int) -> bool:
        """Whether pages show the number when it is ``total``."""
        return total >= (self.shown_from or 0)


class SignerType(models.Model):
    """One way to sign one pledge, of one kind; signer-type pages show it, one page a locale."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="signer_types", verbose_name=_("pledge"))
    kind = models.CharField(_("kind of signer"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True)
    approval_required = models.BooleanField(
        _("approval required"),
        default=False,
        help_text=_("A signature counts only after somebody of the campaign has approved it."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("signer type")
        verbose_name_plural = _("signer types")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name or f"{self.pledge} · {self.kind}"
