"""What the site adds to the package: blocks without a migration, a signer kind, translated pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils.html import strip_tags
from pytest_django import DjangoCaptureOnCommitCallbacks
from wagtail.models import Locale, Page
from wagtail_localize.models import Translation, TranslationSource

from example_project.campaign.models import ContentPage, HomePage
from tests import journey
from wagtail_pledge.conf import get_setting
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.models import Pledge, get_signature_model

pytestmark = pytest.mark.django_db


def test_the_sites_blocks_need_no_migration() -> None:
    assert get_setting("BODY_BLOCKS") == "example_project.campaign.blocks.CampaignBodyBlock"
    for model in (PledgePage, ContentPage, HomePage):
        assert {"right_in_daily_life", "state_and_world", "status_then_and_now"} <= set(
            model._meta.get_field("body").stream_block.child_blocks
        )
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.requirement("CP9")
@pytest.mark.parametrize(("path", "word"), [("/en/rights/", "Article"), ("/es/rights/", "Artículo")])
def test_three_articles_stand_beside_a_story(client: Client, path: str, word: str) -> None:
    _before, *pairs = client.get(path).content.decode().split('class="pledge-block pledge-right campaign-right"')
    articles = [pair.partition('<p class="pledge-kicker">')[2].partition("<")[0] for pair in pairs]
    assert articles == [f"{word} {number}" for number in (25, 28, 30)]
    assert [("<h2" in pair, "<h3" in pair) for pair in pairs] == [(True, True)] * 3


@pytest.mark.requirement("CP9")
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_stories_name_the_laws_of_the_united_states_that_they_mention(client: Client, language: str) -> None:
    text = strip_tags(client.get(f"/{language}/rights/").content.decode())
    for law in (
        "the Fair Labor Standards Act" if language == "en" else "la Fair Labor Standards Act",
        "Emergency Medical Treatment and Labor Act (EMTALA)",
        "Plyler v. Doe (1982)",
    ):
        assert law in text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("right_in_daily_life", "The second payslip"),
        ("state_and_world", "States are party"),
        ("status_then_and_now", "2 had joined, and 1 more had only signed."),
    ],
)
def test_the_block_has_a_preview(client: Client, name: str, text: str) -> None:
    client.force_login(get_user_model()._default_manager.get(username="admin"))
    block = PledgePage._meta.get_field("body").stream_block.child_blocks[name]
    assert block.is_previewable
    answer = client.get("/admin/block-preview/", {"id": block.definition_prefix})
    assert answer.status_code == 200
    assert text in strip_tags(answer.content.decode())


@pytest.fixture
def officials_page() -> Any:
    page = SignerTypePage(title="Sign as an elected official", slug="officials", kind="elected-official")
    parent = Page.objects.get(slug="ratify", locale__language_code="en").specific
    parent.add_child(instance=page)
    page.save_revision().publish()
    return page


@pytest.mark.requirement("SG4")
def test_an_elected_official_signs_and_waits_for_approval(client: Client, officials_page: Any, pledge: Pledge) -> None:
    official = {
        "name": "Grace Okafor",
        "office": "Member of the city council",
        "jurisdiction": "Durham",
        "country": "US",
        "email": "grace@durham.example",
    }
    assert journey.sign(client, officials_page.url, **official).status_code == 303
    journey.work()
    confirm_page = client.get(journey.confirm_path("grace@durham.example")).content.decode()
    assert "It counts after that." in confirm_page
    assert "<dt>Office</dt><dd><bdi>Member of the city council</bdi></dd>" in confirm_page
    response = journey.confirm(client, "grace@durham.example")
    assert response.status_code == 303
    thanks = client.get(response["Location"]).content.decode()
    assert "We review each signature before it counts" in thanks
    for text in ("organization before", "Your name is added", "Confirm to add your name"):
        assert text not in confirm_page + thanks
    signature = get_signature_model()._default_manager.get()
    assert (signature.kind, signature.approval) == ("elected-official", Approval.WAITING)
    assert signature.details == {"office": "Member of the city council", "jurisdiction": "Durham"}
    assert journey.counted(client, pledge)["total"] == 0


@pytest.mark.requirement("CP7")
def test_only_optional_fields_can_be_left_out(client: Client, officials_page: Any) -> None:
    officials_page.optional_fields = {"updates": "left_out", "office": "left_out", "country": "left_out"}
    officials_page.save_revision().publish()
    html = client.get(officials_page.url).content.decode()
    assert 'name="updates"' not in html
    assert 'name="office"' in html
    assert 'name="country"' in html


def test_the_office_is_required(client: Client, officials_page: Any) -> None:
    form = client.get(officials_page.url)
    answer = client.post(form.context["sign"].action, {"name": "Grace Okafor"})
    assert "Enter the office you hold" in answer.content.decode()


def test_every_page_of_the_demo_can_be_translated_with_wagtail_localize() -> None:
    pages = [page.specific for page in Page.objects.filter(depth__gt=1, locale__language_code="en")]
    assert len(pages) >= 13
    for page in pages:
        source, _created = TranslationSource.update_or_create_from_instance(page)
        assert source.stringsegment_set.filter(string__data=page.title).exists()


def test_a_page_translated_with_wagtail_localize_shares_the_pledge(
    client: Client, home: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    page = PledgePage(title="Another campaign", slug="another", statement="<p>Do it.</p>")
    home.add_child(instance=page)
    page.save_revision().publish()
    source, _created = TranslationSource.get_or_create_from_instance(page)
    spanish = Locale.objects.get(language_code="es")
    translation = Translation.objects.create(source=source, target_locale=spanish)
    with django_capture_on_commit_callbacks(execute=True):
        translation.save_target(publish=True)
    translated = page.get_translation(spanish)
    assert translated.pledge == page.pledge
    assert Pledge.objects.count() == 2
    assert client.get(translated.url).status_code == 200
