"""Manage links can be renewed: all earlier ones end, and the new one goes to the mailbox only (E14)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.journey import confirm_all, signatures, work
from wagtail_pledge.signing.enums import EventKind, SignatureState
from wagtail_pledge.signing.models import SignatureEvent
from wagtail_pledge.signing.services import (
    MANAGE,
    is_current_link,
    renew_links,
    signature_and_epoch,
    signature_from_token,
    token_for,
    withdraw,
)
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.testing.factories import SignatureFactory, SubmissionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C8", "SG5")]

MANAGE_LINK = re.compile(r"/pledge/manage/[^\s\"<]+")


def path_of(signature: Any) -> str:
    return f"/pledge/manage/{token_for(MANAGE, signature)}/"


@pytest.fixture
def signature(campaign: Any, individual: Any) -> Any:
    return SignatureFactory(pledge=campaign.pledge, name="Ana López", email="ana@example.org")


def test_renewing_ends_the_old_link_and_mails_a_new_one(client: Client, signature: Any) -> None:
    old = path_of(signature)
    assert "Email me a new link" in client.get(old).content.decode()
    answer = client.post(old, {"action": "renew"})
    assert "We will send you a new link" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    # Whoever has the old link does not get the new one
    new = path_of(signatures().get())
    assert new != old
    assert new not in answer.content.decode()
    ended = client.get(old).content.decode()
    assert "Ana López" not in ended
    assert f'href="/pledge/{signature.pledge.uuid}/link/?lang=en"' in ended
    work()
    (message,) = mail.outbox
    assert message.to == ["ana@example.org"]
    assert MANAGE_LINK.search(str(message.body))[0].partition("?")[0] == new
    assert "Ana López" in client.get(new).content.decode()


@pytest.mark.parametrize("action", ["withdraw", "renew"])
def test_an_ended_link_changes_nothing(client: Client, signature: Any, action: str) -> None:
    old = path_of(signature)
    assert renew_links(signature)
    client.post(old, {"action": action})
    row = signatures().get()
    assert (row.state, row.link_epoch) == (SignatureState.CONFIRMED, 2)
    assert client.get(f"{old}logo/").status_code == 404
    client.post(path_of(row), {"action": "withdraw"})
    assert signatures().get().state == SignatureState.WITHDRAWN


def test_no_earlier_link_comes_back(signature: Any) -> None:
    """Whatever order of renewing and signing again: each link of the past stays ended."""
    past: list[str] = []
    for step in ("renew", "again", "renew", "renew", "again", "again", "renew"):
        past.append(token_for(MANAGE, signature))
        if step == "renew":
            assert renew_links(signature)
        else:
            withdraw(signature, epoch=signature.epoch)
            SubmissionFactory(pledge=signature.pledge, email=signature.email)
            confirm_all()
        signature = signatures().get()
        opened = [signature_and_epoch(MANAGE, token) for token in past]
        assert not [found for found in opened if found is None or is_current_link(*found)]
        assert not [token for token in past if signature_from_token(MANAGE, token) is not None]
        assert signature_from_token(MANAGE, token_for(MANAGE, signature)) is not None


def test_two_renewals_at_once_count_once(signature: Any) -> None:
    same = signatures().get()
    assert renew_links(signature)
    assert not renew_links(same)
    assert SignatureEvent.objects.filter(kind=EventKind.LINKS_RENEWED).count() == 1


def test_a_signature_that_is_not_confirmed_has_nothing_to_renew(client: Client, signature: Any) -> None:
    withdraw(signature, epoch=1)
    assert not renew_links(signature)
    assert "Email me a new link" not in client.get(path_of(signature)).content.decode()


def test_the_link_that_stops_mail_is_not_affected(client: Client, signature: Any) -> None:
    submission = SubmissionFactory(pledge=signature.pledge, email=signature.email)
    stop = f"/pledge/not-me/{token_for(NOT_ME, submission)}/"
    renew_links(signature)
    assert client.get(stop).status_code == 200
    assert "This link does not work" not in client.get(stop).content.decode()


def test_a_moderator_renews_the_links(client: Client, signature: Any) -> None:
    old = path_of(signature)
    client.force_login(get_user_model().objects.create_superuser(username="root", password="password"))
    inspect = reverse("wagtail_pledge_signatures:inspect", args=[signature.pk])
    renew = reverse("wagtail_pledge_signatures:renew_links", args=[signature.pk])
    assert renew in client.get(inspect).content.decode()
    shown = client.post(renew, follow=True).content.decode()
    assert "Earlier links no longer work." in shown
    assert "Links renewed" in shown
    assert "Ana López" not in Client().get(old).content.decode()
    signatures().update(state=SignatureState.WITHDRAWN)
    assert renew not in client.get(inspect).content.decode()
    assert "There are no links to renew." in client.post(renew, follow=True).content.decode()
