"""Document block: a text as a page, as a file to download, or both."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock

from wagtail_pledge.blocks.base import BlockWithSettings, published_url


class DocumentValue(blocks.StructValue):  # type: ignore[misc]
    """Value of :class:`DocumentBlock`; adds ``page_url``."""

    @property
    def page_url(self) -> str:
        """Return the URL of the page; ``""`` if none is chosen or it is not published."""
        return published_url(self["page"])


class DocumentBlock(BlockWithSettings):
    """A text with a link to a page and a file to download; at least one of the two."""

    heading = blocks.CharBlock(max_length=120, label=_("Heading"))
    text = blocks.TextBlock(required=False, max_length=400, label=_("Description"))
    page = blocks.PageChooserBlock(required=False, label=_("Page"))
    document = DocumentChooserBlock(required=False, label=_("File to download"))
    read_label = blocks.CharBlock(
        required=False, max_length=60, label=_("Link text for the page"), help_text=_("If empty: “Read online”.")
    )

    settings_fields = ("read_label",)

    def clean(self, value: Any) -> Any:
        """Require a page or a file, except in a draft."""
        cleaned = super().clean(value)
        if not (self.is_deferred_validation or cleaned["page"] or cleaned["document"]):
            error = ValidationError(gettext("Choose a page, a file, or both."))
            raise blocks.StructBlockValidationError(block_errors={"page": error})
        return cleaned

    class Meta:
        icon = "doc-full"
        value_class = DocumentValue
        group = _("Evidence")
        label = _("Document")
        description = _("A document to read online, download, or both.")
        template = "wagtail_pledge/blocks/document.html"
        preview_template = "wagtail_pledge/blocks/preview/document.html"
        preview_value: Final = {
            "heading": _("A summary in plain words"),
            "text": _("What the text says, part by part, on a few pages."),
            "page": None,
            "document": None,
            "read_label": _("Read the summary"),
        }
