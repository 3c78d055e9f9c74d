"""Pictures."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock, ImageChooserBlock

from wagtail_pledge.blocks.base import Sampled


class PictureBlock(Sampled, blocks.StructBlock):  # type: ignore[misc]
    """A picture with its alternative text, caption and credit."""

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


#: What browsers play without a plug-in.
PLAYED: Final = {"mp4": "video/mp4", "webm": "video/webm"}
CAPTIONS: Final = "vtt"


class VideoBlock(Sampled, blocks.StructBlock):  # type: ignore[misc]
    """A film with captions, and its words to read. The film is loaded when somebody presses play."""

    video = DocumentChooserBlock(label=_("Video"), help_text=_("An MP4 or WebM file."))
    captions = DocumentChooserBlock(
        required=False, label=_("Captions"), help_text=_("A WebVTT file (.vtt) in the language of the page.")
    )
    is_silent = blocks.BooleanBlock(required=False, label=_("Nothing is said in it"))
    poster = ImageChooserBlock(required=False, label=_("Picture before it plays"))
    caption = blocks.CharBlock(required=False, max_length=250, label=_("Caption"))
    transcript = blocks.RichTextBlock(
        required=False, features=["bold", "italic"], label=_("Words and pictures as text")
    )

    def clean(self, value: Any) -> Any:
        """Ask for files that browsers play and, but in a draft, for captions where something is said."""
        cleaned = super().clean(value)
        errors: dict[str, ValidationError] = {}
        if cleaned["video"] and _ending(cleaned["video"]) not in PLAYED:
            errors["video"] = ValidationError(gettext("Choose an MP4 or WebM file."))
        if cleaned["captions"] and _ending(cleaned["captions"]) != CAPTIONS:
            errors["captions"] = ValidationError(gettext("Choose a WebVTT file (.vtt)."))
        elif not (self.is_deferred_validation or cleaned["captions"] or cleaned["is_silent"]):
            errors["captions"] = ValidationError(
                gettext("People who don’t hear need captions. Choose a file, or say that nothing is said in it.")
            )
        if errors:
            raise blocks.StructBlockValidationError(block_errors=errors)
        return cleaned

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``media_type``, ``""`` for what no browser plays."""
        video = value.get("video")
        media_type = PLAYED.get(_ending(video), "") if video else ""
        return {**super().get_context(value, parent_context), "media_type": media_type}

    class Meta:
        icon = "media"
        group = _("Story")
        label = _("Video")
        description = _("A film from your own files, with captions. It loads when somebody presses play.")
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


def _ending(document: Any) -> str:
    return str(document.file_extension).lower()
