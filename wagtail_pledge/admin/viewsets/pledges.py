"""Pledges: dates, goal, state, collection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import DateColumn, NumberColumn, StatusTagColumn
from wagtail.admin.views.generic import CreateView
from wagtail.admin.widgets.button import Button, HeaderButton

from wagtail_pledge.admin.filters import PledgeFilterSet
from wagtail_pledge.admin.forms import PledgeForm
from wagtail_pledge.admin.policies import PLEDGE_POLICY
from wagtail_pledge.admin.views.states import StateView, state_url
from wagtail_pledge.admin.viewsets.base import LedgerEditView, LedgerIndexView, LedgerInspectView, LedgerViewSet
from wagtail_pledge.campaigns.lookups import full_url, public_pages_of
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge, Tally
from wagtail_pledge.signing.services.pledges import DEFAULT_KIND, create_signer_type
from wagtail_pledge.signing.services.sources import sources_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """The lines to paste for one language."""

    language: str
    html: str


def snippets(pledge: Pledge) -> list[Snippet]:
    """Return one snippet a language in which the pledge has a page that anybody may read.

    Form and script come from the page's own site: the admin may stand elsewhere.
    """
    names = dict(settings.LANGUAGES)
    script_path, form_path = reverse("wagtail_pledge:embed_script"), reverse("wagtail_pledge:embed", args=[pledge.uuid])
    found = []
    for page in public_pages_of(pledge):
        code, url = page.locale.language_code, full_url(page)
        form = urljoin(url, f"{form_path}?lang={code}")
        link = format_html('<a href="{}" data-pledge-embed="{}">{}</a>', url, form, page.title)
        tag = format_html('<script async src="{}"></script>', urljoin(url, script_path))
        found.append(Snippet(language=str(names.get(code, code)), html=f"{link}\n{tag}"))
    return found


#: They stand in a header and in the address of the form.
MAX_EMBED_ORIGINS: Final = 20

HELP = format_lazy(
    "<p>{ledger}</p><p>{pages}</p>",
    ledger=_("A pledge is the ledger that signatures belong to. All its pages, in every language, share one count."),
    pages=_("What visitors read stands on the page; what holds for all pages stands here."),
)


def signatures_of(pledge: Pledge) -> str:
    """Return the URL of the signature listing narrowed to ``pledge``."""
    return f"{reverse('wagtail_pledge_signatures:index')}?pledge={pledge.pk}"


def with_totals(pledges: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate ``total``: what the tallies say, one subquery a listed row."""
    sums = Tally.objects.filter(pledge=OuterRef("pk")).order_by().values("pledge").annotate(n=Sum("count"))
    return pledges.annotate(total=Coalesce(Subquery(sums.values("n"), output_field=IntegerField()), 0))


class PledgeIndexView(LedgerIndexView):
    """Pledges with their counts."""

    def get_base_queryset(self) -> QuerySet[Any]:
        """Add the totals."""
        return with_totals(super().get_base_queryset())

    def get_list_more_buttons(self, instance: Pledge) -> list[Any]:
        """Lead to the signatures too, and to the state for who may change it."""
        buttons = [Button(str(_("Signatures")), url=signatures_of(instance), icon_name="pledge-signature", priority=5)]
        if self.may("change", instance):
            buttons.append(Button(str(_("Change state")), url=state_url(instance), icon_name="resubmit", priority=6))
        return [*buttons, *super().get_list_more_buttons(instance)]


class PledgeCreateView(CreateView):  # type: ignore[misc]
    """A pledge made here can be signed at once, as one made with a page can."""

    def save_instance(self) -> Pledge:
        """Give the pledge its first signer type."""
        pledge: Pledge = super().save_instance()
        create_signer_type(pledge, DEFAULT_KIND)
        return pledge


class PledgeEditView(LedgerEditView):
    """The pledge's own form, one click from its signatures."""

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Lead to the state and the signatures."""
        stands = gettext("State: %(state)s") % {"state": self.object.get_state_display()}
        return [
            HeaderButton(stands, url=state_url(self.object), icon_name="resubmit"),
            HeaderButton(_("Signatures"), url=signatures_of(self.object), icon_name="pledge-signature"),
        ]


class PledgeInspectView(LedgerInspectView):
    """A pledge and what partners need."""

    template_name = "wagtail_pledge/admin/pledge_inspect.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``sources``, ``embed_origins`` and ``snippets``."""
        context = super().get_context_data(**kwargs)
        origins = list(self.object.embed_origins.all())
        lines = snippets(self.object)
        return {**context, "sources": sources_of(self.object), "embed_origins": origins, "snippets": lines}


class PledgeViewSet(LedgerViewSet):
    """Admin of :class:`Pledge`."""

    model = Pledge
    name = "wagtail_pledge_pledges"
    url_prefix = "pledges"
    icon = "pledge"
    permission_policy = PLEDGE_POLICY
    views = frozenset({
        "index", "index_results", "add", "edit", "delete", "inspect", "history", "history_results", "usage",
    })  # fmt: skip
    index_view_class = PledgeIndexView
    add_view_class = PledgeCreateView
    edit_view_class = PledgeEditView
    inspect_view_enabled = True
    inspect_view_class = PledgeInspectView
    inspect_view_fields: ClassVar[list[str]] = [
        "title",
        "state",
        "collection",
        "opens_at",
        "closes_at",
        "goal",
        "goal_steps",
        "uuid",
    ]
    filterset_class = PledgeFilterSet
    search_fields: ClassVar[list[str]] = ["title"]
    ordering: ClassVar[list[str]] = ["-pk"]
    list_display: ClassVar[list[Any]] = [
        "title",
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            primary=lambda pledge: pledge.state == PledgeState.OPEN,
        ),
        NumberColumn("total", label=_("Signatures")),
        DateColumn("closes_at", label=_("Closes")),
        "collection",
    ]
    edit_handler = ObjectList(
        [
            HelpPanel(content=HELP),
            FieldPanel("title"),
            MultiFieldPanel(
                [FieldPanel("state"), FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")])],
                heading=_("When people can sign"),
            ),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("goal"), FieldPanel("shown_from")]), FieldPanel("goal_steps")],
                heading=_("Number and goal"),
            ),
            MultiFieldPanel(
                [FieldPanel("country"), FieldPanel("shared_mailboxes"), FieldPanel("own_links")], heading=_("Form")
            ),
            FieldPanel("collection"),
            InlinePanel(
                "partner_links",
                heading=_("Partner links"),
                label=_("Partner link"),
                help_text=_("How many came through each stands on the pledge’s inspect page."),
            ),
            InlinePanel(
                "embed_origins",
                heading=_("Websites that may embed the form"),
                label=_("Website"),
                help_text=_("Nobody else can show it. What to paste there stands on the pledge’s inspect page."),
                max_num=MAX_EMBED_ORIGINS,
            ),
        ],
        base_form_class=PledgeForm,
    )

    def get_urlpatterns(self) -> list[Any]:
        """Add the change of state."""
        given = {**self.get_inspect_view_kwargs(), "template_name": StateView.template_name}
        view = self.construct_view(StateView, **given)
        return [*super().get_urlpatterns(), path("state/<int:pk>/", view, name="state")]
