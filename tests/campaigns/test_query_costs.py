"""Number of queries of pledge pages, at most fifteen, with cold and warm caches."""

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

from tests.campaigns.test_names_on_pages import NAMES, add_signatures
from tests.decisions import translate
from tests.journey import signatures
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from wagtail_pledge.campaigns.theme import stylesheet_urls
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, UpdatePage
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import EmbedOrigin
from wagtail_pledge.testing.factories import (
    DecisionStageFactory,
    EvidenceFactory,
    PledgeFactory,
    PledgeRecipientFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P3")]

MAX_QUERIES: Final = 15
FACT: Final = {"type": "treaty_fact", "value": {"treaty": "cmw", "kind": "sentence", "examples": ["MEX"]}}
#: Requirement P3: rich text, treaty fact, progress and signers; the form is part of the page.
P3: Final = [
    {"type": "rich_text", "value": "<p>Why we ask.</p>"},
    FACT,
    {"type": "progress", "value": {"heading": "Progress so far", "pledge": ""}},
    NAMES[0],
]


def number_of_queries(client: Client, url: str, text: str = "") -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    assert text in re.sub(r"<[^>]+>", "", answer.content.decode())
    return len(captured)


def clear_caches() -> None:
    """Clear all caches: root paths, renditions, colours and pages."""
    cache.clear()
    stylesheet_urls.clear()


def publish_with_body(page: Any, body: list[dict[str, Any]]) -> str:
    page.body = body
    page.save_revision().publish()
    return str(page.url)


def translated(page: Any) -> Any:
    """Return the page in Spanish, with its ancestors."""
    spanish, _made = Locale.objects.get_or_create(language_code="es")
    made = page.copy_for_translation(spanish, copy_parents=True)
    made.save_revision().publish()
    return made


@pytest.fixture
def full_campaign(campaign: Any, individual: Any, organization: Any) -> Any:
    """Return a campaign with the blocks of P3, in English and Spanish, with signatures."""
    treaty_data.cmw()
    add_signatures(campaign.pledge, range(6))
    publish_with_body(campaign, P3)
    return campaign


@pytest.mark.parametrize(("language", "text"), [("en", "60 States are party"), ("es", "60 Estados son parte")])
def test_a_page_with_the_blocks_of_p3_with_cold_caches(
    client: Client, full_campaign: Any, language: str, text: str
) -> None:
    pages = {"en": full_campaign, "es": translated(full_campaign)}
    clear_caches()
    assert number_of_queries(client, pages[language].url, text) <= MAX_QUERIES
    assert number_of_queries(client, pages[language].url, "Ana 5") < MAX_QUERIES - 1


def test_the_number_of_queries_does_not_depend_on_signatures(client: Client, full_campaign: Any) -> None:
    clear_caches()
    few = number_of_queries(client, full_campaign.url)
    add_signatures(full_campaign.pledge, range(6, 40))
    clear_caches()
    assert number_of_queries(client, full_campaign.url, "Ana 39") == few


# Wagtail leaves the temporary file of a rendition to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_page_with_image_organizations_spotlight_and_updates(client: Client, full_campaign: Any) -> None:
    spotlight = {"type": "treaty_spotlight", "value": {"treaty": "cmw", "state": "USA"}}
    updates = {"type": "updates", "value": {"heading": "New", "count": 3, "pledge": ""}}
    picture = get_test_image_file(size=(1600, 900))
    full_campaign.image = get_image_model().objects.create(
        title="March", file=picture, collection=Collection.objects.first()
    )
    publish(full_campaign, UpdatePage(title="The committee met", slug="met", lead="And went."))
    url = publish_with_body(full_campaign, [*P3, NAMES[1], spotlight, updates])
    number_of_queries(client, url)
    assert number_of_queries(client, url, "The committee met") <= MAX_QUERIES
    clear_caches()
    # Two for the site root paths, one for the colours
    assert number_of_queries(client, url, "Casa 5") <= MAX_QUERIES + 2
    gc.collect()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_image_takes_one_query_for_all_renditions(client: Client, full_campaign: Any) -> None:
    clear_caches()
    without = number_of_queries(client, full_campaign.url)
    picture = get_test_image_file(size=(1600, 900))
    full_campaign.image = get_image_model().objects.create(
        title="March", file=picture, collection=Collection.objects.first()
    )
    full_campaign.save_revision().publish()
    made = client.get(full_campaign.url).content
    clear_caches()
    assert number_of_queries(client, full_campaign.url) == without + 1
    assert client.get(full_campaign.url).content == made
    assert full_campaign.image.renditions.count() == 4
    gc.collect()


def test_many_blocks_of_one_treaty_take_the_queries_of_one(client: Client, full_campaign: Any) -> None:
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
    number_of_queries(client, full_campaign.url)
    none = number_of_queries(client, publish_with_body(full_campaign, []))
    one = number_of_queries(client, publish_with_body(full_campaign, blocks[:1]), "60 States are party")
    assert one == none + 2
    assert number_of_queries(client, publish_with_body(full_campaign, blocks), "So far 60 (as of ") == one


def test_a_treaty_is_read_again_for_the_next_request(client: Client, full_campaign: Any) -> None:
    treaty = treaty_data.Treaty.objects.get(key="cmw")
    assert number_of_queries(client, full_campaign.url, "party to the Migrant Workers Convention")
    treaty_data.Treaty.objects.filter(pk=treaty.pk).update(name="the Convention of 1990")
    assert number_of_queries(client, full_campaign.url, "party to the Convention of 1990")


def test_many_blocks_of_one_pledge_take_the_queries_of_one(client: Client, full_campaign: Any) -> None:
    other = publish(home(), PledgePage(title="Another call", slug="another", statement="<p>Sign.</p>"))
    add_signatures(other.pledge, range(6, 12))
    chosen = {"heading": "Another call", "pledge": str(other.pledge.uuid)}
    blocks = [
        {"type": "progress", "value": chosen},
        {"type": "sign_form", "value": {**chosen, "text": "Sign here"}},
        {"type": "sign_buttons", "value": {**chosen, "text": "Sign there"}},
        {"type": "share", "value": {**chosen, "text": "Pass it on", "message": "", "qr": False}},
        {"type": "progress", "value": chosen},
    ]
    number_of_queries(client, full_campaign.url)
    one = number_of_queries(client, publish_with_body(full_campaign, blocks[:1]), "Another call")
    assert number_of_queries(client, publish_with_body(full_campaign, blocks), "Pass it on") == one
    names = [{"type": block["type"], "value": {**block["value"], "pledge": chosen["pledge"]}} for block in NAMES]
    with_names = number_of_queries(client, publish_with_body(full_campaign, [*blocks, *names]), "Ana 11")
    assert with_names == one + 2
    assert (
        number_of_queries(client, publish_with_body(full_campaign, [*blocks, *names, *names]), "Casa 11") == with_names
    )


@pytest.mark.requirement("CP9", "DL1")
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("name", "more"), [("decision_makers", 1), ("decision_path", 1)])
def test_blocks_on_who_decides_add_queries_only_where_they_are(
    client: Client, full_campaign: Any, name: str, more: int, language: str
) -> None:
    for number in range(3):
        recipient = PledgeRecipientFactory(pledge=full_campaign.pledge).recipient
        translate(recipient, office=f"Cargo {number}")
        stage = DecisionStageFactory(pledge=full_campaign.pledge, recipient=recipient)
        translate(stage, name=f"Etapa {number}")
        translate(EvidenceFactory(stage=stage), text="Pasó.")
    page = translated(full_campaign) if language == "es" else full_campaign
    blocks = [{"type": name, "value": {"heading": "Who then", "text": "", "pledge": ""}}]
    number_of_queries(client, page.url)
    without = number_of_queries(client, publish_with_body(page, []))
    assert number_of_queries(client, publish_with_body(page, blocks), "Who then") == without + more
    assert number_of_queries(client, publish_with_body(page, [*blocks, *blocks]), "Who then") == without + more
    clear_caches()
    assert number_of_queries(client, publish_with_body(page, [*P3, *blocks])) <= MAX_QUERIES + 2


def test_a_withdrawn_name_is_not_shown_in_the_next_request(client: Client, full_campaign: Any) -> None:
    other = PledgeFactory(title="Another")
    add_signatures(other, range(20, 26))
    url = publish_with_body(full_campaign, [{**NAMES[0], "value": {**NAMES[0]["value"], "pledge": str(other.uuid)}}])
    assert number_of_queries(client, url, "Ana 25")
    signatures().update(state=SignatureState.WITHDRAWN, public_name="")
    assert b"Ana 25" not in client.get(url).content


@pytest.mark.parametrize(("name", "most"), [("qr.svg", 5), ("updates.atom", 8), ("embed/", MAX_QUERIES)])
def test_other_endpoints_of_a_pledge_with_cold_caches(client: Client, full_campaign: Any, name: str, most: int) -> None:
    for number in range(3):
        publish(full_campaign, UpdatePage(title=f"Update {number}", slug=f"update-{number}", lead="And went."))
    EmbedOrigin.objects.create(pledge=full_campaign.pledge, origin="https://partner.example")
    clear_caches()
    assert number_of_queries(client, f"/pledge/{full_campaign.pledge.uuid}/{name}?lang=en") <= most


def test_an_index_page_with_cold_caches(client: Client, full_campaign: Any) -> None:
    index = publish(home(), PledgeIndexPage(title="Our campaigns", slug="campaigns"))
    for number in range(6):
        publish(index, PledgePage(title=f"Call {number}", slug=f"call-{number}", statement="<p>Sign.</p>"))
    clear_caches()
    assert number_of_queries(client, index.url, "Call 5") <= MAX_QUERIES
