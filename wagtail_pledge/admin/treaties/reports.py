"""Reports that keep treaty facts true: data that has grown old, and numbers that were typed by hand."""

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
#: Pages that are in memory at one time.
CHUNK: Final = 50
#: Lines of the report. Who has more mends these first.
MAX_FOUND: Final = 500
_RIGHTS: Final = ("view", "change", "import")


def may_read(user: Any) -> bool:
    """Tell whether a user may read the reports: who sees, keeps or imports treaties."""
    return any(user.has_perm(f"wagtail_pledge.{right}_treaty") for right in _RIGHTS)


class _ReadersPolicy(ModelPermissionPolicy):  # type: ignore[misc]
    """One right for both reports, whatever Wagtail calls it."""

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """Return whether ``user`` may read them."""
        return user.is_active and may_read(user)


def treaty_url(treaty: Treaty) -> str:
    """Return the depositary's page: what a newer status comes from."""
    return treaty.source_url


def page_edit_url(found: HardcodedNumberRow) -> str:
    """Return the page's editor."""
    return reverse("wagtailadmin_pages:edit", args=[found.page.pk])


class _TreatyReport(ReportView):  # type: ignore[misc]
    """What both reports share."""

    permission_policy = _ReadersPolicy(Treaty)
    any_permission_required: ClassVar[list[str]] = ["view"]
    is_searchable = False
    index_url_name: ClassVar[str]
    index_results_url_name: ClassVar[str]


class StaleFactsView(_TreatyReport):
    """Treaties whose data is older than ``WAGTAIL_PLEDGE_FACT_MAX_DAYS``, or that have none."""

    page_title = _("Treaty facts that may be out of date")
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
        """Return them, the oldest first."""
        return Treaty.objects.stale(timezone.localdate() - dt.timedelta(days=get_setting("FACT_MAX_DAYS")))


@dataclass(frozen=True, slots=True, kw_only=True)
class HardcodedNumberRow:
    """One line of the report."""

    page: Any
    title: str
    treaty: str
    number: str
    excerpt: str


class HardcodedNumbersView(_TreatyReport):
    """Live pages with numbers that were typed beside a treaty's name: a live fact in their place stays true."""

    page_title = _("Numbers typed by hand next to a treaty’s name")
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
        """Return them by page; only pages that the user may change: their text is nobody else's to read here."""
        return list(list_hardcoded_numbers(self.request))

    def get_filtered_queryset(self) -> list[HardcodedNumberRow]:
        """Return them as they are: there is nothing to filter by."""
        return self.get_queryset()


def list_hardcoded_numbers(request: HttpRequest) -> Iterator[HardcodedNumberRow]:
    """Yield typed numbers on the live pages that the user may change, at most :data:`MAX_FOUND`."""
    names = names_by_treaty()
    left = MAX_FOUND
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
    """Yield the words of a page as readers get them, without live facts, whose numbers are not typed."""
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            value = getattr(page, field.name)
            yield "\n".join(map(str, field.stream_block.get_searchable_content(value)))
        elif isinstance(field, RichTextField):
            yield strip_tags(getattr(page, field.name).replace("</p>", "\n"))
        elif isinstance(field, models.CharField | models.TextField) and not field.choices:
            yield str(getattr(page, field.name) or "")


class _ReportMenuItem(MenuItem):  # type: ignore[misc]
    """Shown to who may read the report."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Return whether the user may read the reports."""
        return may_read(request.user)


def stale_facts_item() -> MenuItem:
    """Return the menu item. For the hook ``register_reports_menu_item``."""
    return _ReportMenuItem(_("Outdated treaty data"), reverse(STALE_URL), icon_name="history", order=1200)


def hardcoded_numbers_item() -> MenuItem:
    """Return the menu item. For the hook ``register_reports_menu_item``."""
    return _ReportMenuItem(_("Treaty numbers typed by hand"), reverse(HARDCODED_URL), icon_name="warning", order=1210)


def treaty_report_urls() -> list[Any]:
    """Return the addresses. For the hook ``register_admin_urls``."""
    return [
        url
        for view, name, address in (
            (StaleFactsView, STALE_URL, "stale-treaty-facts"),
            (HardcodedNumbersView, HARDCODED_URL, "typed-treaty-numbers"),
        )
        for url in (
            path(f"reports/{address}/", view.as_view(), name=name),
            path(f"reports/{address}/results/", view.as_view(results_only=True), name=f"{name}_results"),
        )
    ]
