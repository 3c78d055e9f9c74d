"""The page that shows where the States stand with a treaty, today or on any day of its history."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TitleFieldPanel
from wagtail.api import APIField
from wagtail.models import Page
from wagtail.search import index

from wagtail_pledge.campaigns.context.treaty import (
    as_of_form,
    filter_form,
    key_days,
    links,
    page_linked_data,
    status_numbers,
)
from wagtail_pledge.campaigns.editor.panels import Advice, PledgePanel, StreamPanel
from wagtail_pledge.campaigns.page_types.base import PackagePage
from wagtail_pledge.core.registry import pledge_url
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.treaties.display.facts import TreatyLabel, look_today, treaty_label, treaty_sentence_html
from wagtail_pledge.treaties.display.missing import who_is_missing
from wagtail_pledge.treaties.display.related import Instrument, RelatedInstrument, load_instruments, related_instruments
from wagtail_pledge.treaties.display.spotlight import Spotlight, spotlight
from wagtail_pledge.treaties.display.tables import TABLE_PARAMETERS, status_table
from wagtail_pledge.treaties.display.timeline import timeline
from wagtail_pledge.treaties.display.worldmap import world_map
from wagtail_pledge.treaties.errors import AsOfError
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.regions import group_choices
from wagtail_pledge.treaties.status import Look, TreatyStatus, look, parse_day


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
    missing_group = models.CharField(
        _("who is missing"),
        max_length=40,
        blank=True,
        choices=group_choices,
        help_text=_("States to look at more closely: the page lists which of them are not party yet."),
    )
    campaign = models.ForeignKey(
        Pledge,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("campaign"),
        help_text=_("Readers are led from the card and from the end of the page to sign it."),
    )
    lead = models.TextField(_("lead"), blank=True)
    body = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("body"))

    shows = "treaty"
    default_template = "wagtail_pledge/pages/treaty_status_page.html"
    query_names = TABLE_PARAMETERS
    page_description = _("Where the world stands on a treaty: numbers, map, table and dates.")
    api_fields: ClassVar[list[Any]] = ["lead", "body", APIField("treaty_status")]

    content_panels: ClassVar[list[Any]] = [
        Advice(
            lines=[
                _("Numbers, map, table and card come from the treaty’s data and need no upkeep here."),
                _("Readers can pick any day of the treaty’s history."),
                _("A newer list is imported under Campaigns, Treaty imports; then every page shows the new status."),
            ]
        ),
        TitleFieldPanel("title", placeholder=_("A question, like “Who has ratified?”")),
        FieldPanel("treaty"),
        FieldPanel("spotlight"),
        FieldPanel("missing_group"),
        PledgePanel("campaign"),
        FieldPanel("lead"),
        StreamPanel("body"),
    ]

    class Meta:
        abstract = True

    def get_treaty(self) -> Treaty | None:
        """Override to show another treaty. Returns it, or ``None``."""
        return next((one.treaty for one in self.instruments if one.treaty.pk == self.treaty_id), None)

    def get_label(self, treaty: Treaty) -> TreatyLabel:
        """Return what the treaty is called in the reader's language."""
        known = next((one.label for one in self.instruments if one.treaty.pk == treaty.pk), None)
        return known or treaty_label(treaty)

    @cached_property
    def instruments(self) -> list[Instrument]:
        """All treaties with what the State in the spotlight did with each; the page's own is one of them."""
        return load_instruments(self.spotlight_id) if self.treaty_id else []

    def get_examples(self) -> list[str]:
        """Override to name States in the sentence: party ids, each named only while it is a party."""
        return []

    @property
    def treaty_status(self) -> dict[str, Any] | None:
        """What programs are told of today's status; ``None`` without a treaty or its data."""
        treaty = self.get_treaty()
        seen = _look_today(treaty) if treaty is not None else None
        return status_numbers(seen.status) if seen is not None else None

    def get_look(self, treaty: Treaty, request: HttpRequest) -> tuple[Look | None, str]:
        """Return the status on the day that ``?as_of=`` asks for, and what is wrong with that day, in words.

        A wrong day gives today's status; ``None`` if nothing was imported yet.
        """
        asked = request.GET.get("as_of")
        try:
            return look(treaty, parse_day(asked)) if asked else look_today(treaty), ""
        except AsOfError as error:
            return (_look_today(treaty) if asked else None), error.message

    def get_card(self, status: TreatyStatus, treaty_name: str) -> Spotlight | None:
        """Override to put another State in the spotlight, whatever the page's field says."""
        key = self.get_spotlight_key(status)
        return spotlight(status, key, treaty_name) if key else None

    def get_spotlight_key(self, status: TreatyStatus) -> str:
        """Return the party id of the page's State, "" for none or one that was not there on that day."""
        return next((state.key for state in status.states if state.pk == self.spotlight_id), "")

    def get_related(self, treaty: Treaty, seen: Look) -> tuple[RelatedInstrument, ...]:
        """Override to choose other instruments. Returns what the State in the spotlight did with each, else nothing."""
        key = self.get_spotlight_key(seen.status)
        state = next((state for state, _acts in seen.acts_of if state.key == key), None)
        others = [one for one in self.instruments if one.treaty.pk != treaty.pk]
        return related_instruments(state, others, seen.status.as_of) if state else ()

    def get_sign_url(self) -> str:
        """Override to lead readers elsewhere to sign. Returns an address, "" for none."""
        # The address needs no more of the pledge than its number, and so no query for the rest
        return (
            pledge_url(Pledge(pk=self.campaign_id, collection=None), get_language() or "") if self.campaign_id else ""
        )

    def get_treaty_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return everything that the template shows of the treaty; of a page without one, that there is none."""
        treaty = self.get_treaty()
        if treaty is None:
            return {"treaty": None, "status": None, "as_of_error": ""}
        seen, error = self.get_look(treaty, request)
        label = self.get_label(treaty)
        context = {"treaty": treaty, "label": label, "status": seen and seen.status, "as_of_error": error}
        if seen is None:
            return context
        return {**context, **self.get_parts(treaty, label, seen, request)}

    def get_parts(self, treaty: Treaty, label: TreatyLabel, seen: Look, request: HttpRequest) -> dict[str, Any]:
        """Return the parts of the page in the order in which it shows them."""
        status = seen.status
        table = status_table(status, request.GET)
        return {
            "sentence": treaty_sentence_html(status, label.name, self.get_examples()),
            "card": self.get_card(status, label.name),
            "sign_url": self.get_sign_url(),
            "as_of": status.as_of,
            "as_of_form": as_of_form(treaty, status, request),
            "map": world_map(status, label.title, self.get_spotlight_key(status)),
            "table": table,
            "filter": filter_form(status, table, request),
            "timeline": timeline(treaty, seen.acts_of, status.as_of, status.data_as_of),
            "missing": who_is_missing(status, self.missing_group) if self.missing_group else None,
            "related": self.get_related(treaty, seen),
            "key_days": key_days(treaty, status),
            "linked_data": page_linked_data(treaty, label, status, self, request),
            **links(treaty, status),
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


def _look_today(treaty: Treaty) -> Look | None:
    try:
        return look_today(treaty)
    except AsOfError:
        return None
