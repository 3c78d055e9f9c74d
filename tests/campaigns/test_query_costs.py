"""What a pledge page costs the database: at most fifteen queries, whatever was kept of it before and however long."""

from __future__ import annotations

import gc
import re
from typing import Any, Final

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, Locale

from tests.campaigns.test_names_on_pages import NAMES, sign
from tests.journey import signatures
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from wagtail_pledge.campaigns.theme import stylesheet_urls
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, UpdatePage
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import EmbedOrigin
from wagtail_pledge.testing.factories import PledgeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P3")]

CONTRACT: Final = 15
FACT: Final = {"type": "treaty_fact", "value": {"treaty": "cmw", "kind": "sentence", "examples": ["MEX"]}}
#: Body, live treaty fact, progress, signers; the form is the page's own.
P3: Final = [
    {"type": "rich_text", "value": "<p>Why we ask.</p>"},
    FACT,
    {"type": "progress", "value": {"heading": "Progress so far", "pledge": ""}},
    NAMES[0],
]


def queries(client: Client, url: str, words: str = "") -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    assert words in re.sub(r"<[^>]+>", "", answer.content.decode())
    return len(captured)


def forget() -> None:
    """Have everything forgotten that a process or a cache server keeps: root paths, pictures, colours, pages."""
    cache.clear()
    stylesheet_urls.clear()


def shows(page: Any, body: list[dict[str, Any]]) -> str:
    page.body = body
    page.save_revision().publish()
    return str(page.url)


def translated(page: Any) -> Any:
    """Return the page in Spanish, with everything above it."""
    spanish, _made = Locale.objects.get_or_create(language_code="es")
    made = page.copy_for_translation(spanish, copy_parents=True)
    made.save_revision().publish()
    return made


@pytest.fixture
def full_campaign(campaign: Any, individual: Any, organization: Any) -> Any:
    """A campaign that shows what P3 names, in English and Spanish, with people who signed."""
    treaty_data.cmw()
    sign(campaign.pledge, range(6))
    shows(campaign, P3)
    return campaign


def test_a_page_with_everything_that_p3_names_keeps_the_contract_with_cold_caches(
    client: Client, full_campaign: Any
) -> None:
    spanish = translated(full_campaign)
    for page, words in ((full_campaign, "60 States are party"), (spanish, "60 Estados son parte")):
        forget()
        assert queries(client, page.url, words) <= CONTRACT
        assert queries(client, page.url, "Ana 5") < CONTRACT - 1


def test_it_costs_as_much_with_many_signatures_as_with_none(client: Client, full_campaign: Any) -> None:
    forget()
    few = queries(client, full_campaign.url)
    sign(full_campaign.pledge, range(6, 40))
    forget()
    assert queries(client, full_campaign.url, "Ana 39") == few


# Wagtail leaves the temporary file of a rendition to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_picture_organizations_spotlight_and_updates_stay_within_it_too(client: Client, full_campaign: Any) -> None:
    spotlight = {"type": "treaty_spotlight", "value": {"treaty": "cmw", "state": "USA"}}
    updates = {"type": "updates", "value": {"heading": "New", "count": 3, "pledge": ""}}
    picture = get_test_image_file(size=(1600, 900))
    full_campaign.image = get_image_model().objects.create(
        title="March", file=picture, collection=Collection.objects.first()
    )
    publish(full_campaign, UpdatePage(title="The committee met", slug="met", lead="And went."))
    url = shows(full_campaign, [*P3, NAMES[1], spotlight, updates])
    queries(client, url)
    assert queries(client, url, "The committee met") <= CONTRACT
    forget()
    # Two for the paths of the site's roots, one for its colours
    assert queries(client, url, "Casa 5") <= CONTRACT + 2
    gc.collect()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_picture_costs_one_query_whatever_the_sizes(client: Client, full_campaign: Any) -> None:
    forget()
    without = queries(client, full_campaign.url)
    picture = get_test_image_file(size=(1600, 900))
    full_campaign.image = get_image_model().objects.create(
        title="March", file=picture, collection=Collection.objects.first()
    )
    full_campaign.save_revision().publish()
    made = client.get(full_campaign.url).content
    forget()
    assert queries(client, full_campaign.url) == without + 1
    assert client.get(full_campaign.url).content == made
    assert full_campaign.image.renditions.count() == 4
    gc.collect()


def test_many_blocks_of_one_treaty_cost_what_one_costs(client: Client, full_campaign: Any) -> None:
    fact_in_text = '<p>So far <embed embedtype="pledge-treaty-fact" treaty="cmw" fact="number_parties"/>.</p>'
    blocks = [
        FACT,
        {"type": "treaty_numbers", "value": {"treaty": "cmw"}},
        {"type": "treaty_spotlight", "value": {"treaty": "cmw", "state": "USA"}},
        {"type": "treaty_map", "value": {"treaty": "cmw", "spotlight": ""}},
        {"type": "treaty_timeline", "value": {"treaty": "cmw"}},
        {"type": "treaty_table", "value": {"treaty": "cmw", "all_states": False}},
        {"type": "rich_text", "value": fact_in_text},
        FACT,
    ]
    queries(client, full_campaign.url)
    none = queries(client, shows(full_campaign, []))
    one = queries(client, shows(full_campaign, blocks[:1]), "60 States are party")
    assert one == none + 2
    assert queries(client, shows(full_campaign, blocks), "So far 60.") == one


def test_a_treaty_is_read_anew_for_the_next_reader(client: Client, full_campaign: Any) -> None:
    treaty = treaty_data.Treaty.objects.get(key="cmw")
    assert queries(client, full_campaign.url, "party to the Migrant Workers Convention")
    treaty_data.Treaty.objects.filter(pk=treaty.pk).update(name="the Convention of 1990")
    assert queries(client, full_campaign.url, "party to the Convention of 1990")


def test_many_blocks_of_one_chosen_pledge_cost_what_one_costs(client: Client, full_campaign: Any) -> None:
    other = publish(home(), PledgePage(title="Another call", slug="another", statement="<p>Sign.</p>"))
    sign(other.pledge, range(6, 12))
    chosen = {"heading": "Another call", "pledge": str(other.pledge.uuid)}
    blocks = [
        {"type": "progress", "value": chosen},
        {"type": "sign_form", "value": {**chosen, "text": "Sign here"}},
        {"type": "sign_buttons", "value": {**chosen, "text": "Sign there"}},
        {"type": "share", "value": {**chosen, "text": "Pass it on", "message": "", "qr": False}},
        {"type": "progress", "value": chosen},
    ]
    queries(client, full_campaign.url)
    one = queries(client, shows(full_campaign, blocks[:1]), "Another call")
    assert queries(client, shows(full_campaign, blocks), "Pass it on") == one
    names = [{"type": block["type"], "value": {**block["value"], "pledge": chosen["pledge"]}} for block in NAMES]
    with_names = queries(client, shows(full_campaign, [*blocks, *names]), "Ana 11")
    assert with_names == one + 2
    assert queries(client, shows(full_campaign, [*blocks, *names, *names]), "Casa 11") == with_names


def test_a_name_that_was_taken_back_is_gone_for_the_next_reader(client: Client, full_campaign: Any) -> None:
    other = PledgeFactory(title="Another")
    sign(other, range(20, 26))
    url = shows(full_campaign, [{**NAMES[0], "value": {**NAMES[0]["value"], "pledge": str(other.uuid)}}])
    assert queries(client, url, "Ana 25")
    signatures().update(state=SignatureState.WITHDRAWN, public_name="")
    assert b"Ana 25" not in client.get(url).content


@pytest.mark.parametrize(("name", "most"), [("qr.svg", 5), ("updates.atom", 8), ("embed/", CONTRACT)])
def test_what_else_is_shown_of_a_pledge_is_bounded_with_cold_caches(
    client: Client, full_campaign: Any, name: str, most: int
) -> None:
    for number in range(3):
        publish(full_campaign, UpdatePage(title=f"Update {number}", slug=f"update-{number}", lead="And went."))
    EmbedOrigin.objects.create(pledge=full_campaign.pledge, origin="https://partner.example")
    forget()
    assert queries(client, f"/pledge/{full_campaign.pledge.uuid}/{name}?lang=en") <= most


def test_a_list_of_campaigns_is_bounded_with_cold_caches(client: Client, full_campaign: Any) -> None:
    index = publish(home(), PledgeIndexPage(title="Our campaigns", slug="campaigns"))
    for number in range(6):
        publish(index, PledgePage(title=f"Call {number}", slug=f"call-{number}", statement="<p>Sign.</p>"))
    forget()
    assert queries(client, index.url, "Call 5") <= CONTRACT
