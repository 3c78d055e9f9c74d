"""The illustrations of the example, and pictures of editors in their place."""

from __future__ import annotations

import gc
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from example_project.campaign.blocks import DRAWINGS
from example_project.campaign.models import ContentPage
from tests.pictures import colours_of, focus_on, picture_in_two_colours

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP3")]

FOLDER = "campaign/img"
STORY = {
    "article": "Article 25",
    "right": "Equal pay",
    "promise": "No less pay for the same work.",
    "heading": "The last hour",
    "story": "<p>Two people lay the same roof.</p>",
}


def main_of(client: Client, path: str) -> str:
    return client.get(path).content.decode().partition("<main")[2].partition("</main>")[0]


def drawings_on(client: Client, path: str) -> list[str]:
    return re.findall(r"<img[^>]*campaign/img/[^>]*>", main_of(client, path))


def show(client: Client, **value: Any) -> str:
    """Publish a page with one story and return its first column."""
    page = ContentPage.objects.get(slug="rights", locale__language_code="en")
    page.body = page.body.stream_block.to_python([{"type": "right_in_daily_life", "value": {**STORY, **value}}])
    page.save_revision().publish()
    return main_of(client, "/en/rights/").partition("<section")[2].partition("<h3>")[0]


@pytest.mark.parametrize(
    ("path", "names", "size"),
    [("/en/", ["crossing"], (720, 300)), ("/es/rights/", ["shift", "care", "school"], (640, 320))],
)
def test_illustrations_load_late_have_a_size_and_say_nothing(
    client: Client, path: str, names: list[str], size: tuple[int, int]
) -> None:
    width, height = size
    assert drawings_on(client, path) == [
        f'<img src="/static/{FOLDER}/{name}.svg" width="{width}" height="{height}" alt="" loading="lazy">'
        for name in names
    ]


def test_the_campaign_page_has_no_illustration(client: Client) -> None:
    assert drawings_on(client, "/en/ratify/") == []


@pytest.mark.parametrize("name", ["crossing", *DRAWINGS])
def test_illustrations_are_small_and_follow_the_colour_scheme(name: str) -> None:
    svg = Path(str(finders.find(f"{FOLDER}/{name}.svg"))).read_text(encoding="utf-8")
    assert len(svg) < 3_000
    assert "prefers-color-scheme:dark" in svg
    # Nothing to read, so the same in both directions of writing; nothing loaded from elsewhere
    assert not re.search(r"<(?:text|image|use|script|title)|href|url\(", svg)
    light, dark = re.findall(r"\.([\w-]+)\{(?:fill|stroke):", svg.partition("@media")[0]), svg.partition("@media")[2]
    assert set(re.findall(r'class="([\w-]+)"', svg)) <= set(light)
    assert len(re.findall(r"\{(?:fill|stroke):", dark)) >= 3


def test_every_file_is_used() -> None:
    found = Path(str(finders.find(f"{FOLDER}/crossing.svg"))).parent.iterdir()
    assert {path.stem for path in found} == {"crossing", *DRAWINGS}


@pytest.mark.parametrize("drawing", ["", None, "gone", "../../secret"])
def test_a_story_without_a_known_drawing_has_no_picture(client: Client, drawing: str | None) -> None:
    assert "campaign-right__picture" not in show(client, drawing=drawing)
    assert "campaign-right__picture" in show(client, drawing="care")


# Wagtail leaves the temporary file of a rendition to the garbage collector
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_editors_image_takes_the_place_of_the_drawing_and_is_cut_around_its_focal_point(client: Client) -> None:
    image = picture_in_two_colours()
    focus_on(image, y=2200)
    chosen = {"image": image.pk, "alt_text": "Rosa on the roof", "decorative": False}
    html = show(client, drawing="shift", image=chosen)
    [picture] = re.findall(r"<img[^>]*>", html)
    assert FOLDER not in html
    for text in ('alt="Rosa on the roof"', 'loading="lazy"', 'width="480"', 'height="240"'):
        assert text in picture
    sizes = re.findall(r"(/media/\S+) (\d+)w", picture)
    assert [width for _url, width in sizes] == ["480", "960"]
    assert [colours_of(url) for url, _width in sizes] == [{"blue"}, {"blue"}]
    gc.collect()
