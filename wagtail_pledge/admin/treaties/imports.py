"""Treaty imports in the admin: the viewset, its right and its log actions."""

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
    ImportRefuseView,
    ImportUndoView,
    may_import,
)


class TreatyImportMenuItem(MenuItem):  # type: ignore[misc]
    """Leads to the log of imports."""

    def is_shown(self, request: Any) -> bool:
        """Only for those who may import."""
        return may_import(request.user)


class _FileFormatter(LogFormatter):  # type: ignore[misc]
    """Says what was done, and with which file."""

    def format_message(self, log_entry: Any) -> str:
        """Return the sentence of one entry."""
        values = {"what": self.label, "file": log_entry.data.get("file", "")}
        return gettext("%(what)s: %(file)s") % values


class ImportedFormatter(_FileFormatter):
    """An import was approved."""

    label = _("Import treaty status")


class UndoneFormatter(_FileFormatter):
    """An import was undone."""

    label = _("Undo an import of treaty status")


def import_permissions() -> QuerySet[Permission]:
    """Return the right to import, for the form of a group."""
    return Permission.objects.filter(content_type__app_label="wagtail_pledge", codename="import_treaty")


def register_import_actions(actions: Any) -> None:
    """Tell Wagtail which of our actions a treaty's history may hold."""
    actions.register_action(IMPORTED)(ImportedFormatter)
    actions.register_action(UNDONE)(UndoneFormatter)


class TreatyImportViewSet(ViewSet):  # type: ignore[misc]
    """Upload, difference, decision, log and undo. Put it into a menu group, or register it by itself."""

    name = NAMESPACE
    url_prefix = "treaty-imports"
    icon = "upload"
    menu_label = _("Treaty imports")
    menu_name = "pledge-treaty-imports"
    menu_item_class = TreatyImportMenuItem

    def get_urlpatterns(self) -> list[Any]:
        """Return the URLs; the first one is the menu's."""
        return [
            path("", ImportIndexView.as_view(), name="index"),
            path("add/", ImportAddView.as_view(), name="add"),
            path("<int:pk>/", ImportDetailView.as_view(), name="detail"),
            path("<int:pk>/approve/", ImportApproveView.as_view(), name="approve"),
            path("<int:pk>/refuse/", ImportRefuseView.as_view(), name="refuse"),
            path("<int:pk>/undo/", ImportUndoView.as_view(), name="undo"),
        ]
