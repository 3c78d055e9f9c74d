"""Base classes of the viewsets whose permissions depend on the pledge's collection."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from wagtail.admin.admin_url_finder import ModelAdminURLFinder
from wagtail.admin.views.generic import EditView, IndexView, InspectView
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.views.generic.usage import UsageView
from wagtail.admin.viewsets.model import ModelViewSet

from wagtail_pledge.admin.views.deletion import ProtectedDeleteView
from wagtail_pledge.admin.views.scoped import ScopedIndexMixin, ScopedInspectMixin, ScopedObjectMixin


class ScopedIndexView(ScopedIndexMixin, IndexView):  # type: ignore[misc]
    """Index view of the rows that the user may view."""


class ScopedEditView(ScopedObjectMixin, EditView):  # type: ignore[misc]
    """Edit view that checks the permission on the row."""


class ScopedInspectView(ScopedInspectMixin, InspectView):  # type: ignore[misc]
    """Inspect view that checks the permission on the row."""


class ScopedHistoryView(ScopedObjectMixin, HistoryView):  # type: ignore[misc]
    """History view for users who may change the row."""


class ScopedUsageView(ScopedObjectMixin, UsageView):  # type: ignore[misc]
    """Usage view for users who may change the row."""


class ScopedViewSet(ModelViewSet):  # type: ignore[misc]
    """Base viewset with permissions that depend on the pledge's collection.

    Only the views in ``enabled_views`` have URLs. ``permission_policy`` is read by Wagtail 7.4; Wagtail 8 takes it
    from its registry.
    """

    add_to_reference_index = False
    copy_view_enabled = False
    list_per_page = 50
    index_view_class = ScopedIndexView
    edit_view_class = ScopedEditView
    delete_view_class = ProtectedDeleteView
    inspect_view_class = ScopedInspectView
    history_view_class = ScopedHistoryView
    usage_view_class = ScopedUsageView

    permission_policy: ClassVar[Any]
    enabled_views: ClassVar[frozenset[str]]
    #: The view that the admin links to when it refers to a row.
    url_finder_view: ClassVar[str] = "edit"

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Return the view arguments without the URLs of disabled views."""
        common: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        for view in ("add", "edit", "delete", "history", "usage", "inspect"):
            if view not in self.enabled_views:
                common[f"{view}_url_name"] = None
        return common

    def get_urlpatterns(self) -> list[Any]:
        """Return the URL patterns of ``enabled_views``."""
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in self.enabled_views]

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        """Return none: permissions are granted per collection, in a panel of their own."""
        return Permission.objects.none()

    @property
    def url_finder_class(self) -> type[ModelAdminURLFinder]:
        """The class that finds the URL of a row in the admin."""
        finder: type[ModelAdminURLFinder] = type(
            "LedgerURLFinder",
            (ModelAdminURLFinder,),
            {"edit_url_name": self.get_url_name(self.url_finder_view), "permission_policy": self.permission_policy},
        )
        return finder
