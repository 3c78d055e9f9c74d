"""Choosing treaties and States, which are public data: everybody in the admin may."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.admin.choosers import ScopedChooserViewSet
from wagtail_pledge.core.collation import sort_key
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.states import display_name, normalize_name


class _PublicChooserViewSet(ScopedChooserViewSet):
    """Base of choosers of public data."""

    key_field = "key"

    def may_choose(self, user: Any) -> bool:
        """Return true: Wagtail lets only users of the admin in."""
        return True

    def offered_to(self, request: Any) -> QuerySet[Any]:
        """Return all rows, in their order."""
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows


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
