"""Pages of a pledge that is not open."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from wagtail.models import Locale

from tests.catalogues import english_in
from tests.journey import fresh, sign_url
from tests.projects.campaign import home, publish
from wagtail_pledge.pages.models import PledgePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge, Tally

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP6")]

DAY = dt.timedelta(days=1)
#: Field values of the pledge, heading of the form section, and text of the page.
STATES = {
    "draft": ({"state": "draft"}, "Not open yet", "This campaign is not open yet"),
    "not_yet": ({"state": "open", "opens_at": DAY}, "Not open yet", "This campaign opens on"),
    "paused": ({"state": "paused"}, "Opens again soon", "Every signature still counts"),
    "closed": ({"state": "closed", "closes_at": -DAY}, "This campaign is closed", "This campaign closed on"),
    "ended": ({"state": "open", "closes_at": -DAY}, "This campaign is closed", "We will deliver the signatures"),
    "delivered": ({"state": "delivered"}, "Delivered", "The signatures have been delivered"),
    "won": ({"state": "won"}, "Won", "This campaign won what it asked for"),
    "not_won": ({"state": "not_won"}, "This campaign has ended", "did not win what it asked for"),
}
STATES_WITH_TEXTS = ["not_yet", "paused", "closed", "delivered", "won", "not_won"]


def set_state(pledge: Pledge, name: str) -> None:
    values: dict[str, Any] = dict(STATES[name][0])
    for field in ("opens_at", "closes_at"):
        if field in values:
            values[field] = timezone.now() + values[field]
    Pledge.objects.filter(pk=pledge.pk).update(**values)


def heading_of(html: str) -> str:
    found = re.search(r'<h2 id="sign-heading">\s*(.*?)\s*</h2>', html)
    assert found is not None
    return found.group(1)


def state_blocks(*states: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "state_words",
            "value": {"state": state, "heading": f"Heading {state}", "text": f"<p>Next for {state}: we go on.</p>"},
        }
        for state in states
    ]


def publish_state_blocks(page: PledgePage, *states: str) -> None:
    page.body = PledgePage._meta.get_field("body").to_python(state_blocks(*states))
    page.save_revision().publish()


@pytest.fixture
def campaign_with_count(campaign: PledgePage) -> PledgePage:
    Tally.objects.create(pledge=campaign.pledge, day="2026-01-01", kind="individual", country="US", count=1234)
    return campaign


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("fixture", ["campaign", "individual"])
def test_the_page_shows_state_and_count_instead_of_the_form(
    client: Client, request, campaign_with_count, individual, fixture, name
) -> None:
    set_state(campaign_with_count.pledge, name)
    html = client.get(request.getfixturevalue(fixture).url).content.decode()
    assert heading_of(html) == STATES[name][1]
    assert STATES[name][2] in html
    assert "1,234" in html
    assert "<form" not in html
    assert "data-sign-bar" not in html


def test_an_open_pledge_has_its_form(client: Client, campaign_with_count, individual) -> None:
    publish_state_blocks(campaign_with_count, *STATES_WITH_TEXTS)
    html = client.get(campaign_with_count.url).content.decode()
    assert "<form" in html
    assert "we go on" not in html


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("fixture", ["campaign", "individual"])
def test_state_blocks_replace_the_default_texts(
    client: Client, request, campaign_with_count, individual, fixture, name
) -> None:
    publish_state_blocks(campaign_with_count, *STATES_WITH_TEXTS)
    set_state(campaign_with_count.pledge, name)
    state = {"draft": "not_yet", "ended": "closed"}.get(name, name)
    html = client.get(request.getfixturevalue(fixture).url).content.decode()
    assert re.findall(r"Next for (\w+): we go on", html) == [state]
    assert heading_of(html) == f"Heading {state}"
    assert STATES[name][2] not in html


@pytest.mark.parametrize("name", STATES)
def test_the_state_is_shown_above_the_state_block(client: Client, campaign_with_count, name) -> None:
    above = re.compile(r'<p class="pledge-kicker">\s*(.*?)\s*</p><h2 id="sign-heading">')
    set_state(campaign_with_count.pledge, name)
    assert not above.search(client.get(campaign_with_count.url).content.decode())
    publish_state_blocks(campaign_with_count, *STATES_WITH_TEXTS)
    found = above.search(client.get(campaign_with_count.url).content.decode())
    assert found is not None
    assert found[1] == STATES[name][1]


def test_a_block_for_another_state_is_not_shown(client: Client, campaign_with_count) -> None:
    publish_state_blocks(campaign_with_count, "won")
    set_state(campaign_with_count.pledge, "paused")
    html = client.get(campaign_with_count.url).content.decode()
    assert "Next for won" not in html
    assert STATES["paused"][2] in html


def test_sign_blocks_are_not_shown_when_closed(client: Client, campaign_with_count, individual) -> None:
    blocks = [{"type": name, "value": {"heading": f"Block {name}"}} for name in ("sign_form", "sign_buttons")]
    campaign_with_count.body = PledgePage._meta.get_field("body").to_python(blocks)
    campaign_with_count.save_revision().publish()
    open_page = client.get(campaign_with_count.url).content.decode()
    assert re.findall(r"Block \w+", open_page) == ["Block sign_form", "Block sign_buttons"]
    set_state(campaign_with_count.pledge, "closed")
    assert "Block sign" not in client.get(campaign_with_count.url).content.decode()


@pytest.mark.requirement("P3")
@pytest.mark.parametrize("name", ["draft", "closed"])
def test_number_of_queries(client: Client, campaign_with_count, individual, organization, name) -> None:
    publish_state_blocks(campaign_with_count, *STATES_WITH_TEXTS)
    set_state(campaign_with_count.pledge, name)
    client.get(campaign_with_count.url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(campaign_with_count.url)
    assert len(captured) <= 15
    assert response["Cache-Control"] == "public, max-age=30"


@pytest.mark.requirement("CP7")
@pytest.mark.parametrize("state", STATES_WITH_TEXTS)
def test_every_state_can_be_previewed(campaign_with_count, individual, state: str) -> None:
    campaign_with_count.body = PledgePage._meta.get_field("body").to_python(state_blocks(state))
    assert state in {mode for mode, _label in campaign_with_count.preview_modes}
    html = campaign_with_count.make_preview_request(preview_mode=state).content.decode()
    assert "<form" not in html
    assert f"Next for {state}" in html
    assert Pledge.objects.get(pk=campaign_with_count.pledge_id).state == PledgeState.OPEN


@pytest.mark.requirement("CP7")
@pytest.mark.parametrize("state", STATES_WITH_TEXTS)
def test_every_state_of_a_signer_type_page_can_be_previewed(campaign_with_count, individual, state: str) -> None:
    assert state in {mode for mode, _label in individual.preview_modes}
    html = individual.make_preview_request(preview_mode=state).content.decode()
    assert "<form" not in html
    assert STATES[state][1] in html


@pytest.mark.parametrize("name", STATES)
def test_the_states_are_translated_to_spanish(client: Client, db: None, name: str) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    start = home().get_translation(spanish)
    page = publish(start, PledgePage(title="Ratifiquen", slug="r", statement="<p>Que ratifiquen.</p>", locale=spanish))
    set_state(page.pledge, name)
    html = client.get(page.url).content.decode()
    assert english_in(html) == []
    with translation.override("es"):
        assert heading_of(html) == translation.gettext(STATES[name][1]) != STATES[name][1]


@pytest.mark.requirement("CP6", "RE5")
@pytest.mark.parametrize(
    ("zone", "closes_at", "day"),
    [
        ("America/New_York", "2999-03-04T05:00Z", "3 March 2999"),  # midnight in New York
        ("America/New_York", "2999-03-04T05:01Z", "4 March 2999"),
        ("Asia/Tokyo", "2999-03-03T15:00Z", "3 March 2999"),  # midnight in Tokyo
        ("", "2999-03-04T00:00Z", "3 March 2999"),  # midnight in the site's time zone, UTC
    ],
)
def test_a_deadline_at_midnight_reads_as_the_day_before(
    client: Client, campaign: PledgePage, individual: Any, zone: str, closes_at: str, day: str
) -> None:
    Pledge.objects.update(time_zone=zone, closes_at=dt.datetime.fromisoformat(closes_at))
    assert f"Open until {day}." in client.get(individual.url).content.decode()
    Pledge.objects.update(state=PledgeState.CLOSED)
    closed = client.get(individual.url).content.decode()
    assert f"This campaign closed on {day}." in closed
    assert "Open until" not in closed


def test_the_opening_day_is_in_the_time_zone_of_the_campaign(client: Client, individual: Any) -> None:
    opens_at = dt.datetime.now(tz=dt.UTC).replace(hour=2, minute=0) + 30 * DAY
    Pledge.objects.update(time_zone="America/Los_Angeles", opens_at=opens_at)
    before = (opens_at - DAY).date()
    html = client.get(individual.url).content.decode()
    assert f"This campaign opens on {before.day} {before:%B %Y}." in html


def test_without_a_deadline_nothing_is_said_about_one(client: Client, individual: Any) -> None:
    assert "Open until" not in client.get(individual.url).content.decode()


def test_a_form_for_a_closed_campaign_names_the_last_day(client: Client, individual: Any) -> None:
    data = fresh(individual, name="Ana", email="ana@example.org", country="US")
    Pledge.objects.update(time_zone="America/New_York", closes_at=dt.datetime(2026, 3, 4, 5, tzinfo=dt.UTC))
    answer = client.post(sign_url(individual), data)
    assert answer.status_code == 422
    assert "This campaign closed on 3 March 2026. Your name was not added." in answer.content.decode()
