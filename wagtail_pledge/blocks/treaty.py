"""Blocks that show where States stand with a treaty: always from data, never typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from wagtail_pledge.treaties.enums import Act, Standing, StateKind
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.facts import TreatyLabel, treaty_label, treaty_sentence_html
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.services import get_treaty
from wagtail_pledge.treaties.states import display_name
from wagtail_pledge.treaties.status import DatedAct, StateStatus, TreatyStatus, status_as_of, summarize
from wagtail_pledge.treaties.tables import status_table

#: What a preview shows: stands for no row, so it works on an empty database.
SAMPLE_KEY: Final = "sample"


def _state_choices() -> list[tuple[str, str]]:
    states = State.objects.all()
    named = [(state.key, display_name(key=state.key, iso2=state.iso2, name=state.name)) for state in states]
    return sorted(named, key=lambda choice: choice[1])


class TreatyChoiceBlock(blocks.FieldBlock):  # type: ignore[misc]
    """Chooses a treaty; the value is its key, so that stored pages can move to another database."""

    def __init__(self, required: bool = True, help_text: Any = "", **kwargs: Any) -> None:
        self.field_options: dict[str, Any] = {"required": required, "help_text": help_text}
        super().__init__(**kwargs)

    @cached_property
    def field(self) -> Any:
        """The form field; a select over the treaties."""
        return forms.ModelChoiceField(queryset=Treaty.objects.all(), to_field_name="key", **self.field_options)

    def value_from_form(self, value: Any) -> str:
        """Return the key of the chosen treaty, ``""`` for none."""
        return value.key if isinstance(value, Treaty) else value or ""

    class Meta:
        icon = "globe"
        default = ""


class StatesChoiceBlock(blocks.FieldBlock):  # type: ignore[misc]
    """Chooses States; the value is the list of their party ids."""

    def __init__(self, required: bool = False, help_text: Any = "", **kwargs: Any) -> None:
        self.field_options: dict[str, Any] = {"required": required, "help_text": help_text}
        super().__init__(**kwargs)

    @cached_property
    def field(self) -> forms.MultipleChoiceField:
        """The form field; a select over all participants, in the editor's language."""
        return forms.MultipleChoiceField(choices=_state_choices, **self.field_options)

    class Meta:
        icon = "globe"
        default = ()


class _TreatyBlock(blocks.StructBlock):  # type: ignore[misc]
    """What both blocks share: the status of the chosen treaty, or nothing if it can't be told."""

    treaty = TreatyChoiceBlock(label=gettext_lazy("Treaty"))

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``status`` and ``label``; both ``None`` where the treaty is gone or has no data yet."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        status, label = _status_of(value.get("treaty") or "")
        return {**context, "status": status, "label": label}


def _status_of(key: str) -> tuple[TreatyStatus | None, TreatyLabel | None]:
    if key == SAMPLE_KEY:
        return sample_status(), TreatyLabel(name=_("the Example Convention"), title=_("Example Convention"))
    try:
        treaty = get_treaty(key)
        return status_as_of(treaty), treaty_label(treaty)
    except TreatyError:
        return None, None


class TreatyFactBlock(_TreatyBlock):
    """One sentence with the numbers of today, its date and examples that are named only while they are true."""

    examples = StatesChoiceBlock(
        label=gettext_lazy("Examples"),
        help_text=gettext_lazy("States to name in the sentence. Each is named only while it is a party."),
    )

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``sentence``: safe HTML, empty where there is no status."""
        context = super().get_context(value, parent_context=parent_context)
        status, label = context["status"], context["label"]
        examples = value.get("examples") or []
        sentence = treaty_sentence_html(status, label.name, examples) if status else ""
        return {**context, "sentence": sentence}

    class Meta:
        icon = "globe"
        group = gettext_lazy("Data")
        label = gettext_lazy("Treaty fact")
        description = gettext_lazy("A sentence on who is party to a treaty. The numbers keep themselves up to date.")
        template = "wagtail_pledge/blocks/treaty_fact.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_fact.html"
        preview_value = {"treaty": SAMPLE_KEY, "examples": ["MEX", "PHL"]}


class TreatyTableBlock(_TreatyBlock):
    """The States and what each did, as a table that sorts by links."""

    all_states = blocks.BooleanBlock(
        required=False,
        label=gettext_lazy("All States"),
        help_text=gettext_lazy("Also list States that neither signed nor became a party."),
    )

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``table``, sorted as the request's address says; ``None`` where there is no status."""
        context = super().get_context(value, parent_context=parent_context)
        request = context.get("request")
        query = request.GET if request else {}
        status = context["status"]
        table = status_table(status, query, only_acts=not value.get("all_states")) if status else None
        return {**context, "table": table}

    class Meta:
        icon = "table"
        group = gettext_lazy("Data")
        label = gettext_lazy("Treaty table")
        description = gettext_lazy("A table of States: who is party, who signed, since when and how.")
        template = "wagtail_pledge/blocks/treaty_table.html"
        preview_template = "wagtail_pledge/blocks/preview/treaty_table.html"
        preview_value = {"treaty": SAMPLE_KEY, "all_states": True}


def sample_status() -> TreatyStatus:
    """Return a small made-up status for previews: three States, one of each kind, on a fixed day."""
    day = dt.date(2026, 2, 3)
    rows = (
        ("MEX", "MX", "Mexico", (Act.RATIFICATION, dt.date(1999, 3, 8)), None),
        ("PHL", "PH", "Philippines", (Act.RATIFICATION, dt.date(1995, 7, 5)), None),
        ("TGO", "TG", "Togo", None, dt.date(2001, 11, 15)),
        ("TUV", "TV", "Tuvalu", None, None),
    )
    states = [_sample_state(key, iso2, name, consent, signed) for key, iso2, name, consent, signed in rows]
    return summarize(Treaty(key=SAMPLE_KEY), day, day, states)


def _sample_state(
    key: str, iso2: str, name: str, consent: tuple[Act, dt.date] | None, signed: dt.date | None
) -> StateStatus:
    status = Standing.PARTY if consent else Standing.SIGNED_ONLY if signed else Standing.NONE
    return StateStatus(
        pk=None,
        key=key,
        iso3=key,
        name=display_name(key=key, iso2=iso2, name=name),
        kind=StateKind.MEMBER_STATE,
        status=status,
        signature=DatedAct(kind=Act.SIGNATURE, date=signed) if signed else None,
        consent=DatedAct(kind=consent[0], date=consent[1]) if consent else None,
    )
