"""Viewsets of treaties (key facts can be edited) and States (read only). They use Django's model permissions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import Permission
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet

from wagtail_pledge.treaties.models import State, Treaty, TreatyAction


class _ReferenceViewSet(ModelViewSet):  # type: ignore[misc]
    """Base for models whose rows come from imports: no adding, copying or deleting."""

    add_to_reference_index = False
    copy_view_enabled = False
    list_per_page = 100
    disabled_views: ClassVar[tuple[str, ...]]
    granted_actions: ClassVar[tuple[str, ...]]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Return the view arguments without the URLs of disabled views."""
        return {
            **super().get_common_view_kwargs(**kwargs),
            **{f"{view}_url_name": None for view in self.disabled_views},
        }

    def get_urlpatterns(self) -> list[Any]:
        """Return the URL patterns of the enabled views."""
        return [
            pattern for pattern in super().get_urlpatterns() if pattern.name.split("_")[0] not in self.disabled_views
        ]

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        """Return the permissions for ``granted_actions``."""
        codenames = [f"{action}_{self.model_name}" for action in self.granted_actions]
        permissions: QuerySet[Permission] = super().get_permissions_to_register()
        return permissions.filter(codename__in=codenames)


class TreatyIndexView(IndexView):  # type: ignore[misc]
    """List of treaties with the number of acts of each."""

    def get_base_queryset(self) -> QuerySet[Any]:
        """Annotate ``acts``, the number of acts."""
        treaties: QuerySet[Any] = super().get_base_queryset().annotate(acts=Count("actions"))
        return treaties


class TreatyInspectView(InspectView):  # type: ignore[misc]
    """Key facts of a treaty, and its acts as imported."""

    template_name = "wagtail_pledge/admin/treaty_inspect.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``actions``, ordered by State and date."""
        context = super().get_context_data(**kwargs)
        acts = TreatyAction.objects.filter(treaty=self.object).select_related("party")
        return {**context, "actions": acts.order_by("party__name", "date", "pk")}


class TreatyViewSet(_ReferenceViewSet):
    """Viewset of :class:`Treaty`."""

    model = Treaty
    name = "wagtail_pledge_treaties"
    url_prefix = "treaties"
    icon = "pledge-treaty"
    disabled_views = ("add", "delete")
    granted_actions = ("view", "change")
    index_view_class = TreatyIndexView
    inspect_view_enabled = True
    inspect_view_class = TreatyInspectView
    inspect_view_fields: ClassVar[list[str]] = [
        "key", "short_name", "title", "depositary", "reference", "adopted_on", "in_force_on", "threshold",
        "effect_rule", "as_of", "source", "source_url", "note",
    ]  # fmt: skip
    search_fields: ClassVar[list[str]] = ["key", "short_name", "title"]
    ordering: ClassVar[list[str]] = ["key"]
    list_display: ClassVar[list[Any]] = [
        "short_name",
        Column("title", label=_("Title")),
        NumberColumn("acts", label=_("Acts")),
        DateColumn("as_of", label=_("Status as of")),
    ]
    edit_handler = ObjectList(
        [
            HelpPanel(
                content=_(
                    "<p>Facts about the treaty itself. Signatures and ratifications come from imports "
                    "and are shown elsewhere.</p>"
                )
            ),
            FieldRowPanel([FieldPanel("key", read_only=True), FieldPanel("as_of", read_only=True)]),
            MultiFieldPanel([FieldPanel("short_name"), FieldPanel("name"), FieldPanel("title")], heading=_("Names")),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("adopted_on"), FieldPanel("opened_on"), FieldPanel("in_force_on")]),
                    FieldRowPanel([FieldPanel("threshold"), FieldPanel("threshold_article")]),
                    FieldPanel("effect_rule"),
                    FieldPanel("counts_organizations"),
                ],
                heading=_("Entry into force"),
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("depositary"), FieldPanel("reference")]),
                    FieldPanel("text_url"),
                    FieldPanel("source"),
                    FieldPanel("source_url"),
                    FieldPanel("note"),
                ],
                heading=_("Sources"),
            ),
        ]
    )


class StateIndexView(IndexView):  # type: ignore[misc]
    """States, each once, however many of its names a search finds."""

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return what is found."""
        return super().search_queryset(queryset).distinct()


class StateInspectView(InspectView):  # type: ignore[misc]
    """One State, with the names that sources use for it."""

    def get_aliases_display_value(self) -> str:
        """Return the names, separated by commas."""
        return ", ".join(alias.name for alias in self.object.aliases.all()) or "–"

    def get_field_label(self, field_name: str, field: Any) -> Any:
        """Return the label; ``aliases`` is not a model field."""
        return _("Also called") if field_name == "aliases" else super().get_field_label(field_name, field)


class StateViewSet(_ReferenceViewSet):
    """Viewset of States, and of organizations that can join treaties as States do."""

    model = State
    name = "wagtail_pledge_states"
    url_prefix = "treaty-states"
    icon = "globe"
    disabled_views = ("add", "edit", "delete", "history", "usage")
    granted_actions = ("view",)
    inspect_view_enabled = True
    index_view_class = StateIndexView
    inspect_view_class = StateInspectView
    inspect_view_fields: ClassVar[list[str]] = ["name", "kind", "key", "iso3", "iso2", "m49", "ended_on", "aliases"]
    form_fields: ClassVar[list[str]] = []
    search_fields: ClassVar[list[str]] = ["name", "key", "aliases__name"]
    ordering: ClassVar[list[str]] = ["name"]
    list_display: ClassVar[list[Any]] = [
        "name",
        Column("key", label=_("Party id")),
        Column("kind", label=_("Type"), accessor="get_kind_display"),
    ]

    @property
    def url_finder_class(self) -> Any:
        """The class that finds the URL of a State in the admin: its inspect view."""
        return type("StateURLFinder", (super().url_finder_class,), {"edit_url_name": self.get_url_name("inspect")})
