"""Signing without JavaScript, from the form to the count, and rejected attempts."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.forms import forms_in, sign_form_in
from tests.journey import (
    confirm,
    confirm_path,
    counted,
    fresh,
    sign,
    sign_url,
    signatures,
    submissions,
    submitted,
    work,
)
from wagtail_pledge.caching import local
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import PledgeState, Review, SignatureState
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import Pledge, Statement
from wagtail_pledge.signing.services import MANAGE, approve, statement_cache, token_for, withdraw


@pytest.mark.requirement("SG1", "SG2")
def test_a_person_signs_confirms_and_is_counted(client: Client, campaign, individual, person) -> None:
    answer = sign(client, campaign.url, **person)
    assert answer.status_code == 303
    inbox = client.get(answer["Location"])
    assert "a…a@example.org" in inbox.content.decode()
    assert counted(client, campaign.pledge)["kinds"]["individual"] == 0
    pressed = confirm(client, person["email"])
    assert pressed.status_code == 303
    thanks = client.get(pressed["Location"]).content.decode()
    assert "Thank you so much" in thanks
    assert counted(client, campaign.pledge)["kinds"]["individual"] == 1


@pytest.mark.requirement("P1")
@pytest.mark.parametrize("as_json", [False, True])
def test_a_form_takes_one_statement_when_warm_and_updates_no_row(
    client: Client, individual, person, as_json: bool
) -> None:
    url, sent = sign_url(individual), {"content_type": "application/json"} if as_json else {}
    client.post(url, fresh(individual, **person), **sent)
    form = fresh(individual, **person)
    with CaptureQueriesContext(connection) as captured:
        assert client.post(url, form, **sent).status_code == (202 if as_json else 303)
    assert [query["sql"].split()[0] for query in captured.captured_queries] == ["INSERT"]
    assert submissions().count() == 2


@pytest.mark.requirement("P1", "OP4")
def test_what_signing_remembers_is_read_again_after_two_seconds(
    client: Client, individual, person, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, clock = sign_url(individual), [time.monotonic()]
    monkeypatch.setattr(statement_cache, "monotonic_now", lambda: clock[0])
    monkeypatch.setattr(local, "monotonic_now", lambda: clock[0])
    assert client.post(url, fresh(individual, **person)).status_code == 303
    # Another process pauses the pledge: its signals do not reach this one
    Pledge.objects.update(state=PledgeState.PAUSED)
    assert client.post(url, fresh(individual, **person)).status_code == 303
    clock[0] += 2.1
    assert client.post(url, fresh(individual, **person)).status_code == 503


@pytest.mark.requirement("P1", "A9")
@pytest.mark.parametrize("seconds", [-10.0, 10.0])
def test_what_signing_remembers_is_read_again_if_the_clocks_part(
    client: Client, individual, person, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    url = sign_url(individual)
    assert client.post(url, fresh(individual, **person)).status_code == 303
    Pledge.objects.update(state=PledgeState.PAUSED)
    wall = time.time
    monkeypatch.setattr(statement_cache.time, "time", lambda: wall() + seconds)
    assert client.post(url, fresh(individual, **person)).status_code == 503


@pytest.mark.requirement("SN1", "SN4")
def test_an_organization_counts_after_approval(client: Client, organization) -> None:
    text = {
        "organization": "Casa del Pueblo",
        "website": "https://casa.example",
        "country": "US",
        "city": "Oakland",
        "name": "Rosa Ruiz",
        "role": "Director",
        "email": "rosa@casa.example",
        "authorized": "on",
        "display": "name_place",
    }
    assert client.post(sign_url(organization), fresh(organization, **text)).status_code == 303
    work()
    thanks = client.get(confirm(client, text["email"])["Location"]).content.decode()
    assert "Casa del Pueblo" in thanks
    pledge = organization.signer_type.pledge
    assert counted(client, pledge)["total"] == 0
    approve(signatures().get())
    assert counted(client, pledge)["kinds"]["organization"] == 1


@pytest.mark.requirement("SG2", "C7")
def test_opening_the_confirm_link_does_not_confirm(client: Client, campaign, individual, person) -> None:
    sign(client, individual.url, **person)
    work()
    path = confirm_path(person["email"])
    for number in range(100):
        method = (client.get, client.head, client.options)[number % 3]
        assert method(path).status_code == 200
    assert not signatures().exists()
    confirm(client, person["email"])
    assert signatures().get().state == SignatureState.CONFIRMED


@pytest.mark.requirement("SG2", "E16")
def test_confirming_twice_counts_once_and_ends_in_the_same_page(client: Client, campaign, individual, person) -> None:
    sign(client, individual.url, **person)
    work()
    path = confirm_path(person["email"])
    (form,) = [form for form in forms_in(client.get(path).content) if form.method == "post"]
    pages = []
    # The answer may have been lost: for an hour, the same button leads to the signer's own page
    for browser in (client, client, Client()):
        assert browser.post(path, form.data)["Location"] == path
        pages.append(browser.get(path).content)
    assert pages[0] == pages[1] == pages[2]
    assert person["name"] in pages[0].decode()
    # Somebody who got only the address has no such form
    for data in ({}, {**form.data, "visit": path.split("/")[3]}):
        other = Client()
        assert other.post(path, data)["Location"] == path
        assert person["name"] not in other.get(path).content.decode()
    assert counted(client, campaign.pledge)["total"] == 1
    signatures().update(confirmed_at=database_now() - dt.timedelta(minutes=61))
    assert client.post(path, form.data)["Location"] == path
    assert person["name"] not in client.get(path).content.decode()


@pytest.mark.requirement("SG8", "E16")
def test_the_thank_you_page_shows_personal_data_to_the_browser_that_confirmed_for_an_hour(
    client: Client, campaign, individual, person
) -> None:
    """People copy its URL from the address bar and pass it on."""
    sign(client, individual.url, **person)
    work()
    path = confirm_path(person["email"])
    answer = client.post(path)
    assert answer["Location"] == path
    cookie = answer.cookies["pledge_confirmed"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (path, True, "Strict", 3600)
    token = path.split("/")[3]
    marks = ("1", "", "A" * 63, token, token_for(MANAGE, signatures().get()))
    others = []
    for mark in marks:
        other = Client()
        other.cookies["pledge_confirmed"] = mark
        others.append((other, 1, False))
    for browser, minutes, is_signer in ((client, 59, True), (Client(), 59, False), (client, 61, False), *others):
        signatures().update(confirmed_at=database_now() - dt.timedelta(minutes=minutes))
        html = browser.get(path).content.decode()
        assert (person["name"] in html) is is_signer
        assert ("/pledge/manage/" in html) is is_signer
        assert ("has already been used to sign" in html) is not is_signer
        # Both can share the campaign and go to its page
        assert f'href="{campaign.full_url}' in html
        assert "wa.me" in html


@pytest.mark.requirement("SG8", "CP8")
def test_the_thank_you_page_shows_the_progress(client: Client, campaign, individual, person) -> None:
    sign(client, individual.url, **person)
    work()
    Pledge.objects.update(goal=5)
    thanks = confirm(client, person["email"])["Location"]
    # Before and after the worker has counted
    for _ in range(2):
        html = client.get(thanks).content.decode()
        assert '<progress value="1" max="5"' in html
        work()


SECRETS = re.compile(r"/inbox/[^/\"]+/|[A-Za-z0-9_-]{40,}")


def comparable(response: Any) -> tuple[int, str, dict[str, str]]:
    return (
        response.status_code,
        SECRETS.sub("…", response.content.decode()),
        {key: SECRETS.sub("…", value) for key, value in response.headers.items()},
    )


@pytest.mark.requirement("B1", "SG4")
def test_responses_do_not_reveal_who_signed(client: Client, campaign, individual, person) -> None:
    """The response to the POST and the next page are identical whatever is stored."""

    def answers() -> tuple[Any, Any]:
        post = client.post(sign_url(individual), fresh(individual, **person))
        assert not post.cookies
        return comparable(post), comparable(client.get(post["Location"]))

    new = answers()
    pending = answers()
    work()
    confirm(client, person["email"])
    signature = signatures().get()
    confirmed = answers()
    signatures().update(review=Review.NEEDS_REVIEW)
    held = answers()
    signature.refresh_from_db()
    withdraw(signature, epoch=1)
    withdrawn = answers()
    signatures().update(state=SignatureState.ANONYMISED)
    anonymised = answers()
    assert new == pending == confirmed == held == withdrawn == anonymised
    assert new[0][0] == 303


@pytest.mark.requirement("SG1")
@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("name", "", "Enter your full name"),
        ("email", "", "Enter your email address, like name@example.org"),
        ("email", "ana", "Check the email address"),
        ("email", "a@localhost", "Check the email address"),
        ("country", "XX", "Select a valid choice"),
        ("comment", "x" * 281, "280"),
        ("name", "\u202eevil", "hidden"),
    ],
)
def test_errors_are_at_their_field_and_values_are_kept(
    client: Client, individual, person, field: str, value: str, text: str
) -> None:
    values = {**person, "city": "Oakland", "comment": "Because", "updates": "on", field: value}
    response = client.post(sign_url(individual), fresh(individual, **values))
    html = response.content.decode()
    assert response.status_code == 422
    assert text in html
    assert "Your name has not been added yet" in html
    assert f'href="#sign-{field}"' in html
    form = sign_form_in(response.content)
    assert {name: form.data[name] for name in ("city", "updates")} == {"city": "Oakland", "updates": "on"}
    assert form.data["stamp"]
    assert not submissions().exists()


@pytest.mark.requirement("SG1")
def test_a_form_with_an_old_statement_is_shown_again_with_the_new_one(
    client: Client, campaign, individual, person
) -> None:
    old = fresh(individual, **person)
    campaign.statement = "<p>We now call for more.</p>"
    campaign.save_revision().publish()
    response = client.post(sign_url(individual), old)
    assert response.status_code == 200
    assert "We now call for more." in response.content.decode()
    assert not submissions().exists()
    form = sign_form_in(response.content)
    assert form.data["name"] == person["name"]
    assert client.post(form.action, form.data).status_code == 303
    assert submitted().statement.number == 2


@pytest.mark.requirement("C6")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://testserver"}, 303),
        ({}, 303),
    ],
)
def test_a_cross_site_post_is_rejected(individual, person, headers: dict[str, str], status: int) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(sign_url(individual), fresh(individual, **person), headers=headers)
    assert response.status_code == status
    assert submissions().count() == (1 if status == 303 else 0)


@pytest.mark.parametrize("stamp", ["", "forged", "A" * 55])
def test_without_a_valid_stamp_the_form_is_shown_again_and_nothing_is_stored(
    client: Client, individual, person, stamp
) -> None:
    response = client.post(sign_url(individual), {**fresh(individual, **person), "stamp": stamp})
    assert response.status_code == 200
    assert "Check your details and sign" in response.content.decode()
    assert not submissions().exists()


def test_a_stamp_is_valid_for_one_statement_only(client: Client, individual, organization, person) -> None:
    other = fresh(organization)["stamp"]
    response = client.post(sign_url(individual), {**fresh(individual, **person), "stamp": other})
    assert response.status_code == 200
    assert not submissions().exists()


@pytest.mark.requirement("SG6")
def test_a_filled_honeypot_is_held_with_the_usual_response(client: Client, campaign, individual, person) -> None:
    trap = fresh(individual, **person, middle_name="bot")
    assert client.post(sign_url(individual), trap).status_code == 303
    assert submitted().review == Review.NEEDS_REVIEW


@pytest.mark.requirement("CP6")
@pytest.mark.parametrize(
    ("state", "status"), [(PledgeState.PAUSED, 503), (PledgeState.CLOSED, 422), (PledgeState.WON, 422)]
)
def test_a_pledge_that_is_not_open_cannot_be_signed(
    client: Client, individual, person, state: str, status: int
) -> None:
    form = fresh(individual, **person)
    Pledge.objects.update(state=state)
    response = client.post(sign_url(individual), form)
    assert response.status_code == status
    assert not submissions().exists()
    assert not [f for f in forms_in(client.get(individual.url).content) if "email" in f.names]


@pytest.mark.requirement("CP6")
def test_a_pledge_closes_at_its_closing_time(client: Client, individual, person) -> None:
    form = fresh(individual, **person)
    Pledge.objects.update(closes_at=timezone.now() - timezone.timedelta(seconds=1))
    assert client.post(sign_url(individual), form).status_code == 422
    assert not submissions().exists()


@pytest.mark.requirement("A1")
def test_without_the_database_the_response_is_503(client, individual, person, monkeypatch) -> None:
    form = fresh(individual, **person)

    def fail(**_kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("wagtail_pledge.campaigns.views.sign.submit", fail)
    response = client.post(sign_url(individual), form)
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0


def test_status_codes_of_json_requests(client: Client, individual, person) -> None:
    def post(body: Any, **headers: str) -> Any:
        text = body if isinstance(body, str) else json.dumps(body)
        return client.post(sign_url(individual), text, content_type="application/json", headers=headers)

    accepted = post({**fresh(individual, **person), "updates": True})
    assert accepted.status_code == 202
    assert accepted.json()["inbox"].startswith("/pledge/inbox/")
    assert post("{").status_code == 400
    assert post("[]").status_code == 400
    assert post({"name": ["x"]}).status_code == 400
    assert post('{"name": "a", "name": "b"}').status_code == 400
    assert post({}, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    wrong = post({**fresh(individual, **person), "email": "ana"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["email"])
    assert submissions().count() == 1
    assert submitted().consent_updates


@pytest.mark.requirement("D8", "D10")
def test_malformed_bodies_are_rejected(client: Client, individual, person) -> None:
    url, form = sign_url(individual), fresh(individual, **person)
    assert client.post(url, {**form, "name": ["a", "b"]}).status_code == 400
    assert client.post(f"{url}?email=x@example.org", form).status_code == 400
    assert client.post(url, {**form, "comment": "x" * 40_000}).status_code == 413
    assert client.post(url, "x", content_type="text/plain").status_code == 415
    assert client.post(url, b"\xff\xfe", content_type="multipart/form-data; boundary=x").status_code == 200
    assert client.put(url).status_code == 405
    assert not submissions().exists()


def test_unknown_pledges_and_types_are_not_found(client: Client, individual, person) -> None:
    unknown = f"/pledge/{individual.signer_type.uuid}/sign/{individual.signer_type.uuid}/"
    assert client.post(unknown, fresh(individual, **person)).status_code == 404
    assert client.get(unknown).status_code == 404
    assert client.get(f"/pledge/{individual.signer_type.uuid}/count.json").status_code == 404


def test_getting_the_sign_url_redirects_to_the_page(client: Client, campaign, individual) -> None:
    response = client.get(sign_url(individual))
    assert response.status_code == 303
    assert response["Location"].endswith(campaign.url)


@pytest.mark.requirement("B10")
@pytest.mark.parametrize("path", ["confirm", "manage", "inbox"])
@pytest.mark.parametrize("token", ["x", "A" * 60, "A" * 5000, "..%2f", "%00"])
def test_an_invalid_token_shows_the_same_page(client: Client, campaign, path: str, token: str) -> None:
    response = client.get(f"/pledge/{path}/{token}/?lang=es")
    if response.status_code == 404:  # the path is not a URL of the package
        return
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert client.post(f"/pledge/{path}/{token}/").status_code == 303


@pytest.mark.requirement("SG5")
def test_a_signer_withdraws_with_the_manage_link(client: Client, campaign, individual, person) -> None:
    sign(client, individual.url, **person)
    work()
    thanks = client.get(confirm(client, person["email"])["Location"]).content.decode()
    manage = re.search(r"/pledge/manage/[^\s\"<]+", thanks)[0]
    assert counted(client, campaign.pledge)["total"] == 1
    assert person["name"] in client.get(manage).content.decode()
    assert counted(client, campaign.pledge)["total"] == 1
    client.post(manage, {"action": "nothing"})
    assert counted(client, campaign.pledge)["total"] == 1
    assert client.post(manage, {"action": "withdraw"}).status_code == 303
    assert counted(client, campaign.pledge)["total"] == 0


def test_requesting_the_mail_again_before_it_left_sends_one(client: Client, individual, person) -> None:
    inbox = sign(client, individual.url, **person)["Location"]
    again = client.post(inbox)
    assert (again.status_code, again["Location"]) == (303, f"{inbox}?again=1")
    work()
    assert len(mail.outbox) == 1


def test_stamps_are_issued_for_existing_statements_only(client: Client, campaign, individual) -> None:
    url = f"/pledge/{campaign.pledge.uuid}/stamp.json"
    sha = Statement.objects.first().sha256
    good = client.get(url, {"statement": sha})
    assert list(good.json()) == ["stamp"]
    assert "no-store" in good["Cache-Control"]
    assert good.json() != client.get(url, {"statement": sha}).json()
    assert client.get(url, {"statement": "0" * 64}).status_code == 404
    assert client.post(url).status_code == 405


def test_the_count_is_public_and_cached_for_five_seconds(client: Client, campaign) -> None:
    response = client.get(f"/pledge/{campaign.pledge.uuid}/count.json")
    data = response.json()
    assert {"pledge", "state", "total", "online", "offline", "kinds", "goal", "as_of"} == set(data)
    assert response["Cache-Control"] == "public, max-age=5"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not response.has_header("Vary") or "Language" not in response["Vary"]


def test_links_in_mail_do_not_depend_on_the_host_header(client: Client, settings, individual, person) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    evil = Client(headers={"host": "evil.example"})
    evil.post(sign_url(individual), fresh(individual, **person))
    work()
    assert "evil.example" not in str(mail.outbox[0].message())


@pytest.mark.requirement("SN1")
def test_a_removed_kind_accepts_no_signatures_and_keeps_its_own(
    client, campaign, individual, person, monkeypatch
) -> None:
    form = fresh(individual, **person)
    sign(client, individual.url, **person)
    work()
    path = confirm_path(person["email"])
    known = {slug: kind for slug, kind in kinds().items() if slug != "individual"}
    for module in ("campaigns.context.page", "campaigns.views.sign", "signing.kinds.registry"):
        monkeypatch.setattr(f"wagtail_pledge.{module}.kinds", lambda: known)
    assert client.get(campaign.url).status_code == 200
    assert client.post(sign_url(individual), form).status_code == 422
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 303
    assert counted(client, campaign.pledge)["kinds"]["individual"] == 1
