"""What the thank-you page and the signer's own page say about the signature, and what signers change there."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests.forms import forms_in
from tests.journey import confirm, confirm_path, fresh, sign_url, signatures, work
from wagtail_pledge.signing.enums import Review, SignatureState
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.services import MANAGE, token_for, withdraw
from wagtail_pledge.signing.services.changes import change_choices
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG8")]


def manage_path(signature: Any) -> str:
    return f"/pledge/manage/{token_for(MANAGE, signature)}/"


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def thanks_for(client: Client, page: Any, **values: str) -> str:
    """Sign, confirm with the choices of the form, and return the thank-you page."""
    client.post(sign_url(page), fresh(page, **values))
    work()
    assert confirm(client, values["email"]).status_code == 303
    return read(client, confirm_path(values["email"]))


@pytest.fixture
def signer(campaign: Any) -> Any:
    return SignatureFactory(pledge=campaign.pledge, name="Ana López", email="ana@example.org", display="name")


@pytest.mark.parametrize(
    ("display", "text"),
    [
        ("hidden", "Your name is not shown on the website."),
        ("name", "The website shows you as <bdi>Ana María López</bdi>, with the next names, within a day."),
        ("initials", "The website shows you as <bdi>A. L., United States</bdi>, with the next names, within a day."),
    ],
)
def test_the_thank_you_page_says_how_and_when_the_name_is_shown(
    client: Client, individual: Any, person: Any, display: str, text: str
) -> None:
    assert text in thanks_for(client, individual, **{**person, "display": display})
    assert "The website shows" not in read(Client(), confirm_path(person["email"]))


def test_a_signature_that_does_not_count_yet_is_promised_nothing_else(
    client: Client, individual: Any, person: Any
) -> None:
    SignerType.objects.update(approval_required=True)
    shown = thanks_for(client, individual, **{**person, "display": "name"})
    assert "as soon as the signature counts. This can take up to a day." in shown
    assert "with the next names" not in shown
    assert "I%20signed" not in shown


@pytest.mark.requirement("SG3")
def test_an_organization_that_waits_reads_about_itself(client: Client, organization: Any, person: Any) -> None:
    details = {"organization": "Union", "role": "Chair", "authorized": "on", "display": "name"}
    shown = thanks_for(client, organization, **{**person, **details})
    assert "Once we have approved it, the website shows it as <bdi>Union</bdi>." in shown
    for text in ("I%20signed", "We%20signed", "Your name is", "has signed"):
        assert text not in shown
    work()
    message = mail.outbox[-1]
    assert "Once we have approved it, the website shows it as “Union”." in message.body
    assert "Once we have approved it, the website shows it as <bdi>Union</bdi>." in message.alternatives[0].content
    assert "shows you" not in message.body + message.alternatives[0].content


def test_the_own_link_comes_first_and_three_ways_to_share_it(client: Client, individual: Any, person: Any) -> None:
    html = thanks_for(client, individual, **person)
    share = html[html.index('id="own-link"') :]
    first, _, rest = share.partition("<details")
    assert "?source=" in first
    assert [name for name in ("data-share>", "WhatsApp", "data-copy", "Telegram") if name in first] == [
        "data-share>",
        "WhatsApp",
        "data-copy",
    ]
    assert [name for name in ("Telegram", "Facebook", "Bluesky", "sms:", "mailto:") if name not in rest] == []
    assert "source%3D" in rest


def test_the_page_shows_reason_and_updates_and_changes_both(client: Client, individual: Any, person: Any) -> None:
    html = thanks_for(client, individual, **{**person, "comment": "Because <b>", "updates": "on"})
    assert "Because &lt;b&gt;</textarea>" in html
    (form,) = [form for form in forms_in(html) if form.data.get("action") == "change"]
    assert form.data["updates"] == "yes"
    answer = client.post(
        form.action.partition("#")[0], {"action": "change", "comment": " Solidarity ", "updates": "yes"}
    )
    assert answer.status_code == 303
    stored = signatures().get()
    assert (stored.details["comment"], stored.consent_updates) == ("Solidarity", True)
    shown = read(client, answer["Location"])
    assert "Your changes are saved." in shown
    assert "Solidarity</textarea>" in shown
    client.post(manage_path(stored), {"action": "change", "comment": ""})
    stored = signatures().get()
    assert ("comment" in stored.details, stored.consent_updates, stored.name) == (False, False, person["name"])


def test_a_reason_that_is_too_long_changes_nothing(client: Client, signer: Any) -> None:
    answer = client.post(manage_path(signer), {"action": "change", "comment": "x" * 281, "updates": "yes"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "<title>Error:" in html
    assert 'aria-describedby="own-comment-error"' in html
    assert "x" * 281 in html
    assert not signatures().get().consent_updates


@pytest.mark.parametrize("updates", ["maybe", "2"])
def test_an_unknown_answer_about_updates_changes_nothing(client: Client, signer: Any, updates: str) -> None:
    assert client.post(manage_path(signer), {"action": "change", "updates": updates}).status_code == 422
    assert not signatures().get().consent_updates


def test_what_the_form_did_not_ask_is_neither_shown_nor_stored(client: Client, individual: Any, person: Any) -> None:
    individual.optional_fields = {"comment": "left_out", "updates": "left_out"}
    individual.save_revision().publish()
    html = thanks_for(client, individual, **person)
    assert 'value="change"' not in html
    stored = signatures().get()
    assert change_choices(stored, epoch=stored.epoch, reason="Because", updates=True)
    stored = signatures().get()
    assert (stored.details.get("comment"), stored.consent_updates) == (None, False)


@pytest.mark.requirement("E16")
def test_a_withdrawn_signature_cannot_be_changed(client: Client, signer: Any) -> None:
    withdraw(signer, epoch=signer.epoch)
    assert 'value="change"' not in read(client, manage_path(signer))
    for comment in ("Because", "x" * 281):
        answer = client.post(manage_path(signer), {"action": "change", "comment": comment, "updates": "yes"})
        assert (answer.status_code, answer["Location"]) == (303, manage_path(signer))
    assert "Your changes are saved." not in read(client, f"{manage_path(signer)}?changed=1")
    stored = signatures().get()
    assert (stored.state, stored.consent_updates) == (SignatureState.WITHDRAWN, False)
    assert "comment" not in stored.details


@pytest.mark.requirement("E16")
def test_a_signature_that_is_withdrawn_while_it_is_changed_is_not_called_saved(
    client: Client, signer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = manage_path(signer)

    def too_late(signature: Any, **choices: Any) -> bool:
        withdraw(signer, epoch=signer.epoch)
        return change_choices(signature, **choices)

    monkeypatch.setattr("wagtail_pledge.campaigns.views.manage.change_choices", too_late)
    assert client.post(path, {"action": "change", "comment": "Because"})["Location"] == path


def test_a_refused_reason_is_not_called_saved_and_keeps_what_was_pressed(client: Client, signer: Any) -> None:
    values = {"action": "change", "comment": "x" * 281, "updates": "yes"}
    html = client.post(f"{manage_path(signer)}?changed=1", values).content.decode()
    assert "<title>Error:" in html
    assert "Your changes are saved." not in html
    assert 'value="yes" checked' in html


def test_a_change_leaves_name_review_and_state_alone(client: Client, signer: Any) -> None:
    signatures().update(review=Review.NEEDS_REVIEW, public_name="")
    client.post(manage_path(signer), {"action": "change", "comment": "Because", "updates": "yes"})
    stored = signatures().get()
    assert (stored.review, stored.public_name, stored.display) == (Review.NEEDS_REVIEW, "", "name")
    assert stored.details["comment"] == "Because"


@pytest.mark.requirement("CP6")
@pytest.mark.parametrize(("state", "is_offered"), [("open", True), ("closed", False), ("won", False)])
def test_a_withdrawn_signature_offers_to_sign_again_only_while_the_campaign_is_open(
    client: Client, signer: Any, state: str, is_offered: bool
) -> None:
    withdraw(signer, epoch=signer.epoch)
    type(signer.pledge).objects.update(state=state)
    assert ("sign again" in read(client, manage_path(signer))) is is_offered
