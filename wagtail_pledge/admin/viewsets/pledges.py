"""Viewset of pledges, with the code for embedding their forms."""

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

from wagtail_pledge.admin.deletion import DeletionBlocker, deletion_blockers, pages_kept_from
from wagtail_pledge.admin.filters import PledgeFilterSet
from wagtail_pledge.admin.forms import PledgeForm
from wagtail_pledge.admin.permissions import PLEDGE_POLICY, PledgePermission, has_permission_on
from wagtail_pledge.admin.views.archive import ArchiveView, archive_url
from wagtail_pledge.admin.views.deletion import ProtectedDeleteView
from wagtail_pledge.admin.views.event_links import EventLinksView, event_links_url
from wagtail_pledge.admin.views.states import StateView, state_url
from wagtail_pledge.admin.views.submissions import NAMESPACE as SUBMISSIONS
from wagtail_pledge.admin.viewsets.base import ScopedEditView, ScopedIndexView, ScopedInspectView, ScopedViewSet
from wagtail_pledge.campaigns.lookups import find_public_pages, full_url
from wagtail_pledge.core.db import database_now
from wagtail_pledge.delivery.display import MAX_RECIPIENTS
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge, Submission, Tally
from wagtail_pledge.signing.services.pledges import DEFAULT_KIND, can_be_archived, create_signer_type
from wagtail_pledge.signing.services.sources import sources_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedSnippet:
    """The HTML to paste for one language."""

    language: str
    html: str


def snippets(pledge: Pledge) -> list[EmbedSnippet]:
    """Return one snippet per language in which the pledge has a public page.

    Form and script are loaded from the page's own site, because the admin may run on another host.
    """
    names = dict(settings.LANGUAGES)
    script_path, form_path = reverse("wagtail_pledge:embed_script"), reverse("wagtail_pledge:embed", args=[pledge.uuid])
    result = []
    for page in find_public_pages(pledge):
        code, url = page.locale.language_code, full_url(page)
        form = urljoin(url, f"{form_path}?lang={code}")
        link = format_html('<a href="{}" data-pledge-embed="{}">{}</a>', url, form, page.title)
        tag = format_html('<script async src="{}"></script>', urljoin(url, script_path))
        result.append(EmbedSnippet(language=str(names.get(code, code)), html=f"{link}\n{tag}"))
    return result


#: They are sent in a header and are part of the form's URL.
MAX_EMBED_ORIGINS: Final = 20

HELP = format_lazy(
    "<p>{ledger}</p><p>{pages}</p>",
    ledger=_("A campaign collects signatures. All its pages, in every language, share one count."),
    pages=_("Edit what visitors read on the campaign page. Settings for all its pages are here."),
)


def signatures_url(pledge: Pledge) -> str:
    """Return the URL of the signature listing, filtered by ``pledge``."""
    return f"{reverse('wagtail_pledge_signatures:index')}?pledge={pledge.pk}"


def waiting_of(user: Any, pledge: Pledge) -> dict[str, Any] | None:
    """Return ``count`` and ``url`` of the forms that wait for confirmation, ``None`` if ``user`` may not see them."""
    if not has_permission_on(user, pledge, PledgePermission.CONTACT):
        return None
    return {
        "count": Submission.objects.open().filter(pledge=pledge).count(),
        "url": f"{reverse(f'{SUBMISSIONS}:index')}?pledge={pledge.pk}",
    }


def with_totals(pledges: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate ``total``, the number of counted signatures: the sum of the tallies, as a subquery."""
    sums = Tally.objects.filter(pledge=OuterRef("pk")).order_by().values("pledge").annotate(n=Sum("count"))
    annotated: QuerySet[Any] = pledges.annotate(
        total=Coalesce(Subquery(sums.values("n"), output_field=IntegerField()), 0)
    )
    return annotated


class PledgeIndexView(ScopedIndexView):
    """List of pledges with their counts."""

    def get_base_queryset(self) -> QuerySet[Any]:
        """Annotate ``total``."""
        return with_totals(super().get_base_queryset())

    def get_list_more_buttons(self, instance: Pledge) -> list[Any]:
        """Add a button to the signatures, and one to the state if the user may change it."""
        buttons = [Button(str(_("Signatures")), url=signatures_url(instance), icon_name="pledge-signature", priority=5)]
        if self.user_has_permission_for_instance("change", instance):
            buttons.append(Button(str(_("Change status")), url=state_url(instance), icon_name="resubmit", priority=6))
            label = _("Archive") if instance.archived_at is None else _("Take out of the archive")
            buttons.append(Button(str(label), url=archive_url(instance), icon_name="folder-inverse", priority=7))
        return [*buttons, *super().get_list_more_buttons(instance)]


class PledgeCreateView(CreateView):  # type: ignore[misc]
    """Create view that also creates a signer type, so that the pledge can be signed."""

    def save_instance(self) -> Pledge:
        """Save the pledge and create its first signer type."""
        pledge: Pledge = super().save_instance()
        create_signer_type(pledge, DEFAULT_KIND)
        return pledge


class PledgeEditView(ScopedEditView):
    """Edit view with buttons to the state and the signatures."""

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """The buttons to the state and the signatures."""
        label = gettext("Status: %(state)s") % {"state": self.object.get_state_display()}
        return [
            HeaderButton(label, url=state_url(self.object), icon_name="resubmit"),
            HeaderButton(_("Signatures"), url=signatures_url(self.object), icon_name="pledge-signature"),
        ]


class PledgeInspectView(ScopedInspectView):
    """Inspect view with forms that wait for confirmation, partner links and the code for embedding the form."""

    template_name = "wagtail_pledge/admin/pledge_inspect.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``waiting``, ``sources``, ``embed_origins``, ``snippets`` and ``event_links_url`` (for moderators)."""
        may_moderate = has_permission_on(self.request.user, self.object, PledgePermission.MODERATE)
        return {
            **super().get_context_data(**kwargs),
            "waiting": waiting_of(self.request.user, self.object),
            "sources": sources_of(self.object),
            "embed_origins": list(self.object.embed_origins.all()),
            "snippets": snippets(self.object),
            "event_links_url": event_links_url(self.object) if may_moderate else "",
        }


class PledgeDeleteView(ProtectedDeleteView):
    """Deletes a pledge that nobody has signed with its pages; offers to archive any other."""

    @cached_property
    def blockers(self) -> list[DeletionBlocker]:
        """What prevents the deletion: also pages that the user may not delete."""
        return deletion_blockers(self.object) or pages_kept_from(self.request.user, self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``archive_url`` if the user may archive the pledge."""
        may_archive = self.user_has_permission_for_instance("change", self.object)
        is_possible = may_archive and can_be_archived(self.object, database_now())
        return {**super().get_context_data(**kwargs), "archive_url": archive_url(self.object) if is_possible else ""}


class PledgeViewSet(ScopedViewSet):
    """Viewset of :class:`Pledge`."""

    model = Pledge
    name = "wagtail_pledge_pledges"
    url_prefix = "pledges"
    icon = "pledge"
    permission_policy = PLEDGE_POLICY
    enabled_views = frozenset({
        "index", "index_results", "add", "edit", "delete", "inspect", "history", "history_results", "usage",
    })  # fmt: skip
    index_view_class = PledgeIndexView
    add_view_class = PledgeCreateView
    edit_view_class = PledgeEditView
    delete_view_class = PledgeDeleteView
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
            label=_("Status"),
            accessor="get_state_display",
            primary=lambda pledge: pledge.state == PledgeState.OPEN,
        ),
        NumberColumn("total", label=_("Signatures")),
        DateColumn("closes_at", label=_("Closes on")),
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
                heading=_("Count and goal"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("country"),
                    FieldPanel("shared_mailboxes"),
                    FieldPanel("referral_links"),
                    FieldPanel("time_zone"),
                ],
                heading=_("Form"),
            ),
            FieldPanel("collection"),
            InlinePanel(
                "recipients",
                heading=_("Whom the campaign urges"),
                label=_("Decision-maker"),
                panels=[FieldPanel("recipient")],
                help_text=_("The block “Who decides” and the public data list them, in this order."),
                max_num=MAX_RECIPIENTS,
            ),
            InlinePanel(
                "partner_links",
                heading=_("Partner links"),
                label=_("Partner link"),
                help_text=_("The campaign’s details page shows how many people signed through each link."),
            ),
            InlinePanel(
                "embed_origins",
                heading=_("Websites that may embed the form"),
                label=_("Website"),
                help_text=_("No other website can show it. The campaign’s details page has the code to paste."),
                max_num=MAX_EMBED_ORIGINS,
            ),
        ],
        base_form_class=PledgeForm,
    )

    def get_urlpatterns(self) -> list[Any]:
        """Add the views of the state, of the archive and of the event links."""
        kwargs = {**self.get_inspect_view_kwargs(), "template_name": StateView.template_name}
        view = self.construct_view(StateView, **kwargs)
        archive = self.construct_view(ArchiveView, **{**kwargs, "template_name": ArchiveView.template_name})
        links = self.construct_view(EventLinksView, **{**kwargs, "template_name": EventLinksView.template_name})
        return [
            *super().get_urlpatterns(),
            path("state/<int:pk>/", view, name="state"),
            path("archive/<int:pk>/", archive, name="archive"),
            path("event-links/<int:pk>/", links, name="event_links"),
        ]
