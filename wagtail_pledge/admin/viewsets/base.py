"""What our viewsets have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from wagtail.admin.admin_url_finder import ModelAdminURLFinder
from wagtail.admin.views.generic import EditView, IndexView, InspectView
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.views.generic.usage import UsageView
from wagtail.admin.viewsets.model import ModelViewSet

from wagtail_pledge.admin.views.deletion import RefusingDeleteView
from wagtail_pledge.admin.views.scoped import ScopedIndexMixin, ScopedInspectMixin, ScopedObjectMixin


class LedgerIndexView(ScopedIndexMixin, IndexView):  # type: ignore[misc]
    """A listing that starts from what the user may see."""


class LedgerEditView(ScopedObjectMixin, EditView):  # type: ignore[misc]
    """A form for a row that is the user's to change."""


class LedgerInspectView(ScopedInspectMixin, InspectView):  # type: ignore[misc]
    """A page about a row that the user may see."""


class LedgerHistoryView(ScopedObjectMixin, HistoryView):  # type: ignore[misc]
    """What was changed, for who may change it."""


class LedgerUsageView(ScopedObjectMixin, UsageView):  # type: ignore[misc]
    """Where a row is used, for who may change it."""


class LedgerViewSet(ModelViewSet):  # type: ignore[misc]
    """A viewset whose rights hang on the pledge's collection.

    ``views`` names the URLs there are; everything else of Wagtail's viewset does not exist. ``permission_policy`` is
    read by Wagtail 7.4; Wagtail 8 has it from its registry.
    """

    add_to_reference_index = False
    copy_view_enabled = False
    list_per_page = 50
    index_view_class = LedgerIndexView
    edit_view_class = LedgerEditView
    delete_view_class = RefusingDeleteView
    inspect_view_class = LedgerInspectView
    history_view_class = LedgerHistoryView
    usage_view_class = LedgerUsageView

    permission_policy: ClassVar[Any]
    views: ClassVar[frozenset[str]]
    #: Where the admin sends somebody who follows a reference to a row.
    finder_view: ClassVar[str] = "edit"

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Name no URL that does not exist."""
        common: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        for view in ("add", "edit", "delete", "history", "usage", "inspect"):
            if view not in self.views:
                common[f"{view}_url_name"] = None
        return common

    def get_urlpatterns(self) -> list[Any]:
        """Return the URLs of ``views``."""
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in self.views]

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        """None: rights are granted for a collection, in a panel of their own."""
        return Permission.objects.none()

    @property
    def url_finder_class(self) -> type[ModelAdminURLFinder]:
        """What finds a row's page in the admin."""
        found: type[ModelAdminURLFinder] = type(
            "LedgerURLFinder",
            (ModelAdminURLFinder,),
            {"edit_url_name": self.get_url_name(self.finder_view), "permission_policy": self.permission_policy},
        )
        return found
