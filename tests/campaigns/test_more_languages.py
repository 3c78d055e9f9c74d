"""Campaign pages in languages that Django does not know."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from tests.projects.campaign import home, publish
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("RE5")]
LANGUAGES = [("en", "English"), ("ht", "Kreyòl Ayisyen"), ("fil", "Filipino")]


WARNING = "No native reader has checked"


@pytest.fixture
def more_languages(settings: Any) -> None:
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = LANGUAGES


def _campaign(code: str) -> PledgePage:
    locale = Locale.objects.create(language_code=code)
    home().copy_for_translation(locale).save_revision().publish()
    page = PledgePage(title="Siyen", slug="siyen", statement="<p>Nou mande.</p>", locale=locale)
    campaign: PledgePage = publish(home().get_translation(locale), page)
    publish(campaign, SignerTypePage(title="Moun", slug="moun", kind="individual", locale=locale))
    pledge = campaign.pledge
    pledge.goal = 1_250_000
    pledge.closes_at = dt.datetime(timezone.now().year + 1, 2, 4, tzinfo=dt.UTC)
    pledge.save()
    SignatureFactory(signer_type__pledge=pledge)
    return campaign


@pytest.mark.usefixtures("more_languages")
@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("ht", ["Louvri jiska 3 fevriye {year}.", "1\xa0250\xa0000</span>", "Ajoute non mwen", ">Allemagne\n"]),
        ("fil", ["Bukas hanggang Pebrero 3, {year}.", "1,250,000</span>", "Idagdag ang pangalan ko", ">Germany\n"]),
    ],
)
def test_a_campaign_page_has_words_dates_numbers_and_countries(client: Client, code: str, texts: list[str]) -> None:
    campaign = _campaign(code)
    html = client.get(campaign.url).content.decode()
    assert f'<html lang="{code}" dir="ltr"' in html
    missing = [text for text in texts if text.format(year=timezone.now().year + 1) not in html]
    assert missing == []


@pytest.mark.usefixtures("more_languages")
def test_the_editor_warns_above_a_consent_text_in_an_unreviewed_language(admin_client: Client, settings: Any) -> None:
    campaign = _campaign("ht")
    form = reverse("wagtailadmin_pages:edit", args=[campaign.get_children().get().pk])
    html = admin_client.get(form).content.decode()
    assert html.count(WARNING) == 1
    assert html.index(WARNING) < html.index('name="consent_sign"')
    new = reverse("wagtailadmin_pages:add", args=["wagtail_pledge_pages", "signertypepage", campaign.pk])
    assert WARNING in admin_client.get(new).content.decode()
    settings.WAGTAIL_PLEDGE_REVIEWED_LANGUAGES = ["ht"]
    assert WARNING not in admin_client.get(form).content.decode()


def test_the_editor_does_not_warn_in_english(admin_client: Client, individual: SignerTypePage) -> None:
    html = admin_client.get(reverse("wagtailadmin_pages:edit", args=[individual.pk])).content.decode()
    assert 'name="consent_sign"' in html
    assert WARNING not in html
