"""Reports on treaty facts: outdated data, and numbers typed by hand into pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.fields import RichTextField, StreamField
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.compat import get_page_model
from wagtail_pledge.treaties.display.hardcoded_numbers import HardcodedNumber, find_hardcoded_numbers, names_by_treaty
from wagtail_pledge.treaties.models import Treaty

STALE_URL: Final = "wagtail_pledge_stale_facts"
HARDCODED_URL: Final = "wagtail_pledge_typed_numbers"
#: How many pages are loaded at a time.
CHUNK: Final = 50
#: How many rows the report lists.
MAX_ROWS: Final = 500
_RIGHTS: Final = ("view", "change", "import")


def may_read(user: Any) -> bool:
    """Whether ``user`` may read the reports: needs the permission to view, change or import treaties."""
    return any(user.has_perm(f"wagtail_pledge.{right}_treaty") for right in _RIGHTS)


class _ReadersPolicy(ModelPermissionPolicy):  # type: ignore[misc]
    """Allows both reports to users with any permission on treaties, whatever the action."""

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """Whether ``user`` may read the reports."""
        return user.is_active and may_read(user)


def treaty_url(treaty: Treaty) -> str:
    """Return the URL of the depositary's page, the source for a newer status."""
    return treaty.source_url


def page_edit_url(row: HardcodedNumberRow) -> str:
    """Return the URL of the page's edit view."""
    return reverse("wagtailadmin_pages:edit", args=[row.page.pk])


class _TreatyReport(ReportView):  # type: ignore[misc]
    """Base of both reports."""

    permission_policy = _ReadersPolicy(Treaty)
    any_permission_required: ClassVar[list[str]] = ["view"]
    is_searchable = False
    index_url_name: ClassVar[str]
    index_results_url_name: ClassVar[str]


class StaleFactsView(_TreatyReport):
    """Treaties whose data is older than ``WAGTAIL_PLEDGE_FACT_MAX_DAYS`` or missing."""

    page_title = _("Outdated treaty data")
    header_icon = "history"
    model = Treaty
    index_url_name = STALE_URL
    index_results_url_name = f"{STALE_URL}_results"
    default_ordering = "as_of"
    columns: ClassVar[list[Column]] = [
        TitleColumn("short_name", label=_("Treaty"), get_url=treaty_url),
        Column("title", label=_("Official title")),
        DateColumn("as_of", label=_("Data as of")),
        Column("source", label=_("Source")),
    ]
    list_export: ClassVar[list[str]] = ["key", "short_name", "title", "as_of", "source"]

    def get_queryset(self) -> QuerySet[Treaty]:
        """Return the treaties; ``default_ordering`` puts the oldest data first."""
        return Treaty.objects.stale(timezone.localdate() - dt.timedelta(days=get_setting("FACT_MAX_DAYS")))


@dataclass(frozen=True, slots=True, kw_only=True)
class HardcodedNumberRow:
    """One row of the report."""

    page: Any
    title: str
    treaty: str
    number: str
    excerpt: str


class HardcodedNumbersView(_TreatyReport):
    """Live pages with numbers next to a treaty's name, which a live fact should replace."""

    page_title = _("Treaty numbers typed by hand")
    header_icon = "warning"
    model = get_page_model()
    index_url_name = HARDCODED_URL
    index_results_url_name = f"{HARDCODED_URL}_results"
    columns: ClassVar[list[Column]] = [
        TitleColumn("title", label=_("Page"), get_url=page_edit_url),
        Column("treaty", label=_("Treaty")),
        Column("number", label=_("Number")),
        Column("excerpt", label=_("Surrounding text")),
    ]
    list_export: ClassVar[list[str]] = ["title", "treaty", "number", "excerpt"]

    def get_queryset(self) -> list[HardcodedNumberRow]:
        """Return the rows by page, only for pages that the user may edit, because the report shows their text."""
        return list(list_hardcoded_numbers(self.request))

    def get_filtered_queryset(self) -> list[HardcodedNumberRow]:
        """Return the same rows: the report has no filters."""
        return self.get_queryset()


def list_hardcoded_numbers(request: HttpRequest) -> Iterator[HardcodedNumberRow]:
    """Yield the hardcoded numbers on live pages that the user may edit, at most :data:`MAX_ROWS`."""
    names = names_by_treaty()
    left = MAX_ROWS
    pages = get_page_model().objects.live().order_by("pk")
    for page in pages.specific().iterator(chunk_size=CHUNK):
        if not page.permissions_for_user(request.user).can_edit():
            continue
        for hit in _hits(page, names):
            yield HardcodedNumberRow(
                page=page, title=page.title, treaty=hit.treaty, number=hit.number, excerpt=hit.excerpt
            )
            left -= 1
            if not left:
                return


def _hits(page: Any, names: dict[str, tuple[str, ...]]) -> Iterator[HardcodedNumber]:
    for text in _texts(page):
        yield from find_hardcoded_numbers(text, names)


def _texts(page: Any) -> Iterator[str]:
    """Yield the text of each field of a page without markup and without live facts."""
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            value = getattr(page, field.name)
            yield "\n".join(map(str, field.stream_block.get_searchable_content(value)))
        elif isinstance(field, RichTextField):
            yield strip_tags(getattr(page, field.name).replace("</p>", "\n"))
        elif isinstance(field, models.CharField | models.TextField) and not field.choices:
            yield str(getattr(page, field.name) or "")


class _ReportMenuItem(MenuItem):  # type: ignore[misc]
    """Menu item for users who may read the reports."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the user may read the reports."""
        return may_read(request.user)


def stale_facts_item() -> MenuItem:
    """Return the menu item. For the hook ``register_reports_menu_item``."""
    return _ReportMenuItem(_("Outdated treaty data"), reverse(STALE_URL), icon_name="history", order=1200)


def hardcoded_numbers_item() -> MenuItem:
    """Return the menu item. For the hook ``register_reports_menu_item``."""
    return _ReportMenuItem(_("Treaty numbers typed by hand"), reverse(HARDCODED_URL), icon_name="warning", order=1210)


def treaty_report_urls() -> list[Any]:
    """Return the URL patterns. For the hook ``register_admin_urls``."""
    return [
        url
        for view, name, slug in (
            (StaleFactsView, STALE_URL, "stale-treaty-facts"),
            (HardcodedNumbersView, HARDCODED_URL, "typed-treaty-numbers"),
        )
        for url in (
            path(f"reports/{slug}/", view.as_view(), name=name),
            path(f"reports/{slug}/results/", view.as_view(results_only=True), name=f"{name}_results"),
        )
    ]
