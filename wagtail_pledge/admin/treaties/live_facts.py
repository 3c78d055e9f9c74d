"""Draftail feature for live facts: a button that inserts a current number or sentence about a treaty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import wagtail.admin.rich_text.editors.draftail.features as draftail_features
from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse_lazy
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from draftjs_exporter.dom import DOM
from wagtail.admin.modal_workflow import render_modal_workflow
from wagtail.admin.rich_text.converters.contentstate_models import Entity, EntityRange
from wagtail.admin.rich_text.converters.html_to_contentstate import FORCE_WHITESPACE, KEEP_WHITESPACE

from wagtail_pledge.conf import get_setting
from wagtail_pledge.treaties.display.live_facts import LIVE_FACT, LiveFactHandler, render_live_fact
from wagtail_pledge.treaties.enums import FactKind
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.states import display_name

ENTITY: Final = "PLEDGE-TREATY-FACT"
URL_NAME: Final = "wagtail_pledge_treaty_fact"
_FIELDS: Final = ("treaty", "fact", "state", "examples")


def register_live_facts(features: Any) -> None:
    """Register embed type, button and conversion. For the hook ``register_rich_text_features``."""
    features.register_embed_type(LiveFactHandler)
    features.register_editor_plugin("draftail", LIVE_FACT, _plugin())
    features.register_converter_rule(
        "contentstate",
        LIVE_FACT,
        {
            "from_database_format": {f'embed[embedtype="{LIVE_FACT}"]': _FactElementHandler()},
            "to_database_format": {"entity_decorators": {ENTITY: _to_database}},
        },
    )


class _NoButton(draftail_features.Feature):  # type: ignore[misc]
    """Editor plugin that adds nothing to the toolbar."""

    def construct_options(self, options: dict[str, Any]) -> None:
        """Leave the editor's options as they are."""


def _plugin() -> Any:
    """Return the editor's plugin; without treaties one without a button, so that stored facts stay in their texts."""
    if not get_setting("TREATIES"):
        return _NoButton()
    return draftail_features.EntityFeature(
        {
            "type": ENTITY,
            "icon": "globe",
            "description": gettext_lazy("Live treaty fact"),
            "attributes": list(_FIELDS),
            "chooserUrls": {"treatyFact": reverse_lazy(URL_NAME)},
        },
        js=["wagtailadmin/js/modal-workflow.js", "wagtail_pledge/js/treaty-fact.js"],
    )


def live_fact_urls() -> list[Any]:
    """Return the URL of the chooser. For the hook ``register_admin_urls``."""
    return [path("wagtail-pledge/treaty-fact/", choose_fact, name=URL_NAME)]


class _FactElementHandler:
    """Converts a stored fact into an immutable entity with its current text."""

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]], state: Any, contentstate: Any) -> None:
        """Add the entity to the current block."""
        if state.current_block is None:
            return
        values = dict(attrs)
        data = {field: values.get(field) or "" for field in _FIELDS}
        text = fact_text(data)
        if state.leading_whitespace == FORCE_WHITESPACE:
            state.current_block.text += " "
        state.leading_whitespace = KEEP_WHITESPACE
        key = contentstate.add_entity(Entity(ENTITY, "IMMUTABLE", data))
        span = EntityRange(key)
        span.offset = len(state.current_block.text)
        span.length = len(text)
        state.current_block.text += text
        state.current_block.entity_ranges.append(span)

    def handle_endtag(self, name: str, state: Any, contentstate: Any) -> None:
        """Do nothing: the element is empty."""


def _to_database(props: dict[str, Any]) -> Any:
    """Return the element for a fact, without its text, which is rendered anew each time."""
    stored = {field: props[field] for field in _FIELDS if props.get(field)}
    return DOM.create_element("embed", {"embedtype": LIVE_FACT, **stored})


def fact_text(data: dict[str, str]) -> str:
    """Return the current text of the fact without markup, or a placeholder if there is no data."""
    return strip_tags(render_live_fact(data)) or _("[treaty fact without data]")


def _states() -> list[tuple[str, str]]:
    states: Iterable[State] = State.objects.all()
    return sorted(
        ((state.key, display_name(key=state.key, iso2=state.iso2, name=state.name)) for state in states),
        key=lambda choice: choice[1],
    )


class FactForm(forms.Form):
    """Form of the chooser: the treaty, the kind of fact, and the States for it."""

    treaty = forms.ModelChoiceField(queryset=Treaty.objects.none(), to_field_name="key", label=gettext_lazy("Treaty"))
    fact = forms.ChoiceField(choices=FactKind.choices, label=gettext_lazy("What it says"))
    state = forms.ChoiceField(
        choices=lambda: [("", "–"), *_states()],
        required=False,
        label=gettext_lazy("State"),
        help_text=gettext_lazy("Only for the sentence on one State."),
    )
    examples = forms.MultipleChoiceField(
        choices=_states,
        required=False,
        label=gettext_lazy("Examples"),
        help_text=gettext_lazy("States to name in the sentence. Each is named only while it is a party."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["treaty"].queryset = Treaty.objects.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Require a State for the sentence on one State."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("fact") == FactKind.STATE and not data.get("state"):
            self.add_error("state", _("Choose the State that the sentence is about."))
        return data

    def chosen(self) -> dict[str, str]:
        """Return the attributes of the stored element."""
        data = self.cleaned_data
        return {
            "treaty": data["treaty"].key,
            "fact": data["fact"],
            "state": data["state"],
            "examples": ",".join(data["examples"]),
        }


def choose_fact(request: HttpRequest) -> HttpResponse:
    """Show the chooser, or return the chosen fact as JSON. Any user of the admin may use it: it only reads."""
    if request.method == "POST":
        form = FactForm(request.POST, prefix="fact")
        if form.is_valid():
            chosen = form.chosen()
            result = {**chosen, "text": fact_text(chosen)}
            return _modal(request, None, None, {"step": "chosen", "result": result})
    else:
        values = {field: request.GET.get(field, "") for field in _FIELDS}
        form = FactForm(initial={**values, "examples": values["examples"].split(",")}, prefix="fact")
    return _modal(request, "wagtail_pledge/admin/treaty_fact_chooser.html", {"form": form}, {"step": "choose"})


def _modal(request: HttpRequest, template: str | None, context: Any, data: dict[str, Any]) -> HttpResponse:
    response: HttpResponse = render_modal_workflow(request, template, None, context, json_data=data)
    return response
