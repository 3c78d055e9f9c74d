"""What visitors see of a pledge that nobody can sign now."""

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
from tests.projects.campaign import home, publish
from wagtail_pledge.pages.models import PledgePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge, Tally

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP6")]

DAY = dt.timedelta(days=1)
#: State, closing and opening time in days from now, and what the page says.
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
OWN = ["not_yet", "paused", "closed", "delivered", "won", "not_won"]


def bring(pledge: Pledge, name: str) -> None:
    values: dict[str, Any] = dict(STATES[name][0])
    for field in ("opens_at", "closes_at"):
        if field in values:
            values[field] = timezone.now() + values[field]
    Pledge.objects.filter(pk=pledge.pk).update(**values)


def heading_of(html: str) -> str:
    found = re.search(r'<h2 id="sign-heading">\s*(.*?)\s*</h2>', html)
    assert found is not None
    return found.group(1)


def words_for(*states: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "state_words",
            "value": {"state": state, "heading": f"Heading {state}", "text": f"<p>Next for {state}: we go on.</p>"},
        }
        for state in states
    ]


def give_words(page: PledgePage, *states: str) -> None:
    page.body = PledgePage._meta.get_field("body").to_python(words_for(*states))
    page.save_revision().publish()


@pytest.fixture
def campaign_with_count(campaign: PledgePage) -> PledgePage:
    Tally.objects.create(pledge=campaign.pledge, day="2026-01-01", kind="individual", country="US", count=1234)
    return campaign


@pytest.mark.parametrize("name", STATES)
def test_the_form_is_gone_the_count_stays_and_the_page_says_why(
    client: Client, campaign_with_count, individual, name
) -> None:
    bring(campaign_with_count.pledge, name)
    for page in (campaign_with_count, individual):
        html = client.get(page.url).content.decode()
        assert heading_of(html) == STATES[name][1]
        assert STATES[name][2] in html
        assert "1,234" in html
        assert "<form" not in html
        assert "data-sign-bar" not in html


def test_an_open_one_has_its_form(client: Client, campaign_with_count, individual) -> None:
    give_words(campaign_with_count, *OWN)
    html = client.get(campaign_with_count.url).content.decode()
    assert "<form" in html
    assert "we go on" not in html


@pytest.mark.parametrize("name", STATES)
def test_the_campaigns_own_words_take_the_place_of_ours(client: Client, campaign_with_count, individual, name) -> None:
    give_words(campaign_with_count, *OWN)
    bring(campaign_with_count.pledge, name)
    state = {"draft": "not_yet", "ended": "closed"}.get(name, name)
    for page in (campaign_with_count, individual):
        html = client.get(page.url).content.decode()
        assert re.findall(r"Next for (\w+): we go on", html) == [state]
        assert heading_of(html) == f"Heading {state}"
        assert STATES[name][2] not in html


@pytest.mark.parametrize("name", STATES)
def test_above_the_campaigns_own_words_stands_the_state(client: Client, campaign_with_count, name) -> None:
    above = re.compile(r'<p class="pledge-kicker">\s*(.*?)\s*</p><h2 id="sign-heading">')
    bring(campaign_with_count.pledge, name)
    assert not above.search(client.get(campaign_with_count.url).content.decode())
    give_words(campaign_with_count, *OWN)
    found = above.search(client.get(campaign_with_count.url).content.decode())
    assert found is not None
    assert found[1] == STATES[name][1]


def test_words_for_another_state_are_not_shown(client: Client, campaign_with_count) -> None:
    give_words(campaign_with_count, "won")
    bring(campaign_with_count.pledge, "paused")
    html = client.get(campaign_with_count.url).content.decode()
    assert "Next for won" not in html
    assert STATES["paused"][2] in html


def test_blocks_that_ask_to_sign_fall_silent(client: Client, campaign_with_count, individual) -> None:
    blocks = [{"type": name, "value": {"heading": f"Block {name}"}} for name in ("sign_form", "sign_buttons")]
    campaign_with_count.body = PledgePage._meta.get_field("body").to_python(blocks)
    campaign_with_count.save_revision().publish()
    open_page = client.get(campaign_with_count.url).content.decode()
    assert re.findall(r"Block \w+", open_page) == ["Block sign_form", "Block sign_buttons"]
    bring(campaign_with_count.pledge, "closed")
    assert "Block sign" not in client.get(campaign_with_count.url).content.decode()


@pytest.mark.requirement("P3")
@pytest.mark.parametrize("name", ["draft", "closed"])
def test_it_stays_cheap(client: Client, campaign_with_count, individual, organization, name) -> None:
    give_words(campaign_with_count, *OWN)
    bring(campaign_with_count.pledge, name)
    client.get(campaign_with_count.url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(campaign_with_count.url)
    assert len(captured) <= 15
    assert response["Cache-Control"] == "public, max-age=30"


@pytest.mark.requirement("CP7")
@pytest.mark.parametrize("state", OWN)
def test_every_state_can_be_previewed(campaign_with_count, individual, state: str) -> None:
    campaign_with_count.body = PledgePage._meta.get_field("body").to_python(words_for(state))
    for page in (campaign_with_count, individual):
        assert state in {mode for mode, _label in page.preview_modes}
        html = page.make_preview_request(preview_mode=state).content.decode()
        assert "<form" not in html
        assert STATES[state][1] in html or page is campaign_with_count
    html = campaign_with_count.make_preview_request(preview_mode=state).content.decode()
    assert f"Next for {state}" in html
    assert Pledge.objects.get(pk=campaign_with_count.pledge_id).state == PledgeState.OPEN


@pytest.mark.parametrize("name", STATES)
def test_a_page_in_spanish_says_it_in_spanish(client: Client, db: None, name: str) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    start = home().get_translation(spanish)
    page = publish(start, PledgePage(title="Ratifiquen", slug="r", statement="<p>Que ratifiquen.</p>", locale=spanish))
    bring(page.pledge, name)
    html = client.get(page.url).content.decode()
    assert english_in(html) == []
    with translation.override("es"):
        assert heading_of(html) == translation.gettext(STATES[name][1]) != STATES[name][1]
