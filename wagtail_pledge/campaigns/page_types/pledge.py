"""Page type of a campaign: shows a pledge and the form to sign it."""

from __future__ import annotations

from typing import Any, ClassVar, Final

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

from wagtail_pledge.campaigns.api_fields import LEDGER_API_FIELD, ledger_data
from wagtail_pledge.campaigns.context.page import pledge_context, side_context
from wagtail_pledge.campaigns.editor.mail_previews import mail_preview_modes, render_mail_preview
from wagtail_pledge.campaigns.editor.panels import AdvicePanel, BodyPanel, CountedTextarea, child_pages_url
from wagtail_pledge.campaigns.editor.previews import PREVIEW_MODES, render_preview
from wagtail_pledge.campaigns.lookups import ordinary_page_beside
from wagtail_pledge.campaigns.optional_fields import optional_fields_panel
from wagtail_pledge.campaigns.page_types.aliases import SharedRowMixin
from wagtail_pledge.campaigns.page_types.base import BasePageMixin, Tab
from wagtail_pledge.campaigns.seo import pledge_linked_data
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.compat import synchronized_fields
from wagtail_pledge.core.registry import collection_of_new_pledge
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services.pledges import create_pledge


class PledgePageForm(WagtailAdminPageForm):  # type: ignore[misc]
    """Edit form of pledge pages; a site's own ``base_form_class`` should be a subclass.

    The statement is required for publishing, though not for saving a draft: people would sign an empty text.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "statement" in self.fields:
            self.fields["statement"].required = True

    def clean_statement(self) -> str:
        """Refuse a statement that has markup but no text, as an empty rich text has."""
        html: str = self.cleaned_data["statement"]
        if not self.is_deferred_validation and not strip_tags(html).strip():
            raise ValidationError(gettext("Enter the statement that people sign."), code="required")
        return html


#: Whether the advice to editors speaks of treaties.
HAS_TREATIES: Final[bool] = get_setting("TREATIES")
STATEMENT_FEATURES = ["bold", "italic", "ol", "ul"]
TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link"]
#: Advised length of the lead: what a phone shows beside title and count. Search results and shared links show little
#: more.
LEAD_CHARS = 140


class PledgePageMixin(SharedRowMixin, BasePageMixin):
    """Fields and behaviour of a pledge page, for sites with a base page: ``class MyPage(PledgePageMixin, MyBase)``.

    Saving a page without a pledge creates one, as a draft while the page is a draft; a translation shares the pledge of
    its original, and so does an alias until it is converted. Publishing opens the pledge and freezes the statement
    (``campaigns.publishing``).
    """

    pledge = models.ForeignKey(
        Pledge,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("campaign"),
    )
    asker = models.CharField(
        _("who asks"),
        max_length=120,
        blank=True,
        help_text=_("Your organization or group, shown above the title."),
    )
    asker_logo = models.ForeignKey(
        get_image_model_string(),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("logo of who asks"),
    )
    addressee = models.CharField(
        _("whom you ask"),
        max_length=120,
        blank=True,
        help_text=_("Who decides. For example, “the United States Senate”."),
    )
    lead = models.TextField(
        _("introduction"),
        blank=True,
        help_text=_("Two sentences under the title: the problem, and what you want done."),
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
        help_text=_("The text that people sign, word for word. Each published change creates a new version."),
    )
    button_text = models.CharField(_("button text"), max_length=40, blank=True, help_text=_("If empty: “Add my name”."))
    optional_fields = models.JSONField(_("fields"), default=dict, blank=True)
    privacy_note = RichTextField(
        _("privacy note"),
        features=TEXT_FEATURES,
        blank=True,
        help_text=_("One or two sentences under the button: who receives which data, and for how long."),
    )
    body = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("body"))
    thanks_heading = models.CharField(_("thank-you heading"), max_length=120, blank=True)
    thanks_text = RichTextField(_("thank-you text"), features=TEXT_FEATURES, blank=True)

    #: Types of the empty blocks in the body of a new page. Types that the site's body does not define are left out, and
    #: so are blocks that are still empty when the page is published.
    starter_blocks: ClassVar[tuple[str, ...]] = ("rich_text", "endorsement", "facts_timeline")
    #: A copy is a new campaign with a pledge of its own.
    exclude_fields_in_copy: ClassVar[list[str]] = ["pledge"]
    base_form_class = PledgePageForm
    page_role = "pledge"
    shared_field = "pledge"
    override_translatable_fields: ClassVar[list[Any]] = synchronized_fields("optional_fields")
    page_description = _("A campaign: what you ask for, the story, the form and the thank-you page.")
    default_template = "wagtail_pledge/pages/pledge_page.html"
    api_fields: ClassVar[list[Any]] = [
        "asker",
        "asker_logo",
        "addressee",
        "lead",
        "image",
        "statement",
        "body",
        LEDGER_API_FIELD,
    ]

    content_panels: ClassVar[list[Any]] = [
        AdvicePanel(
            lines=[
                _("Ask one person or body for one thing. Start the title with a verb."),
                _("The statement is what people sign, word for word. Each published change creates a new version."),
                _(
                    "Publishing the page opens the campaign for signing. Dates and goal are in the "
                    "campaign’s settings, for all languages."
                ),
            ],
            link=_("Ways to sign, and updates: the pages under this page"),
            get_link_url=child_pages_url,
        ),
        TitleFieldPanel("title", placeholder=_("What you ask for. For example, “Ratify the Convention”")),
        MultiFieldPanel(
            [FieldPanel("asker"), FieldPanel("addressee"), FieldPanel("asker_logo")],
            heading=_("Who asks whom"),
            help_text=_("Shown above the title, for example “Farm Workers United asks the United States Senate”."),
        ),
        FieldPanel("lead", widget=CountedTextarea(advised=LEAD_CHARS)),
        FieldPanel("image"),
        FieldPanel("statement"),
    ]
    story_panels: ClassVar[list[Any]] = [
        AdvicePanel(
            lines=[
                _("The form appears next to the story automatically. You do not need a block for it."),
                _("Begin with one person or one fact, then say what would change. Empty blocks are not published."),
                *(
                    [_("To insert a treaty number that updates automatically, type / in a text.")]
                    if HAS_TREATIES
                    else []
                ),
            ],
            link=_("News goes in updates: the pages under this page"),
            get_link_url=child_pages_url,
        ),
        BodyPanel("body"),
    ]
    form_panels: ClassVar[list[Any]] = [
        AdvicePanel(
            lines=[
                _("Used for every way to sign that has no text of its own."),
                _("Say who receives which data. People are more likely to sign when they know."),
                _("The preview shows the form with errors, and everything that comes after it."),
            ],
            link=_("Questions and consent are on each way to sign: the pages under this page"),
            get_link_url=child_pages_url,
        ),
        FieldPanel("button_text"),
        optional_fields_panel(
            _(
                "<p>Name, email and country are always asked. Each extra field loses people, so ask "
                "only for what you will use. This applies to every way to sign this campaign; a page "
                "under this one can choose differently. Signers can leave these fields empty, unless you require "
                "one. What you do not ask for is not stored.</p><p>To let organizations sign, add a “Way to "
                "sign” page under this page.</p>"
            )
        ),
        FieldPanel("privacy_note"),
    ]
    after_panels: ClassVar[list[Any]] = [
        AdvicePanel(
            lines=[
                _("People see this once they have confirmed. Thank them and say what happens next."),
                _("Below your text, the page shows the count, sharing links and other ways to sign."),
                _("If empty, the default text is used."),
            ],
            link=_("The text of the emails is on each way to sign: the pages under this page"),
            get_link_url=child_pages_url,
        ),
        MultiFieldPanel([FieldPanel("thanks_heading"), FieldPanel("thanks_text")], heading=_("Thank-you page")),
    ]
    edit_tabs: ClassVar[list[Tab]] = [
        ("content_panels", _("Campaign")),
        ("story_panels", _("Story")),
        ("form_panels", _("Form")),
        ("after_panels", _("After signing")),
        ("promote_panels", _("Promote")),
        ("settings_panels", _("Settings")),
    ]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save the page, creating its pledge first if it has none."""
        self.ensure_pledge()
        return super().save(*args, **kwargs)

    def ensure_pledge(self) -> None:
        """Set the pledge of a page that has none. Override to choose another."""
        if self.pledge_id is None:
            self.pledge = self._stored_pledge() or self._translated_pledge() or self._new_pledge()

    def clean(self) -> None:
        """Raise ``ValidationError`` if another ordinary page in this language already shows the pledge.

        Pages that are stored so (former aliases of a deleted page) can be saved; the editor shows a warning.
        """
        super().clean()
        other = ordinary_page_beside(self, "pledge") if self.alias_of_id is None else None
        pages: Any = type(self)._default_manager
        stored = pages.filter(pk=self.pk, pledge=self.pledge_id, locale=self.locale_id)
        if other is not None and not stored.exists():
            message = gettext("“%(title)s” already shows this campaign in this language.") % {"title": other}
            raise ValidationError(message, code="shared_pledge")

    def set_own_row(self) -> None:
        """Give the page a new pledge: it was an alias."""
        self.pledge = self._new_pledge()

    def _stored_pledge(self) -> Pledge | None:
        """Return the pledge of the saved row: a copied draft revision has none."""
        stored = type(self)._default_manager.filter(pk=self.pk).select_related("pledge").first() if self.pk else None
        return stored.pledge if stored else None

    def _new_pledge(self) -> Pledge:
        """Create a pledge, in a collection where the page's owner may edit it; the owner of a copy is who copied.

        The pledge of a draft page is a draft: Wagtail autosaves pages while they are written. It opens when a page of
        it is first published.
        """
        state = PledgeState.OPEN if getattr(self, "live", True) else PledgeState.DRAFT
        return create_pledge(str(self), state=state, collection=collection_of_new_pledge(getattr(self, "owner", None)))

    def _translated_pledge(self) -> Pledge | None:
        # The site's page model has ``translation_key``, from Wagtail's ``TranslatableMixin``
        pages: Any = type(self)._default_manager
        key = getattr(self, "translation_key", None)
        translation = pages.filter(translation_key=key, pledge__isnull=False).select_related("pledge").first()
        if translation is None:
            return None
        self.pledge = translation.pledge
        return None if self.is_shared() else self.pledge

    @property
    def ledger(self) -> dict[str, Any] | None:
        """The page API's data of the pledge; see :func:`ledger_data`."""
        return ledger_data([self])[self.pk]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the context of the page, the form and the progress."""
        context = super().get_context(request, *args, **kwargs)
        context = {**context, **pledge_context(self, request, pledge_page=self)}
        context |= side_context(context)
        return {**context, "linked_data": pledge_linked_data(self, context)}

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """Preview modes: every step of signing, and every mail that the page's form leads to."""
        return [*PREVIEW_MODES, *mail_preview_modes(self)]

    def get_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse | None:
        """Return the preview of a step of signing or of a mail."""
        return render_mail_preview(self, request, mode_name) or render_preview(self, request, mode_name)


class AbstractPledgePage(PledgePageMixin, Page):  # type: ignore[misc, django-manager-missing]
    """Abstract pledge page on Wagtail's ``Page``; subclass it to add fields."""

    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("statement"),
        index.SearchField("body"),
    ]

    class Meta:
        abstract = True
        verbose_name = _("campaign page")
        verbose_name_plural = _("campaign pages")
