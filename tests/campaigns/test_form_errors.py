"""The form shown again: with errors, for another check, or while signing is paused."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any, Final

import pytest
from django.db import OperationalError
from django.test import Client

from tests.catalogues import english_in
from tests.forms import forms_in, sign_form_in
from tests.journey import fresh, sign_url, submissions
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import EmbedOrigin, Pledge, SignerType
from wagtail_pledge.signing.stamps import is_old_stamp, issue_stamp

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG1")]

NOTE: Final = "The Senate gets your name."
COUNTS: Final = "Your signature counts once you confirm your email."
REVIEWED: Final = "We review each signature before it counts."
EXPIRED: Final = "This page was open too long. Check your details and sign again"
HOUR: Final = dt.timedelta(hours=1)


def title_of(html: str) -> str:
    found = re.search(r"<title>([^<]*)</title>", html)
    assert found
    return found[1]


def with_stamp_of(form: dict[str, str], age: dt.timedelta) -> dict[str, str]:
    return {**form, "stamp": issue_stamp(form["statement"], database_now() - age)}


def set_state(state: PledgeState) -> None:
    """Save the pledge as staff do: the process that saves it forgets at once what it remembered for two seconds."""
    pledge = Pledge.objects.get()
    pledge.state = state
    pledge.save()


class TestWithoutJavaScript:
    @pytest.mark.requirement("X3")
    def test_errors_are_shown_at_the_first_post_and_the_next_one_signs(
        self, client: Client, individual, person
    ) -> None:
        form = sign_form_in(client.get(individual.url).content)
        assert not form.data["stamp"]
        wrong = client.post(form.action, form.filled(**{**person, "email": ""}))
        html = wrong.content.decode()
        assert wrong.status_code == 422
        assert title_of(html).startswith("Error: Your name has not been added yet")
        assert 'id="sign-errors"' in html
        again = sign_form_in(html)
        assert again.data["name"] == person["name"]
        assert client.post(again.action, again.filled(email=person["email"])).status_code == 303

    def test_a_valid_form_is_shown_again_without_errors(self, client: Client, individual, person) -> None:
        checked = client.post(sign_url(individual), {**fresh(individual, **person), "stamp": ""})
        html = checked.content.decode()
        assert checked.status_code == 200
        assert title_of(html).startswith("Check your details and sign")
        assert 'id="sign-errors"' not in html
        assert EXPIRED not in html

    def test_a_changed_statement_and_an_error_are_both_shown(
        self, client: Client, campaign, individual, person
    ) -> None:
        form = fresh(individual, **{**person, "email": ""})
        campaign.statement = "<p>More.</p>"
        campaign.save_revision().publish()
        html = client.post(sign_url(individual), form).content.decode()
        assert title_of(html).startswith("Error: Your name has not been added yet")
        assert "The text has changed since you opened the page" in html


@pytest.mark.requirement("X3", "I30")
class TestExpiredStamp:
    def test_it_is_reported_and_the_next_post_signs(self, client: Client, individual, person) -> None:
        answer = client.post(sign_url(individual), with_stamp_of(fresh(individual, **person), 25 * HOUR))
        assert answer.status_code == 200
        assert EXPIRED in answer.content.decode()
        again = sign_form_in(answer.content)
        assert client.post(again.action, again.data).status_code == 303

    @pytest.mark.parametrize("stamp", ["", "forged", "A" * 55])
    def test_a_forged_stamp_is_not_reported_as_expired(self, client: Client, individual, person, stamp: str) -> None:
        answer = client.post(sign_url(individual), {**fresh(individual, **person), "stamp": stamp})
        assert EXPIRED not in answer.content.decode()

    def test_only_genuine_stamps_of_the_same_statement_expire(self) -> None:
        now, sha256 = dt.datetime(2026, 6, 1, tzinfo=dt.UTC), "5" * 64
        stamp = issue_stamp(sha256, now - 25 * HOUR)
        assert is_old_stamp(stamp, sha256, now)
        assert not is_old_stamp(stamp, "6" * 64, now)
        assert not is_old_stamp(stamp, sha256, now - 2 * HOUR)
        assert not is_old_stamp(issue_stamp(sha256, now + HOUR), sha256, now)


class TestTextsAroundTheForm:
    @pytest.fixture
    def page_with_texts(self, campaign, individual) -> Any:
        campaign.privacy_note, campaign.button_text = f"<p>{NOTE}</p>", "Put me on it"
        campaign.save_revision().publish()
        return individual

    @pytest.mark.parametrize("changed", [{"email": ""}, {"stamp": ""}])
    def test_the_editors_texts_are_shown_again(self, client: Client, page_with_texts, person, changed: Any) -> None:
        html = client.post(sign_url(page_with_texts), {**fresh(page_with_texts, **person), **changed}).content.decode()
        assert NOTE in html
        assert "Put me on it</button>" in html
        assert COUNTS not in html

    def test_texts_of_the_signer_type_page_take_precedence(self, client: Client, page_with_texts, person) -> None:
        page_with_texts.button_text = "I sign"
        page_with_texts.save_revision().publish()
        html = client.post(
            sign_url(page_with_texts), fresh(page_with_texts, **{**person, "email": ""})
        ).content.decode()
        assert "I sign</button>" in html
        assert NOTE in html

    @pytest.mark.requirement("RE2")
    def test_links_open_outside_the_frame(self, client: Client, campaign, individual, person) -> None:
        EmbedOrigin.objects.create(pledge=campaign.pledge, origin="https://partner.example")
        campaign.privacy_note = '<p>See <a href="https://example.org/privacy">how</a>.</p>'
        campaign.save_revision().publish()
        form = sign_form_in(client.get(f"/pledge/{campaign.pledge.uuid}/embed/").content)
        html = client.post(form.action, form.filled(**person)).content.decode()
        assert '<a target="_blank" rel="noopener" href="https://example.org/privacy">' in html

    @pytest.mark.requirement("SN4")
    @pytest.mark.parametrize("kind", ["individual", "organization"])
    @pytest.mark.parametrize("approval", [True, False])
    def test_texts_promise_to_count_only_without_approval(
        self, client: Client, organization, individual, person, kind: str, approval: bool
    ) -> None:
        page = {"individual": individual, "organization": organization}[kind]
        SignerType.objects.filter(pk=page.signer_type_id).update(approval_required=approval)
        form_page = client.post(sign_url(page), fresh(page, **person)) if kind == "organization" else None
        for answer in filter(None, (client.get(page.url), form_page)):
            html = answer.content.decode()
            assert (REVIEWED in html) is approval
            assert (COUNTS in html) is not approval
        next_steps = client.get(page.url).content.decode().partition("What happens next")[2]
        assert ("This usually takes 2 days." in next_steps) is approval
        assert ("We check that the organization is genuine" in next_steps) is (approval and kind == "organization")


@pytest.mark.requirement("CP6", "OP4")
class TestPausedCampaign:
    def test_the_form_keeps_its_values_and_can_be_sent_when_signing_resumes(
        self, client: Client, individual, person
    ) -> None:
        form = fresh(individual, **{**person, "name": "Ana <b>María</b>"})
        set_state(PledgeState.PAUSED)
        answer = client.post(sign_url(individual), form)
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) == 600
        assert "Your signature was not added." in answer.content.decode()
        (again,) = [found for found in forms_in(answer.content) if found.action == sign_url(individual)]
        assert {name: again.data[name] for name in form} == form
        set_state(PledgeState.OPEN)
        assert client.post(again.action, again.data).status_code == 303

    def test_the_form_keeps_its_values_when_the_statement_has_changed(
        self, client: Client, campaign, individual, person
    ) -> None:
        form = fresh(individual, **person)
        campaign.statement = "<p>More.</p>"
        campaign.save_revision().publish()
        set_state(PledgeState.PAUSED)
        answer = client.post(sign_url(individual), form)
        assert answer.status_code == 503
        assert person["email"] in answer.content.decode()

    def test_json_clients_get_retry_after(self, client: Client, individual, person) -> None:
        set_state(PledgeState.PAUSED)
        form = json.dumps(fresh(individual, **person))
        answer = client.post(sign_url(individual), form, content_type="application/json")
        assert (answer.status_code, answer["Retry-After"]) == (503, "600")

    @pytest.mark.requirement("X3")
    def test_a_closed_campaign_does_not_offer_to_try_again(self, client: Client, individual, person) -> None:
        form = fresh(individual, **person)
        Pledge.objects.update(state=PledgeState.CLOSED, closes_at=dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC))
        answer = client.post(sign_url(individual), form)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "This campaign closed on 1 March 2026. Your name was not added." in html
        assert "See what happened" in html
        assert "Try again" not in html


@pytest.mark.requirement("A1", "X3")
@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "call@example.org",
            "We don’t know whether your signature was added. Try again, or write to call@example.org.",
        ),
        (None, "We don’t know whether your signature was added. Try again in a minute."),
    ],
)
def test_a_server_error_shows_the_contact_address(
    client: Client, individual, person, settings: Any, monkeypatch: pytest.MonkeyPatch, address: Any, message: str
) -> None:
    form = fresh(individual, **person)
    settings.WAGTAIL_PLEDGE_REPLY_TO = address

    def fail(**_kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("wagtail_pledge.campaigns.views.sign.submit", fail)
    html = client.post(sign_url(individual), form).content.decode()
    assert "Something went wrong on our side" in html
    assert message in html


@pytest.mark.requirement("D8", "I32")
class TestQuery:
    @pytest.mark.parametrize("query", ["lang=en&lang=es", "lang=en&lang=en", "x=1&x=2"])
    def test_a_repeated_parameter_is_rejected(self, client: Client, individual, person, query: str) -> None:
        url, form = sign_url(individual), fresh(individual, **person)
        assert client.post(f"{url}?{query}", form).status_code == 400
        assert client.post(f"{url}?{query}", json.dumps(form), content_type="application/json").status_code == 400
        assert client.get(f"{url}?{query}").status_code == 400
        assert not submissions().exists()

    def test_a_single_parameter_is_accepted(self, client: Client, individual, person) -> None:
        url = f"{sign_url(individual)}?lang=en"
        assert client.get(url).status_code == 303
        assert client.post(url, fresh(individual, **person)).status_code == 303


@pytest.mark.requirement("RE5", "D10")
@pytest.mark.parametrize(("body", "status"), [({"comment": "x" * 40_000}, 413), ({"name": ["a", "b"]}, 400)])
def test_the_error_for_an_unreadable_body_is_translated(individual, person, body: dict[str, Any], status: int) -> None:
    reader = Client(headers={"Accept-Language": "fr"})
    answer = reader.post(f"{sign_url(individual)}?lang=es", {**fresh(individual, **person), **body})
    assert answer.status_code == status
    assert english_in(answer.content.decode()) == []


@pytest.mark.requirement("SN1", "X3")
@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("individual", "Your name has not been added yet"),
        ("organization", "Your organization has not been added yet"),
    ],
)
def test_the_error_heading_depends_on_the_kind(client: Client, request, kind: str, message: str) -> None:
    page = request.getfixturevalue(kind)
    html = client.post(sign_url(page), fresh(page)).content.decode()
    assert title_of(html).startswith(f"Error: {message}")
    assert re.findall(r'<h3 id="sign-errors-heading">([^<]*)<', html) == [message]
    # Nothing above an error says that all is well
    assert re.findall(r"<h1>([^<]*)<", html) == ["Check your details and sign"]


def test_a_campaign_closed_without_a_date_shows_no_date(client: Client, individual, person) -> None:
    form = fresh(individual, **person)
    Pledge.objects.update(state=PledgeState.CLOSED, closes_at=None)
    html = client.post(sign_url(individual), form).content.decode()
    assert "You can no longer sign." in html
    assert "Your name was not added." in html
    assert "This campaign closed on" not in html
