"""The editor's choice of optional form fields: widget, comparison and panel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.compare import FieldComparison, TextDiff
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel

from wagtail_pledge.signing.kinds import (
    FieldRequirement,
    SignerField,
    SignerKind,
    get_kind,
    kinds,
    resolve_optional_fields,
)
from wagtail_pledge.signing.kinds.optional_fields import (
    configurable_fields,
    describe_optional_fields,
    field_requirements,
)
from wagtail_pledge.signing.services.pledges import kinds_in_use


def optional_fields_for(kind: SignerKind, *pages: Any) -> dict[str, str]:
    """Return the requirement by field name where ``pages`` choose another than the default of ``kind``.

    The choice of a later page overrides that of an earlier one. ``None`` among the pages is skipped.
    """
    return resolve_optional_fields(kind, *(page.optional_fields or {} for page in pages if page is not None))


class OptionalFieldsWidget(forms.Widget):
    """A select for each field that may be left out, with a note on what asking for it costs."""

    template_name = "wagtail_pledge/admin/widgets/optional_fields.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        #: The kinds whose fields are offered; ``None``: all registered kinds.
        self.kinds: Iterable[SignerKind] | None = None
        #: Requirement by field name where nothing is chosen; ``None``: the default of the kind.
        self.inherited: Mapping[str, str] | None = None

    def offered(self) -> dict[str, list[tuple[SignerKind, SignerField]]]:
        """Return the offered fields by name, each with the kinds that have it."""
        fields: dict[str, list[tuple[SignerKind, SignerField]]] = {}
        for kind in kinds().values() if self.kinds is None else self.kinds:
            for field in configurable_fields(kind):
                fields.setdefault(field.name, []).append((kind, field))
        return fields

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add ``rows``, ``is_mixed`` (the fields belong to more than one kind) and ``kept``.

        ``kept`` are the choices for fields that are not offered, which the form posts unchanged.
        """
        context = super().get_context(name, value, attrs)
        chosen, offered = json.loads(value or "{}"), self.offered()
        is_mixed = len({kind.slug for variants in offered.values() for kind, _field in variants}) > 1
        rows = [self._row(name, variants, chosen) for variants in offered.values()]
        kept = [(f"{name}-{field}", requirement) for field, requirement in chosen.items() if field not in offered]
        return {**context, "rows": rows, "is_mixed": is_mixed, "kept": kept}

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        """Return the choices as JSON, without fields left at the default."""
        values = {field: data.get(f"{name}-{field}") for field in self.offered()}
        return json.dumps(
            {field: requirement for field, requirement in values.items() if requirement in FieldRequirement.values}
        )

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Return whether the form has none of the selects."""
        return not any(f"{name}-{field}" in data for field in self.offered())

    def id_for_label(self, id_: str) -> str:
        """Return no id: each select has its own label."""
        return ""

    def _row(
        self, name: str, variants: list[tuple[SignerKind, SignerField]], chosen: Mapping[str, str]
    ) -> dict[str, Any]:
        field = variants[0][1]
        levels = list(dict.fromkeys(level for _kind, variant in variants for level in field_requirements(variant)))
        select = forms.Select(choices=self._choices(field.name, levels))
        select_id = f"id_{name}-{field.name}"
        costs_id = f"{select_id}-costs"
        costs: dict[str, list[str]] = {}
        for kind, variant in variants:
            costs.setdefault(str(variant.switch.cost if variant.switch else ""), []).append(str(kind.label))
        return {
            "label": field.switch.label if field.switch else field.label,
            "costs": [(", ".join(labels), cost) for cost, labels in costs.items()],
            "costs_id": costs_id,
            "select_id": select_id,
            "select": select.render(
                f"{name}-{field.name}",
                chosen.get(field.name, ""),
                {"id": select_id, "aria-describedby": costs_id},
            ),
        }

    def _choices(self, field: str, levels: list[FieldRequirement]) -> list[tuple[str, Any]]:
        if self.inherited is None:
            return [("", levels[0].label), *((level.value, level.label) for level in levels[1:])]
        inherited = FieldRequirement(self.inherited.get(field, FieldRequirement.OPTIONAL)).label
        first = gettext("As on the campaign page: %(choice)s") % {"choice": inherited}
        return [("", first), *((level.value, level.label) for level in levels)]


class OptionalFieldsComparison(FieldComparison):  # type: ignore[misc]
    """Comparison of two revisions' choices, as field labels."""

    def htmldiff(self) -> Any:
        """Return the old choices marked as deleted and the new ones as added."""
        before, after = _as_text(self.val_a), _as_text(self.val_b)
        if before == after:
            return escape(after)
        return TextDiff([("deletion", before), ("addition", after)]).to_html()


class OptionalFieldsPanel(FieldPanel):  # type: ignore[misc]
    """Panel that offers the optional fields of the kinds that a page can have."""

    def get_comparison_class(self) -> Any:
        """Return the comparison that shows labels instead of JSON."""
        return OptionalFieldsComparison

    class BoundPanel(FieldPanel.BoundPanel):  # type: ignore[misc]
        """The choices for one page: on a signer-type page, the fields of its kind, with the pledge page's choices.

        On a pledge page, the fields of the kinds that can sign the pledge.
        """

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.bound_field is None:
                return
            if not hasattr(self.instance, "signer_type_id"):
                self.bound_field.field.widget.kinds = kinds_in_use(getattr(self.instance, "pledge", None))
                return
            offered = [get_kind(self.instance.kind)] if self.instance.signer_type_id else list(kinds().values())
            parent = getattr(self.form, "parent_page", None)
            pledge_page = parent.specific if parent is not None else None
            pages = [pledge_page] if hasattr(pledge_page, "optional_fields") else []
            inherited: dict[str, str] = {}
            for kind in offered:
                inherited.update(optional_fields_for(kind, *pages))
            widget = self.bound_field.field.widget
            widget.kinds, widget.inherited = offered, inherited


def optional_fields_panel(help_text: Any) -> MultiFieldPanel:
    """Return the panel group with the choice of form fields; ``help_text`` is HTML."""
    panels = [HelpPanel(content=help_text), OptionalFieldsPanel("optional_fields", widget=OptionalFieldsWidget)]
    return MultiFieldPanel(panels, heading=_("Form fields"))


def _as_text(chosen: Mapping[str, str] | None) -> str:
    pairs = describe_optional_fields(chosen or {}, kinds().values())
    return ", ".join(f"{field}: {requirement}" for field, requirement in pairs)
