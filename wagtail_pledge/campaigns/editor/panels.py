"""Panels of the page editor: advice at the head of a tab, a text with its length, a body that is begun, a pledge of the
editor's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.blocks import StreamBlock, StreamValue

from wagtail_pledge.blocks.base import UNSEEN, choosable_pledges
from wagtail_pledge.signing.models import Pledge

TEMPLATE: Final = "wagtail_pledge/admin/advice.html"


class Advice(HelpPanel):  # type: ignore[misc]
    """A few lines at the head of a tab and one way onward.

    ``link`` is what the way is called, ``leads_to(page)`` its address; ``""`` leaves it out.
    """

    def __init__(
        self, lines: Sequence[Any] = (), link: Any = "", leads_to: Callable[[Any], str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**{"template": TEMPLATE, **kwargs})
        self.lines, self.link, self.leads_to = lines, link, leads_to

    def clone_kwargs(self) -> dict[str, Any]:
        """Return what makes an equal panel."""
        return {**super().clone_kwargs(), "lines": self.lines, "link": self.link, "leads_to": self.leads_to}

    class BoundPanel(HelpPanel.BoundPanel):  # type: ignore[misc]
        """The advice for one page."""

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add ``lines``, ``link`` and ``link_url``."""
            panel = self.panel
            url = panel.leads_to(self.instance) if panel.leads_to and self.instance else ""
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "lines": panel.lines, "link": panel.link, "link_url": url}


def pages_below(page: Any) -> str:
    """Return where the pages below ``page`` are listed; ``""`` for one that was never saved."""
    return reverse("wagtailadmin_explore", args=[page.pk]) if page.pk else ""


def page_above(page: Any) -> str:
    """Return where the page above is edited; ``""`` for one that was never saved."""
    return reverse("wagtailadmin_pages:edit", args=[page.get_parent().pk]) if page.pk else ""


class CountedText(AdminAutoHeightTextInput):  # type: ignore[misc]
    """A text area that says how long its text is beside how long it should be. More is taken."""

    class Media:
        js = ("wagtail_pledge/js/counter.js",)

    def __init__(self, attrs: Any = None, *, advised: int) -> None:
        counter = {
            "data-controller": "w-autosize pledge-counter",
            "data-action": "input->pledge-counter#count",
            "data-pledge-counter-advised-value": advised,
            "data-pledge-counter-words-value": _("{count} of {advised} characters"),
        }
        super().__init__({**counter, **(attrs or {})})


class StreamPanel(FieldPanel):  # type: ignore[misc]
    """A stream of blocks, whose errors mark its tab."""

    class BoundPanel(FieldPanel.BoundPanel):  # type: ignore[misc]
        """The field of one page."""

        class Media:
            js = ("wagtail_pledge/js/tab-errors.js",)


class BodyPanel(StreamPanel):
    """The body of a page; that of a new page is begun with the page type's ``starter_blocks``, all empty."""

    class BoundPanel(StreamPanel.BoundPanel):
        """The field of one page."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            is_new = self.instance is not None and self.instance.pk is None
            if is_new and self.bound_field is not None and not self.form.is_bound:
                given = self.form.initial.get(self.field_name)
                names = self.instance.starter_blocks
                self.form.initial[self.field_name] = given or begun(self.bound_field.field.block, names)


class PledgePanel(FieldPanel):  # type: ignore[misc]
    """Chooses a pledge among those of the editor; another one that is chosen already stays, without its name."""

    class BoundPanel(FieldPanel.BoundPanel):  # type: ignore[misc]
        """The field with the choices of one editor."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.bound_field is None:
                return
            field = self.bound_field.field
            own = choosable_pledges(self.request.user if self.request else None)
            seen = {pledge.pk for pledge in own}
            field.queryset = Pledge.objects.filter(pk__in=[*seen, getattr(self.instance, f"{self.field_name}_id")])
            field.label_from_instance = lambda pledge: str(pledge) if pledge.pk in seen else UNSEEN


def begun(stream: StreamBlock, names: Sequence[str]) -> StreamValue:
    """Return empty blocks of those ``names`` that ``stream`` knows."""
    known = stream.child_blocks
    return StreamValue(stream, [(name, known[name].get_default()) for name in names if name in known])
