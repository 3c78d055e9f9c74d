"""Viewsets of treaties, States and their names. They use Django's model permissions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn
from wagtail.admin.views.generic import CreateView, EditView, IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton

from wagtail_pledge.admin.plain_texts import PlainTextForm
from wagtail_pledge.admin.treaties.catalogue import CATALOGUE_URL, CatalogueView, may_load
from wagtail_pledge.admin.treaties.forms import (
    NewStateForm,
    StateAliasForm,
    StateForm,
    TreatyDeclarationForm,
    TreatyNameForm,
)
from wagtail_pledge.treaties.models import State, StateAlias, Treaty, TreatyAction, TreatyDeclaration, TreatyName


class _ConflictMixin:
    """View mixin that shows a form error when another user saved the same entry between check and save."""

    def form_valid(self, form: Any) -> Any:
        """Save the form; show it again with an error if a unique constraint does not allow that."""
        view: Any = super()
        try:
            with transaction.atomic():
                return view.form_valid(form)
        except IntegrityError:
            form.add_error(None, _("Somebody else has just saved the same entry. Look at the list, then try again."))
            # Sets the message of the error
            view.is_valid(form)
            return view.form_invalid(form)


class _ReferenceCreateView(_ConflictMixin, CreateView):  # type: ignore[misc]
    pass


class _ReferenceEditView(_ConflictMixin, EditView):  # type: ignore[misc]
    pass


class _ReferenceViewSet(ModelViewSet):  # type: ignore[misc]
    """Base for models of reference data, most of whose rows the package ships: no copying."""

    add_to_reference_index = False
    copy_view_enabled = False
    add_view_class = _ReferenceCreateView
    edit_view_class = _ReferenceEditView
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
    """List of treaties with the number of acts of each, and a button to the catalogue."""

    @cached_property
    def header_buttons(self) -> list[Any]:
        """Return the button to the catalogue before Wagtail's own."""
        buttons: list[Any] = super().header_buttons
        if not may_load(self.request.user):
            return buttons
        url = reverse(CATALOGUE_URL)
        return [HeaderButton(_("Add from the catalogue"), url=url, icon_name="download"), *buttons]

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


class StatusAsOfColumn(DateColumn):  # type: ignore[misc]
    """The date of a treaty's status; a treaty whose status was never imported is marked."""

    cell_template_name = "wagtail_pledge/admin/status_as_of.html"


class TreatyViewSet(_ReferenceViewSet):
    """Viewset of :class:`Treaty`."""

    model = Treaty
    name = "wagtail_pledge_treaties"
    url_prefix = "treaties"
    icon = "pledge-treaty"
    disabled_views = ("delete",)
    granted_actions = ("view", "add", "change")
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
        StatusAsOfColumn("as_of", label=_("Status as of")),
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
        ],
        base_form_class=PlainTextForm,
    )

    def get_add_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Return the view arguments with a form that has the key, which cannot be changed later."""
        shared = (panel for panel in self.edit_handler.children if isinstance(panel, MultiFieldPanel))
        panels = [FieldPanel("key"), *(panel.clone() for panel in shared)]
        panel = ObjectList(panels, base_form_class=PlainTextForm).bind_to_model(self.model)
        return {**super().get_add_view_kwargs(**kwargs), "panel": panel, "form_class": panel.get_form_class()}

    def get_urlpatterns(self) -> list[Any]:
        """Return the URL patterns, with that of the catalogue."""
        return [*super().get_urlpatterns(), path("catalogue/", CatalogueView.as_view(), name="catalogue")]


class StateIndexView(IndexView):  # type: ignore[misc]
    """List of States, each once, even if a search matches several of its names."""

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the matching States without duplicates."""
        states: QuerySet[Any] = super().search_queryset(queryset).distinct()
        return states


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
    disabled_views = ("delete", "history", "usage")
    granted_actions = ("view", "add", "change")
    inspect_view_enabled = True
    index_view_class = StateIndexView
    inspect_view_class = StateInspectView
    inspect_view_fields: ClassVar[list[str]] = ["name", "kind", "key", "iso3", "iso2", "m49", "ended_on", "aliases"]
    search_fields: ClassVar[list[str]] = ["name", "key", "aliases__name"]
    ordering: ClassVar[list[str]] = ["name"]
    list_display: ClassVar[list[Any]] = [
        "name",
        Column("key", label=_("Party id")),
        Column("kind", label=_("Type"), accessor="get_kind_display"),
    ]

    def get_form_class(self, for_update: bool = False) -> Any:
        """Return the form; the party id cannot be changed later."""
        return StateForm if for_update else NewStateForm


class StateAliasViewSet(_ReferenceViewSet):
    """Viewset of the names of States: imports and searches find a State by each of them."""

    model = StateAlias
    name = "wagtail_pledge_state_names"
    url_prefix = "treaty-state-names"
    icon = "tag"
    menu_label = _("Names of States")
    disabled_views = ("history", "usage", "inspect")
    granted_actions = ("add", "change", "delete")
    search_fields: ClassVar[list[str]] = ["name", "state__name", "state__key"]
    ordering: ClassVar[list[str]] = ["name"]
    list_display: ClassVar[list[Any]] = [
        "name",
        Column("state", label=_("State")),
        Column("kind", label=_("Type"), accessor="get_kind_display"),
    ]

    def get_form_class(self, for_update: bool = False) -> Any:
        """Return the form."""
        return StateAliasForm


class TreatyDeclarationViewSet(_ReferenceViewSet):
    """Viewset of acceptances under optional articles, declarations and reservations."""

    model = TreatyDeclaration
    name = "wagtail_pledge_treaty_declarations"
    url_prefix = "treaty-declarations"
    icon = "doc-full-inverse"
    menu_label = _("Declarations on treaties")
    disabled_views = ("history", "usage", "inspect")
    granted_actions = ("add", "change", "delete")
    search_fields: ClassVar[list[str]] = ["party__name", "treaty__key", "article", "text"]
    ordering: ClassVar[list[str]] = ["treaty__key", "party__name", "article"]
    list_display: ClassVar[list[Any]] = [
        Column("party", label=_("State")),
        Column("treaty", label=_("Treaty"), accessor="treaty.short_name"),
        Column("kind", label=_("Type"), accessor="get_kind_display"),
        "article",
        DateColumn("date", label=_("Date")),
    ]

    def get_form_class(self, for_update: bool = False) -> Any:
        """Return the form."""
        return TreatyDeclarationForm


class TreatyNameViewSet(_ReferenceViewSet):
    """Viewset of the names of treaties in other languages."""

    model = TreatyName
    name = "wagtail_pledge_treaty_names"
    url_prefix = "treaty-names"
    icon = "site"
    menu_label = _("Names of treaties")
    disabled_views = ("history", "usage", "inspect")
    granted_actions = ("add", "change", "delete")
    search_fields: ClassVar[list[str]] = ["name", "title", "treaty__key"]
    ordering: ClassVar[list[str]] = ["treaty__key", "language"]
    list_display: ClassVar[list[Any]] = ["title", Column("treaty", label=_("Treaty")), "language"]

    def get_form_class(self, for_update: bool = False) -> Any:
        """Return the form."""
        return TreatyNameForm
