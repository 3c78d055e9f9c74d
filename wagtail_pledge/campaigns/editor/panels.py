"""Panels of the page editor: advice, warning about a language, character counter, pre-filled body."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.blocks import StreamBlock, StreamValue

from wagtail_pledge.core.languages import is_unreviewed

TEMPLATE: Final = "wagtail_pledge/admin/advice.html"


class AdvicePanel(HelpPanel):  # type: ignore[misc]
    """Panel with a few lines of advice and an optional link, for the top of a tab.

    ``link`` is the link's text and ``get_link_url(page)`` its URL; ``""`` leaves the link out.
    """

    def __init__(
        self, lines: Sequence[Any] = (), link: Any = "", get_link_url: Callable[[Any], str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**{"template": TEMPLATE, **kwargs})
        self.lines, self.link, self.get_link_url = lines, link, get_link_url

    def clone_kwargs(self) -> dict[str, Any]:
        """Return the constructor arguments, as Wagtail's panels require."""
        return {**super().clone_kwargs(), "lines": self.lines, "link": self.link, "get_link_url": self.get_link_url}

    class BoundPanel(HelpPanel.BoundPanel):  # type: ignore[misc]
        """The advice for one page."""

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add ``lines``, ``link`` and ``link_url``."""
            panel = self.panel
            url = panel.get_link_url(self.instance) if panel.get_link_url and self.instance else ""
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "lines": panel.lines, "link": panel.link, "link_url": url}


class UnreviewedLanguagePanel(HelpPanel):  # type: ignore[misc]
    """Warning that no native reader has checked the package's texts in the page's language; else nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"template": "wagtail_pledge/admin/unreviewed_language.html", **kwargs})

    class BoundPanel(HelpPanel.BoundPanel):  # type: ignore[misc]
        """The warning for one page."""

        def is_shown(self) -> bool:
            """Return whether the language of the page is an unreviewed one."""
            page = self.instance
            return bool(page is not None and page.locale_id and is_unreviewed(page.locale.language_code))


def child_pages_url(page: Any) -> str:
    """Return the explorer URL of the pages below ``page``; ``""`` for an unsaved page."""
    return reverse("wagtailadmin_explore", args=[page.pk]) if page.pk else ""


def parent_edit_url(page: Any) -> str:
    """Return the edit URL of the parent of ``page``; ``""`` for an unsaved page."""
    return reverse("wagtailadmin_pages:edit", args=[page.get_parent().pk]) if page.pk else ""


class CountedTextarea(AdminAutoHeightTextInput):  # type: ignore[misc]
    """Textarea that shows the length of its text and the advised maximum, which is not enforced."""

    class Media:
        js = ("wagtail_pledge/js/character-count.js",)

    def __init__(self, attrs: Any = None, *, advised: int) -> None:
        counter = {
            "data-controller": "w-autosize pledge-counter",
            "data-action": "input->pledge-counter#count",
            "data-pledge-counter-advised-value": advised,
            "data-pledge-counter-text-value": _("{count} characters. Best up to {advised}; more is allowed."),
        }
        super().__init__({**counter, **(attrs or {})})


class StreamPanel(FieldPanel):  # type: ignore[misc]
    """Panel for a StreamField that marks its tab when a block has an error."""

    class BoundPanel(FieldPanel.BoundPanel):  # type: ignore[misc]
        """The field of one page."""

        class Media:
            js = ("wagtail_pledge/js/tab-errors.js",)


class BodyPanel(StreamPanel):
    """Panel for the body; on a new page it starts with the page type's ``starter_blocks``, all empty."""

    class BoundPanel(StreamPanel.BoundPanel):
        """The field of one page."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            is_new = self.instance is not None and self.instance.pk is None
            if is_new and self.bound_field is not None and not self.form.is_bound:
                initial = self.form.initial.get(self.field_name)
                names = self.instance.starter_blocks
                self.form.initial[self.field_name] = initial or empty_stream(self.bound_field.field.block, names)


def empty_stream(stream: StreamBlock, names: Sequence[str]) -> StreamValue:
    """Return a stream value with one empty block for each of ``names`` that ``stream`` defines."""
    blocks = stream.child_blocks
    return StreamValue(stream, [(name, blocks[name].get_default()) for name in names if name in blocks])
