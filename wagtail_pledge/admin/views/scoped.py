"""Mixins for Wagtail's generic views, which check permissions on the model only: these also check them on the row."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin


class ScopedIndexMixin(PermissionCheckedMixin):  # type: ignore[misc]
    """Index view of the rows that the user may view, with links to edit and delete only where that is allowed."""

    def get_base_queryset(self) -> QuerySet[Any]:
        """Return the rows that the user may view."""
        rows: QuerySet[Any] = self.permission_policy.instances_user_has_permission_for(self.request.user, "view")
        return rows

    def get_edit_url(self, instance: Any) -> str | None:
        """Return the URL of the form, ``None`` if the user may not change the row."""
        return super().get_edit_url(instance) if self.user_has_permission_for_instance("change", instance) else None

    def get_delete_url(self, instance: Any) -> str | None:
        """Return the URL of the delete view, ``None`` if the user may not delete the row."""
        return super().get_delete_url(instance) if self.user_has_permission_for_instance("delete", instance) else None


class ScopedObjectMixin(PermissionCheckedMixin):  # type: ignore[misc]
    """View of one row: 404 if the user may not view it, 403 if the user may view it but not do what the view does."""

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        """Return the row. Raises ``Http404`` or ``PermissionDenied``."""
        row = super().get_object(*args, **kwargs)
        if not self.user_has_permission_for_instance("view", row):
            raise Http404
        actions = [self.permission_required] if self.permission_required else self.any_permission_required or []
        if not self.permission_policy.user_has_any_permission_for_instance(self.request.user, actions, row):
            raise PermissionDenied
        return row


class ScopedInspectMixin(ScopedObjectMixin):
    """Inspect view with links to edit and delete only where that is allowed."""

    def get_edit_url(self) -> str | None:
        """Return the URL of the form, ``None`` if the user may not change the row."""
        return super().get_edit_url() if self.user_has_permission_for_instance("change", self.object) else None

    def get_delete_url(self) -> str | None:
        """Return the URL of the delete view, ``None`` if the user may not delete the row."""
        return super().get_delete_url() if self.user_has_permission_for_instance("delete", self.object) else None
