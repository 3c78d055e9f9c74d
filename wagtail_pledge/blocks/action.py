"""Call-to-action block: links to other ways to help."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import TranslatedPreviewMixin, published_url


class ActionLinkValue(blocks.StructValue):  # type: ignore[misc]
    """Value of :class:`ActionLinkBlock`; adds ``target``, the URL of the link."""

    @property
    def target(self) -> str:
        """Return the URL of the page, else the typed URL; ``""`` if neither is set or the page is not published."""
        return published_url(self["page"]) if self["page"] else self["url"] or ""


class ActionLinkBlock(blocks.StructBlock):  # type: ignore[misc]
    """A link with its text, to a page or to a web address."""

    label = blocks.CharBlock(max_length=80, label=_("Link text"), help_text=_("For example, “Write to your senator”."))
    page = blocks.PageChooserBlock(required=False, label=_("Page"))
    url = blocks.URLBlock(required=False, label=_("Web address"), help_text=_("Use this instead of a page."))

    def clean(self, value: Any) -> Any:
        """Require exactly one of ``page`` and ``url``, except in a draft."""
        cleaned = super().clean(value)
        if not self.is_deferred_validation and bool(cleaned["page"]) == bool(cleaned["url"]):
            error = ValidationError(gettext("Choose a page or type a web address, not both."))
            raise blocks.StructBlockValidationError(block_errors={"page": error})
        return cleaned

    class Meta:
        icon = "link"
        label = _("Link")
        label_format = "{label}"
        value_class = ActionLinkValue


class CallToActionValue(blocks.StructValue):  # type: ignore[misc]
    """Value of :class:`CallToActionBlock`; adds ``published_links``."""

    @property
    def published_links(self) -> list[Any]:
        """Return the links that have a text and a target; a deleted or unpublished page is no target."""
        return [link for link in self["links"] if link["label"] and link.target]


class CallToActionBlock(TranslatedPreviewMixin, blocks.StructBlock):  # type: ignore[misc]
    """A heading, a text and a list of links to other ways to help."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    text = blocks.TextBlock(required=False, max_length=400, label=_("Text"))
    links = blocks.ListBlock(ActionLinkBlock(), label=_("Links"))

    class Meta:
        icon = "arrow-right"
        value_class = CallToActionValue
        group = pgettext_lazy("block group", "Take action")
        label = _("Call to action")
        description = _("Other ways to help: write, attend, read, donate.")
        template = "wagtail_pledge/blocks/call_to_action.html"
        preview_template = "wagtail_pledge/blocks/preview/call_to_action.html"
        preview_value: Final = {
            "heading": _("What else you can do"),
            "text": _("One sentence on why it helps."),
            "links": [
                {"label": _("Write to your senator"), "page": None, "url": "https://example.org/write"},
                {"label": _("Come to the hearing"), "page": None, "url": "https://example.org/come"},
            ],
        }
