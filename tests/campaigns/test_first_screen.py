"""What the first screen of a campaign says: who asks whom for what, before the form."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Locale

from tests.campaign_fixtures import campaign, individual, organization
from tests.forms import sign_form_in
from tests.projects.campaign import home
from wagtail_pledge.signing.kinds import visible_fields
from wagtail_pledge.signing.kinds.individual import Individual
from wagtail_pledge.templatetags.wagtail_pledge_tags import pledge_first_paragraph

__all__ = ["campaign", "individual", "organization"]

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP1")]


def html_of(client: Client, page: Any) -> str:
    return client.get(page.url).content.decode()


def asker_line(html: str) -> str:
    found = re.search(r'<p class="pledge-asker">(.*?)</p>', html, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


@pytest.mark.parametrize(
    ("asker", "addressee", "line"),
    [
        ("Bridge Street Workers", "the Senate", "Bridge Street Workers asks the Senate"),
        ("Bridge Street Workers", "", "Bridge Street Workers"),
        ("", "the Senate", "To the Senate"),
        ("", "", ""),
    ],
)
def test_the_line_above_the_title_says_who_asks_whom(
    client: Client, campaign: Any, individual: Any, asker: str, addressee: str, line: str
) -> None:
    campaign.asker, campaign.addressee = asker, addressee
    campaign.save_revision().publish()
    html = html_of(client, campaign)
    assert asker_line(html) == line
    assert html.find("pledge-asker") < html.index("<h1>")


def test_the_line_is_translated(client: Client, campaign: Any, individual: Any) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    page = campaign.copy_for_translation(spanish)
    page.addressee = "al Senado"
    page.save_revision().publish()
    assert asker_line(html_of(client, page)) == "Bridge Street Workers pide al Senado"


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_logo_of_who_asks_is_decoration(client: Client, campaign: Any, individual: Any) -> None:
    campaign.asker_logo = get_image_model().objects.create(title="logo", file=get_test_image_file())
    campaign.save_revision().publish()
    assert re.search(r'<p class="pledge-asker"><img[^>]* alt=""', html_of(client, campaign))


def test_linked_data_names_who_asks(client: Client, campaign: Any, individual: Any) -> None:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html_of(client, campaign), re.DOTALL)
    assert found
    work = next(node for node in json.loads(found[1])["@graph"] if node["@type"] == "CreativeWork")
    assert work["creator"] == {"@type": "Organization", "name": "Bridge Street Workers"}


@pytest.mark.requirement("SG1")
@pytest.mark.parametrize("place", ["campaign", "individual", "organization"])
def test_the_statement_comes_before_the_form(
    client: Client, campaign: Any, individual: Any, organization: Any, place: str
) -> None:
    campaign.statement = "<p>Ratify it.</p><p>Because <b>they</b> work.</p>"
    campaign.save_revision().publish()
    html = html_of(client, {"campaign": campaign, "individual": individual, "organization": organization}[place])
    html = html.partition("<body>")[2]
    assert html.index("<h1>") < html.index("Ratify it.") < html.index("they</b> work.") < html.index('id="sign"')
    folded = re.search(r'<details class="pledge-fold"><summary>Read the full statement</summary>(.*?)</details>', html)
    assert folded
    assert "Ratify it." not in folded[1]


def test_a_short_statement_is_not_folded(client: Client, campaign: Any, individual: Any) -> None:
    html = html_of(client, campaign)
    assert "We call on the United States to ratify." in html
    assert "pledge-fold" not in html


@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [
        ("<p>One</p>", "<p>One</p>", ""),
        ("<p>One</p><p>Two</p>", "<p>One</p>", "<p>Two</p>"),
        ("<ul><li>A<ul><li>B</li></ul></li></ul><p>C</p>", "<ul><li>A<ul><li>B</li></ul></li></ul>", "<p>C</p>"),
        ("No markup", "No markup", ""),
        ("", "", ""),
    ],
)
def test_rich_text_is_split_after_its_first_paragraph(text: str, first: str, rest: str) -> None:
    assert pledge_first_paragraph(text) == (first, rest)


@pytest.mark.requirement("SG1", "SG9")
@pytest.mark.parametrize(
    ("choices", "hidden_until"),
    [
        ({}, {"postal_code", "city"}),
        ({"postal_code": "needed"}, {"city"}),
        ({"display": "left_out"}, set()),
        ({"city": "left_out"}, {"postal_code"}),
    ],
)
def test_fields_of_the_place_are_shown_when_they_are_needed(choices: dict[str, str], hidden_until: set[str]) -> None:
    """With the choice to show the place, if they are required, or if nobody can choose how the name appears."""
    fields = visible_fields(Individual(), choices, "US")
    assert {field.name for field in fields if field.shown_with} == hidden_until


@pytest.mark.requirement("SG1")
def test_a_field_of_the_place_with_an_error_is_always_shown(client: Client, individual: Any) -> None:
    form = sign_form_in(client.get(individual.url).content)
    answer = client.post(form.action, {**form.data, "city": "x" * 99})
    html = answer.content.decode()
    assert 'class="pledge-field pledge-input pledge-field--city pledge-field--error"' in html
    assert "pledge-field--postal_code pledge-field--with-name_place" in html


@pytest.mark.requirement("X3", "P12")
def test_pages_after_the_form_have_styles_of_their_own(client: Client, campaign: Any, individual: Any) -> None:
    """The campaign page does not load them."""
    sheet = '<link rel="stylesheet" href="/static/wagtail_pledge/css/message.css">'
    assert sheet in client.get("/pledge/confirm/no-such-token/").content.decode()
    assert sheet not in html_of(client, campaign)
