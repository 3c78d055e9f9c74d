"""The page that shows where the States stand with a treaty, today or on any day of its history."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.models import Page
from wagtail.search import index

from wagtail_pledge.campaigns.package_pages import PackagePage
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.treaties.errors import AsOfError
from wagtail_pledge.treaties.facts import treaty_label, treaty_sentence_html
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.spotlight import Spotlight, spotlight
from wagtail_pledge.treaties.status import TreatyStatus, parse_day, status_as_of
from wagtail_pledge.treaties.tables import status_table
from wagtail_pledge.treaties.words import day_in_words


class TreatyStatusPageMixin(PackagePage):
    """Fields and behaviour of a treaty-status page, for a site with its own base page."""

    treaty = models.ForeignKey(
        Treaty,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("treaty"),
    )
    spotlight = models.ForeignKey(
        State,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("State in the spotlight"),
        help_text=_("Gets a card of its own, whose words follow what the State does."),
    )
    lead = models.TextField(_("lead"), blank=True)
    body = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("body"))

    default_template = "wagtail_pledge/pages/treaty_status_page.html"

    content_panels: ClassVar[list[Any]] = [
        HelpPanel(content=_("<p>Numbers, table and card come from the treaty's data and need no upkeep here.</p>")),
        FieldPanel("title"),
        FieldPanel("treaty"),
        FieldPanel("spotlight"),
        FieldPanel("lead"),
        FieldPanel("body"),
    ]

    class Meta:
        abstract = True

    def get_treaty(self) -> Treaty | None:
        """Override to show another treaty. Returns it with its names, or ``None``."""
        return Treaty.objects.with_names().filter(pk=self.treaty_id).first() if self.treaty_id else None

    def get_examples(self) -> list[str]:
        """Override to name States in the sentence: party ids, each named only while it is a party."""
        return []

    def get_status(self, treaty: Treaty, request: HttpRequest) -> tuple[TreatyStatus | None, str]:
        """Return the status on the day that ``?as_of=`` asks for, and what is wrong with that day, in words.

        A wrong day gives today's status; ``None`` if nothing was imported yet.
        """
        asked = request.GET.get("as_of")
        try:
            return status_as_of(treaty, parse_day(asked) if asked else None), ""
        except AsOfError as error:
            return (_status_today(treaty) if asked else None), error.message

    def get_card(self, status: TreatyStatus, treaty_name: str) -> Spotlight | None:
        """Override to put another State in the spotlight, whatever the page's field says."""
        state = next((state for state in status.states if state.pk == self.spotlight_id), None)
        return spotlight(status, state.key, treaty_name) if state else None

    def get_treaty_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return everything that the template shows of the treaty; of a page without one, that there is none."""
        treaty = self.get_treaty()
        if treaty is None:
            return {"treaty": None, "status": None, "as_of_error": ""}
        status, error = self.get_status(treaty, request)
        label = treaty_label(treaty)
        context = {"treaty": treaty, "label": label, "status": status, "as_of_error": error}
        if status is None:
            return context
        return {
            **context,
            **_links(treaty, status),
            "sentence": treaty_sentence_html(status, label.name, self.get_examples()),
            "card": self.get_card(status, label.name),
            "table": status_table(status, request.GET),
            "as_of": status.as_of,
            "as_of_form": _as_of_form(treaty, status, request),
            "key_days": _key_days(treaty, status),
        }

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return page, frame and treaty."""
        context = super().get_context(request, *args, **kwargs)
        return {**context, **self.get_treaty_context(request)}


class AbstractTreatyStatusPage(TreatyStatusPageMixin, Page):  # type: ignore[misc]
    """Base of treaty-status pages on Wagtail's own page model; subclass it to add fields."""

    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("body"),
    ]

    class Meta:
        abstract = True
        verbose_name = _("treaty status page")
        verbose_name_plural = _("treaty status pages")


def _status_today(treaty: Treaty) -> TreatyStatus | None:
    try:
        return status_as_of(treaty)
    except AsOfError:
        return None


def _as_of_form(treaty: Treaty, status: TreatyStatus, request: HttpRequest) -> dict[str, Any]:
    """Return what the day picker needs: its value as typed, the days it takes, and the parameters it keeps."""
    earliest: dt.date | None = treaty.adopted_on
    kept = {name: request.GET[name] for name in ("sort", "dir") if request.GET.get(name)}
    return {
        "value": request.GET.get("as_of") or status.as_of.isoformat(),
        "min": earliest.isoformat() if earliest else "",
        "max": timezone.localdate().isoformat(),
        "kept": kept,
        "is_past": status.as_of < status.data_as_of,
    }


def _key_days(treaty: Treaty, status: TreatyStatus) -> dict[str, Any]:
    return {
        "adopted": day_in_words(treaty.adopted_on),
        "in_force": day_in_words(treaty.in_force_on),
        "as_of": day_in_words(status.as_of),
        "data_as_of": day_in_words(status.data_as_of),
    }


def _links(treaty: Treaty, status: TreatyStatus) -> dict[str, str]:
    """Return the addresses of the same data for programs: for the same day, where the page shows a past one."""
    query = {"lang": get_language() or ""}
    if status.as_of < timezone.localdate():
        query["as_of"] = status.as_of.isoformat()
    return {
        f"{kind}_url": f"{reverse(f'wagtail_pledge:treaty_status_{kind}', args=[treaty.key])}?{urlencode(query)}"
        for kind in ("json", "csv")
    }
