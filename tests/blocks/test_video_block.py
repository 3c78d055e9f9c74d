"""Video block: a file from the site's own media, with captions."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from django.core.files.base import ContentFile
from wagtail.blocks import StructBlockValidationError
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from tests.blocks.test_blocks import shown
from wagtail_pledge.blocks.media import VideoBlock

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.requirement("CP9"),
    # Wagtail leaves the temporary file of a rendition to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def document(name: str) -> Any:
    return get_document_model().objects.create(title="The <march>", file=ContentFile(b"x", name=name))


def value(**fields: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("video", "captions", "poster"))
    return {**empty, "is_silent": False, "caption": "", "transcript": "", **fields}


def errors_of(**fields: Any) -> set[str]:
    block = VideoBlock()
    try:
        block.clean(block.to_python(block.get_prep_value(block.normalize(value(**fields)))))
    except StructBlockValidationError as error:
        return set(error.block_errors)
    return set()


def test_the_video_has_captions_and_loads_nothing_before_play() -> None:
    video_file, captions_file = document("march.mp4"), document("march.vtt")
    picture = get_image_model().objects.create(title="March", file=get_test_image_file())
    html = shown(
        "video", value(video=video_file.pk, captions=captions_file.pk, poster=picture.pk, caption="<b>Fresno</b>")
    )
    gc.collect()
    assert 'preload="none"' in html
    assert f'<source src="{video_file.url}" type="video/mp4">' in html
    assert f'<track kind="captions" src="{captions_file.url}" srclang="en"' in html
    assert "poster=" in html
    assert "&lt;b&gt;Fresno" in html
    assert "The &lt;march&gt;</a></video>" in html
    assert "<details>" not in html


def test_a_transcript_is_shown() -> None:
    html = shown("video", value(video=document("m.webm").pk, transcript="<p>We kept this town fed.</p>"))
    assert "Read the transcript</summary>" in html
    assert "We kept this town fed." in html


@pytest.mark.parametrize(
    ("video", "captions", "is_silent", "fields"),
    [
        ("march.mp4", "march.vtt", False, set()),
        ("march.MP4", None, True, set()),
        ("march.mp4", None, False, {"captions"}),
        ("march.avi", "march.vtt", False, {"video"}),
        ("march.html", "march.txt", False, {"video", "captions"}),
        (None, None, True, {"video"}),
    ],
)
def test_a_browser_compatible_format_and_captions_are_required(
    video: str | None, captions: str | None, is_silent: bool, fields: set[str]
) -> None:
    files = {key: document(name) for key, name in (("video", video), ("captions", captions)) if name}
    assert errors_of(**files, is_silent=is_silent) == fields


@pytest.mark.parametrize("name", [None, "march.html"])
def test_without_a_file_only_editors_see_a_notice(name: str | None) -> None:
    video_file = document(name).pk if name else None
    assert shown("video", value(video=video_file)) == ""
    assert "Choose a video" in shown("video", value(video=video_file), is_preview=True)
