"""The blocks on the demo's pages in both languages, and the package's error pages."""

from __future__ import annotations

import datetime as dt
import json
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.template.loader import get_template
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Page

from example_project.campaign.demo.content import read_content
from wagtail_pledge.pages.models import SignerTypePage
from wagtail_pledge.signing.models import Pledge, get_signature_model
from wagtail_pledge.treaties.models import TreatyAction

pytestmark = pytest.mark.django_db

CAMPAIGN_BLOCKS = [
    *("rich_text", "status_then_and_now", "facts_timeline", "share", "faq"),
]
HOME_BLOCKS = [
    *("state_and_world", "updates", "rights_explainer", "decision_path", "document", "call_to_action"),
]


def main_of(client: Client, path: str) -> str:
    return client.get(path).content.decode().partition("<main")[2].partition("</main>")[0]


@pytest.mark.requirement("CP9", "CP8")
def test_the_campaign_page_shows_who_has_signed(client: Client) -> None:
    call_command("pledge_demo", signatures=160, stdout=StringIO())
    shown = re.findall(r'[" ]block-(\w+)"', main_of(client, "/en/ratify/"))
    assert {"organizations", "recent_signers"} <= set(shown)


@pytest.mark.requirement("CP9")
@pytest.mark.parametrize("language", ["en", "es"])
def test_home_and_campaign_page_show_their_blocks(client: Client, language: str) -> None:
    shown = re.findall(r'[" ]block-(\w+)"', main_of(client, f"/{language}/ratify/"))
    assert [name for name in CAMPAIGN_BLOCKS if name not in shown] == []
    shown = re.findall(r'[" ]block-(\w+)"', main_of(client, f"/{language}/"))
    assert [name for name in HOME_BLOCKS if name not in shown] == []


@pytest.mark.parametrize(
    ("language", "banner"),
    [
        ("en", "Demo: the names and signatures are samples."),
        ("es", "Demostración: nombres y firmas de muestra."),
    ],
)
def test_one_banner_on_every_page_says_that_it_is_a_demo(client: Client, language: str, banner: str) -> None:
    paths = ("", "ratify/", "ratify/individual/", "treaty/", "decision/", "rights/", "summary/", "contact/", "privacy/")
    for path in paths:
        html = client.get(f"/{language}/{path}").content.decode()
        assert html.partition("<main")[0].count(banner) == 1, path
        assert html.count(banner) == 1, path
        assert not re.search(
            r"made.up|invented|inventad|\bdemo\b|demostraci", html.partition("<main")[2], re.IGNORECASE
        ), path


@pytest.mark.requirement("TR4")
@pytest.mark.parametrize(("language", "month"), [("en", "December 2016"), ("es", "diciembre de 2016")])
def test_the_campaign_page_leads_to_the_status_as_of_december_2016(client: Client, language: str, month: str) -> None:
    """Both pages count the numbers from the data; no content file has them."""
    [(url, text)] = re.findall(rf'<a href="([^"]+)">([^<]*{month}[^<]*)</a>', main_of(client, f"/{language}/ratify/"))
    assert url == f"/{language}/treaty/?as_of=2016-12-31"
    assert re.findall(r"\b\d{2}\b", text) == ["49", "17"]
    numbers = re.findall(r'<dd class="pledge-number[^"]*">(\d+)<', main_of(client, url))
    assert numbers[:2] == ["49", "17"]
    assert not re.search(r"\b49\b", json.dumps(read_content(language)["ratify"], default=str))


@pytest.mark.requirement("TR4")
def test_the_numbers_of_the_past_day_follow_the_data(client: Client) -> None:
    act = TreatyAction.objects.filter(treaty__key="cmw", action="accession", date__lt="2016-12-31").first()
    assert act is not None
    act.date = "2017-06-01"
    act.save()
    assert "In December 2016, 48 had joined, and" in main_of(client, "/en/ratify/")


@pytest.mark.parametrize("day", ["1980-01-01", "2999-01-01"])
def test_a_day_without_a_status_shows_nothing(client: Client, day: str) -> None:
    page = Page.objects.get(slug="rights", locale__language_code="en").specific
    page.body = [("status_then_and_now", {"treaty": "cmw", "day": dt.date.fromisoformat(day), "link": "/en/treaty/"})]
    page.save_revision().publish()
    assert "had joined" not in main_of(client, "/en/rights/")


@pytest.mark.requirement("CP3")
@pytest.mark.parametrize(
    ("language", "headline", "lead", "label", "consent"),
    [
        ("en", "Join us", "Join us", "Sign the Call for Support", "I sign this Call for Support."),
        ("es", "Súmese", "Súmese", "Firmar el llamado de apoyo", "Firmo este llamado de apoyo."),
    ],
)
def test_the_invitation_to_join(
    client: Client, language: str, headline: str, lead: str, label: str, consent: str
) -> None:
    home = main_of(client, f"/{language}/")
    assert f"<h1>{headline}" in home
    campaign = main_of(client, f"/{language}/ratify/")
    assert f'<p class="pledge-lede">{lead}' in campaign
    form = campaign.partition("<form")[2].partition("</form>")[0]
    assert re.search(rf'<button [^>]*type="submit">{label}</button>', form)
    assert consent in form
    assert f'#sign">{label}</a>' in home
    summary = {"en": "Read or download a summary", "es": "Lea o descargue un resumen"}[language]
    assert f'<a href="/{language}/summary/">{summary}</a>' in campaign
    assert "NNIRR" in home or "National Network for Immigrant and Refugee Rights" in home


@pytest.mark.requirement("CP5")
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", ["ratify/", "rights/", "decision/"])
def test_links_to_sign_are_worded_as_the_pages_they_lead_to(client: Client, language: str, path: str) -> None:
    titles = {page.url: page.title for page in SignerTypePage.objects.filter(locale__language_code=language)}
    links = re.findall(rf'<a href="(/{language}/ratify/\w+/)"[^>]*>([^<]+)</a>', main_of(client, f"/{language}/{path}"))
    links += re.findall(
        rf'<a class="[^"]+" href="(/{language}/ratify/\w+/)">([^<]+)</a>', main_of(client, f"/{language}/{path}")
    )
    ways = [(url, label) for url, label in links if url in titles]
    assert len(ways) >= 2
    assert [label for url, label in ways if label != titles[url]] == []


@pytest.mark.requirement("TR3")
@pytest.mark.parametrize(("language", "state"), [("en", "Saudi Arabia"), ("es", "Arabia Saudita")])
def test_the_page_on_rights_shows_related_treaties_and_who_is_missing_from_data(
    client: Client, language: str, state: str
) -> None:
    html = main_of(client, f"/{language}/rights/")
    table = html.partition("<tbody>")[2].partition("</tbody>")[0]
    assert table.count("<tr>") == 9
    assert "pledge-chip" in table
    assert re.findall('datetime="(1994-10-21|1995-02-16)"', table)
    missing = html.partition('<div class="pledge-missing">')[2]
    assert "UN DESA, International Migrant Stock 2020" in missing
    assert state in missing
    content = json.dumps(read_content(language), ensure_ascii=False, default=str)
    assert state not in content


@pytest.mark.parametrize("language", ["en", "es"])
def test_home_and_campaign_page_lead_to_the_page_on_rights(client: Client, language: str) -> None:
    for path in ("", "ratify/"):
        assert f'href="/{language}/rights/"' in main_of(client, f"/{language}/{path}")


def test_sample_organizations_have_plausible_names() -> None:
    call_command("pledge_demo", signatures=1240, stdout=StringIO())
    names = list(
        get_signature_model()._default_manager.filter(kind="organization").values_list("public_name", flat=True)
    )
    assert len(set(names)) == len(names) == 62
    assert [name for name in names if re.search(r"\d", name)] == []


@pytest.mark.requirement("CP8")
def test_the_goal_has_steps(client: Client) -> None:
    ladder = main_of(client, "/en/rights/").partition('<ol class="pledge-ladder">')[2].partition("</ol>")[0]
    assert re.findall(r'"pledge-number">([\d,]+)<', ladder) == ["500", "1,000", "2,500", "5,000", "10,000"]
    assert ladder.count("pledge-ladder__next") == 1


@pytest.mark.requirement("CP12")
def test_the_campaign_page_has_a_qr_code(client: Client) -> None:
    assert "pledge-qr" in main_of(client, "/en/ratify/")


@pytest.mark.requirement("SG9")
@pytest.mark.parametrize(
    ("language", "question"), [("en", "About how many people does"), ("es", "A cuántas personas representa")]
)
def test_only_the_organization_form_has_the_question(client: Client, language: str, question: str) -> None:
    assert question in main_of(client, f"/{language}/ratify/organization/")
    assert question not in main_of(client, f"/{language}/ratify/individual/")


@pytest.mark.requirement("CP6")
@pytest.mark.parametrize("state", ["paused", "closed", "delivered", "won"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_each_state_has_its_own_notice(client: Client, pledge: Pledge, language: str, state: str) -> None:
    Pledge.objects.filter(pk=pledge.pk).update(state=state)
    page = Page.objects.get(slug="ratify", locale__language_code=language).specific
    own = {block.value["state"]: block.value for block in page.body if block.block_type == "state_words"}
    shown = main_of(client, f"/{language}/ratify/")
    assert own[state]["heading"] in shown
    assert f"pledge-state--{state}" in shown


@pytest.mark.requirement("X2")
@pytest.mark.parametrize(
    ("name", "heading"), [("not_found", "Page not found"), ("server_error", "Something went wrong on our side")]
)
def test_the_packages_error_pages_need_no_request_and_no_database(
    django_assert_num_queries: DjangoAssertNumQueries, name: str, heading: str
) -> None:
    with django_assert_num_queries(0), translation.override("en"):
        html = get_template(f"wagtail_pledge/pages/{name}.html").render({})
    assert f"<h1>{heading}</h1>" in html
    assert "pledge.css" in html
