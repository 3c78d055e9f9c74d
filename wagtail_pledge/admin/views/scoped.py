"""What Wagtail's generic views leave out: they check rights on the model, these check the row."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404


class ScopedIndexMixin:
    """A listing of the rows that the user may see, whose links lead only where the user may go."""

    request: Any
    permission_policy: Any

    def get_base_queryset(self) -> QuerySet[Any]:
        """Start from what the user may see."""
        rows: QuerySet[Any] = self.permission_policy.instances_user_has_any_permission_for(self.request.user, ["view"])
        return rows

    def may(self, action: str, instance: Any) -> bool:
        """Whether the user may do ``action`` on this row."""
        allowed: bool = self.permission_policy.user_has_permission_for_instance(self.request.user, action, instance)
        return allowed

    def get_edit_url(self, instance: Any) -> str | None:
        """Return the URL of the form, ``None`` if the row is not the user's to change."""
        return super().get_edit_url(instance) if self.may("change", instance) else None  # type: ignore[misc]

    def get_delete_url(self, instance: Any) -> str | None:
        """Return the URL of the question before deleting, ``None`` if the row is not the user's to delete."""
        return super().get_delete_url(instance) if self.may("delete", instance) else None  # type: ignore[misc]


class ScopedObjectMixin:
    """A view of one row: 404 for a row that the user may not see, refused for one that is only to be seen."""

    request: Any
    permission_policy: Any
    permission_required: str | None
    any_permission_required: list[str] | None

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        """Return the row. Raises ``Http404`` or ``PermissionDenied``."""
        found = super().get_object(*args, **kwargs)  # type: ignore[misc]
        if not self.may_any(["view"], found):
            raise Http404
        if not self.may_any(self.needed_actions(), found):
            raise PermissionDenied
        return found

    def needed_actions(self) -> list[str]:
        """Return the actions of which one is needed."""
        return [self.permission_required] if self.permission_required else list(self.any_permission_required or ())

    def may_any(self, actions: list[str], instance: Any) -> bool:
        """Whether the user may do one of ``actions`` on this row."""
        policy, user = self.permission_policy, self.request.user
        return bool(policy.user_has_any_permission_for_instance(user, actions, instance))


class ScopedInspectMixin(ScopedObjectMixin):
    """An inspect view whose links lead only where the user may go."""

    object: Any

    def get_edit_url(self) -> str | None:
        """Return the URL of the form, ``None`` if the row is not the user's to change."""
        return super().get_edit_url() if self.may_any(["change"], self.object) else None  # type: ignore[misc]

    def get_delete_url(self) -> str | None:
        """Return the URL of the question before deleting, ``None`` if the row is not the user's to delete."""
        return super().get_delete_url() if self.may_any(["delete"], self.object) else None  # type: ignore[misc]
