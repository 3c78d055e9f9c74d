"""Changes the demo site's database for a screenshot: ``demo_state.py set``, ``demo_state.py state won``, …

Only for the temporary database that ``take.py`` creates.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import django

django.setup()

from django.conf import settings  # noqa: E402 - models can be imported only after django.setup()
from django.core.files.images import ImageFile  # noqa: E402
from django.utils import timezone  # noqa: E402
from PIL import Image as Picture  # noqa: E402
from PIL import ImageDraw  # noqa: E402
from wagtail.images import get_image_model  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from example_project.campaign.demo.signatures import load_signatures  # noqa: E402
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, SignerTypePage  # noqa: E402
from wagtail_pledge.signing.enums import Display  # noqa: E402
from wagtail_pledge.signing.models import (  # noqa: E402
    EmbedOrigin,
    Pledge,
    Submission,
)
from wagtail_pledge.signing.services.switches import SIGNING, set_switch  # noqa: E402
from wagtail_pledge.signing.worker.tallies import refresh_tallies  # noqa: E402
from wagtail_pledge.testing.factories import SignatureFactory, SubmissionFactory  # noqa: E402

SIGNATURES: Final = 4_137
#: The newest signers. Twelve, because names are published in batches of five; any six of them use three scripts.
NEWEST: Final = (
    *("Ana Hernández", "نور الهدى حداد", "Олена Петренко", "Wei Chen", "سلمى الأمين", "रहीमा खातून"),
    *("Grace Okafor", "يوسف بن علي", "ሰላም ተስፋዬ", "Rosa Cruz", "ليلى قاسم", "Μαρία Παππά"),
)
#: Longer than a confirm link is valid.
LATE: Final = dt.timedelta(days=15)
#: Title, lead, status, goal, number of signatures, and the colours of the image: sun, hills, ground
CAMPAIGNS: Final = (
    ("A crossing guard for Elm Street", "Four lanes and no light.", "open", 500, 318, "#ffc24b #c2340f #3b1245"),
    ("Open the library on Sundays", "Where else is it warm and free?", "won", 1_000, 1_204, "#9ad0c2 #0b6b3a #123d2b"),
    ("Clean water for the camp", "Forty families share a tap.", "delivered", 2_000, 1_877, "#8fc7ea #1c5f8f #0d2c45"),
    ("Keep the night bus", "The last shift ends at two.", "paused", 2_500, 940, "#f0b6a8 #8f2f4a #3a0f22"),
    ("A steward on every site", "Nobody should speak up alone.", "closed", 800, 655, "#d9c7a0 #7a5a1e #2f230b"),
)


def draw_image(title: str, colours: str) -> Any:
    """Draw a landscape, so that no photo of real people is needed."""
    sun, hill, ground = colours.split()
    canvas = Picture.new("RGB", (1280, 720), "#efe6f1")
    draw = ImageDraw.Draw(canvas)
    shift = sum(map(ord, title)) % 500
    draw.ellipse((620 + shift // 2, 90, 820 + shift // 2, 290), fill=sun)
    floor = [(1280, 720), (0, 720)]
    draw.polygon([(0, 560), (230 + shift, 250), (520 + shift, 520), (1000, 330), (1280, 520), *floor], fill=hill)
    draw.polygon([(0, 640), (500, 520 + shift // 8), (900, 640), (1280, 560), *floor], fill=ground)
    stored = BytesIO()
    canvas.save(stored, "PNG")
    return get_image_model().objects.create(title=title, file=ImageFile(stored, name="campaign.png"), description="")


def publish(page: Any, parent: Any) -> Any:
    """Add a page below ``parent`` and publish it."""
    parent.add_child(instance=page)
    page.save_revision().publish()
    return page


def set_up() -> None:
    """Add signatures to the campaign, and a list of made-up campaigns."""
    load_signatures(pledge(), SIGNATURES)
    for number, name in enumerate(NEWEST):
        SignatureFactory(pledge=pledge(), name=name, email=f"newest-{number}@example.org", display=Display.NAME)
    refresh_tallies()
    home = Site.objects.get(is_default_site=True).root_page
    index = PledgeIndexPage(title="Calls", slug="calls", lead="What people here ask for together.")
    publish(index, home)
    for number, (title, lead, state, goal, count, colours) in enumerate(CAMPAIGNS):
        campaign = PledgePage(title=title, slug=f"call-{number}", lead=lead, statement=f"<p>{title}.</p>")
        campaign.image = draw_image(title, colours)
        publish(campaign, index)
        for kind in ("individual", "organization"):
            publish(SignerTypePage(title=f"Sign as an {kind}", slug=kind, kind=kind), campaign)
        campaign.save_revision().publish()
        Pledge.objects.filter(pk=campaign.pledge_id).update(goal=goal, country="US")
        load_signatures(campaign.pledge, count)
        Pledge.objects.filter(pk=campaign.pledge_id).update(state=state)


def pledge() -> Pledge:
    """Return the campaign's pledge."""
    return Page.objects.get(slug="ratify", locale__language_code="en").specific.pledge


def show_state(state: str) -> None:
    """Set the status of the campaign; ``not_yet`` is an open campaign whose opening time is in the future."""
    opens = timezone.now() + dt.timedelta(days=20) if state == "not_yet" else None
    Pledge.objects.filter(pk=pledge().pk).update(state="open" if opens else state, opens_at=opens)


def switch_signing(value: str) -> None:
    """Turn the ``signing`` switch on or off."""
    set_switch(SIGNING, on=value == "on")


def allow_embedding(origin: str) -> None:
    """Allow a website to embed the campaign's form."""
    EmbedOrigin.objects.get_or_create(pledge=pledge(), origin=origin)


def send_several_forms(address: str) -> None:
    """Send three forms with one address: the third one after the worker has mailed the other two."""
    known = {"pledge": pledge(), "email": address, "country": "US"}
    details = {"city": "Oakland", "comment": "My mother picks grapes."}
    for form in ({"name": "Ana López", "display": Display.NAME}, {"name": "Ana María López", "details": details}):
        sent = SubmissionFactory(**form, **known)
        while not Submission.objects.filter(pk=sent.pk, mailed_at__isnull=False).exists():
            time.sleep(0.2)
    SubmissionFactory(name="A. L.", **known)


def print_uuid() -> None:
    """Print the id of the campaign's pledge in URLs."""
    sys.stdout.write(str(pledge().uuid))


def expire_links() -> None:
    """Date unconfirmed forms back, so that their confirm links have expired."""
    long_ago = timezone.now() - LATE
    Submission.objects.open().update(submitted_at=long_ago)


if __name__ == "__main__":
    if settings.ROOT_URLCONF != "screenshot_urls":
        raise SystemExit("This command changes the database. Run it only with screenshot_settings.")
    commands: dict[str, Callable[..., None]] = {
        "set": set_up,
        "state": show_state,
        "signing": switch_signing,
        "embed": allow_embedding,
        "expire": expire_links,
        "several": send_several_forms,
        "uuid": print_uuid,
    }
    name, *arguments = sys.argv[1:]
    commands[name](*arguments)
