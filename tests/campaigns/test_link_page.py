"""``<pledge>/link/``: somebody asks for the link to a signature; the answer is the same for every address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests.forms import forms_in
from tests.journey import work
from wagtail_pledge.signing.models import LinkRequest
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG5", "E20")]


@pytest.fixture
def path(campaign: Any) -> str:
    return f"/pledge/{campaign.pledge.uuid}/link/"


def test_a_signer_gets_the_link_and_withdraws(client: Client, campaign: Any, path: str) -> None:
    SignatureFactory(pledge=campaign.pledge, email="ana@example.org", name="Ana López")
    (form,) = [form for form in forms_in(client.get(path).content) if form.method == "post"]
    answer = client.post(path, form.filled(email="ana@example.org"))
    assert answer.status_code == 303
    assert "If this address has signed, we will email its link" in client.get(answer["Location"]).content.decode()
    work()
    found = re.search(r"https?://[^/]+(/pledge/manage/[^\s?]+)", str(mail.outbox[0].body))
    assert found
    assert "Ana López" in client.get(found[1]).content.decode()
    assert client.post(found[1], {"action": "withdraw"}).status_code == 303


@pytest.mark.requirement("B1", "SG4")
def test_the_answer_does_not_depend_on_the_address(client: Client, campaign: Any, path: str) -> None:
    SignatureFactory(pledge=campaign.pledge, email="ana@example.org")
    answers = []
    for address in ("ana@example.org", "stranger@example.org"):
        posted = client.post(path, {"email": address})
        answers.append((posted.status_code, posted["Location"], posted.content, client.get(posted["Location"]).content))
    assert answers[0] == answers[1]
    assert not client.get(path).cookies


@pytest.mark.parametrize("typed", ["", "ana", "a@localhost"])
def test_an_invalid_address_is_an_error(client: Client, path: str, typed: str) -> None:
    answer = client.post(path, {"email": typed})
    assert answer.status_code == 422
    assert "<title>Error:" in answer.content.decode()
    assert ">Your email address</label>" in answer.content.decode()
    assert not LinkRequest.objects.exists()


@pytest.mark.requirement("C6")
def test_another_website_can_not_send_it(client: Client, path: str) -> None:
    assert client.post(path, {"email": "ana@example.org"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert not LinkRequest.objects.exists()


def test_an_unknown_campaign_has_no_such_page(client: Client, campaign: Any) -> None:
    for method in (client.get, client.post):
        assert method("/pledge/00000000-0000-4000-8000-000000000000/link/").status_code == 404


@pytest.mark.requirement("E14")
def test_a_signer_renews_the_link(client: Client, campaign: Any, path: str) -> None:
    SignatureFactory(pledge=campaign.pledge, email="ana@example.org", name="Ana López")
    client.post(path, {"email": "ana@example.org"})
    work()
    found = re.search(r"https?://[^/]+(/pledge/manage/[^\s?]+)", str(mail.outbox[0].body))
    assert found
    client.post(found[1], {"action": "renew"})
    assert "This link does not work" in client.get(found[1]).content.decode()
    work()
    renewed = re.search(r"https?://[^/]+(/pledge/manage/[^\s?]+)", str(mail.outbox[1].body))
    assert renewed
    assert renewed[1] != found[1]
    assert "Ana López" in client.get(renewed[1]).content.decode()
