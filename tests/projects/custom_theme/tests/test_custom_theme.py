"""Theming as in the how-to guide: blocks, includes, base template, style sheet; no migration is needed."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import Site

from tests.journey import confirm, sign, work
from tests.projects.campaign import home, publish, publish_campaign
from tests.projects.custom_theme.models import NewsPage
from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.models import SiteColours
from wagtail_pledge.pages.models import PledgePage, SignerTypePage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("X4", "CP9")]

QUOTE = {"type": "pull_quote", "value": {"quote": "We only ask for what is ours.", "speaker": "A roofer"}}
TEXT = {"type": "rich_text", "value": "<p>Sixty States have joined.</p>"}


@pytest.fixture
def campaign() -> tuple[PledgePage, SignerTypePage]:
    page = PledgePage(title="Ratify", slug="ratify", statement="<p>Ratify the Convention.</p>", body=[QUOTE, TEXT])
    return publish_campaign(page, SignerTypePage)


def html_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("label", ["wagtail_pledge", "wagtail_pledge_pages", "custom_theme"])
def test_theming_needs_no_migration(label: str) -> None:
    call_command("makemigrations", label, check=True, dry_run=True, verbosity=0)


def test_a_custom_block_is_available_and_rendered(client: Client, campaign: tuple[PledgePage, SignerTypePage]) -> None:
    assert set(PledgePage._meta.get_field("body").stream_block.child_blocks) == {
        *PledgeBodyBlock().child_blocks,
        "pull_quote",
    }
    html = html_of(client, campaign[0].url)
    assert '<figure class="own-quote">' in html
    assert "Sixty States have joined." in html
    page = PledgePage.objects.get(pk=campaign[0].pk)
    page.save_revision().publish()
    assert [block.block_type for block in PledgePage.objects.get(pk=page.pk).body] == ["pull_quote", "rich_text"]


def test_a_custom_block_has_a_preview(admin_client: Client) -> None:
    block = PledgePage._meta.get_field("body").stream_block.child_blocks["pull_quote"]
    answer = admin_client.get("/admin/block-preview/", {"id": block.definition_prefix})
    assert "We only ask for what is ours." in answer.content.decode()


def test_an_include_can_be_overridden(client: Client, campaign: tuple[PledgePage, SignerTypePage]) -> None:
    sign(client, campaign[1].url, name="Ana María López", email="ana@example.org", country="US")
    work()
    confirm(client, "ana@example.org")
    work()
    html = html_of(client, campaign[0].url)
    assert '<p class="own-progress"><b>1</b> neighbours have signed</p>' in html
    assert "pledge-progress" not in html
    assert "data-stamp-url" in html


def test_an_overridden_base_template_applies_to_every_page(
    client: Client, campaign: tuple[PledgePage, SignerTypePage]
) -> None:
    news = publish(home(), NewsPage(title="Handed over", slug="news", text="To the Senate, on Tuesday."))
    for url in (*(page.url for page in campaign), news.url, "/pledge/confirm/no-such-token/"):
        html = html_of(client, url)
        sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)">', html)
        own = ["/static/wagtail_pledge/css/message.css"] if "/confirm/" in url else []
        assert sheets == ["/static/wagtail_pledge/css/pledge.css", *own, "/static/custom_theme/theme.css"]
        assert "About this site" in html
        assert '<main id="main"' in html
    assert "To the Senate, on Tuesday." in html_of(client, news.url)


def test_the_sites_style_sheet_comes_last(client: Client, campaign: tuple[PledgePage, SignerTypePage]) -> None:
    SiteColours.objects.create(site=Site.objects.get(is_default_site=True), brand="#0b3d5c")
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)">', html_of(client, campaign[0].url))
    assert [sheet.rsplit("/", 1)[0] for sheet in sheets] == [
        "/static/wagtail_pledge/css",
        "/pledge/colours",
        "/static/custom_theme",
    ]
