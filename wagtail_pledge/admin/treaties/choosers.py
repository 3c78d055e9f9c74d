"""Choosing treaties and States, which are public data: everybody in the admin may."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.admin.choosers import ScopedChooserViewSet, ScopedChooserWidget, ScopedChosenView
from wagtail_pledge.core.collation import sort_key
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.states import display_name, normalize_name

#: Query parameter of the choosers: ``key`` if they return the key of the chosen row, not its primary key.
BY: Final = "by"


class NamedChooser(ScopedChooserWidget):
    """Widget of the choosers. It names a row as the list does."""

    scope: Any = None

    def get_display_title(self, instance: Any) -> str:
        """Return the text that the form shows for a chosen row."""
        return str(self.scope.title_of(instance))


class KeyChooserMixin:
    """Makes a chooser's value the row's ``key``, which stored blocks use."""

    model_class: Any
    display_title_key: str

    def get_chooser_modal_url(self) -> str:
        """Return the URL of the list, which then returns keys."""
        chooser: Any = super()
        return f"{chooser.get_chooser_modal_url()}?{BY}=key"

    def get_instance(self, value: Any) -> Any | None:
        """Return the row with this key."""
        if not value or isinstance(value, self.model_class):
            return value or None
        return self.model_class._default_manager.filter(key=value).first()

    def get_value_data_from_instance(self, instance: Any) -> dict[str, Any]:
        """Return what the form shows, with the key as its id."""
        chooser: Any = super()
        return {**chooser.get_value_data_from_instance(instance), "id": instance.key}


class NamedChosenView(ScopedChosenView):
    """The row that was chosen, by its primary key or its key."""

    def get_object_id(self, instance: Any) -> Any:
        """Return what becomes the field's value."""
        return instance.key if self.request.GET.get(BY) == "key" else instance.pk


class _PublicChooserViewSet(ScopedChooserViewSet):
    """Base of choosers of public data."""

    base_widget_class = NamedChooser
    chosen_view_class = NamedChosenView
    preserve_url_parameters: ClassVar[list[str]] = ["multiple", BY]

    def may_choose(self, user: Any) -> bool:
        """Return true: Wagtail lets only users of the admin in."""
        return True

    def offered_to(self, request: Any) -> QuerySet[Any]:
        """Return all rows, in their order."""
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows

    @property
    def widget_class(self) -> Any:
        """The widget, which names a row as this chooser does."""
        return type(f"{self.model_name}Chooser", (super().widget_class,), {"scope": self})

    def key_widget(self) -> Any:
        """Return a widget whose value is the key of the chosen row."""
        return type(f"{self.model_name}KeyChooser", (KeyChooserMixin, self.widget_class), {})()


class TreatyChooserViewSet(_PublicChooserViewSet):
    """Chooser of treaties, for all foreign keys to them in the admin."""

    model = Treaty
    icon = "pledge-treaty"
    choose_one_text = _("Choose a treaty")
    choose_another_text = _("Choose another treaty")
    edit_item_text = _("Edit this treaty")
    search_fields = ("key", "short_name", "name", "title")

    def title_of(self, instance: Any) -> str:
        """Return the treaty's names, and whether it has no data."""
        return str(instance) if instance.as_of else str(_("%(treaty)s (no data yet)")) % {"treaty": instance}


class StateChooserViewSet(_PublicChooserViewSet):
    """Chooser of States, for all foreign keys to them in the admin.

    It lists them by name in the editor's language, and finds one by each of its names.
    """

    model = State
    icon = "globe"
    choose_one_text = _("Choose a State")
    choose_another_text = _("Choose another State")
    edit_item_text = _("Edit this State")
    search_fields = ("name", "key", "aliases__name")

    def title_of(self, instance: Any) -> str:
        """Return the name in the editor's language."""
        return display_name(key=instance.key, iso2=instance.iso2, name=instance.name)

    def offered_to(self, request: Any) -> QuerySet[Any]:
        """Return all States by name; the database knows their English names only."""
        language = get_language() or ""
        states = sorted(State.objects.all(), key=lambda state: sort_key(self.title_of(state), language))
        places = [When(pk=state.pk, then=Value(place)) for place, state in enumerate(states)]
        rows = State.objects.all()
        return rows.annotate(place=Case(*places, default=Value(0))).order_by("place") if places else rows

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Return the States one of whose names, or whose name in the editor's language, has the text."""
        wanted = normalize_name(text)
        shown = [row.pk for row in State.objects.all() if wanted and wanted in normalize_name(self.title_of(row))]
        stored = super().search(State.objects.all(), text).order_by().values("pk")
        return rows.filter(Q(pk__in=shown) | Q(pk__in=stored))


treaty_chooser = TreatyChooserViewSet("wagtail_pledge_treaty_chooser", url_prefix="treaty-chooser")
state_chooser = StateChooserViewSet("wagtail_pledge_state_chooser", url_prefix="treaty-state-chooser")


def key_chooser(name: str) -> Any:
    """Return a widget that chooses a treaty or a State by its key; ``name`` is ``"treaty"`` or ``"state"``."""
    return {"treaty": treaty_chooser, "state": state_chooser}[name].key_widget()
