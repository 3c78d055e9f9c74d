"""Page type of a treaty's status: shows which States are party, today or on any day of its history."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TitleFieldPanel
from wagtail.api import APIField
from wagtail.models import Page
from wagtail.search import index

from wagtail_pledge.campaigns.context.treaty import (
    DATE_PARTS,
    as_of_form,
    chosen_day,
    data_links,
    filter_form,
    key_dates,
    page_linked_data,
    requested_day,
    status_numbers,
    table_filters,
)
from wagtail_pledge.campaigns.editor.panels import AdvicePanel, StreamPanel
from wagtail_pledge.campaigns.page_types.base import BasePageMixin
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.registry import pledge_url
from wagtail_pledge.core.streamfield import PledgeStreamField
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.treaties.display.declarations import declarations_on
from wagtail_pledge.treaties.display.facts import TreatyLabel, status_snapshot_today, treaty_label, treaty_sentence_html
from wagtail_pledge.treaties.display.missing import missing_states
from wagtail_pledge.treaties.display.related import Instrument, RelatedInstrument, load_instruments, related_instruments
from wagtail_pledge.treaties.display.spotlight import Spotlight, spotlight
from wagtail_pledge.treaties.display.tables import TABLE_PARAMETERS, status_table
from wagtail_pledge.treaties.display.timeline import timeline
from wagtail_pledge.treaties.display.worldmap import world_map
from wagtail_pledge.treaties.errors import AsOfError
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.regions import group_choices
from wagtail_pledge.treaties.status import StatusSnapshot, TreatyStatus, parse_day, status_snapshot


class TreatyStatusPageMixin(BasePageMixin):
    """Fields and behaviour of a treaty-status page, for sites with their own base page."""

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
        verbose_name=_("Highlighted State"),
        help_text=_("Shown in a card of its own. The text updates when the State’s status changes."),
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
        help_text=_("Links in the card and at the end of the page lead to this campaign."),
    )
    lead = models.TextField(_("introduction"), blank=True)
    body = PledgeStreamField("BODY_BLOCKS", blank=True, verbose_name=_("body"))

    page_role = "treaty"
    default_template = "wagtail_pledge/pages/treaty_status_page.html"
    query_parameters = (*TABLE_PARAMETERS, *DATE_PARTS)
    page_description = _("The worldwide status of a treaty: numbers, map, table and dates.")
    api_fields: ClassVar[list[Any]] = ["lead", "body", APIField("treaty_status")]

    content_panels: ClassVar[list[Any]] = [
        AdvicePanel(
            lines=[
                _("Numbers, map, table and card come from the treaty’s data. You do not need to update them here."),
                _("Visitors can choose any day in the treaty’s history."),
                _("Import a newer list under Campaigns, Treaty imports. Every page then shows the new status."),
            ]
        ),
        TitleFieldPanel("title", placeholder=_("A question. For example, “Who has ratified?”")),
        FieldPanel("treaty"),
        FieldPanel("spotlight"),
        FieldPanel("missing_group"),
        FieldPanel("campaign"),
        FieldPanel("lead"),
        StreamPanel("body"),
    ]

    class Meta:
        abstract = True

    @classmethod
    def can_create_at(cls, parent: Any) -> bool:
        """Whether the page type is offered below ``parent``: never where the site has no treaties."""
        return bool(get_setting("TREATIES") and super().can_create_at(parent))  # type: ignore[misc]

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        """Return the sitemap entries of the page; none where the site has no treaties."""
        return super().get_sitemap_urls(request) if get_setting("TREATIES") else []

    def get_treaty(self) -> Treaty | None:
        """Return the treaty, or ``None``. Override to show another."""
        return next((one.treaty for one in self.instruments if one.treaty.pk == self.treaty_id), None)

    def get_label(self, treaty: Treaty) -> TreatyLabel:
        """Return the treaty's names in the active language."""
        label = next((one.label for one in self.instruments if one.treaty.pk == treaty.pk), None)
        return label or treaty_label(treaty)

    @cached_property
    def instruments(self) -> list[Instrument]:
        """All treaties, the page's included, each with the spotlight State's actions."""
        return load_instruments(self.spotlight_id) if self.treaty_id else []

    def get_examples(self) -> list[str]:
        """Return party ids of States to name in the sentence. Override to name any; only parties are shown."""
        return []

    @property
    def treaty_status(self) -> dict[str, Any] | None:
        """The page API's numbers of today's status; ``None`` without a treaty or its data."""
        treaty = self.get_treaty()
        snapshot = _find_snapshot_today(treaty) if treaty is not None else None
        return status_numbers(snapshot.status) if snapshot is not None else None

    def get_snapshot(self, treaty: Treaty, request: HttpRequest) -> tuple[StatusSnapshot | None, str]:
        """Return the status on the day in ``?as_of=`` (else today), and an error message about that day or ``""``.

        With an invalid day the status is today's. It is ``None`` if nothing was imported yet.
        """
        as_of = request.GET.get("as_of")
        try:
            return status_snapshot(treaty, parse_day(as_of)) if as_of else status_snapshot_today(treaty), ""
        except AsOfError as error:
            return (_find_snapshot_today(treaty) if as_of else None), error.message

    def get_card(self, status: TreatyStatus, treaty_name: str) -> Spotlight | None:
        """Return the spotlight card, or ``None``. Override to show another State than the page's field."""
        key = self.get_spotlight_key(status)
        return spotlight(status, key, treaty_name) if key else None

    def get_spotlight_key(self, status: TreatyStatus) -> str:
        """Return the party id of the spotlight State; ``""`` if there is none, or it did not exist on that day."""
        return next((state.key for state in status.states if state.pk == self.spotlight_id), "")

    def get_related(self, treaty: Treaty, snapshot: StatusSnapshot) -> tuple[RelatedInstrument, ...]:
        """Return the spotlight State's actions on other treaties, if any. Override to choose other treaties."""
        key = self.get_spotlight_key(snapshot.status)
        state = next((state for state, _acts in snapshot.acts_of if state.key == key), None)
        others = [one for one in self.instruments if one.treaty.pk != treaty.pk]
        return related_instruments(state, others, snapshot.status.as_of) if state else ()

    def get_sign_url(self) -> str:
        """Return the URL for signing, ``""`` for none. Override to link elsewhere."""
        # An unsaved instance with the primary key saves the query: ``pledge_url`` needs nothing else
        return (
            pledge_url(Pledge(pk=self.campaign_id, collection=None), get_language() or "") if self.campaign_id else ""
        )

    def get_treaty_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return the template context of the treaty; ``treaty`` is ``None`` on a page without one."""
        treaty = self.get_treaty()
        if treaty is None:
            return {"treaty": None, "status": None, "as_of_error": ""}
        snapshot, error = self.get_snapshot(treaty, request)
        label = self.get_label(treaty)
        context = {"treaty": treaty, "label": label, "status": snapshot and snapshot.status, "as_of_error": error}
        if snapshot is None:
            return context
        return {**context, **self.get_parts(treaty, label, snapshot, request)}

    def get_parts(
        self, treaty: Treaty, label: TreatyLabel, snapshot: StatusSnapshot, request: HttpRequest
    ) -> dict[str, Any]:
        """Return the context of the parts of the page, in the order in which the template shows them."""
        status = snapshot.status
        table = status_table(status, request.GET)
        return {
            "sentence": treaty_sentence_html(status, label.name, self.get_examples()),
            "card": self.get_card(status, label.name),
            "sign_url": self.get_sign_url(),
            "as_of": status.as_of,
            "as_of_form": as_of_form(status, request),
            "map": world_map(status, label.title, self.get_spotlight_key(status)),
            "table": table,
            "filter": filter_form(status, table, request),
            "timeline": timeline(treaty, snapshot.acts_of, status.as_of, status.data_as_of),
            "declarations": declarations_on(treaty, status.as_of),
            "missing": missing_states(status, self.missing_group) if self.missing_group else None,
            "related": self.get_related(treaty, snapshot),
            "key_dates": key_dates(treaty, status),
            "linked_data": page_linked_data(treaty, label, status, self, request),
            **chosen_day(status),
            **data_links(treaty, status, table_filters(request)),
        }

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Serve the page; the date form leads to the URL of the day, ``?as_of=YYYY-MM-DD``.

        Raises ``Http404`` where the site has no treaties.
        """
        if not get_setting("TREATIES"):
            raise Http404
        day = requested_day(request.GET)
        if day is None:
            return super().serve(request, *args, **kwargs)
        query = request.GET.copy()
        for name in DATE_PARTS:
            query.pop(name, None)
        query["as_of"] = day
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}", headers={"Cache-Control": "no-store"})

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the context of the page and the treaty."""
        context = super().get_context(request, *args, **kwargs)
        return {**context, **self.get_treaty_context(request)}


class AbstractTreatyStatusPage(TreatyStatusPageMixin, Page):  # type: ignore[misc, django-manager-missing]
    """Abstract treaty-status page on Wagtail's ``Page``; subclass it to add fields."""

    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("body"),
    ]

    class Meta:
        abstract = True
        verbose_name = _("treaty status page")
        verbose_name_plural = _("treaty status pages")


def _find_snapshot_today(treaty: Treaty) -> StatusSnapshot | None:
    try:
        return status_snapshot_today(treaty)
    except AsOfError:
        return None
