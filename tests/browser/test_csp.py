"""The content security policy holds on every public page, and the listener that proves it hears what it refuses."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_signing import fill_person
from tests.campaign_fixtures import campaign, individual
from tests.journey import confirm_path, work
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from tests.waiting import wait_until
from wagtail_pledge.pages.models import PledgeIndexPage, TreatyStatusPage

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
def test_what_is_put_into_a_page_does_not_run_and_is_noticed(
    desktop: Page, campaign: Any, watch: Watch, attack: str, refused: str
) -> None:
    desktop.goto(campaign.url)
    assert watch.problems == []
    desktop.evaluate(attack)
    refusal = f"policy violation: {refused}"
    pause = partial(desktop.wait_for_timeout, 50)
    assert wait_until(lambda: any(refusal in problem for problem in watch.problems), 30, pause), watch.problems
    assert desktop.evaluate("typeof ran") == "undefined"
    watch.problems.clear()


def test_every_page_of_signing_lives_with_it(phone: Page, campaign: Any, individual: Any) -> None:
    """The fixture of the page fails the test on any violation."""
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
    assert phone.goto("/pledge/confirm/no-such-token/")
