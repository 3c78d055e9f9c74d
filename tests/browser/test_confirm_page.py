"""The page of the confirm link: what it shows, which form its owner chooses, and which ones they did not send."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.owner import EVERYWHERE, WIDTHS, confirm_path_of, details_on, fits, in_language, sent
from tests.browser.test_every_page import questions
from tests.browser.test_keyboard import press_enter, tab_to
from tests.campaign_fixtures import campaign, individual, organization
from tests.journey import confirm_path, signatures, submissions, work
from wagtail_pledge.signing.enums import Display

__all__ = ["campaign", "individual", "organization"]

pytestmark = [pytest.mark.requirement("E3", "SG2", "X1"), pytest.mark.django_db]

HEADING = "Confirm to add your name"


@EVERYWHERE
def test_it_shows_exactly_what_will_be_signed(
    open_page: Callable[..., Page], campaign, individual, assert_accessible, viewport: dict[str, int], script: bool
) -> None:
    individual.questions = individual._meta.get_field("questions").to_python(questions()[:1])
    individual.save_revision().publish()
    submission = sent(
        individual,
        name="Ana María López",
        display=Display.NAME_PLACE,
        consent_updates=True,
        details={"city": "Oakland", "postal_code": "94612", "comment": "See https://spam.example/x now.\nPlease."},
        answers={"short_text": "UFW"},
    )
    page = open_page(viewport, java_script_enabled=script)
    page.goto(confirm_path_of(submission))
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADING)
    assert details_on(page) == {
        "Full name": "Ana María López",
        "Email": "ana@example.org",
        "Country": "United States",
        "ZIP or postal code": "94612",
        "City or town": "Oakland",
        "Reason": "See https://spam.example/x now.\nPlease.",
        "What about short_text?": "UFW",
        "You are signing": "We call on the United States to ratify.",
    }
    assert page.locator("main a[href*='spam.example']").count() == 0
    expect(page.get_by_label("Name and place")).to_be_checked()
    expect(page.get_by_label(re.compile("Email me updates"))).to_be_checked()
    expect(page.get_by_text("I did not send these")).to_have_count(0)
    page.get_by_text("The full text that you sign").click()
    expect(page.locator("main .pledge-text")).to_have_text("We call on the United States to ratify.")
    if script:
        assert_accessible(page)
    assert fits(page)
    assert not signatures().exists()
    page.get_by_label("Not shown").check()
    page.get_by_label(re.compile("Email me updates")).uncheck()
    page.get_by_role("button", name="Confirm my name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    signature = signatures().get()
    assert (signature.display, signature.consent_updates, signature.name) == ("hidden", False, "Ana María López")


@EVERYWHERE
def test_the_owner_chooses_between_forms_that_differ(
    open_page: Callable[..., Page], campaign, individual, assert_accessible, viewport: dict[str, int], script: bool
) -> None:
    stranger = sent(individual, name="Ana L.", display=Display.NAME_PLACE, consent_updates=True)
    own = sent(individual, name="Ana María López")
    page = open_page(viewport, java_script_enabled=script)
    page.goto(confirm_path_of(own))
    forms = page.get_by_role("group", name="Several forms were sent with your address. Which one do you want to sign?")
    expect(forms.get_by_role("radio")).to_have_count(2)
    expect(forms.get_by_role("radio").first).to_have_accessible_name(re.compile("the email that you opened"))
    expect(page.locator("main [type=radio]:checked")).to_have_count(1)
    expect(page.get_by_label("Not shown")).to_be_checked()
    expect(page.get_by_label(re.compile("Email me updates"))).not_to_be_checked()
    # The own one is shown, the other one is collapsed
    assert details_on(page)["Full name"] == "Ana María López"
    expect(page.get_by_text("Ana L.", exact=True)).to_be_hidden()
    page.get_by_text("What this form says").click()
    expect(page.get_by_text("Ana L.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Confirm my name").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_role("alert")).to_have_text("Choose which one you want to sign.")
    if script:
        assert_accessible(page)
    assert fits(page)
    assert not signatures().exists()
    forms.get_by_role("radio").first.check()
    page.get_by_role("button", name="Confirm my name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    assert signatures().get().name == "Ana María López"
    stranger.refresh_from_db()
    assert stranger.end_reason == "superseded"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_choice_by_keyboard(open_page: Callable[..., Page], campaign, individual, script: bool) -> None:
    older, own = sent(individual, name="Ana López", country="MX"), sent(individual, name="Ana María López")
    page = open_page(DESKTOP, java_script_enabled=script)
    page.goto(confirm_path_of(own))
    tab_to(page, "[name=submission]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"[name=submission][value='{older.pk.hex}']")).to_be_checked()
    tab_to(page, "details summary")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ana López", exact=True)).to_be_visible()
    tab_to(page, "[name=display]")
    page.keyboard.press("ArrowDown")
    press_enter(page, "main [type=submit]")
    signature = signatures().get()
    assert (signature.name, signature.country, signature.display) == ("Ana López", "MX", "initials")


@EVERYWHERE
def test_forms_that_the_owner_did_not_send_are_ended(
    open_page: Callable[..., Page], campaign, individual, assert_accessible, viewport: dict[str, int], script: bool
) -> None:
    own = sent(individual, name="Ana María López")
    later = [sent(individual, is_mailed=False, name=f"Stranger {n}", country="MX") for n in range(7)]
    page = open_page(viewport, java_script_enabled=script)
    page.goto(confirm_path_of(own))
    expect(page.get_by_role("checkbox", name=re.compile("^Sent on"))).to_have_count(0)
    page.get_by_text("Other forms were sent with your address").click()
    group = page.get_by_role("group", name="Which of them did you not send?")
    boxes = group.get_by_role("checkbox")
    expect(boxes).to_have_count(5)
    expect(page.get_by_text("2 more", exact=True)).to_be_visible()
    expect(boxes.first).to_have_accessible_name(re.compile(r"^Sent on .+ UTC · Mexico$"))
    # Sent after the mail of the own one had left: nothing else of them is shown
    expect(page.locator("main")).not_to_contain_text("Stranger")
    page.get_by_role("button", name="I did not send these").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(boxes.first).to_be_focused()
    expect(group).to_have_accessible_description("Tick each form that you did not send.")
    if script:
        assert_accessible(page)
    assert fits(page)
    assert not signatures().exists()
    for box in boxes.all():
        box.check()
    page.get_by_role("button", name="I did not send these").click()
    expect(page.get_by_role("status")).to_have_text("We removed the forms that you did not send.")
    expect(page).not_to_have_title(re.compile("^Error:"))
    assert submissions().filter(end_reason="not_me").count() == 5
    assert submissions().filter(pk__in=[row.pk for row in later], ended_at=None).count() == 2
    page.get_by_role("button", name="Confirm my name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you so much")
    assert signatures().get().name == "Ana María López"


@WIDTHS
def test_an_organization_confirms(
    open_page: Callable[..., Page], campaign, organization, assert_accessible, viewport: dict[str, int]
) -> None:
    details = {"website": "https://casa.example", "city": "Oakland", "role": "Directora", "authorized": True}
    submission = sent(organization, kind="organization", organization="Casa del Pueblo", name="Rosa", details=details)
    page = open_page(viewport)
    page.goto(confirm_path_of(submission))
    shown = details_on(page)
    assert {"Casa del Pueblo", "https://casa.example", "Rosa", "Directora", "Yes"} <= set(shown.values())
    assert page.locator("main a[href*='casa.example']").count() == 0
    expect(page.get_by_text("We then review it, usually within 2 days.")).to_be_visible()
    assert_accessible(page)
    assert fits(page)
    page.get_by_role("button", name="Confirm the signature").click()
    expect(page.get_by_text("We review each signature")).to_be_visible()
    assert_accessible(page)


@pytest.mark.requirement("X4")
@WIDTHS
@pytest.mark.parametrize(
    ("code", "direction", "heading", "button"),
    [
        ("es", "ltr", "Confirme para sumar su nombre", "Confirmar mi nombre"),
        ("ar", "rtl", "تأكيد إضافة اسمك", "تأكيد اسمي"),
    ],
)
def test_other_languages(
    open_page: Callable[..., Page],
    campaign,
    individual,
    assert_accessible,
    *,
    viewport: dict[str, int],
    code: str,
    direction: str,
    heading: str,
    button: str,
) -> None:
    in_language(code, campaign, individual)
    own = sent(individual, locale=code, name="نور الهدى حداد")
    sent(individual, locale=code, name="Ana María López")
    sent(individual, locale=code, name="Eva", is_mailed=False)
    page = open_page(viewport)
    page.goto(confirm_path_of(own))
    assert page.evaluate("[document.documentElement.lang, getComputedStyle(document.body).direction]") == [
        code,
        direction,
    ]
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    for summary in page.locator("main summary").all():
        summary.click()
    expect(page.get_by_text("Ana María López", exact=True)).to_be_visible()
    assert_accessible(page)
    assert fits(page)
    page.locator("[name=submission]").first.check()
    page.get_by_role("button", name=button).click()
    expect(page.locator("main")).to_contain_text("نور الهدى حداد")
    work()
    assert mail.outbox[-1].to == ["ana@example.org"]
    assert "/pledge/manage/" in mail.outbox[-1].body


@pytest.mark.requirement("X4")
@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_it_is_accessible_in_every_colour_scheme(
    open_page: Callable[..., Page], campaign, individual, assert_accessible, options: dict[str, str]
) -> None:
    own = sent(individual, name="Ana María López")
    sent(individual, name="Ana")
    sent(individual, name="Eva", is_mailed=False)
    page = open_page(PHONE, **options)
    page.goto(confirm_path_of(own))
    for summary in page.locator("main summary").all():
        summary.click()
    if "color_scheme" in options:
        assert_accessible(page)
    for control in page.locator("main label:visible, main button, main summary").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 32, control.inner_text()
    assert fits(page)


def test_the_link_in_the_mail_opens_it(phone: Page, campaign, individual) -> None:
    sent(individual, is_mailed=False)
    work()
    phone.goto(confirm_path("ana@example.org"))
    expect(phone.get_by_role("heading", level=1)).to_have_text(HEADING)
    expect(phone.get_by_role("link", name="Ratify now")).to_be_visible()
