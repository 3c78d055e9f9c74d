"""Viewsets of decision-makers and of the stages of a decision."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn

from wagtail_pledge.admin.decision_forms import RecipientForm, StageForm, language_choices
from wagtail_pledge.admin.filters import StageFilterSet
from wagtail_pledge.admin.permissions import RECIPIENT_POLICY, STAGE_POLICY
from wagtail_pledge.admin.viewsets.base import ScopedViewSet
from wagtail_pledge.delivery.enums import Position, StageState
from wagtail_pledge.delivery.models import DecisionStage, Recipient


def _translations(*fields: str) -> InlinePanel:
    """Return the panel with the translations of ``fields``."""
    choices: Any = language_choices  # a callable, which the stubs do not know
    language = FieldPanel("language", widget=forms.Select(choices=choices))
    return InlinePanel(
        "translations",
        heading=_("Translations"),
        label=_("Translation"),
        panels=[language, *(FieldPanel(name) for name in fields)],
        help_text=_("Pages in a language without a translation show the text above."),
    )


class RecipientViewSet(ScopedViewSet):
    """Viewset of :class:`Recipient`."""

    model = Recipient
    name = "wagtail_pledge_recipients"
    url_prefix = "pledge-recipients"
    icon = "crosshairs"
    menu_label = _("Decision-makers")
    permission_policy = RECIPIENT_POLICY
    enabled_views = frozenset({"index", "index_results", "add", "edit", "delete", "history", "history_results"})
    search_fields: ClassVar[list[str]] = ["name", "office", "place"]
    ordering: ClassVar[list[str]] = ["office", "name", "pk"]
    list_display: ClassVar[list[Any]] = [
        "__str__",
        StatusTagColumn(
            "position",
            label=_("Position"),
            accessor="get_position_display",
            primary=lambda row: row.position == Position.SUPPORTS,
        ),
        DateColumn("position_on", label=_("Position as of")),
        "collection",
    ]
    edit_handler = ObjectList(
        [
            HelpPanel(
                content=_(
                    "<p>A person or body that can decide what a campaign asks for. All campaigns and languages "
                    "share it. Choose it in the settings of each campaign that urges it.</p>"
                )
            ),
            FieldPanel("office"),
            FieldRowPanel([FieldPanel("name"), FieldPanel("place")]),
            MultiFieldPanel(
                [
                    FieldPanel("position"),
                    FieldRowPanel([FieldPanel("position_on"), FieldPanel("position_source")]),
                ],
                heading=_("Position on the demand"),
                help_text=_("Enter what can be checked. A position needs its date and its source."),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("website"),
                    FieldRowPanel([FieldPanel("email"), FieldPanel("phone")]),
                    FieldPanel("address", widget=forms.Textarea(attrs={"rows": 3})),
                ],
                heading=_("Contact"),
                help_text=_("Public contact data of the office. Pages and the public data show it."),
            ),
            FieldPanel("collection"),
            _translations("office", "place"),
        ],
        base_form_class=RecipientForm,
    )


class StageViewSet(ScopedViewSet):
    """Viewset of :class:`DecisionStage`."""

    model = DecisionStage
    name = "wagtail_pledge_stages"
    url_prefix = "pledge-decision-path"
    icon = "list-ol"
    menu_label = _("Decision path")
    permission_policy = STAGE_POLICY
    enabled_views = frozenset({"index", "index_results", "add", "edit", "delete", "history", "history_results"})
    filterset_class = StageFilterSet
    ordering: ClassVar[list[str]] = ["pledge", "position", "pk"]
    list_display: ClassVar[list[Any]] = [
        "__str__",
        Column("pledge", label=_("Campaign")),
        Column("position", label=_("Order")),
        StatusTagColumn(
            "state",
            label=_("Status"),
            accessor="get_state_display",
            primary=lambda row: row.state == StageState.DONE,
        ),
        Column("recipient", label=_("Who can move it")),
    ]
    edit_handler = ObjectList(
        [
            HelpPanel(
                content=_(
                    "<p>One stage on the way to the campaign’s decision. All its pages, in every language, show it in "
                    "the block “Decision path”. A stage without evidence says so.</p>"
                )
            ),
            FieldRowPanel([FieldPanel("pledge"), FieldPanel("position")]),
            FieldPanel("name"),
            FieldPanel("text"),
            FieldRowPanel([FieldPanel("state"), FieldPanel("recipient")]),
            InlinePanel(
                "evidence",
                heading=_("Evidence"),
                label=_("Evidence"),
                panels=[
                    FieldRowPanel([FieldPanel("day"), FieldPanel("source")]),
                    FieldPanel("text"),
                    _translations("text"),
                ],
                help_text=_("What happened, when, and where that can be checked. Pages show the newest first."),
            ),
            _translations("name", "text"),
        ],
        base_form_class=StageForm,
    )
