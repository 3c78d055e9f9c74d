"""Models of who decides: decision-makers, whom a campaign urges, and the stages on the way to a decision.

All languages of a campaign share them. Texts are in the site's default language, and editors add translations.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable, get_root_collection_id

from wagtail_pledge.delivery import enums
from wagtail_pledge.delivery.enums import Position, StageState
from wagtail_pledge.delivery.managers import DecisionStageQuerySet, RecipientQuerySet
from wagtail_pledge.signing.models import Pledge


def validate_language(value: str) -> None:
    """Raise ``ValidationError`` unless ``value`` is a code in ``LANGUAGES``."""
    if value not in dict(settings.LANGUAGES):
        raise ValidationError(_("Choose a language of this site."), code="language")


class Recipient(ClusterableModel):  # type: ignore[misc]
    """A decision-maker: a person or a body in an office. Deliveries are handed over to it.

    ``name`` is empty where the office alone is meant. A position other than unknown needs its source and date.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    collection = models.ForeignKey(
        "wagtailcore.Collection",
        on_delete=models.PROTECT,
        default=get_root_collection_id,
        related_name="+",
        verbose_name=_("collection"),
        help_text=_("Permissions on this collection decide who can choose and change the decision-maker."),
    )
    office = models.CharField(
        _("office"), max_length=160, help_text=_("For example, President of the Republic, or Committee on Labor.")
    )
    name = models.CharField(
        _("name"), max_length=120, blank=True, help_text=_("Leave empty if you mean the office, whoever holds it.")
    )
    place = models.CharField(_("place"), max_length=160, blank=True, help_text=_("For example, a country or a city."))
    website = models.URLField(_("contact page"), max_length=500, blank=True)
    email = models.EmailField(_("public email address"), blank=True, help_text=_("Pages show it."))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    address = models.TextField(_("postal address"), max_length=400, blank=True)
    position = models.CharField(
        pgettext_lazy("decision-maker", "position"),
        max_length=16,
        choices=enums.position_choices,
        default=Position.UNKNOWN,
    )
    position_on = models.DateField(_("position as of"), null=True, blank=True)
    position_source = models.URLField(
        _("source of the position"), max_length=500, blank=True, help_text=_("Web address where it can be checked.")
    )

    objects = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision-maker")
        verbose_name_plural = _("decision-makers")
        ordering = ["office", "name", "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="pledge_recipient_position_has_source",
                condition=Q(position="unknown") | (Q(position_on__isnull=False) & ~Q(position_source="")),
                violation_error_message=_("A position needs its date and its source."),
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.name, self.office, self.place]))


class RecipientTranslation(models.Model):
    """Office and place of a decision-maker in another language."""

    recipient = ParentalKey(Recipient, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=16, validators=[validate_language])
    office = models.CharField(_("office"), max_length=160)
    place = models.CharField(_("place"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["recipient", "language"], name="pledge_recipient_one_per_language"),
        ]

    def __str__(self) -> str:
        return self.office


class PledgeRecipient(Orderable):  # type: ignore[misc]
    """A decision-maker whom a campaign urges."""

    pledge = ParentalKey(Pledge, on_delete=models.CASCADE, related_name="recipients", verbose_name=_("campaign"))
    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, related_name="pledges", verbose_name=_("decision-maker")
    )

    class Meta(Orderable.Meta):  # type: ignore[misc]
        verbose_name = _("campaign that urges the decision-maker")
        verbose_name_plural = _("campaigns that urge the decision-maker")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["pledge", "recipient"], name="pledge_recipient_once_a_pledge"),
        ]

    def __str__(self) -> str:
        return str(self.recipient)


class DecisionStage(ClusterableModel):  # type: ignore[misc]
    """One stage of the way to a campaign's decision: its state, who can move it, and the evidence."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pledge = models.ForeignKey(
        Pledge, on_delete=models.CASCADE, related_name="decision_stages", verbose_name=_("campaign")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0, help_text=_("Lower numbers come first."))
    name = models.CharField(_("stage"), max_length=160, help_text=_("For example, “The committee votes on the bill”."))
    text = models.CharField(_("explanation"), max_length=400, blank=True)
    state = models.CharField(
        _("status"), max_length=16, choices=enums.stage_state_choices, default=StageState.NOT_STARTED
    )
    recipient = models.ForeignKey(
        Recipient,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stages",
        verbose_name=_("who can move it"),
    )

    objects = DecisionStageQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage of a decision")
        verbose_name_plural = _("stages of a decision")
        ordering = ["position", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class StageTranslation(models.Model):
    """Texts of a stage in another language."""

    stage = ParentalKey(DecisionStage, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=16, validators=[validate_language])
    name = models.CharField(_("stage"), max_length=160)
    text = models.CharField(_("explanation"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["stage", "language"], name="pledge_stage_one_per_language"),
        ]

    def __str__(self) -> str:
        return self.name


class StageEvidence(ClusterableModel):  # type: ignore[misc]
    """What happened at a stage, on which day, and where that can be checked."""

    stage = ParentalKey(DecisionStage, on_delete=models.CASCADE, related_name="evidence")
    day = models.DateField(_("date"))
    text = models.CharField(_("what happened"), max_length=400)
    source = models.URLField(_("source"), max_length=500, help_text=_("Web address where it can be checked."))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-day", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.text


class EvidenceTranslation(models.Model):
    """Text of a piece of evidence in another language."""

    evidence = ParentalKey(StageEvidence, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=16, validators=[validate_language])
    text = models.CharField(_("what happened"), max_length=400)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["evidence", "language"], name="pledge_evidence_one_per_language"),
        ]

    def __str__(self) -> str:
        return self.text
