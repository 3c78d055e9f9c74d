"""The connection is cut after a commit was sent: nothing is lost or doubled, and nobody is told what is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from tests.campaigns.test_logo import image_bytes
from tests.faults.harness.relay import Relay
from tests.forms import forms_in
from tests.journey import confirm_path, fresh, sign_url, signatures, submissions, work
from wagtail_pledge import urls
from wagtail_pledge.core.db import database_now, utc_day
from wagtail_pledge.signing.abuse.networks import day_key
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import LinkRequest, OrganizationLogo, SignatureEvent, Suppression
from wagtail_pledge.signing.services import CONFIRM, MANAGE, token_for
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.requirement("E16"),
]

#: Claims that may be wrong when the answer to a commit was lost.
CLAIMS = re.compile(r"was not added|not been added|has been added|already confirmed|thank you", re.IGNORECASE)
UNKNOWN = "We don’t know whether"


@pytest.fixture
def relay(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """The test's connections go through it."""
    database = connections["default"]
    given = database.settings_dict
    with Relay(f"{given['HOST']}/.s.PGSQL.{given['PORT'] or 5432}") as found:
        database.close()
        monkeypatch.setitem(given, "HOST", "127.0.0.1")
        monkeypatch.setitem(given, "PORT", str(found.port))
        yield found
        database.close()


class Visitor:
    """Someone whose every form meets a cut connection once, and who then sends it again."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.browser = Client(raise_request_exception=False)

    def cut(self, path: str, values: dict[str, Any]) -> Any:
        """Send a form and have its commit cut; return the response."""
        cuts = self.relay.cuts
        self.relay.cut_next_commit()
        answer = self.browser.post(path, values)
        self.relay.disarm()
        connections["default"].close()  # Django does that after each request, but not in tests
        assert self.relay.cuts == cuts + 1, f"{path} committed nothing: {answer.status_code}"
        assert (answer.status_code, answer["Retry-After"].isdigit()) == (503, True)
        text = answer.content.decode()
        assert UNKNOWN in text
        assert not CLAIMS.search(text), text
        return answer

    def send(self, path: str, values: dict[str, Any]) -> Any:
        """Send a form, have its commit cut, and press "Try again" on the error page; return the last response."""
        (form,) = [form for form in forms_in(self.cut(path, values).content) if form.method == "post"]
        assert form.data == values
        answer = self.browser.post(form.action, form.data)
        assert answer.status_code == 303
        return answer


@pytest.fixture
def visitor(relay: Relay) -> Visitor:
    return Visitor(relay)


def test_every_view_that_writes_is_tested_here(client: Client) -> None:
    values = {"uuid": str(uuid4()), "int": "1"}
    writing = set()
    for pattern in urls.urlpatterns:
        path = re.sub(r"<(\w+):\w+>", lambda match: values.get(match[1], "x"), str(pattern.pattern))
        if client.post(f"/pledge/{path}").status_code != 405:
            writing.add(pattern.name)
    assert writing == {"sign", "inbox", "confirm", "link", "not_me", "manage", "logo"}


def _signed(visitor: Visitor, page: Any, person: Any) -> str:
    """Sign with a cut; return the path of the inbox page."""
    location: str = visitor.send(sign_url(page), fresh(page, **person))["Location"]
    return location


def test_signing_and_confirming_twice_is_one_signature(visitor: Visitor, individual: Any, person: Any) -> None:
    inbox = _signed(visitor, individual, person)
    assert visitor.browser.get(inbox).status_code == 200
    work()
    assert [one.to for one in mail.outbox] == [[person["email"]]]
    path = confirm_path(person["email"])
    (form,) = [form for form in forms_in(visitor.browser.get(path).content) if form.method == "post"]
    thanks = visitor.send(path, form.data)["Location"]
    html = visitor.browser.get(thanks).content.decode()
    assert person["name"] in html
    assert "Already confirmed" not in html
    signature = signatures().get()
    assert signature.state == SignatureState.CONFIRMED
    assert SignatureEvent.objects.filter(signature_uuid=signature.uuid).count() == 1


def test_a_json_client_learns_that_it_is_not_known(
    visitor: Visitor, individual: Any, person: Any, relay: Relay
) -> None:
    form = fresh(individual, **person)
    relay.cut_next_commit()
    answer = visitor.browser.post(sign_url(individual), form, content_type="application/json")
    connections["default"].close()
    assert (relay.cuts, answer.status_code) == (1, 503)
    assert UNKNOWN in answer.json()["error"]
    assert visitor.browser.post(sign_url(individual), form, content_type="application/json").status_code == 202
    work()
    assert len(mail.outbox) == 1


def test_a_corrected_address_gets_the_only_mail(visitor: Visitor, individual: Any, person: Any) -> None:
    inbox = _signed(visitor, individual, person)
    visitor.send(inbox, {"email": "right@example.org"})
    work()
    assert [one.to for one in mail.outbox] == [["right@example.org"]]


def test_a_mail_requested_again_is_sent_once(visitor: Visitor, individual: Any, person: Any, settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 0
    inbox = _signed(visitor, individual, person)
    work()
    assert visitor.send(inbox, {})["Location"].endswith("?again=1")
    work()
    assert len(mail.outbox) == 2


def test_withdrawing_twice_is_one_withdrawal(visitor: Visitor, campaign: Any) -> None:
    signature = SignatureFactory(pledge=campaign.pledge)
    path = f"/pledge/manage/{token_for(MANAGE, signature)}/"
    answer = visitor.send(path, {"action": "withdraw"})
    assert visitor.browser.get(answer["Location"]).status_code == 200
    assert signatures().get().state == SignatureState.WITHDRAWN
    assert SignatureEvent.objects.filter(signature_uuid=signature.uuid, kind="withdrawn").count() == 1


def test_not_me_twice_stops_mail(visitor: Visitor, individual: Any, person: Any) -> None:
    _signed(visitor, individual, person)
    work()
    link = next(link for link in re.findall(r"/pledge/not-me/[\w-]+/", str(mail.outbox[0].body)))
    answer = visitor.send(link, {})
    assert "We will not email you again" in visitor.browser.get(answer["Location"]).content.decode()
    work()
    assert len(mail.outbox) == 2, "the last mail, with the link to allow mail again, is sent once"


def _link(place: str, message: Any = None) -> str:
    """Return the path of the first link to ``place`` in a mail, by default the last one."""
    found = re.search(rf"/pledge/{place}/[\w-]+/", str((message or mail.outbox[-1]).body))
    assert found
    return found[0]


def test_allowing_mail_again_twice_allows_it(visitor: Visitor, individual: Any, person: Any) -> None:
    _signed(visitor, individual, person)
    work()
    visitor.browser.post(_link("not-me"))
    work()
    answer = visitor.send(_link("not-me"), {})
    assert "We can email you again" in visitor.browser.get(answer["Location"]).content.decode()
    assert not Suppression.objects.exists()


def test_a_link_renewed_twice_is_renewed_once(visitor: Visitor, campaign: Any) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, email="ana@example.org")
    visitor.send(f"/pledge/manage/{token_for(MANAGE, signature)}/", {"action": "renew"})
    assert SignatureEvent.objects.filter(kind="links_renewed").count() == 1
    work()
    (message,) = mail.outbox
    assert _link("manage", message) == f"/pledge/manage/{token_for(MANAGE, signatures().get())}/"


def test_a_link_asked_for_again_is_mailed_once(visitor: Visitor, campaign: Any) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, email="ana@example.org")
    # Else the first commit would be that of the day's key
    day_key(utc_day(database_now()))
    visitor.send(f"/pledge/{campaign.pledge.uuid}/link/", {"email": "ana@example.org"})
    work()
    assert LinkRequest.objects.count() == 0
    (message,) = mail.outbox
    assert message.to == ["ana@example.org"]
    assert _link("manage", message) == f"/pledge/manage/{token_for(MANAGE, signature)}/"


def test_a_code_typed_again_works(visitor: Visitor, individual: Any, person: Any) -> None:
    inbox = _signed(visitor, individual, person)
    work()
    (code,) = re.findall(r"^ {4}(\d{6})$", str(mail.outbox[0].body), re.MULTILINE)
    assert visitor.send(inbox, {"code": code})["Location"] == confirm_path(person["email"])


def test_a_form_ended_twice_has_ended_and_the_own_one_can_be_confirmed(
    visitor: Visitor, individual: Any, person: Any
) -> None:
    visitor.browser.post(sign_url(individual), fresh(individual, **{**person, "name": "Somebody"}))
    theirs = submissions().get()
    _signed(visitor, individual, person)
    work()
    own = submissions().exclude(pk=theirs.pk).get()
    path = f"/pledge/confirm/{token_for(CONFIRM, own)}/"
    assert visitor.send(path, {"end": theirs.pk.hex})["Location"] == f"{path}?ended=1"
    assert submissions().get(pk=theirs.pk).end_reason == "not_me"
    assert visitor.browser.post(path).status_code == 303
    assert signatures().get().name == person["name"]


def test_opening_the_confirm_page_again_shows_it(visitor: Visitor, individual: Any, person: Any, relay: Relay) -> None:
    """Opening it records that the mail arrived."""
    _signed(visitor, individual, person)
    work()
    path = confirm_path(person["email"])
    relay.cut_next_commit()
    answer = visitor.browser.get(path)
    connections["default"].close()
    assert (relay.cuts, answer.status_code) == (2, 503)
    assert "This page can’t be shown right now" in answer.content.decode()
    assert person["name"] in visitor.browser.get(path).content.decode()


def test_a_logo_sent_again_is_one_logo(visitor: Visitor, campaign: Any, organization: Any) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, kind="organization")
    path = f"/pledge/manage/{token_for(MANAGE, signature)}/logo/"

    def logo() -> dict[str, Any]:
        return {"logo": SimpleUploadedFile("logo.png", image_bytes(), content_type="image/png")}

    refused = visitor.cut(path, logo())
    assert "Go back to the form and send it again." in refused.content.decode()
    assert visitor.browser.post(path, logo()).status_code == 303
    assert OrganizationLogo.objects.count() == 1
    visitor.send(path, {"action": "remove"})
    assert OrganizationLogo.objects.count() == 0
