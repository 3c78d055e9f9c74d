"""Models for treaties, States, treaty actions and imports of treaty status."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.treaties import enums
from wagtail_pledge.treaties.enums import AliasKind, Confidence, EffectRule, ImportState, StateKind
from wagtail_pledge.treaties.managers import (
    StateQuerySet,
    TreatyActionQuerySet,
    TreatyDeclarationQuerySet,
    TreatyImportQuerySet,
    TreatyQuerySet,
)


class State(models.Model):
    """Model for a State, or for an organization that can become a party to treaties.

    ``key`` is the party id that data files, blocks and the API use: the ISO 3166-1 alpha-3 code, or an agreed id such
    as "EU" for participants without one. ``ended_on`` is the first day on which a former State no longer existed. If a
    former State has no ``ended_on``, its status is unknown on every day.
    """

    key = models.CharField(_("party id"), max_length=8, unique=True)
    iso3 = models.CharField("ISO 3166-1 alpha-3", max_length=3, blank=True)
    iso2 = models.CharField("ISO 3166-1 alpha-2", max_length=2, blank=True)
    m49 = models.CharField("UN M49", max_length=3, blank=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("type"), max_length=16, choices=enums.state_kind_choices, default=StateKind.MEMBER_STATE)
    ended_on = models.DateField(_("ceased to exist on"), null=True, blank=True)

    objects = StateQuerySet.as_manager()

    class Meta:
        verbose_name = _("State")
        verbose_name_plural = _("States")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["iso3"], condition=~Q(iso3=""), name="pledge_state_one_per_iso3"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_organization(self) -> bool:
        """True for an organization, False for a State."""
        return self.kind == StateKind.ORGANIZATION


class StateAlias(models.Model):
    """Model for a name or spelling of a State in a source. Lookups compare ``normalized`` exactly."""

    state = models.ForeignKey(State, on_delete=models.CASCADE, related_name="aliases", verbose_name=_("State"))
    name = models.CharField(_("name"), max_length=120)
    normalized = models.CharField(_("name for matching"), max_length=120, unique=True, editable=False)
    kind = models.CharField(_("type"), max_length=16, choices=enums.alias_kind_choices, default=AliasKind.VARIANT)
    note = models.CharField(_("note"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("name of a State")
        verbose_name_plural = _("names of States")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Treaty(models.Model):
    """Model for a treaty. ``as_of`` is the status date of the last import, ``None`` before the first import."""

    key = models.SlugField(_("key"), max_length=40, unique=True, help_text=_("Used in web addresses and blocks."))
    short_name = models.CharField(_("abbreviation"), max_length=60)
    name = models.CharField(
        _("name in a sentence"),
        max_length=200,
        help_text=_("With its article, as in “… are party to the Migrant Workers Convention”."),
    )
    title = models.CharField(_("official title"), max_length=400)
    depositary = models.CharField(_("depositary"), max_length=120, blank=True)
    reference = models.CharField(_("depositary’s reference"), max_length=60, blank=True)
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True)
    opened_on = models.DateField(_("opened for signature on"), null=True, blank=True)
    in_force_on = models.DateField(_("in force since"), null=True, blank=True)
    threshold = models.PositiveSmallIntegerField(_("parties needed for entry into force"), null=True, blank=True)
    threshold_article = models.CharField(_("article on entry into force"), max_length=40, blank=True)
    effect_rule = models.CharField(
        _("when consent takes effect"),
        max_length=40,
        choices=enums.effect_rule_choices,
        default=EffectRule.UNKNOWN,
    )
    counts_organizations = models.BooleanField(
        _("count organizations"),
        default=True,
        help_text=_("Whether an organization such as the European Union counts among parties and signatories."),
    )
    text_url = models.URLField(_("official text"), max_length=500, blank=True)
    source = models.CharField(_("source"), max_length=250, blank=True)
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)
    note = models.TextField(_("note"), blank=True)
    as_of = models.DateField(_("status as of"), null=True, blank=True)
    published_on = models.DateField(_("depositary’s own count: as of"), null=True, blank=True)
    published_parties = models.PositiveSmallIntegerField(_("parties by that count"), null=True, blank=True)
    published_signatories = models.PositiveSmallIntegerField(_("signatories by that count"), null=True, blank=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = TreatyQuerySet.as_manager()

    class Meta:
        verbose_name = _("treaty")
        verbose_name_plural = _("treaties")
        ordering = ["key"]
        permissions = [("import_treaty", _("Can import treaty status"))]

    def __str__(self) -> str:
        return f"{self.short_name} · {self.title}"


class TreatyName(models.Model):
    """Model for a treaty's names in another language."""

    treaty = models.ForeignKey(Treaty, on_delete=models.CASCADE, related_name="names", verbose_name=_("treaty"))
    language = models.CharField(_("language"), max_length=16, help_text=_("Language code, such as “es”."))
    name = models.CharField(_("name in a sentence"), max_length=200)
    title = models.CharField(_("official title"), max_length=400)

    class Meta:
        verbose_name = _("treaty’s name")
        verbose_name_plural = _("treaty’s names")
        constraints = [
            models.UniqueConstraint(fields=["treaty", "language"], name="pledge_treatyname_one_per_language"),
        ]

    def __str__(self) -> str:
        return self.title


class TreatyAction(models.Model):
    """Model for one treaty action ("act") of a participant: a signature, accession, withdrawal and so on.

    ``date`` is the day of signature or of deposit. Only withdrawals may have no date, because some depositaries show
    that an instrument or a signature is no longer in effect but not since when. ``effect_date`` is ``None`` if unknown.
    """

    treaty = models.ForeignKey(Treaty, on_delete=models.PROTECT, related_name="actions", verbose_name=_("treaty"))
    party = models.ForeignKey(State, on_delete=models.PROTECT, related_name="actions", verbose_name=_("State"))
    action = models.CharField(_("act"), max_length=32, choices=enums.act_choices)
    date = models.DateField(_("date"), null=True, blank=True)
    effect_date = models.DateField(_("takes effect on"), null=True, blank=True)
    named_as = models.CharField(_("named in the source as"), max_length=120, blank=True)
    has_declarations = models.BooleanField(_("with declarations or reservations"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=250, blank=True)
    confidence = models.CharField(
        _("confidence"), max_length=8, choices=enums.confidence_choices, default=Confidence.HIGH
    )
    note = models.TextField(_("note"), blank=True)

    objects = TreatyActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("treaty action")
        verbose_name_plural = _("treaty actions")
        ordering = ["date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["treaty", "party", "action", "date"],
                condition=Q(date__isnull=False),
                name="pledge_treatyaction_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["treaty", "party", "action"],
                condition=Q(date__isnull=True),
                name="pledge_treatyaction_once_undated",
            ),
            models.CheckConstraint(
                condition=Q(date__isnull=False) | Q(action__in=["withdrawal", "withdrawal_of_signature"]),
                name="pledge_treatyaction_dated_unless_withdrawn",
                violation_error_message=_("Only a withdrawal may have no date."),
            ),
        ]
        indexes = [models.Index(fields=["treaty", "date"], name="pledge_treatyaction_until")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.action} {self.date or '?'}"


class TreatyDeclaration(models.Model):
    """Model for a declaration or reservation, or the acceptance of an optional article, such as one on complaints.

    It does not change the State's status. ``date`` is ``None`` if the source does not give it.
    """

    treaty = models.ForeignKey(Treaty, on_delete=models.CASCADE, related_name="declarations", verbose_name=_("treaty"))
    party = models.ForeignKey(State, on_delete=models.PROTECT, related_name="declarations", verbose_name=_("State"))
    kind = models.CharField(_("type"), max_length=16, choices=enums.declaration_kind_choices)
    article = models.CharField(
        _("article"), max_length=60, blank=True, help_text=_("As in the treaty, such as “77” or “22(5), 48(2)”.")
    )
    date = models.DateField(_("date"), null=True, blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    text = models.TextField(_("text or summary"), blank=True)
    source = models.CharField(_("source"), max_length=250, blank=True)

    objects = TreatyDeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = _("declaration")
        verbose_name_plural = _("declarations")
        ordering = ["article", "date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="acceptance") | ~Q(article=""),
                name="pledge_treatydeclaration_accepts_an_article",
                violation_error_message=_("Name the article that the State accepts."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(date__isnull=True) | Q(withdrawn_on__gte=F("date")),
                name="pledge_treatydeclaration_withdrawn_later",
                violation_error_message=_("It cannot be withdrawn before it was made."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.kind} {self.article}"


class TreatyImport(models.Model):
    """Model for one uploaded list: its changes, who decided on it, and the data needed to undo it exactly.

    The file itself is not kept, only its name and SHA-256. ``parsed_list`` is the content of the list and ``changes``
    its difference from the stored status, whose fingerprint is ``base_fingerprint``. Applying the import sets
    ``previous_status``, the full status before it, and ``result_fingerprint``, the fingerprint after it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    treaty = models.ForeignKey(Treaty, on_delete=models.PROTECT, related_name="imports", verbose_name=_("treaty"))
    state = models.CharField(
        _("status"), max_length=16, choices=enums.import_state_choices, default=ImportState.PROPOSED
    )
    source = models.CharField(_("format"), max_length=40)
    file_name = models.CharField(_("file"), max_length=255)
    file_sha256 = models.CharField("SHA-256", max_length=64)
    as_of = models.DateField(_("status as of"))
    created_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    parsed_list = models.JSONField(default=dict, editable=False)
    changes = models.JSONField(default=list, editable=False)
    counts = models.JSONField(default=dict, editable=False)
    previous_status = models.JSONField(default=dict, editable=False)
    base_fingerprint = models.CharField(max_length=64, editable=False)
    result_fingerprint = models.CharField(max_length=64, blank=True, editable=False)

    objects = TreatyImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of treaty status")
        verbose_name_plural = _("imports of treaty status")
        ordering = ["-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["treaty", "state"], name="pledge_treatyimport_state")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.as_of})"
