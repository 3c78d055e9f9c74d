"""The page that shows a pledge."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.html import strip_tags
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.fields import RichTextField
from wagtail.images import get_image_model_string
from wagtail.models import Page
from wagtail.search import index

from wagtail_pledge.campaigns.api_fields import LEDGER, ledgers_of
from wagtail_pledge.campaigns.context.page import ledger_context
from wagtail_pledge.campaigns.editor.mail_previews import mail_modes, mail_preview_of
from wagtail_pledge.campaigns.editor.panels import Advice, BodyPanel, CountedText, pages_below
from wagtail_pledge.campaigns.editor.previews import PREVIEW_MODES, preview_of
from wagtail_pledge.campaigns.optional_fields import asking_panels
from wagtail_pledge.campaigns.page_types.base import PackagePage, Tab
from wagtail_pledge.campaigns.seo import pledge_data
from wagtail_pledge.core.compat import never_translated
from wagtail_pledge.core.registry import collection_of_new_pledge
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services.pledges import create_pledge


class PledgePageForm(WagtailAdminPageForm):  # type: ignore[misc]
    """The form of pledge pages; a site's own ``base_form_class`` should be a subclass.

    A draft may lack the statement. A page that goes live may not: people would sign an empty text.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "statement" in self.fields:
            self.fields["statement"].required = True

    def clean_statement(self) -> str:
        """Refuse markup without a word, which an empty rich text is."""
        html: str = self.cleaned_data["statement"]
        if not self.is_deferred_validation and not strip_tags(html).strip():
            raise ValidationError(gettext("Write the text that people sign."), code="required")
        return html


STATEMENT_FEATURES = ["bold", "italic", "ol", "ul"]
TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link"]
#: Phones show so much of a lead beside title and count; search results and shared links show little more.
LEAD_CHARS = 140


class PledgePageMixin(PackagePage):
    """Fields and behaviour of a pledge page, for a site with its own base page: ``class
    MyPage(PledgePageMixin, MyBase)``.

    Saving a page without a pledge starts one, a draft as long as the page is one; a translation shares the pledge of
    the page it translates. Publishing opens it and freezes the statement (``campaigns.receivers``).
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

    #: What the body of a new page begins with: types of block, each empty. Those that the site's body does not know are
    #: left out, and so is, when the page is published, each that nobody wrote into.
    starter_blocks: ClassVar[tuple[str, ...]] = ("rich_text", "endorsement", "facts_timeline")
    #: A copy is a new campaign: it starts its own pledge.
    exclude_fields_in_copy: ClassVar[list[str]] = ["pledge"]
    base_form_class = PledgePageForm
    shows = "pledge"
    override_translatable_fields: ClassVar[list[Any]] = never_translated("asking")
    page_description = _("A campaign: the call, its story, the form and the thank-you page.")
    default_template = "wagtail_pledge/pages/pledge_page.html"
    api_fields: ClassVar[list[Any]] = ["kicker", "lead", "image", "statement", "body", LEDGER]

    content_panels: ClassVar[list[Any]] = [
        Advice(
            lines=[
                _("Ask one thing of one addressee. A title that begins with a verb says it best."),
                _("The statement is what people sign, word for word. Each published change makes a new version."),
                _("Publishing the page opens its pledge. Dates and goal stand with the pledge, for all languages."),
            ],
            link=_("Ways to sign, and updates: the pages below this one"),
            leads_to=pages_below,
        ),
        TitleFieldPanel("title", placeholder=_("What you ask, like “Ratify the Convention”")),
        FieldPanel("kicker"),
        FieldPanel("lead", widget=CountedText(advised=LEAD_CHARS)),
        FieldPanel("image"),
        FieldPanel("statement"),
    ]
    story_panels: ClassVar[list[Any]] = [
        Advice(
            lines=[
                _("The form stands beside the story by itself; it needs no block."),
                _("Begin with one person or one fact, then say what would change. Empty blocks are not published."),
                _("A number about a treaty stays right as a live fact: press / in a text."),
            ],
            link=_("What is new goes into updates: the pages below this one"),
            leads_to=pages_below,
        ),
        BodyPanel("body"),
    ]
    form_panels: ClassVar[list[Any]] = [
        Advice(
            lines=[
                _("These words hold for every way to sign that has none of its own."),
                _("Say who receives which data: people sign when they know."),
                _("The preview shows the form with errors, and everything that comes after it."),
            ],
            link=_("Questions and consent stand with each way to sign: the pages below this one"),
            leads_to=pages_below,
        ),
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
        Advice(
            lines=[
                _("People see this once they have confirmed. Thank them and say what happens next."),
                _("Below your words stand the number, ways to share and other ways to sign."),
                _("Empty: our words."),
            ],
            link=_("Words of the mails stand with each way to sign: the pages below this one"),
            leads_to=pages_below,
        ),
        MultiFieldPanel([FieldPanel("thanks_heading"), FieldPanel("thanks_text")], heading=_("Thank-you page")),
    ]
    edit_tabs: ClassVar[list[Tab]] = [
        ("content_panels", _("Call")),
        ("story_panels", _("Story")),
        ("form_panels", _("Form")),
        ("after_panels", _("After signing")),
        ("promote_panels", _("Promote")),
        ("settings_panels", _("Settings")),
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
            self.pledge = self._own_pledge() or self._translated_pledge() or self._new_pledge()

    def _own_pledge(self) -> Pledge | None:
        """The pledge that the stored row has: a copied draft carries none."""
        stored = type(self)._default_manager.filter(pk=self.pk).select_related("pledge").first() if self.pk else None
        return stored.pledge if stored else None

    def _new_pledge(self) -> Pledge:
        """A pledge where the page's author may edit it: a copy's author is who copies.

        Pages are saved while somebody types: the pledge of a draft opens when a page of it is first published.
        """
        state = PledgeState.OPEN if getattr(self, "live", True) else PledgeState.DRAFT
        return create_pledge(str(self), state=state, collection=collection_of_new_pledge(getattr(self, "owner", None)))

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

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """Every step of signing, and every mail that the page's own form leads to."""
        return [*PREVIEW_MODES, *mail_modes(self)]

    def get_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse | None:
        """Show any step of signing, or a mail, in the preview panel."""
        return mail_preview_of(self, request, mode_name) or preview_of(self, request, mode_name)


class AbstractPledgePage(PledgePageMixin, Page):  # type: ignore[misc]
    """Base of pledge pages on Wagtail's own page model; subclass it to add fields."""

    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("statement"),
        index.SearchField("body"),
    ]

    class Meta:
        abstract = True
        verbose_name = _("pledge page")
        verbose_name_plural = _("pledge pages")
