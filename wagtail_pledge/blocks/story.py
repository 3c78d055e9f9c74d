"""Text blocks: rich text, endorsements, and explained rights."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from wagtail_pledge.blocks.base import TranslatedPreviewMixin

STORY_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "blockquote", "link", "document-link", "pledge-treaty-fact"]


class StoryBlock(TranslatedPreviewMixin, blocks.RichTextBlock):  # type: ignore[misc]
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
    """Rich text without headings, for short texts inside other blocks."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", ["bold", "italic", "ol", "ul", "link", "document-link", "pledge-treaty-fact"])
        super().__init__(**kwargs)

    class Meta:
        icon = "pilcrow"
        label = _("Text")


class EndorsementBlock(TranslatedPreviewMixin, blocks.StructBlock):  # type: ignore[misc]
    """A quotation with the person's name, role and photo."""

    quote = blocks.TextBlock(max_length=600, label=_("Quotation"), help_text=_("Without quotation marks."))
    name = blocks.CharBlock(max_length=120, label=_("Name"))
    role = blocks.CharBlock(
        required=False,
        max_length=160,
        label=_("Role"),
        help_text=_("For example, “Nurse, Fresno”, or a public office."),
    )
    photo = ImageBlock(required=False, label=_("Photo"))

    class Meta:
        icon = "openquote"
        group = _("Evidence")
        label = _("Endorsement")
        description = _("A quote that supports the campaign, with name, role and photo. Get permission first.")
        template = "wagtail_pledge/blocks/endorsement.html"
        preview_template = "wagtail_pledge/blocks/preview/endorsement.html"
        preview_value: Final = {
            "quote": _("One or two sentences that only this person could say."),
            "name": _("First and last name"),
            "role": _("Profession, town"),
            "photo": None,
        }


class RightsExplainerBlock(TranslatedPreviewMixin, blocks.StructBlock):  # type: ignore[misc]
    """An article of a treaty next to a story of what it would mean locally."""

    needs_treaties: ClassVar[bool] = True

    article = blocks.CharBlock(
        max_length=40, label=_("Article"), help_text=_("As visitors should read it. For example, “Article 25”.")
    )
    title = blocks.CharBlock(max_length=120, label=_("The right in a few words"))
    text = blocks.TextBlock(max_length=800, label=_("What the article says"), help_text=_("Use plain language."))
    story_heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading of the story"))
    story = InlineTextBlock(required=False, label=_("What it means here"))
    image = ImageBlock(required=False, label=_("Image"))

    class Meta:
        icon = "openquote"
        group = _("Story")
        label = _("Right in daily life")
        description = _("An article of a treaty next to a story of what it would mean here.")
        template = "wagtail_pledge/blocks/rights_explainer.html"
        preview_template = "wagtail_pledge/blocks/preview/rights_explainer.html"
        preview_value: Final = {
            "article": _("Article 25"),
            "title": _("Equal pay for equal work"),
            "text": _("Nobody may be paid less for the same work because of where they come from."),
            "story_heading": _("The second paycheck"),
            "story": _("<p>Two people repair the same roof. Say what the article would change for one of them.</p>"),
            "image": None,
        }
