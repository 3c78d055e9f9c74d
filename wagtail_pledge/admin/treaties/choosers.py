"""Choosing treaties and States, which are public data: everybody in the admin may."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.admin.choosers import ScopedChooserViewSet
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.states import display_name


class _PublicChooserViewSet(ScopedChooserViewSet):
    """Base of choosers of public data."""

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
    """Chooser of States, for all foreign keys to them in the admin. It finds a State by each of its names."""

    model = State
    icon = "globe"
    choose_one_text = _("Choose a State")
    choose_another_text = _("Choose another State")
    edit_item_text = _("Edit this State")
    search_fields = ("name", "key", "aliases__name")

    def title_of(self, instance: Any) -> str:
        """Return the name in the editor's language."""
        return display_name(key=instance.key, iso2=instance.iso2, name=instance.name)


treaty_chooser = TreatyChooserViewSet("wagtail_pledge_treaty_chooser", url_prefix="treaty-chooser")
state_chooser = StateChooserViewSet("wagtail_pledge_state_chooser", url_prefix="treaty-state-chooser")
