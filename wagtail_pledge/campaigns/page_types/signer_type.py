"""One way to sign, on a page of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

from wagtail_pledge.blocks.questions import give_slugs
from wagtail_pledge.campaigns.api_fields import LEDGER, ledgers_of
from wagtail_pledge.campaigns.context.page import ledger_context
from wagtail_pledge.campaigns.editor.mail_previews import mail_modes, mail_preview_of
from wagtail_pledge.campaigns.editor.panels import Advice, StreamPanel, page_above
from wagtail_pledge.campaigns.editor.previews import PREVIEW_MODES, preview_of
from wagtail_pledge.campaigns.optional_fields import asking_panels
from wagtail_pledge.campaigns.page_types.base import BelowPledgePage, Tab
from wagtail_pledge.campaigns.page_types.pledge import TEXT_FEATURES
from wagtail_pledge.campaigns.seo import pledge_data
from wagtail_pledge.core.compat import never_translated
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.signing.kinds import kind_choices, kinds
from wagtail_pledge.signing.models import Pledge, SignerType
from wagtail_pledge.signing.services.pledges import create_signer_type


class KindPanel(FieldPanel):  # type: ignore[misc]
    """Offers the kinds that the site knows, and on an older page its own, whose code may be gone."""

    class BoundPanel(FieldPanel.BoundPanel):  # type: ignore[misc]
        """The field with the choices of one page."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.bound_field is not None:
                own, known = self.instance.kind, kind_choices()
                is_gone = self.instance.signer_type_id is not None and own not in dict(known)
                self.bound_field.field.widget.choices = [(own, own), *known] if is_gone else known


class SignerTypePageMixin(BelowPledgePage):
    """ "Sign as an individual", "sign on behalf of an organization": shows one signer type of the pledge above it."""

    signer_type = models.ForeignKey(
        SignerType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("signer type"),
    )
    kind = models.CharField(_("kind of signer"), max_length=40, default="individual")
    intro = RichTextField(_("intro"), features=TEXT_FEATURES, blank=True)
    button_text = models.CharField(_("button"), max_length=40, blank=True, help_text=_("Empty: “Add my name”."))
    consent_sign = models.TextField(
        _("consent to sign"),
        blank=True,
        help_text=_("Stands above the button and is kept with each signature. Empty: our wording."),
    )
    consent_updates = models.TextField(_("consent to updates"), blank=True, help_text=_("Label of an unticked box."))
    consent_authority = models.TextField(
        _("authority to sign"), blank=True, help_text=_("For organizations: what the representative states.")
    )
    asking = models.JSONField(_("choice of fields"), default=dict, blank=True)
    questions = PledgeStreamField(
        "QUESTION_BLOCKS",
        blank=True,
        verbose_name=_("questions"),
        help_text=_("Asked after the fields that everybody fills in. Answers are kept encrypted; only staff see them."),
    )
    confirmation_subject = models.CharField(_("subject of the confirmation mail"), max_length=120, blank=True)
    confirmation_text = models.TextField(
        _("opening words of the confirmation mail"), blank=True, help_text=_("Plain text, sent as it stands.")
    )
    thanks_heading = models.CharField(_("thank-you heading"), max_length=120, blank=True)
    thanks_text = RichTextField(_("thank-you text"), features=TEXT_FEATURES, blank=True)

    exclude_fields_in_copy: ClassVar[list[str]] = ["signer_type"]
    shows = "signer_type"
    page_description = _("One way to sign a campaign, with questions and words of its own.")
    default_template = "wagtail_pledge/pages/signer_type_page.html"
    override_translatable_fields: ClassVar[list[Any]] = never_translated("kind", "asking")
    api_fields: ClassVar[list[Any]] = ["kind", "intro", "questions", LEDGER]

    content_panels: ClassVar[list[Any]] = [
        Advice(
            lines=[
                _("One way to sign the campaign above. Its title stands on the button that leads here."),
                _("Words that you leave empty are those of the page above, or ours."),
                _("Ask what you will use: each question costs signatures."),
            ],
            link=_("The statement stands with the campaign: the page above this one"),
            leads_to=page_above,
        ),
        TitleFieldPanel("title", placeholder=_("Who signs, like “As a nurse”")),
        KindPanel("kind", widget=forms.Select),
        FieldPanel("intro"),
        FieldPanel("button_text"),
        MultiFieldPanel(
            [FieldPanel("consent_sign"), FieldPanel("consent_authority"), FieldPanel("consent_updates")],
            heading=_("Consent"),
        ),
        asking_panels(
            _(
                "<p>Each field loses people: ask only what you will use. What is asked may be left empty; what is not "
                "asked is not kept either.</p>"
            )
        ),
        StreamPanel("questions"),
    ]
    message_panels: ClassVar[list[Any]] = [
        Advice(
            lines=[
                _("The confirmation mail has its button and its code by itself; here you say why the name matters."),
                _("The preview shows every mail, made of your words and of nobody’s data."),
                _("Empty: the thank-you words of the page above, or ours."),
            ],
            link=_("The same words for all ways to sign: the page above this one"),
            leads_to=page_above,
        ),
        MultiFieldPanel(
            [FieldPanel("confirmation_subject"), FieldPanel("confirmation_text")], heading=_("Confirmation mail")
        ),
        MultiFieldPanel([FieldPanel("thanks_heading"), FieldPanel("thanks_text")], heading=_("Thank-you page")),
    ]
    edit_tabs: ClassVar[list[Tab]] = [
        ("content_panels", _("Form")),
        ("message_panels", _("After signing")),
        ("promote_panels", _("Promote")),
        ("settings_panels", _("Settings")),
    ]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Make sure that there is a ledger row to sign through."""
        self.ensure_signer_type()
        return super().save(*args, **kwargs)

    def clean(self) -> None:
        """Name the questions. Keep the kind: signatures of one kind must not turn into another's."""
        super().clean()
        if self.questions:
            give_slugs(self.questions)
        if self.kind not in kinds() and not self.signer_type_id:
            raise ValidationError({"kind": gettext("Choose one of the kinds that this site knows.")})
        if self.signer_type and self.signer_type.kind != self.kind:
            raise ValidationError(
                {"kind": gettext("The kind can’t change once the page exists; add another page instead.")}
            )

    def ensure_signer_type(self) -> None:
        """Override to choose another ledger row for a page that has none."""
        if self.signer_type_id is not None:
            return
        page = self.parent_pledge_page()
        if page is not None and page.pledge is not None:
            self.signer_type = self._known(page.pledge) or create_signer_type(page.pledge, self.kind)

    def _known(self, pledge: Pledge) -> SignerType | None:
        """The row this page had, its translations have, or that nobody's page shows yet."""
        model = type(self)._default_manager
        same = models.Q(translation_key=getattr(self, "translation_key", None)) | models.Q(pk=self.pk)
        sibling = model.filter(same, signer_type__pledge=pledge).select_related("signer_type").first()
        if sibling is not None:
            return sibling.signer_type
        taken = model.filter(signer_type__pledge=pledge).values("signer_type")
        return SignerType.objects.filter(pledge=pledge, kind=self.kind).exclude(pk__in=taken).first()

    @property
    def ledger(self) -> dict[str, Any] | None:
        """What programs are told of the pledge and of this way to sign it; see :func:`ledgers_of`."""
        return ledgers_of([self])[self.pk]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return page, frame, form and progress."""
        context = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        above = self.parent_pledge_page()
        mine = ledger_context(self, request, pledge_page=above, signer_type_id=self.signer_type_id)
        context = {**context, "pledge_page": above, **mine}
        return {**context, "linked_data": pledge_data(self, context) if above is not None else ""}

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """Every step of signing, and every mail that this way to sign sends."""
        return [*PREVIEW_MODES, *mail_modes(self)]

    def get_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse | None:
        """Show any step of signing, or a mail, in the preview panel."""
        return mail_preview_of(self, request, mode_name) or preview_of(self, request, mode_name)


class AbstractSignerTypePage(SignerTypePageMixin, Page):  # type: ignore[misc]
    """Base of signer-type pages on Wagtail's own page model."""

    class Meta:
        abstract = True
        verbose_name = _("signer-type page")
        verbose_name_plural = _("signer-type pages")
