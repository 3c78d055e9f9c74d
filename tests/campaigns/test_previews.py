"""The preview panel has a mode for every step and state that a signer can see."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale

from tests.forms import forms_in
from tests.projects.campaign import home
from wagtail_pledge.campaigns.editor.previews import PREVIEW_MODES, PREVIEW_STEPS
from wagtail_pledge.pages.models import PledgePage
from wagtail_pledge.signing.models import get_signature_model

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP7", "X2")]

#: Each state with its preview mode and the first heading of the page.
STATES: Final = {
    "open": ("", "Ratify now"),
    "error": ("errors", "Ratify now"),
    "check mail": ("check_inbox", "One step left"),
    "resend done": ("resent", "One step left"),
    "confirm": ("confirm", None),
    "confirmed": ("thank_you", "Thank you so much"),
    "already confirmed": ("already_confirmed", "Already confirmed, thank you"),
    "expired": ("expired", "This link does not work"),
    "withdrawn": ("withdrawn", "Your signature has been withdrawn"),
    "closed": ("closed", "Ratify now"),
    "paused": ("paused", "Ratify now"),
    "not yet open": ("not_yet", "Ratify now"),
    "delivered": ("delivered", "Ratify now"),
    "won": ("won", "Ratify now"),
    "throttled": ("throttled", "Signing is paused for a moment"),
    "not found": ("not_found", "Page not found"),
    "500": ("server_error", "Something went wrong on our side"),
}


@pytest.fixture
def draft(db: None) -> PledgePage:
    """Return an unsaved page."""
    page = PledgePage(title="New", slug="new", locale=Locale.objects.get(language_code="en"))
    page.set_url_path(home())
    page.path, page.depth = home().path + "0009", home().depth + 1
    return page


def preview(page: Any, mode: str) -> str:
    response = page.make_preview_request(preview_mode=mode)
    assert response.status_code == 200
    return str(response.content.decode())


def heading_of(html: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    assert found is not None
    return found[1].strip()


def test_there_is_a_mode_for_each_state(campaign: Any, individual: Any) -> None:
    modes = {mode for mode, _heading in STATES.values()} | {"not_won"}
    assert {mode for mode, _label in PREVIEW_MODES} == modes
    assert {mode for mode, _label in campaign.preview_modes if not mode.startswith("mail_")} == modes
    assert modes <= {mode for mode, _label in individual.preview_modes}
    assert len({str(label) for _mode, label in PREVIEW_MODES}) == len(PREVIEW_MODES)


@pytest.mark.parametrize("state", STATES)
def test_each_mode_shows_a_different_page(campaign: Any, individual: Any, state: str) -> None:
    mode, heading = STATES[state]
    html = preview(campaign, mode)
    assert heading is None or heading_of(html) == heading
    assert len(html) > len(preview(individual, mode)) / 2
    others = {preview(campaign, other) for other, _heading in STATES.values() if other != mode}
    assert html not in others


def test_only_the_resent_mode_shows_the_message_about_the_mail(campaign: Any) -> None:
    message = "If an email is due to this address, we will send it again, usually within minutes."
    assert message in preview(campaign, "resent")
    assert message not in preview(campaign, "check_inbox")


@pytest.mark.parametrize("state", ["expired", "throttled", "not found", "500"])
def test_general_pages_do_not_show_the_campaigns_title(campaign: Any, state: str) -> None:
    assert "Ratify now" not in preview(campaign, STATES[state][0])


def test_the_confirm_mode_shows_all_that_is_signed_and_the_choices_of_the_form(individual: Any) -> None:
    campaign = individual.parent_pledge_page()
    campaign.statement = "<p>Draft words to sign.</p><p>The second paragraph.</p>"
    campaign.save_revision().publish()
    individual.consent_updates = "Write to me, I dare you."
    html = preview(individual, "confirm")
    (form,) = [form for form in forms_in(html) if form.method == "post"]
    assert form.data == {"visit": "", "display": "hidden"}
    assert form.names == {"visit", "display", "updates"}
    for shown in ("Draft words to sign.", "The second paragraph.", "Ana María López", "Write to me, I dare you."):
        assert shown in html


def test_the_confirm_mode_shows_the_unsaved_statement(campaign: Any) -> None:
    campaign.statement = "<p>Draft words to sign.</p>"
    assert preview(campaign, "confirm").count("Draft words to sign.") == 2


def test_the_thank_you_mode_of_an_organization_greets_it_and_asks_for_its_logo(
    organization: Any, individual: Any
) -> None:
    html = preview(organization, "thank_you")
    assert "We will email you when <bdi>Organization name</bdi> has been added." in html
    assert "Ana María López" not in html
    assert "Send your organization’s logo" in html
    assert "Thank you, <bdi>Ana María López</bdi>." in preview(individual, "thank_you")
    assert "logo" not in preview(individual, "thank_you")


def test_the_already_confirmed_mode_shows_what_another_visitor_sees(organization: Any, individual: Any) -> None:
    for page in (organization, individual):
        html = preview(page, "already_confirmed")
        assert "Get the link to your signature" in html
        for only_for_the_signer in (
            "See or withdraw",
            "This is your own link",
            "Your choices",
            "Send your organization’s logo",
            "López",
        ):
            assert only_for_the_signer not in html


@pytest.mark.parametrize("mode", PREVIEW_STEPS)
@pytest.mark.parametrize("fixture", ["campaign", "individual"])
def test_a_preview_reads_no_signature_and_writes_nothing(
    request: pytest.FixtureRequest, individual: Any, fixture: str, mode: str
) -> None:
    table, page = get_signature_model()._meta.db_table, request.getfixturevalue(fixture)
    with CaptureQueriesContext(connection) as captured:
        preview(page, mode)
    assert not [query for query in captured.captured_queries if table in query["sql"]]
    assert not [query for query in captured.captured_queries if re.match("INSERT|UPDATE|DELETE", query["sql"])]


@pytest.mark.parametrize("mode", ["", *PREVIEW_STEPS])
def test_an_unsaved_page_can_be_previewed_in_every_mode(draft: Any, mode: str) -> None:
    assert heading_of(preview(draft, mode))
