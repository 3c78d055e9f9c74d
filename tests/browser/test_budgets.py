"""Size budgets of a first visit: compressed bytes, number of requests, no third-party requests."""

from __future__ import annotations

import gzip
import io
import secrets
from collections.abc import Callable
from random import Random
from typing import Any, Final

import pytest
from django.core.files.images import ImageFile
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, Response
from wagtail.blocks import StreamBlock, StreamValue
from wagtail.images import get_image_model
from wagtail.models import Site

from tests.architecture.tree import PACKAGE
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_treaty import treaty_page
from tests.campaign_fixtures import campaign, individual, organization
from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.blocks.questions import QuestionsBlock
from wagtail_pledge.campaigns.theme import SiteColours
from wagtail_pledge.signing.models import Pledge

__all__ = ["campaign", "individual", "organization", "treaty_page"]

pytestmark = [
    pytest.mark.requirement("P12", "X5"),
    # Wagtail leaves the temporary file of a rendition to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

KB: Final = 1000
#: Typical blocks of a campaign below its form.
BLOCKS: Final = (
    "rich_text",
    "rights_explainer",
    "faq",
    "endorsement",
    "facts_timeline",
    "progress",
    "share",
    "call_to_action",
)
QUESTIONS: Final = ("short_text", "long_text", "choose_one", "choose_many", "yes_no", "number", "date")


def compressed_size(body: bytes) -> int:
    """Return the gzip size; WhiteNoise compresses files more."""
    return len(gzip.compress(body, 6))


def photograph() -> Any:
    """Return a picture as hard to compress as a photograph, the same each time."""
    random = Random(1)
    picture = Image.new("RGB", (1600, 900))
    for octave in range(1, 10):
        cells = (2**octave * 2, 2**octave)
        noise = Image.frombytes("RGB", cells, random.randbytes(3 * cells[0] * cells[1]))
        picture = Image.blend(picture, noise.resize(picture.size, Image.Resampling.BICUBIC), 1 / octave)
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=90)
    # A name that no earlier test's file has: a suffix for it would make the page longer
    return get_image_model().objects.create(title="March", file=ImageFile(made, f"{secrets.token_hex(3)}.jpg"))


def samples(stream: StreamBlock, names: tuple[str, ...]) -> Any:
    """Return a stream with the sample of each block."""
    return StreamValue(stream, [(name, stream.child_blocks[name].get_preview_value()) for name in names])


@pytest.fixture
def usual_campaign(campaign: Any, individual: Any, organization: Any) -> Any:
    """A campaign with a picture, its own colours, eight blocks and two ways to sign."""
    campaign.image = photograph()
    campaign.body = samples(PledgeBodyBlock(), BLOCKS)
    campaign.save_revision().publish()
    Pledge.objects.filter(pk=campaign.pledge_id).update(goal=15_000)
    SiteColours.objects.create(site=Site.objects.get(is_default_site=True), brand="#0b3d5c", action="#a1280a")
    return campaign


@pytest.fixture
def full_campaign(usual_campaign: Any, individual: Any) -> Any:
    """The same with a question of each type."""
    individual.questions = samples(QuestionsBlock(), QUESTIONS)
    for number, question in enumerate(individual.questions):
        question.value["slug"] = f"question-{number}"
    individual.save_revision().publish()
    return usual_campaign


class Visit:
    """A page visit and its responses."""

    def __init__(self, page: Page, url: str) -> None:
        self._answers: list[Response] = []
        page.on("response", lambda answer: self._answers.append(answer))  # noqa: PLW0108 - Playwright marks its handlers
        page.goto(url, wait_until="networkidle")
        self.url = page.url
        self.origin = page.evaluate("location.origin")
        self.cookies = page.context.cookies()

    def of(self, kind: str) -> list[Response]:
        return [answer for answer in self._answers if answer.request.resource_type == kind]

    def compressed_size(self, kind: str) -> int:
        return sum(compressed_size(answer.body()) for answer in self.of(kind))

    def stylesheet_size(self, name: str) -> int:
        """Return the compressed size of one of the package's stylesheets."""
        [found] = {
            answer.url: answer for answer in self.of("stylesheet") if answer.url.endswith(f"/css/{name}")
        }.values()
        return compressed_size(found.body())

    def urls(self) -> list[str]:
        return [answer.url for answer in self._answers]

    def third_party_urls(self) -> list[str]:
        return [url for url in self.urls() if not url.startswith((self.origin, "data:"))]


def test_the_full_campaign_page_stays_within_its_budget(phone: Page, full_campaign: Any) -> None:
    visit = Visit(phone, full_campaign.url)
    assert phone.locator(".pledge-figure img").count() == 1
    assert phone.locator("[name^=q_]").count() >= len(QUESTIONS)
    assert visit.compressed_size("document") <= 9 * KB
    # One file; the site's own colours are a few more lines in another. Either may arrive first
    assert visit.stylesheet_size("pledge.css") <= 8 * KB
    assert sorted(answer.url.split("/")[3] for answer in visit.of("stylesheet")) == ["pledge", "static"]
    assert visit.compressed_size("stylesheet") - visit.stylesheet_size("pledge.css") <= 500
    assert visit.compressed_size("script") <= 6 * KB
    # HTML, stylesheet, colours of the site, script, picture, icon
    assert len(visit.urls()) <= 6, visit.urls()
    assert not visit.third_party_urls()
    assert not visit.of("font")
    assert visit.cookies == []


def test_html_and_styles_fit_into_the_first_round_trip(phone: Page, usual_campaign: Any) -> None:
    visit = Visit(phone, usual_campaign.url)
    assert visit.compressed_size("document") + visit.compressed_size("stylesheet") <= 14_000


@pytest.mark.parametrize(
    ("viewport", "scale", "most"), [(PHONE, 2, 60 * KB), (DESKTOP, 1, 120 * KB)], ids=["390", "1280"]
)
def test_the_picture_has_the_size_that_the_screen_needs(
    open_page: Callable[..., Page], full_campaign: Any, viewport: dict[str, int], scale: int, most: int
) -> None:
    page = open_page(viewport, device_scale_factor=scale)
    # The QR code loads when it is near the window
    [picture] = [image for image in Visit(page, full_campaign.url).of("image") if "/qr.svg" not in image.url]
    assert picture.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(picture.body())).width >= page.locator(".pledge-figure img").first.evaluate(
        "img => img.clientWidth"
    )
    assert len(picture.body()) <= most


@pytest.mark.requirement("TR4")
def test_the_treaty_page_stays_within_its_budget(phone: Page, treaty_page: Any) -> None:
    visit = Visit(phone, treaty_page.url)
    assert phone.locator("#treaty-table tbody tr").count() > 190
    assert visit.compressed_size("document") <= 40 * KB
    drawing = phone.locator(".pledge-map-svg").evaluate("map => map.outerHTML")
    assert 5 * KB < compressed_size(drawing.encode()) <= 18 * KB
    assert visit.stylesheet_size("pledge.css") <= 8 * KB
    assert visit.stylesheet_size("treaty.css") <= 2 * KB
    assert visit.compressed_size("script") <= 6 * KB
    assert len(visit.urls()) <= 6, visit.urls()
    assert not visit.third_party_urls()
    assert not visit.of("font")
    assert visit.cookies == []


@pytest.mark.requirement("RE2")
def test_the_embed_script_is_small(client: Client) -> None:
    assert client.get("/pledge/embed.js").url == "/static/wagtail_pledge/js/embed.js"
    assert compressed_size((PACKAGE / "static" / "wagtail_pledge" / "js" / "embed.js").read_bytes()) <= 2 * KB
