"""The Content Security Policy on every public page; and a test that the violation listener works."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageErrors
from tests.browser.test_signing import fill_person
from tests.campaign_fixtures import campaign, individual
from tests.journey import confirm_path, submissions, work
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from tests.waiting import wait_until
from wagtail_pledge.pages.models import PledgeIndexPage, TreatyStatusPage
from wagtail_pledge.signing.services import token_for
from wagtail_pledge.signing.services.suppression import NOT_ME

__all__ = ["campaign", "individual"]

pytestmark = [pytest.mark.requirement("D5", "D6"), pytest.mark.usefixtures("live_server")]


@pytest.mark.parametrize(
    ("attack", "refused"),
    [
        (
            "document.head.append(Object.assign(document.createElement('style'), {textContent: 'p {}'}))",
            "style-src-elem",
        ),
        ("document.body.setAttribute('onclick', 'ran = 1'); document.body.click()", "script-src-attr"),
        ("document.body.innerHTML += '<img src=x onerror=\"ran = 1\">'", "script-src-attr"),
        ("document.body.append(Object.assign(document.createElement('script'), {text: 'ran = 1'}))", "script-src-elem"),
        ("document.body.append(Object.assign(document.createElement('iframe'), {src: '/en/'}))", "frame-src"),
        ("document.head.append(Object.assign(document.createElement('base'), {href: '/x/'}))", "base-uri"),
        ("fetch('https://elsewhere.example/').catch(() => 0)", "connect-src"),
    ],
)
def test_an_injected_script_or_resource_is_blocked_and_reported(
    desktop: Page, campaign: Any, page_errors: PageErrors, attack: str, refused: str
) -> None:
    desktop.goto(campaign.url)
    assert page_errors.problems == []
    desktop.evaluate(attack)
    refusal = f"policy violation: {refused}"
    pause = partial(desktop.wait_for_timeout, 50)
    assert wait_until(lambda: any(refusal in problem for problem in page_errors.problems), 30, pause), (
        page_errors.problems
    )
    assert desktop.evaluate("typeof ran") == "undefined"
    page_errors.problems.clear()


def test_all_public_pages_comply_with_the_policy(phone: Page, campaign: Any, individual: Any) -> None:
    """The fixtures fail the test on any violation."""
    treaty_data.cmw()
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    treaty = publish(
        home(), TreatyStatusPage(title="Status", slug="status", treaty=treaty_data.Treaty.objects.get(key="cmw"))
    )
    for page in (index, treaty, campaign, individual):
        answer = phone.goto(page.url)
        assert answer
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
    fill_person(phone)
    phone.get_by_role("button", name="Add my name").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("One step left")
    work()
    phone.goto(confirm_path("ana@example.org"))
    phone.get_by_role("button", name="Confirm my name").click()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    not_me = token_for(NOT_ME, submissions().get())
    for path in (f"{campaign.pledge.uuid}/link/", f"not-me/{not_me}/", "confirm/no-such-token/"):
        answer = phone.goto(f"/pledge/{path}")
        assert answer
        assert answer.headers["content-security-policy"].startswith("default-src 'none';")
