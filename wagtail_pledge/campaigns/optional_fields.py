"""Where editors choose which of a kind's fields a form asks."""

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

from wagtail_pledge.signing.kinds import Asking, SignerField, SignerKind, get_kind, kinds, settle_asking
from wagtail_pledge.signing.kinds.asking import asking_in_words, askings, switchable_fields


def asking_of(kind: SignerKind, *pages: Any) -> dict[str, str]:
    """Return how a form of ``kind`` differs from what the kind asks; a later page's choice goes before an earlier
    one's. ``None`` chooses nothing.
    """
    return settle_asking(kind, *(page.asking or {} for page in pages if page is not None))


class AskingWidget(forms.Widget):
    """Each field that may be left out: what it costs, and a choice."""

    template_name = "wagtail_pledge/admin/widgets/asking.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        #: The kinds whose fields are offered; ``None``: all that the site knows.
        self.kinds: Iterable[SignerKind] | None = None
        #: What holds by kind where nothing is chosen; ``None``: what the kind asks.
        self.inherited: Mapping[str, str] | None = None

    def offered(self) -> dict[str, list[tuple[SignerKind, SignerField]]]:
        """Return the fields by name, each with the kinds that have it."""
        found: dict[str, list[tuple[SignerKind, SignerField]]] = {}
        for kind in kinds().values() if self.kinds is None else self.kinds:
            for field in switchable_fields(kind):
                found.setdefault(field.name, []).append((kind, field))
        return found

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add ``rows``."""
        context = super().get_context(name, value, attrs)
        chosen, offered = json.loads(value or "{}"), self.offered()
        is_mixed = len({kind.slug for same in offered.values() for kind, _field in same}) > 1
        rows = [self._row(name, same, chosen) for same in offered.values()]
        return {**context, "rows": rows, "is_mixed": is_mixed}

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        """Return the choices as JSON; the default is not among them."""
        sent = {field: data.get(f"{name}-{field}") for field in self.offered()}
        return json.dumps({field: asking for field, asking in sent.items() if asking in Asking.values})

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether the form does not hold the choices."""
        return not any(f"{name}-{field}" in data for field in self.offered())

    def id_for_label(self, id_: str) -> str:
        """Label nothing: each choice has its own label."""
        return ""

    def _row(self, name: str, same: list[tuple[SignerKind, SignerField]], chosen: Mapping[str, str]) -> dict[str, Any]:
        field = same[0][1]
        levels = list(dict.fromkeys(level for _kind, one in same for level in askings(one)))
        select = forms.Select(choices=self._choices(field.name, levels))
        select_id = f"id_{name}-{field.name}"
        costs_id = f"{select_id}-costs"
        costs: dict[str, list[str]] = {}
        for kind, one in same:
            costs.setdefault(str(one.switch.cost if one.switch else ""), []).append(str(kind.label))
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

    def _choices(self, field: str, levels: list[Asking]) -> list[tuple[str, Any]]:
        if self.inherited is None:
            return [("", levels[0].label), *((level.value, level.label) for level in levels[1:])]
        above = Asking(self.inherited.get(field, Asking.OPTIONAL)).label
        first = gettext("As on the campaign’s page: %(choice)s") % {"choice": above}
        return [("", first), *((level.value, level.label) for level in levels)]


class AskingComparison(FieldComparison):  # type: ignore[misc]
    """Two choices in words."""

    def htmldiff(self) -> Any:
        """Return what was and what is."""
        before, after = _in_words(self.val_a), _in_words(self.val_b)
        if before == after:
            return escape(after)
        return TextDiff([("deletion", before), ("addition", after)]).to_html()


class AskingPanel(FieldPanel):  # type: ignore[misc]
    """Offers the fields of the kinds that a page can have."""

    def get_comparison_class(self) -> Any:
        """Return the one that speaks in words."""
        return AskingComparison

    class BoundPanel(FieldPanel.BoundPanel):  # type: ignore[misc]
        """The choices of one page: of a way to sign, its own kind's, and what the page above says."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.bound_field is None or not hasattr(self.instance, "signer_type_id"):
                return
            known = [get_kind(self.instance.kind)] if self.instance.signer_type_id else list(kinds().values())
            parent = getattr(self.form, "parent_page", None)
            above = parent.specific if parent is not None else None
            pages = [above] if hasattr(above, "asking") else []
            widget = self.bound_field.field.widget
            widget.kinds = known
            widget.inherited = {name: one for kind in known for name, one in asking_of(kind, *pages).items()}


def asking_panels(help_text: Any) -> MultiFieldPanel:
    """Return the part of the Form tab where fields are chosen; ``help_text`` is HTML for the editor."""
    panels = [HelpPanel(content=help_text), AskingPanel("asking", widget=AskingWidget)]
    return MultiFieldPanel(panels, heading=_("What the form asks"))


def _in_words(chosen: Mapping[str, str] | None) -> str:
    pairs = asking_in_words(chosen or {}, kinds().values())
    return ", ".join(f"{field}: {asking}" for field, asking in pairs)
