"""The page that shows a pledge."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel, ObjectList, TabbedInterface, TitleFieldPanel
from wagtail.fields import RichTextField
from wagtail.images import get_image_model_string
from wagtail.models import Page
from wagtail.search import index

from wagtail_pledge.campaigns.asking import asking_panels
from wagtail_pledge.campaigns.linked_data import pledge_data
from wagtail_pledge.campaigns.package_pages import PackagePage
from wagtail_pledge.campaigns.page_context import ledger_context
from wagtail_pledge.campaigns.page_fields import LEDGER, ledgers_of
from wagtail_pledge.campaigns.previews import PREVIEW_MODES, preview_of
from wagtail_pledge.core.compat import never_translated
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services.pledges import create_pledge

STATEMENT_FEATURES = ["bold", "italic", "ol", "ul"]
TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link"]


class PledgePageMixin(PackagePage):
    """Fields and behaviour of a pledge page, for a site with its own base page: ``class
    MyPage(PledgePageMixin, MyBase)``.

    Saving a page without a pledge starts one; a translation shares the pledge of the page it translates.
    Publishing freezes the statement (``campaigns.receivers``).
    """

    pledge = models.ForeignKey(
        Pledge,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("pledge"),
    )
    kicker = models.CharField(
        _("who is asked"),
        max_length=120,
        blank=True,
        help_text=_("One line above the title, like “A call to the United States”."),
    )
    lead = models.TextField(
        _("lead"), blank=True, help_text=_("Two sentences under the title: what is wrong, what to do.")
    )
    image = models.ForeignKey(
        get_image_model_string(),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("image"),
    )
    statement = RichTextField(
        _("statement"),
        features=STATEMENT_FEATURES,
        blank=True,
        help_text=_("The text that people sign, word for word. Each published change makes a new version."),
    )
    button_text = models.CharField(_("button"), max_length=40, blank=True, help_text=_("Empty: “Add my name”."))
    asking = models.JSONField(_("choice of fields"), default=dict, blank=True)
    privacy_note = RichTextField(
        _("who sees what"),
        features=TEXT_FEATURES,
        blank=True,
        help_text=_("One or two sentences under the button: who receives which data, and for how long."),
    )
    body = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("body"))
    thanks_heading = models.CharField(_("thank-you heading"), max_length=120, blank=True)
    thanks_text = RichTextField(_("thank-you text"), features=TEXT_FEATURES, blank=True)

    #: A copy is a new campaign: it starts its own pledge.
    exclude_fields_in_copy: ClassVar[list[str]] = ["pledge"]
    preview_modes = PREVIEW_MODES
    shows = "pledge"
    override_translatable_fields: ClassVar[list[Any]] = never_translated("asking")
    page_description = _("A campaign: the call, its story, the form and the thank-you page.")
    default_template = "wagtail_pledge/pages/pledge_page.html"
    api_fields: ClassVar[list[Any]] = ["kicker", "lead", "image", "statement", "body", LEDGER]

    content_panels: ClassVar[list[Any]] = [
        HelpPanel(content=_("<p>What is asked of whom, and the text that people sign.</p>")),
        TitleFieldPanel("title"),
        FieldPanel("kicker"),
        FieldPanel("lead"),
        FieldPanel("image"),
        FieldPanel("statement"),
    ]
    story_panels: ClassVar[list[Any]] = [FieldPanel("body")]
    form_panels: ClassVar[list[Any]] = [
        FieldPanel("button_text"),
        asking_panels(
            _(
                "<p>Name, email and country are always asked. Each further field loses people: ask only what you will "
                "use. This holds for every way to sign this campaign; a signer-type page below can choose otherwise. "
                "What is asked may be left empty; what is not asked is not kept either.</p>"
                "<p>To let organizations sign, add a signer-type page below this one.</p>"
            )
        ),
        FieldPanel("privacy_note"),
    ]
    after_panels: ClassVar[list[Any]] = [
        MultiFieldPanel([FieldPanel("thanks_heading"), FieldPanel("thanks_text")], heading=_("Thank-you page"))
    ]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Make sure that there is a ledger to sign."""
        self.ensure_pledge()
        return super().save(*args, **kwargs)

    def ensure_pledge(self) -> None:
        """Override to choose another pledge for a page that has none."""
        if self.pledge_id is None:
            self.pledge = self._own_pledge() or self._translated_pledge() or create_pledge(str(self))

    def _own_pledge(self) -> Pledge | None:
        """The pledge that the stored row has: a copied draft carries none."""
        stored = type(self)._default_manager.filter(pk=self.pk).select_related("pledge").first() if self.pk else None
        return stored.pledge if stored else None

    def _translated_pledge(self) -> Pledge | None:
        key = getattr(self, "translation_key", None)
        same = type(self)._default_manager.filter(translation_key=key, pledge__isnull=False)
        sibling = same.select_related("pledge").first()
        return sibling.pledge if sibling else None

    @property
    def ledger(self) -> dict[str, Any] | None:
        """What programs are told of the pledge; see :func:`ledgers_of`."""
        return ledgers_of([self])[self.pk]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return page, frame, form and progress."""
        context = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        context = {**context, **ledger_context(self, request, pledge_page=self)}
        return {**context, "linked_data": pledge_data(self, context)}

    def get_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse | None:
        """Show any step of signing in the preview panel."""
        return preview_of(self, request, mode_name)


class AbstractPledgePage(PledgePageMixin, Page):  # type: ignore[misc]
    """Base of pledge pages on Wagtail's own page model; subclass it to add fields."""

    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("statement"),
        index.SearchField("body"),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(PledgePageMixin.content_panels, heading=_("Call")),
            ObjectList(PledgePageMixin.story_panels, heading=_("Story")),
            ObjectList(PledgePageMixin.form_panels, heading=_("Form")),
            ObjectList(PledgePageMixin.after_panels, heading=_("After signing")),
            ObjectList(Page.promote_panels, heading=_("Promote")),
        ]
    )

    class Meta:
        abstract = True
        verbose_name = _("pledge page")
        verbose_name_plural = _("pledge pages")
