"""Viewset, permission and log actions of treaty imports."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import LogFormatter

from wagtail_pledge.admin.treaties.import_views import (
    IMPORTED,
    NAMESPACE,
    UNDONE,
    ImportAddView,
    ImportApproveView,
    ImportDetailView,
    ImportIndexView,
    ImportRejectView,
    ImportUndoView,
    may_import,
)


class TreatyImportMenuItem(MenuItem):  # type: ignore[misc]
    """Menu item for the log of imports."""

    def is_shown(self, request: Any) -> bool:
        """Whether the user may import."""
        return may_import(request.user)


class _FileFormatter(LogFormatter):  # type: ignore[misc]
    """Formats an entry as its label and the file name."""

    def format_message(self, log_entry: Any) -> str:
        """Return the message for one entry."""
        values = {"what": self.label, "file": log_entry.data.get("file", "")}
        return gettext("%(what)s: %(file)s") % values


class ImportedFormatter(_FileFormatter):
    """Formats an approved import."""

    label = _("Import treaty status")


class UndoneFormatter(_FileFormatter):
    """Formats an undone import."""

    label = _("Undo an import of treaty status")


def import_permissions() -> QuerySet[Permission]:
    """Return the permission to import. For the hook ``register_permissions``."""
    return Permission.objects.filter(content_type__app_label="wagtail_pledge", codename="import_treaty")


def register_import_actions(actions: Any) -> None:
    """Register the log actions. For the hook ``register_log_actions``."""
    actions.register_action(IMPORTED)(ImportedFormatter)
    actions.register_action(UNDONE)(UndoneFormatter)


class TreatyImportViewSet(ViewSet):  # type: ignore[misc]
    """Viewset of treaty imports. Can be part of a viewset group or registered by itself."""

    name = NAMESPACE
    url_prefix = "treaty-imports"
    icon = "upload"
    menu_label = _("Treaty imports")
    menu_name = "pledge-treaty-imports"
    menu_item_class = TreatyImportMenuItem

    def get_urlpatterns(self) -> list[Any]:
        """Return the URL patterns; the menu uses the first."""
        return [
            path("", ImportIndexView.as_view(), name="index"),
            path("add/", ImportAddView.as_view(), name="add"),
            path("<int:pk>/", ImportDetailView.as_view(), name="detail"),
            path("<int:pk>/approve/", ImportApproveView.as_view(), name="approve"),
            path("<int:pk>/reject/", ImportRejectView.as_view(), name="reject"),
            path("<int:pk>/undo/", ImportUndoView.as_view(), name="undo"),
        ]
