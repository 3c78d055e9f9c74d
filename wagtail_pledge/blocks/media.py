"""Image and video blocks."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock, ImageChooserBlock

from wagtail_pledge.blocks.base import TranslatedPreviewMixin


class PictureBlock(TranslatedPreviewMixin, blocks.StructBlock):  # type: ignore[misc]
    """An image with alternative text, caption and credit."""

    image = ImageBlock(label=_("Image"))
    caption = blocks.CharBlock(required=False, max_length=250, label=_("Caption"))
    credit = blocks.CharBlock(required=False, max_length=120, label=_("Credit"))

    class Meta:
        icon = "image"
        group = _("Story")
        label = _("Image")
        description = _("A picture with a caption. Say in the alternative text what it shows.")
        template = "wagtail_pledge/blocks/image.html"
        preview_template = "wagtail_pledge/blocks/preview/image.html"
        preview_value: Final = {
            "image": None,
            "caption": _("Who, where, when: one sentence."),
            "credit": _("Photographer"),
        }


#: Media types of the playable file extensions.
VIDEO_TYPES: Final = {"mp4": "video/mp4", "webm": "video/webm"}
CAPTIONS_EXTENSION: Final = "vtt"


class VideoBlock(TranslatedPreviewMixin, blocks.StructBlock):  # type: ignore[misc]
    """A video file with captions and a transcript. The browser loads the video only when it is played."""

    video = DocumentChooserBlock(label=_("Video"), help_text=_("An MP4 or WebM file."))
    captions = DocumentChooserBlock(
        required=False, label=_("Captions"), help_text=_("A WebVTT file (.vtt) in the language of the page.")
    )
    is_silent = blocks.BooleanBlock(required=False, label=_("This video has no speech"))
    poster = ImageChooserBlock(required=False, label=_("Poster image"))
    caption = blocks.CharBlock(required=False, max_length=250, label=_("Caption"))
    transcript = blocks.RichTextBlock(required=False, features=["bold", "italic"], label=_("Transcript"))

    def clean(self, value: Any) -> Any:
        """Require playable file types and, except in a draft, captions unless the video has no speech."""
        cleaned = super().clean(value)
        errors: dict[str, ValidationError] = {}
        if cleaned["video"] and _extension(cleaned["video"]) not in VIDEO_TYPES:
            errors["video"] = ValidationError(gettext("Choose an MP4 or WebM file."))
        if cleaned["captions"] and _extension(cleaned["captions"]) != CAPTIONS_EXTENSION:
            errors["captions"] = ValidationError(gettext("Choose a WebVTT file (.vtt)."))
        elif not (self.is_deferred_validation or cleaned["captions"] or cleaned["is_silent"]):
            errors["captions"] = ValidationError(
                gettext("Deaf people need captions. Choose a file, or say that the video has no speech.")
            )
        if errors:
            raise blocks.StructBlockValidationError(block_errors=errors)
        return cleaned

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``media_type``; ``""`` without a playable video."""
        video = value.get("video")
        media_type = VIDEO_TYPES.get(_extension(video), "") if video else ""
        return {**super().get_context(value, parent_context), "media_type": media_type}

    class Meta:
        icon = "media"
        group = _("Story")
        label = _("Video")
        description = _("A video from your own files, with captions. It loads when someone plays it.")
        template = "wagtail_pledge/blocks/video.html"
        preview_template = "wagtail_pledge/blocks/preview/video.html"
        preview_value: Final = {
            "video": None,
            "captions": None,
            "is_silent": True,
            "poster": None,
            "caption": _("Who speaks, where and when: one sentence."),
            "transcript": "",
        }


def _extension(document: Any) -> str:
    return str(document.file_extension).lower()
