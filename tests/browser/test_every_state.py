"""Every state of a campaign and every step of signing, looked at in English and in Arabic."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.page_audit import LANGUAGES, Look, in_language, look, translated, visitor
from tests.campaign_fixtures import campaign, individual
from tests.journey import confirm_path, signatures, work
from wagtail_pledge.signing.models import Pledge, Tally
from wagtail_pledge.signing.services import MANAGE, token_for
from wagtail_pledge.signing.services.switches import set_switch

__all__ = ["campaign", "individual", "look", "visitor"]

pytestmark = [pytest.mark.requirement("X4"), pytest.mark.django_db]

DAY: Final = dt.timedelta(days=1)
TICKETLESS: Final = "/pledge/inbox/nothing/"
#: What visitors meet of a campaign besides the open form: the ledger's columns, days from now.
STATES: Final[dict[str, dict[str, Any]]] = {
    "draft": {"state": "draft"},
    "not yet open": {"state": "open", "opens_at": DAY},
    "paused": {"state": "paused"},
    "closed": {"state": "closed", "closes_at": -DAY},
    "delivered": {"state": "delivered"},
    "won": {"state": "won"},
    "lost": {"state": "not_won"},
}


def bring(pledge: Pledge, values: dict[str, Any]) -> None:
    times = {field: timezone.now() + value for field, value in values.items() if isinstance(value, dt.timedelta)}
    Pledge.objects.filter(pk=pledge.pk).update(**{"opens_at": None, "closes_at": None, **values, **times})


def give(page: Page, **values: str) -> None:
    for name, value in values.items():
        field = page.locator(f"form[data-stamp-url] [name={name}]")
        (field.select_option if name == "country" else field.fill)(value)


def send(page: Page) -> None:
    with page.expect_navigation():
        page.locator("form[data-stamp-url] button[type=submit]").click()


def press(page: Page) -> None:
    """Press the one button of a page that says one thing."""
    with page.expect_navigation():
        page.locator("main form button[type=submit]").click()


def open_all(page: Page) -> None:
    """Unfold whatever can be unfolded."""
    for summary in page.locator("main summary").all():
        summary.click()


def path_in_mail(word: str) -> str:
    found = re.search(rf"https?://\S+/{word}/[^\s\"<]+", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return urlsplit(found[0]).path


@pytest.mark.requirement("CP6", "X2")
def test_the_campaign_in_every_state(visitor: Page, look: Look, campaign, individual) -> None:
    translated(campaign, individual)
    pledge = campaign.pledge
    Pledge.objects.filter(pk=pledge.pk).update(goal=5000, goal_steps="1000 2000")
    Tally.objects.create(pledge=pledge, day="2026-01-01", kind="individual", country="US", count=1234)
    for code in LANGUAGES:
        bring(pledge, {"state": "open"})
        for page in (campaign, individual):
            visitor.goto(in_language(page, code))
            expect(visitor.locator("form[data-stamp-url]")).to_be_visible()
            look(f"open {page.slug}")
        for name, values in STATES.items():
            bring(pledge, values)
            visitor.goto(f"{in_language(campaign, code)}?{values['state']}{len(values)}")  # past the browser's cache
            expect(visitor.locator("form[data-stamp-url]")).to_have_count(0)
            look(name)


@pytest.mark.requirement("SG1", "X2")
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_step_of_a_person(visitor: Page, look: Look, campaign, individual, code: str) -> None:
    translated(campaign, individual)
    here = in_language(campaign, code)
    visitor.goto(here)
    give(visitor, name="Ana", email="ana@gmial.com")
    send(visitor)
    expect(visitor.locator("#sign-errors")).to_be_focused()
    look("errors")
    give(visitor, name="Ana María López", email="ana@example.org", country="US")
    send(visitor)
    look("check your inbox")
    open_all(visitor)
    look("ways out of a missing message")
    with visitor.expect_navigation():
        visitor.locator("main form button").last.click()
    look("sent again")
    visitor.goto(TICKETLESS + f"?lang={code}")
    look("inbox without a ticket")
    visitor.goto(here)
    give(visitor, name="Rosa", email="rosa@example.org", country="US")
    set_switch("signing", on=True)
    send(visitor)
    look("try again")
    set_switch("signing", on=False)
    bring(campaign.pledge, STATES["closed"])
    press(visitor)
    look("closed meanwhile")
    bring(campaign.pledge, {"state": "open"})
    work()
    not_me = path_in_mail("not-me")
    visitor.goto(confirm_path("ana@example.org"))
    look("confirm")
    press(visitor)
    open_all(visitor)
    look("thank you")
    visitor.goto(confirm_path("ana@example.org"))
    look("already confirmed")
    visitor.goto(confirm_path("ana@example.org")[:-3] + f"/?lang={code}")
    look("link that does not work")
    visitor.goto(f"/pledge/manage/{token_for(MANAGE, signatures().get())}/")
    open_all(visitor)
    look("manage")
    press(visitor)
    look("withdrawn")
    visitor.goto(not_me)
    look("not me")
    press(visitor)
    look("no more mail")
    answer = visitor.goto(f"/pledge/{campaign.pledge.uuid}/sign/{campaign.pledge.uuid}/?lang={code}")
    assert answer is not None
    assert answer.status == 404
    look("nothing to sign here")
