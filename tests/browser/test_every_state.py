"""Audit of every state of a campaign and every step of signing, in English and Arabic."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.page_audit import LANGUAGES, PageAudit, audit, in_language, translated, visitor
from tests.campaign_fixtures import campaign, individual
from tests.journey import confirm_path, signatures, work
from wagtail_pledge.signing.models import Pledge, Tally
from wagtail_pledge.signing.services import MANAGE, statement_cache, token_for
from wagtail_pledge.signing.services.switches import set_switch

__all__ = ["audit", "campaign", "individual", "visitor"]

pytestmark = [pytest.mark.requirement("X4"), pytest.mark.django_db, pytest.mark.long]

DAY: Final = dt.timedelta(days=1)
INBOX_WITHOUT_TICKET: Final = "/pledge/inbox/nothing/"
#: States of a campaign besides open: the pledge's columns, times relative to now.
STATES: Final[dict[str, dict[str, Any]]] = {
    "draft": {"state": "draft"},
    "not yet open": {"state": "open", "opens_at": DAY},
    "paused": {"state": "paused"},
    "closed": {"state": "closed", "closes_at": -DAY},
    "delivered": {"state": "delivered"},
    "won": {"state": "won"},
    "lost": {"state": "not_won"},
}


def set_state(pledge: Pledge, values: dict[str, Any]) -> None:
    times = {field: timezone.now() + value for field, value in values.items() if isinstance(value, dt.timedelta)}
    Pledge.objects.filter(pk=pledge.pk).update(**{"opens_at": None, "closes_at": None, **values, **times})
    # The server would notice within two seconds
    statement_cache.forget()


def fill_fields(page: Page, **values: str) -> None:
    for name, value in values.items():
        field = page.locator(f"form[data-stamp-url] [name={name}]")
        (field.select_option if name == "country" else field.fill)(value)


def submit_form(page: Page) -> None:
    with page.expect_navigation():
        page.locator("form[data-stamp-url] button[type=submit]").click()


def press_button(page: Page) -> None:
    """Press the only button of the page's content."""
    with page.expect_navigation():
        page.locator("main form button[type=submit]").click()


def open_details(page: Page) -> None:
    """Open all disclosures of the page's content."""
    for summary in page.locator("main summary").all():
        summary.click()


def path_in_mail(view: str) -> str:
    found = re.search(rf"https?://\S+/{view}/[^\s\"<]+", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return urlsplit(found[0]).path


@pytest.mark.requirement("CP6", "X2")
def test_a_campaign_in_every_state(visitor: Page, audit: PageAudit, campaign, individual) -> None:
    translated(campaign, individual)
    pledge = campaign.pledge
    Pledge.objects.filter(pk=pledge.pk).update(goal=5000, goal_steps="1000 2000")
    Tally.objects.create(pledge=pledge, day="2026-01-01", kind="individual", country="US", count=1234)
    for code in LANGUAGES:
        set_state(pledge, {"state": "open"})
        for page in (campaign, individual):
            visitor.goto(in_language(page, code))
            expect(visitor.locator("form[data-stamp-url]")).to_be_visible()
            audit(f"open {page.slug}")
        for name, values in STATES.items():
            set_state(pledge, values)
            visitor.goto(f"{in_language(campaign, code)}?{values['state']}{len(values)}")  # past the browser's cache
            expect(visitor.locator("form[data-stamp-url]")).to_have_count(0)
            audit(name)


@pytest.mark.requirement("SG1", "X2")
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_step_of_signing(visitor: Page, audit: PageAudit, campaign, individual, code: str) -> None:
    translated(campaign, individual)
    here = in_language(campaign, code)
    visitor.goto(here)
    fill_fields(visitor, name="Ana", email="ana@gmial.com")
    submit_form(visitor)
    expect(visitor.locator("#sign-errors")).to_be_focused()
    audit("errors")
    fill_fields(visitor, name="Ana María López", email="ana@example.org", country="US")
    submit_form(visitor)
    assert "/pledge/inbox/" in visitor.url
    audit("check your inbox")
    open_details(visitor)
    audit("ways out of a missing message")
    with visitor.expect_navigation():
        visitor.locator("main form button").last.click()
    assert visitor.url.endswith("?again=1")
    audit("sent again")
    visitor.goto(INBOX_WITHOUT_TICKET + f"?lang={code}")
    audit("inbox without a ticket")
    visitor.goto(here)
    fill_fields(visitor, name="Rosa", email="rosa@example.org", country="US")
    set_switch("signing", on=True)
    submit_form(visitor)
    assert "/sign/" in visitor.url
    audit("try again")
    set_switch("signing", on=False)
    set_state(campaign.pledge, STATES["closed"])
    press_button(visitor)
    assert "/sign/" in visitor.url
    audit("closed meanwhile")
    set_state(campaign.pledge, {"state": "open"})
    link = f"/pledge/{campaign.pledge.uuid}/link/?lang={code}"
    visitor.goto(link)
    audit("ask for the link")
    press_button(visitor)
    audit("ask for the link without an address")
    visitor.locator("[name=email]").fill("nobody@example.org")
    press_button(visitor)
    assert visitor.url.endswith(f"?sent=1&lang={code}")
    audit("link asked for")
    work()
    not_me, confirming = path_in_mail("not-me"), confirm_path("ana@example.org")
    visitor.goto(confirming)
    audit("confirm")
    press_button(visitor)
    open_details(visitor)
    audit("thank you")
    assert [cookie["name"] for cookie in visitor.context.cookies()] == ["pledge_confirmed"]
    visitor.context.clear_cookies()
    visitor.goto(confirming)
    audit("already confirmed")
    visitor.goto(confirming[:-3] + f"/?lang={code}")
    audit("link that does not work")
    visitor.goto(not_me)
    audit("not me after confirming")
    manage = f"/pledge/manage/{token_for(MANAGE, signatures().get())}/"
    visitor.goto(manage)
    open_details(visitor)
    audit("manage")
    renew = visitor.locator("main form:has([value=renew]) button")
    with visitor.expect_navigation():
        renew.click()
    audit("new link is coming")
    visitor.goto(manage)
    audit("replaced link")
    visitor.goto(f"/pledge/manage/{token_for(MANAGE, signatures().get())}/")
    open_details(visitor)
    with visitor.expect_navigation():
        visitor.locator("main form:has([value=withdraw]) button").click()
    audit("withdrawn")
    visitor.goto(not_me)
    audit("not me")
    press_button(visitor)
    audit("no more mail")
    with visitor.expect_navigation():
        visitor.locator("main a[href*='/not-me/']").click()
    audit("undo")
    press_button(visitor)
    audit("undone")
    answer = visitor.goto(f"/pledge/{campaign.pledge.uuid}/sign/{campaign.pledge.uuid}/?lang={code}")
    assert answer is not None
    assert answer.status == 404
    audit("nothing to sign here")
