"""The picture of a page is cut around its focal point, on the page and for sharing."""

from __future__ import annotations

import gc
import re
from typing import Any

import pytest
from django.test import Client

from tests.pictures import colours_of, focus_on, picture_in_two_colours
from wagtail_pledge.pages.models import UpdatePage

# Wagtail leaves the temporary file of a rendition to the garbage collector
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.requirement("CP3"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


def picture_urls(client: Client, page: Any) -> list[str]:
    """Return the URLs of all sizes of the picture on the page, and of the one for sharing."""
    html = client.get(page.url).content.decode()
    [figure] = re.findall(r'<figure class="pledge-figure">(.*?)</figure>', html, re.DOTALL)
    [sizes] = re.findall(r'srcset="([^"]+)"', figure)
    [source] = re.findall(r' src="([^"]+)"', figure)
    [shared] = re.findall(r'property="og:image" content="([^"]+)"', html)
    return [*(size.split()[0] for size in sizes.split(",")), source, shared]


@pytest.fixture
def update(campaign: Any) -> Any:
    page = UpdatePage(title="The committee met", slug="met", lead="It did.")
    campaign.add_child(instance=page)
    page.save_revision().publish()
    return page


@pytest.mark.parametrize("name", ["campaign", "update"])
def test_every_size_is_cut_around_the_focal_point(client: Client, request: pytest.FixtureRequest, name: str) -> None:
    page = request.getfixturevalue(name)
    page.image = picture_in_two_colours()
    page.save_revision().publish()
    # In the middle, both colours meet
    urls = picture_urls(client, page)
    assert len(urls) == 5
    assert [colours_of(url) for url in urls] == [{"red", "blue"}] * 5
    for y, colour in ((2200, "blue"), (200, "red")):
        # The sizes made before are not used again
        focus_on(page.image, y=y)
        assert [colours_of(url) for url in picture_urls(client, page)] == [{colour}] * 5
    gc.collect()
