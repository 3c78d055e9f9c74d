"""What else people can do."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import Sampled, address_of


class ActionLinkValue(blocks.StructValue):  # type: ignore[misc]
    """The value, with ``target``: where the link leads."""

    @property
    def target(self) -> str:
        """Return the address of the page, else the typed one; ``""`` for none, and for a page that is not published."""
        return address_of(self["page"]) if self["page"] else self["url"] or ""


class ActionLinkBlock(blocks.StructBlock):  # type: ignore[misc]
    """One thing to do: words, and a page or a web address."""

    label = blocks.CharBlock(max_length=80, label=_("Words on the link"), help_text=_("Like “Write to your senator”."))
    page = blocks.PageChooserBlock(required=False, label=_("Page"))
    url = blocks.URLBlock(required=False, label=_("Web address"), help_text=_("Instead of a page."))

    def clean(self, value: Any) -> Any:
        """Ask for one place to go, but not in a draft."""
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
    """The value, with ``ways``: the links that lead somewhere."""

    @property
    def ways(self) -> list[Any]:
        """Leave out links without words, and those to a page that is gone or not published."""
        return [link for link in self["links"] if link["label"] and link.target]


class CallToActionBlock(Sampled, blocks.StructBlock):  # type: ignore[misc]
    """Other things to do than to sign, as a list of links."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    text = blocks.TextBlock(required=False, max_length=400, label=_("Text"))
    links = blocks.ListBlock(ActionLinkBlock(), label=_("Links"))

    class Meta:
        icon = "arrow-right"
        value_class = CallToActionValue
        group = pgettext_lazy("block group", "Act")
        label = _("Call to action")
        description = _("Other things to do than to sign: write, come, read, give.")
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
