"""While signing is paused or the database is unavailable, nothing is accepted and form values are kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from tests.forms import forms_in
from tests.journey import fresh, sign_url, submissions, submitted
from wagtail_pledge.signing.enums import PledgeState, Review
from wagtail_pledge.signing.models import EmbedOrigin
from wagtail_pledge.signing.services import change_state
from wagtail_pledge.signing.services.switches import SIGNING, set_switch

ODD_NAME = 'Ana <b>"María"</b> O\'Brien'


@pytest.mark.requirement("OP4", "A1")
def test_while_paused_the_form_keeps_its_values_and_can_be_sent_later(
    client: Client, individual: Any, person: Any
) -> None:
    form = fresh(individual, **{**person, "name": ODD_NAME})
    set_switch(SIGNING, on=True)
    response = client.post(sign_url(individual), form)
    assert response.status_code == 503
    assert int(response["Retry-After"]) == 600
    assert "no-store" in response["Cache-Control"]
    assert not submissions().exists()
    (again,) = [f for f in forms_in(response.content) if f.action == sign_url(individual)]
    assert {name: again.data[name] for name in form} == form
    set_switch(SIGNING, on=False)
    assert client.post(again.action, again.data).status_code == 303
    assert submitted().name == ODD_NAME


@pytest.mark.requirement("OP4")
def test_a_pause_shows_before_the_form_is_filled_in(
    client: Client, campaign: Any, individual: Any, organization: Any
) -> None:
    campaign.body = [("state_words", {"state": "paused", "heading": "Back in May", "text": "<p>We move.</p>"})]
    campaign.save_revision().publish()
    EmbedOrigin.objects.create(pledge=campaign.pledge, origin="https://friend.example")
    embedded = f"/pledge/{campaign.pledge.uuid}/embed/"
    urls = [campaign.url, individual.url, organization.url, embedded]
    for is_paused in (False, True, False):
        set_switch(SIGNING, on=is_paused)
        for url in urls:
            html = client.get(url).content.decode()
            has_form = any("statement" in form.names for form in forms_in(html.encode()))
            assert has_form is not is_paused, url
            assert ("Signing is paused and will open again soon." in html) is is_paused, url
            # The campaign's own text is about a pause of the campaign
            assert "Back in May" not in html


@pytest.mark.requirement("OP4")
def test_a_campaign_that_is_closed_is_not_called_paused(client: Client, campaign: Any, individual: Any) -> None:
    change_state(campaign.pledge, PledgeState.CLOSED, actor=None, reason="Done")
    set_switch(SIGNING, on=True)
    html = client.get(campaign.url).content.decode()
    assert "This campaign is closed" in html
    assert "Signing is paused" not in html


@pytest.mark.requirement("A1", "A5")
def test_without_the_database_the_form_keeps_its_stamp(
    client: Client, individual: Any, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, form = sign_url(individual), fresh(individual, **person)

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr("wagtail_pledge.campaigns.views.sign.remembered_statement", fail)
        patched.setattr("django.db.models.query.QuerySet._fetch_all", fail)
        response = client.post(url, form)
    assert response.status_code == 503
    (again,) = [f for f in forms_in(response.content) if "stamp" in f.names]
    assert again.data["stamp"] == form["stamp"]
    for _twice in range(2):
        assert client.post(again.action, again.data).status_code == 303
    assert submissions().count() == 1


@pytest.mark.requirement("OP4")
def test_while_paused_json_requests_get_503(client: Client, individual: Any, person: Any) -> None:
    form = fresh(individual, **person)
    set_switch(SIGNING, on=True)
    response = client.post(sign_url(individual), json.dumps(form), content_type="application/json")
    assert response.status_code == 503
    assert response["Retry-After"] == "600"
    assert "paused" in response.json()["error"]


@pytest.mark.requirement("SG6", "I30", "C2")
def test_a_form_sent_too_quickly_is_held_and_its_network_key_stored(
    client: Client, individual: Any, person: Any, settings: Any
) -> None:
    settings.WAGTAIL_PLEDGE_STAMP_MIN_SECONDS = 3
    response = client.post(sign_url(individual), fresh(individual, **person), REMOTE_ADDR="198.51.100.7")
    assert response.status_code == 303
    assert submitted().review == Review.NEEDS_REVIEW
    submission = submissions().get()
    assert submission.signals.split(",")[0] == "fast"
    assert len(bytes(submission.network_key or b"")) == 8


@pytest.mark.requirement("D10")
@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "ten"])
def test_an_invalid_content_length_is_a_bad_request(client: Client, individual: Any, length: str) -> None:
    response = client.post(
        sign_url(individual),
        b"name=x",
        content_type="application/x-www-form-urlencoded",
        headers={"Content-Length": length},
    )
    assert response.status_code == 400
