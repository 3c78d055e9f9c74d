"""Page type of one way to sign, below a pledge page."""

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

from wagtail_pledge.blocks.questions import assign_slugs
from wagtail_pledge.campaigns.api_fields import LEDGER_API_FIELD, ledger_data
from wagtail_pledge.campaigns.context.page import pledge_context
from wagtail_pledge.campaigns.editor.mail_previews import mail_preview_modes, render_mail_preview
from wagtail_pledge.campaigns.editor.panels import AdvicePanel, StreamPanel, UnreviewedLanguagePanel, parent_edit_url
from wagtail_pledge.campaigns.editor.previews import PREVIEW_MODES, render_preview
from wagtail_pledge.campaigns.optional_fields import optional_fields_panel
from wagtail_pledge.campaigns.page_types.aliases import SharedRowMixin
from wagtail_pledge.campaigns.page_types.base import PledgeChildPageMixin, Tab
from wagtail_pledge.campaigns.page_types.pledge import TEXT_FEATURES
from wagtail_pledge.campaigns.seo import pledge_linked_data
from wagtail_pledge.core.compat import synchronized_fields
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.signing.kinds import kind_choices, kinds
from wagtail_pledge.signing.models import Pledge, SignerType
from wagtail_pledge.signing.services.pledges import create_signer_type


class KindPanel(FieldPanel):  # type: ignore[misc]
    """Panel that offers the registered signer kinds, and the page's own even if it is no longer registered."""

    class BoundPanel(FieldPanel.BoundPanel):  # type: ignore[misc]
        """The field with the choices of one page."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.bound_field is not None:
                own, choices = self.instance.kind, kind_choices()
                is_unregistered = self.instance.signer_type_id is not None and own not in dict(choices)
                self.bound_field.field.widget.choices = [(own, own), *choices] if is_unregistered else choices


class SignerTypePageMixin(SharedRowMixin, PledgeChildPageMixin):
    """Fields and behaviour of a page for one way to sign the pledge of its parent page.

    Examples: "Sign as an individual", "Sign on behalf of an organization".
    """

    signer_type = models.ForeignKey(
        SignerType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("way to sign"),
    )
    kind = models.CharField(_("type of signer"), max_length=40, default="individual")
    intro = RichTextField(_("intro"), features=TEXT_FEATURES, blank=True)
    button_text = models.CharField(_("button text"), max_length=40, blank=True, help_text=_("If empty: “Add my name”."))
    consent_sign = models.TextField(
        _("consent to sign"),
        blank=True,
        help_text=_("Shown above the button and stored with each signature. If empty, the default text is used."),
    )
    consent_updates = models.TextField(
        _("consent to updates"), blank=True, help_text=_("Label of a checkbox that starts unchecked.")
    )
    consent_authority = models.TextField(
        _("authority to sign"),
        blank=True,
        help_text=_("For organizations: the authorization that the signer confirms."),
    )
    optional_fields = models.JSONField(_("fields"), default=dict, blank=True)
    questions = PledgeStreamField(
        "QUESTION_BLOCKS",
        blank=True,
        verbose_name=_("questions"),
        help_text=_("Asked after the standard fields. Answers are stored encrypted. Only staff can see them."),
    )
    confirmation_subject = models.CharField(_("subject of the confirmation email"), max_length=120, blank=True)
    confirmation_text = models.TextField(
        _("introduction of the confirmation email"), blank=True, help_text=_("Plain text, sent exactly as written.")
    )
    thanks_heading = models.CharField(_("thank-you heading"), max_length=120, blank=True)
    thanks_text = RichTextField(_("thank-you text"), features=TEXT_FEATURES, blank=True)

    exclude_fields_in_copy: ClassVar[list[str]] = ["signer_type"]
    page_role = "signer_type"
    shared_field = "signer_type"
    page_description = _("One way to sign a campaign, with its own questions and text.")
    default_template = "wagtail_pledge/pages/signer_type_page.html"
    override_translatable_fields: ClassVar[list[Any]] = synchronized_fields("kind", "optional_fields")
    api_fields: ClassVar[list[Any]] = ["kind", "intro", "questions", LEDGER_API_FIELD]

    content_panels: ClassVar[list[Any]] = [
        AdvicePanel(
            lines=[
                _(
                    "One way to sign the campaign on the page above. Its title is the text of the button "
                    "that leads here."
                ),
                _("Fields that you leave empty use the text of the campaign page, or the default text."),
                _("Ask what you will use: each question costs signatures."),
            ],
            link=_("The statement is on the campaign page: the page above this page"),
            get_link_url=parent_edit_url,
        ),
        TitleFieldPanel("title", placeholder=_("Who signs. For example, “As a nurse”")),
        KindPanel("kind", widget=forms.Select),
        FieldPanel("intro"),
        FieldPanel("button_text"),
        MultiFieldPanel(
            [
                UnreviewedLanguagePanel(),
                FieldPanel("consent_sign"),
                FieldPanel("consent_authority"),
                FieldPanel("consent_updates"),
            ],
            heading=_("Consent"),
        ),
        optional_fields_panel(
            _(
                "<p>Each field loses people, so ask only for what you will use. Signers can leave these "
                "fields empty, unless you require one. What you do not ask for is not stored.</p>"
            )
        ),
        StreamPanel("questions"),
    ]
    message_panels: ClassVar[list[Any]] = [
        AdvicePanel(
            lines=[
                _(
                    "The confirmation email already includes the button and the code. Use this text to "
                    "say why the signature matters."
                ),
                _("The preview shows every email, with your text and sample data."),
                _("If empty, the thank-you text of the page above or the default text is used."),
            ],
            link=_("The same text for all ways to sign: the page above this page"),
            get_link_url=parent_edit_url,
        ),
        MultiFieldPanel(
            [FieldPanel("confirmation_subject"), FieldPanel("confirmation_text")], heading=_("Confirmation email")
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
        """Save the page, setting its signer type first if it has none."""
        self.ensure_signer_type()
        return super().save(*args, **kwargs)

    def clean(self) -> None:
        """Give new questions their slugs. Raises ``ValidationError`` for an unregistered kind, or one that has changed.

        The kind is fixed once the signer type exists: its signatures have that kind.
        """
        super().clean()
        assign_slugs(self.questions)
        if self.kind not in kinds() and not self.signer_type_id:
            raise ValidationError({"kind": gettext("Choose one of the types available on this site.")})
        if self.signer_type and self.signer_type.kind != self.kind:
            raise ValidationError(
                {"kind": gettext("The type cannot be changed once the page exists. Add another page instead.")}
            )

    def ensure_signer_type(self) -> None:
        """Set the signer type of a page that has none. Override to choose another."""
        if self.signer_type_id is not None:
            return
        page = self.parent_pledge_page()
        if page is not None and page.pledge is not None:
            self.signer_type = self._existing_signer_type(page.pledge) or create_signer_type(page.pledge, self.kind)

    def _existing_signer_type(self, pledge: Pledge) -> SignerType | None:
        """Return the signer type of the saved row or of a translation, else one of the kind that no page shows yet."""
        # The site's page model has ``translation_key``, from Wagtail's ``TranslatableMixin``
        pages: Any = type(self)._default_manager
        same_page = models.Q(translation_key=getattr(self, "translation_key", None)) | models.Q(pk=self.pk)
        page = pages.filter(same_page, signer_type__pledge=pledge).select_related("signer_type").first()
        if page is not None:
            signer_type: SignerType = page.signer_type
            return signer_type
        return self._unused_signer_type(pledge)

    def _unused_signer_type(self, pledge: Pledge) -> SignerType | None:
        pages: Any = type(self)._default_manager
        taken = pages.filter(signer_type__pledge=pledge).values("signer_type")
        return SignerType.objects.filter(pledge=pledge, kind=self.kind).exclude(pk__in=taken).first()

    def is_shared(self) -> bool:
        """Whether another ordinary page in this language has the signer type, or it is one of another pledge."""
        page = self.parent_pledge_page()
        is_foreign = page is not None and self.signer_type is not None and self.signer_type.pledge_id != page.pledge_id
        return is_foreign or super().is_shared()

    def set_own_row(self) -> None:
        """Give the page a signer type that no other page shows: it was an alias."""
        page = self.parent_pledge_page()
        if page is not None and page.pledge is not None:
            self.signer_type = self._unused_signer_type(page.pledge) or create_signer_type(page.pledge, self.kind)

    @property
    def ledger(self) -> dict[str, Any] | None:
        """The page API's data of the pledge and of this way to sign it; see :func:`ledger_data`."""
        return ledger_data([self])[self.pk]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the context of the page, the form and the progress."""
        context = super().get_context(request, *args, **kwargs)
        pledge_page = self.parent_pledge_page()
        pledge = pledge_context(self, request, pledge_page=pledge_page, signer_type_id=self.signer_type_id)
        context = {**context, "pledge_page": pledge_page, **pledge}
        return {**context, "linked_data": pledge_linked_data(self, context) if pledge_page is not None else ""}

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """Preview modes: every step of signing, and every mail that this way to sign leads to."""
        return [*PREVIEW_MODES, *mail_preview_modes(self)]

    def get_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse | None:
        """Return the preview of a step of signing or of a mail."""
        return render_mail_preview(self, request, mode_name) or render_preview(self, request, mode_name)


class AbstractSignerTypePage(SignerTypePageMixin, Page):  # type: ignore[misc, django-manager-missing]
    """Abstract signer-type page on Wagtail's ``Page``; subclass it to add fields."""

    class Meta:
        abstract = True
        verbose_name = _("way to sign")
        verbose_name_plural = _("ways to sign")
