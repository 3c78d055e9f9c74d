"""Every state that a signer can meet has a mode in the preview panel, shown with the page's own words."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale

from tests.projects.campaign import home
from wagtail_pledge.campaigns.editor.previews import PREVIEW_MODES, STEPS
from wagtail_pledge.pages.models import PledgePage
from wagtail_pledge.signing.models import get_signature_model

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP7", "X2")]

#: The list of states to design, each with the mode that shows it and what only that page has as its first heading.
STATES: Final = {
    "open": ("", "Ratify now"),
    "error": ("errors", "Ratify now"),
    "check mail": ("check_inbox", "One step left"),
    "resend done": ("resent", "One step left"),
    "confirm": ("confirm", None),
    "confirmed": ("thank_you", "Thank you so much"),
    "already confirmed": ("already_confirmed", "Already confirmed, thank you"),
    "expired": ("expired", "This link does not work (any more)"),
    "withdrawn": ("withdrawn", "Your signature is withdrawn"),
    "closed": ("closed", "Ratify now"),
    "paused": ("paused", "Ratify now"),
    "not yet open": ("not_yet", "Ratify now"),
    "delivered": ("delivered", "Ratify now"),
    "won": ("won", "Ratify now"),
    "throttled": ("throttled", "Signing is paused for a moment"),
    "not found": ("not_found", "There is no such page"),
    "500": ("server_error", "Something went wrong on our side"),
}


@pytest.fixture
def draft(db: None) -> PledgePage:
    """A page that exists on the screen alone."""
    page = PledgePage(title="New", slug="new", locale=Locale.objects.get(language_code="en"))
    page.set_url_path(home())
    page.path, page.depth = home().path + "0009", home().depth + 1
    return page


def shown(page: Any, mode: str) -> str:
    response = page.make_preview_request(preview_mode=mode)
    assert response.status_code == 200
    return str(response.content.decode())


def heading_of(html: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    assert found is not None
    return found[1].strip()


def test_the_modes_are_the_states_of_the_brief_and_the_other_ending(campaign: Any, individual: Any) -> None:
    modes = {mode for mode, _words in STATES.values()} | {"not_won"}
    assert {mode for mode, _label in PREVIEW_MODES} == modes
    assert {mode for mode, _label in campaign.preview_modes if not mode.startswith("mail_")} == modes
    assert modes <= {mode for mode, _label in individual.preview_modes}
    assert len({str(label) for _mode, label in PREVIEW_MODES}) == len(PREVIEW_MODES)


@pytest.mark.parametrize("state", STATES)
def test_each_shows_its_own_page(campaign: Any, individual: Any, state: str) -> None:
    mode, words = STATES[state]
    html = shown(campaign, mode)
    assert words is None or heading_of(html) == words
    assert len(html) > len(shown(individual, mode)) / 2
    others = {shown(campaign, other) for other, _words in STATES.values() if other != mode}
    assert html not in others


def test_a_mail_that_was_sent_again_is_said_there_and_only_there(campaign: Any) -> None:
    said = "If this address waits for a message, it comes within 15 minutes."
    assert said in shown(campaign, "resent")
    assert said not in shown(campaign, "check_inbox")


@pytest.mark.parametrize("state", ["expired", "throttled", "not found", "500"])
def test_a_page_that_does_not_know_the_campaign_does_not_name_it(campaign: Any, state: str) -> None:
    assert "Ratify now" not in shown(campaign, STATES[state][0])


def test_the_page_behind_the_link_has_the_draft_and_a_button(campaign: Any) -> None:
    campaign.statement = "<p>Draft words to sign.</p>"
    html = shown(campaign, "confirm")
    assert "Draft words to sign." in html
    assert "Ana María López" in html
    assert '<form method="post"' in html


@pytest.mark.parametrize("mode", STEPS)
def test_nothing_of_the_ledger_is_read_or_written_for_it(campaign: Any, individual: Any, mode: str) -> None:
    table = get_signature_model()._meta.db_table
    for page in (campaign, individual):
        with CaptureQueriesContext(connection) as captured:
            shown(page, mode)
        assert not [query for query in captured.captured_queries if table in query["sql"]]
        assert not [query for query in captured.captured_queries if re.match("INSERT|UPDATE|DELETE", query["sql"])]


@pytest.mark.parametrize("mode", ["", *STEPS])
def test_a_page_that_was_never_saved_shows_every_step(draft: Any, mode: str) -> None:
    assert heading_of(shown(draft, mode))
