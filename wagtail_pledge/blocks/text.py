"""Words: the story."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.samples import Sampled

STORY_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "blockquote", "link", "document-link", "pledge-treaty-fact"]


class StoryBlock(Sampled, blocks.RichTextBlock):  # type: ignore[misc]
    """Rich text with two levels of headings."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", STORY_FEATURES)
        super().__init__(**kwargs)

    class Meta:
        icon = "pilcrow"
        group = _("Story")
        label = _("Text")
        description = _("Headings, paragraphs, lists and links: why this matters, and to whom.")
        template = "wagtail_pledge/blocks/rich_text.html"
        preview_template = "wagtail_pledge/blocks/preview/rich_text.html"
        preview_value = _(
            "<h2>Why this matters</h2><p>Say in two or three sentences what happens to people today, "
            "and what would change.</p><ul><li>One fact that surprises.</li><li>One person’s words.</li></ul>"
        )


class InlineTextBlock(blocks.RichTextBlock):  # type: ignore[misc]
    """Rich text without headings: an answer, a note."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", ["bold", "italic", "ol", "ul", "link", "document-link", "pledge-treaty-fact"])
        super().__init__(**kwargs)

    class Meta:
        icon = "pilcrow"
        label = _("Text")
