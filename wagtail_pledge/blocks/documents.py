"""Something to read here or to take along."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock

from wagtail_pledge.blocks.base import FoldingBlock, address_of


class DocumentValue(blocks.StructValue):  # type: ignore[misc]
    """The value, with ``page_url``: where the page can be read."""

    @property
    def page_url(self) -> str:
        """Return the address of the page, ``""`` for none and for one that is not published."""
        return address_of(self["page"])


class DocumentBlock(FoldingBlock):
    """Offers a text as a page and as a file, together; one of the two is enough."""

    heading = blocks.CharBlock(max_length=120, label=_("Heading"))
    text = blocks.TextBlock(required=False, max_length=400, label=_("What it is"))
    page = blocks.PageChooserBlock(required=False, label=_("Page to read"))
    document = DocumentChooserBlock(required=False, label=_("File to download"))
    read_label = blocks.CharBlock(
        required=False, max_length=60, label=_("Words on the link to the page"), help_text=_("Empty: “Read it here”.")
    )

    folded = ("read_label",)

    def clean(self, value: Any) -> Any:
        """Ask for a page or a file, but not in a draft."""
        cleaned = super().clean(value)
        if not (self.is_deferred_validation or cleaned["page"] or cleaned["document"]):
            error = ValidationError(gettext("Choose a page, a file, or both."))
            raise blocks.StructBlockValidationError(block_errors={"page": error})
        return cleaned

    class Meta:
        icon = "doc-full"
        value_class = DocumentValue
        group = _("Proof")
        label = _("Document")
        description = _("A text to read as a page or to download as a file, offered together.")
        template = "wagtail_pledge/blocks/document.html"
        preview_template = "wagtail_pledge/blocks/preview/document.html"
        preview_value: Final = {
            "heading": _("A summary in plain words"),
            "text": _("What the text says, part by part, on a few pages."),
            "page": None,
            "document": None,
            "read_label": _("Read the summary"),
        }
