"""Base of the treaty blocks: chooser blocks, the treaty's status in the context, sample data for previews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from wagtail import blocks

from wagtail_pledge.blocks.base import RequestCacheMixin
from wagtail_pledge.core.collation import sort_key
from wagtail_pledge.core.registry import providers
from wagtail_pledge.treaties.display.facts import LabelledSnapshot, TreatyLabel, load_treaty_snapshot
from wagtail_pledge.treaties.enums import Act
from wagtail_pledge.treaties.importing.reference_data import DATA, read_rows
from wagtail_pledge.treaties.models import State, Treaty
from wagtail_pledge.treaties.states import display_name
from wagtail_pledge.treaties.status import DatedAct, StatusSnapshot, TreatyStatus, status_from

#: Treaty key in previews; not in the database.
SAMPLE_KEY: Final = "sample"


def _state_choices() -> list[tuple[str, str]]:
    states = State.objects.all()
    named = [(state.key, display_name(key=state.key, iso2=state.iso2, name=state.name)) for state in states]
    language = get_language() or ""
    return sorted(named, key=lambda choice: sort_key(choice[1], language))


class _KeyChoiceBlock(blocks.FieldBlock):  # type: ignore[misc]
    """Base of a choice of one row. The value is its key, so stored content can be moved to another database."""

    model: ClassVar[Any]
    #: Its name in ``providers.key_chooser``.
    chooser: ClassVar[str]

    def __init__(self, required: bool = True, help_text: Any = "", **kwargs: Any) -> None:
        self.field_options: dict[str, Any] = {"required": required, "help_text": help_text}
        super().__init__(**kwargs)

    @cached_property
    def field(self) -> Any:
        """The form field, with the admin's chooser; a select of all rows where there is none."""
        make_widget = providers.key_chooser
        widget = {"widget": make_widget(self.chooser)} if make_widget is not None else {}
        rows = self.model._default_manager.all()
        return forms.ModelChoiceField(queryset=rows, to_field_name="key", **widget, **self.field_options)

    def get_form_state(self, value: Any) -> Any:
        """Return what the form shows for a stored key."""
        widget = self.field.widget
        return widget.get_value_data(value) if hasattr(widget, "get_value_data") else super().get_form_state(value)

    def value_from_form(self, value: Any) -> str:
        """Return the key of the chosen row, ``""`` for none."""
        return value.key if isinstance(value, self.model) else value or ""


class TreatyChoiceBlock(_KeyChoiceBlock):
    """A choice of a treaty. The value is its key."""

    model = Treaty
    chooser = "treaty"

    class Meta:
        icon = "globe"
        default = ""


class StatesChoiceBlock(blocks.FieldBlock):  # type: ignore[misc]
    """A choice of several States. The value is the list of their keys."""

    def __init__(self, required: bool = False, help_text: Any = "", **kwargs: Any) -> None:
        self.field_options: dict[str, Any] = {"required": required, "help_text": help_text}
        super().__init__(**kwargs)

    @cached_property
    def field(self) -> forms.MultipleChoiceField:
        """The form field: a select of all participants, sorted by name in the editor's language."""
        return forms.MultipleChoiceField(choices=_state_choices, **self.field_options)

    class Meta:
        icon = "globe"
        default = ()


class TreatyBlock(RequestCacheMixin, blocks.StructBlock):  # type: ignore[misc]
    """Base of blocks that show the status of a chosen treaty."""

    #: Whether the block is left out of page bodies where the site has no treaties.
    needs_treaties: ClassVar[bool] = True

    treaty = TreatyChoiceBlock(label=gettext_lazy("Treaty"))

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``status`` and ``label`` (``None`` without a treaty that has data) and the items of :meth:`get_parts`."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        loaded = load_block_snapshot(value.get("treaty") or "")
        if loaded is None:
            return {**context, "status": None, "label": None}
        treaty, snapshot, label = loaded
        parts = self.get_parts(value, treaty, snapshot, label)
        return {**context, "status": snapshot.status, "label": label, **parts}

    def get_parts(
        self, value: Mapping[str, Any], treaty: Treaty, snapshot: StatusSnapshot, label: TreatyLabel
    ) -> dict[str, Any]:
        """Return additional template context for a treaty that has data. Subclasses may override this."""
        return {}


def load_block_snapshot(key: str) -> LabelledSnapshot | None:
    """Return the treaty with this key, its status today and its label; ``None`` if it is missing or has no data."""
    if key == SAMPLE_KEY:
        label = TreatyLabel(name=_("the Example Convention"), title=_("Example Convention"))
        return sample_treaty(), sample_snapshot(), label
    return load_treaty_snapshot(key)


class StateChoiceBlock(_KeyChoiceBlock):
    """A choice of one State. The value is its key."""

    model = State
    chooser = "state"

    class Meta:
        icon = "globe"
        default = ""


class TreatiesChoiceBlock(blocks.FieldBlock):  # type: ignore[misc]
    """A choice of several treaties. The value is the list of their keys."""

    def __init__(self, required: bool = False, help_text: Any = "", **kwargs: Any) -> None:
        self.field_options: dict[str, Any] = {"required": required, "help_text": help_text}
        super().__init__(**kwargs)

    @cached_property
    def field(self) -> forms.MultipleChoiceField:
        """The form field: a select of all treaties."""
        return forms.MultipleChoiceField(choices=_treaty_choices, **self.field_options)

    class Meta:
        icon = "globe"
        default = ()


def _treaty_choices() -> list[tuple[str, str]]:
    return [(treaty.key, str(treaty)) for treaty in Treaty.objects.all()]


def sample_treaty() -> Treaty:
    """Return an invented, unsaved treaty for previews."""
    return Treaty(
        key=SAMPLE_KEY,
        short_name=_("Example Convention"),
        adopted_on=dt.date(1990, 12, 18),
        in_force_on=dt.date(2003, 7, 1),
        as_of=_SAMPLE_DAY,
    )


_SAMPLE_DAY: Final = dt.date(2026, 2, 3)
_SAMPLE_ACT_DAY: Final = dt.date(2001, 11, 15)
#: The acts of other States than the samples, in turn.
_SAMPLE_PATTERN: Final = (Act.RATIFICATION, None, Act.SIGNATURE, Act.RATIFICATION, None)
_SAMPLE_ROWS: Final = (
    ("MEX", "MX", "Mexico", Act.RATIFICATION, dt.date(1999, 3, 8)),
    ("PHL", "PH", "Philippines", Act.RATIFICATION, dt.date(1995, 7, 5)),
    ("TGO", "TG", "Togo", Act.SIGNATURE, dt.date(2001, 11, 15)),
    ("TUV", "TV", "Tuvalu", None, None),
)


def sample_state(key: str) -> State:
    """Return an unsaved State for previews."""
    name, iso2 = next(((row[2], row[1]) for row in _SAMPLE_ROWS if row[0] == key), (key, ""))
    return State(key=key, iso3=key, iso2=iso2, name=name)


def sample_world_status() -> TreatyStatus:
    """Return an invented status of all of today's States, for the preview of the map; without a query."""
    rows = [row for row in read_rows(DATA / "states.csv") if not row["ended_on"]]
    act_of = {key: act for key, _iso2, _name, act, _day in _SAMPLE_ROWS}
    acts_of = []
    for place, row in enumerate(rows):
        act = act_of.get(row["key"], _SAMPLE_PATTERN[place % len(_SAMPLE_PATTERN)])
        state = State(key=row["key"], iso3=row["iso3"], iso2=row["iso2"], name=row["name"], kind=row["kind"])
        acts_of.append((state, [DatedAct(kind=act, date=_SAMPLE_ACT_DAY)] if act else []))
    return status_from(sample_treaty(), _SAMPLE_DAY, _SAMPLE_DAY, acts_of)


def sample_snapshot() -> StatusSnapshot:
    """Return an invented status of four States on a fixed day, for previews."""
    acts_of = [
        (sample_state(key), [DatedAct(kind=act, date=day)] if act else [])
        for key, _iso2, _name, act, day in _SAMPLE_ROWS
    ]
    return StatusSnapshot(status=status_from(sample_treaty(), _SAMPLE_DAY, _SAMPLE_DAY, acts_of), acts_of=acts_of)
