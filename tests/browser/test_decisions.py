"""An editor says who decides and moves a stage; the page shows both, dated, in English and Spanish."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect
from wagtail.models import Collection, Locale

from tests.browser.conftest import PHONE
from tests.browser.test_editor import campaigner, editor, log_in
from tests.campaign_fixtures import campaign, individual
from wagtail_pledge.delivery.models import DecisionStage, Recipient
from wagtail_pledge.signing.models import Pledge

__all__ = ["campaign", "campaigner", "editor", "individual"]

pytestmark = [pytest.mark.requirement("DL1"), pytest.mark.requirement("CP9"), pytest.mark.requirement("RE5")]

BODY = [
    {"type": "decision_makers", "value": {"heading": "", "text": "", "pledge": "", "signers": ""}},
    {"type": "decision_path", "value": {"heading": "", "text": "", "pledge": ""}},
]


@pytest.fixture
def calls(campaign: Any, individual: Any, campaigner: User) -> dict[str, Any]:
    """Return the campaign's page with both blocks in English and Spanish; its pledge is in the editor's collection."""
    Pledge.objects.update(collection=Collection.objects.get(name="Ours"))
    campaign.body = BODY
    campaign.save_revision().publish()
    spanish, _made = Locale.objects.get_or_create(language_code="es")
    translated = campaign.copy_for_translation(spanish, copy_parents=True)
    translated.save_revision().publish()
    return {"en": campaign, "es": translated}


def field(page: Page, name: str) -> Any:
    return page.locator(f'[name="{name}"]')


def add_row(page: Page, formset: str) -> None:
    page.locator(f"#id_{formset}-ADD").click()


def save(page: Page, path: str) -> None:
    page.get_by_role("button", name=re.compile("^(Save|Create)$")).click()
    expect(page).to_have_url(re.compile(f"/admin/{path}/$"))


def fill_date(page: Page, name: str, day: str) -> None:
    # Typing opens Wagtail's date picker, which then covers other fields
    field(page, name).evaluate("(input, day) => { input.value = day; }", day)


def add_decision_maker(page: Page) -> None:
    page.goto(reverse("wagtail_pledge_recipients:add"))
    field(page, "office").fill("The Senate")
    field(page, "position").select_option(label="Undecided")
    fill_date(page, "position_on", "2026-01-05")
    field(page, "position_source").fill("https://press.example/1")
    field(page, "collection").select_option(label="Ours")
    add_row(page, "translations")
    field(page, "translations-0-language").select_option("es")
    field(page, "translations-0-office").fill("El Senado")
    save(page, "pledge-recipients")


def choose(page: Page, formset_or_field: str, what: str = "decision-maker", row: str = "The Senate") -> None:
    chooser = page.locator(f"#id_{formset_or_field}-chooser")
    chooser.get_by_role("button", name=f"Choose a {what}").click()
    page.get_by_role("dialog").get_by_role("link", name=row).click()
    expect(chooser.get_by_text(row)).to_be_visible()


def test_an_editor_adds_a_decision_maker_and_moves_a_stage(
    desktop: Page, open_page: Callable[..., Page], calls: dict[str, Any]
) -> None:
    log_in(desktop)
    add_decision_maker(desktop)
    pledge = calls["en"].pledge

    desktop.goto(reverse("wagtail_pledge_pledges:edit", args=[pledge.pk]))
    add_row(desktop, "recipients")
    choose(desktop, "recipients-0-recipient")
    save(desktop, "pledges")
    assert list(Recipient.objects.of_pledge(pledge)) == [Recipient.objects.get()]

    desktop.goto(reverse("wagtail_pledge_stages:add"))
    choose(desktop, "pledge", "campaign", str(pledge))
    field(desktop, "name").fill("The Senate votes")
    choose(desktop, "recipient")
    add_row(desktop, "translations")
    field(desktop, "translations-0-language").select_option("es")
    field(desktop, "translations-0-name").fill("El Senado vota")
    save(desktop, "pledge-decision-path")

    visitor = open_page(PHONE)
    visitor.goto(calls["en"].url)
    stage = visitor.get_by_role("listitem").filter(has=visitor.get_by_role("heading", name="The Senate votes"))
    expect(stage).to_contain_text("Not started")
    expect(stage).to_contain_text("No evidence on record yet.")

    desktop.goto(reverse("wagtail_pledge_stages:edit", args=[DecisionStage.objects.get().pk]))
    field(desktop, "state").select_option(label="Under way")
    add_row(desktop, "evidence")
    fill_date(desktop, "evidence-0-day", "2026-02-03")
    field(desktop, "evidence-0-source").fill("https://record.example/9")
    field(desktop, "evidence-0-text").fill("The debate has begun.")
    add_row(desktop, "evidence-0-translations")
    field(desktop, "evidence-0-translations-0-language").select_option("es")
    field(desktop, "evidence-0-translations-0-text").fill("Empezó el debate.")
    save(desktop, "pledge-decision-path")

    texts = {
        "en": (
            *("The Senate", "Undecided, 5 January 2026", "The Senate votes", "Under way"),
            *("Who can move it: The Senate", "3 February 2026: The debate has begun."),
        ),
        "es": (
            *("El Senado", "Sin decidir, 5 de enero de 2026", "El Senado vota", "En curso"),
            *("Quién puede moverla: El Senado", "3 de febrero de 2026: Empezó el debate."),
        ),
    }
    for language, call in calls.items():
        visitor.goto(f"{call.url}?moved")
        for text in texts[language]:
            expect(visitor.get_by_role("main")).to_contain_text(text)
        assert visitor.locator("main").inner_text().count("evidence on record") == 0
        for address in ("https://press.example/1", "https://record.example/9"):
            expect(visitor.locator(f'main a[href="{address}"]')).to_be_visible()


@pytest.mark.requirement("X1", "X4")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_blocks_fit_the_screen_and_are_accessible(
    open_page: Callable[..., Page], calls: dict[str, Any], assert_accessible: Callable[[Page], None], width: int
) -> None:
    long_word = "Donaudampfschifffahrtsgesellschaftskapitaen"
    pledge = calls["en"].pledge
    senate = Recipient.objects.create(
        office=f"Committee on {long_word}", email=f"{long_word}@office.example", address="1 Main Street\nSpringfield"
    )
    pledge.recipients.create(recipient=senate)
    pledge.save()
    DecisionStage.objects.create(pledge=pledge, name=f"The {long_word} votes", recipient=senate)
    page = open_page({"width": width, "height": 844})
    for call in calls.values():
        page.goto(call.url)
        expect(page.locator(".pledge-deciders > li")).to_have_count(1)
        expect(page.locator(".pledge-path > li")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
