"""The six-digit code on the "check your inbox" page: five tries, one form, and no hint at who has signed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.forms import forms_in
from tests.journey import confirm, confirm_path, fresh, sign, sign_url, signatures, submissions, work
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import from_now
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import CodeAttempts, MailSent
from wagtail_pledge.signing.services import offers, withdraw
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = pytest.mark.requirement("SG2")
CODE: Final = re.compile(r"^ {4}(\d{6})$", re.MULTILINE)
SECRETS: Final = re.compile(r"/inbox/[^/\"]+/|[A-Za-z0-9_-]{40,}")
KEYS: Final = {number: f"{'ABCDEFGH'[number] * 42}A=" for number in range(1, 4)}


def mailed_code() -> str:
    """Return the code in the last mail, the same in text and HTML; ``""`` if it has none."""
    message = mail.outbox[-1]
    found = CODE.findall(str(message.body))
    assert re.findall(r'<p class="code"><bdi>(.*?)</bdi>', message.alternatives[0].content) == found
    assert len(found) <= 1
    return found[0] if found else ""


def wrong_code(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.fixture
def inbox(client: Client, individual: Any, person: Any) -> str:
    """Sign and send the mail; return the path of the inbox page."""
    path: str = sign(client, individual.url, **person)["Location"]
    work()
    return path


def is_rejected(client: Client, inbox: str, code: str) -> bool:
    answer = client.post(inbox, {"code": code})
    assert answer.status_code == 303
    assert answer["Location"] == f"{inbox}?code=no" or answer["Location"].startswith("/pledge/confirm/")
    return bool(answer["Location"] == f"{inbox}?code=no")


def test_the_code_confirms_what_the_form_says(client: Client, individual: Any, person: Any) -> None:
    inbox = client.post(sign_url(individual), fresh(individual, **{**person, "display": "name", "updates": "on"}))
    work()
    (form,) = [form for form in forms_in(client.get(inbox["Location"]).content) if "code" in form.names]
    assert form.action == "?"
    answer = client.post(inbox["Location"], form.filled(code=mailed_code()))
    assert (answer.status_code, answer["Location"]) == (303, confirm_path(person["email"]))
    stored = signatures().get()
    assert (stored.state, stored.display, stored.consent_updates) == (SignatureState.CONFIRMED, "name", True)
    shown = client.get(answer["Location"]).content.decode()
    assert "Thank you, <bdi>Ana María López</bdi>" in shown
    assert "/pledge/manage/" in shown
    elsewhere = Client().get(answer["Location"]).content.decode()
    assert "Ana María" not in elsewhere
    assert "/pledge/manage/" not in elsewhere


def test_the_same_code_sent_twice_leads_to_the_same_page(client: Client, inbox: str) -> None:
    code = mailed_code()
    first, second = (client.post(inbox, {"code": code}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert "Ana María López" in client.get(second["Location"]).content.decode()
    assert signatures().count() == 1


@pytest.mark.requirement("B1", "E3")
@pytest.mark.parametrize("email", ["ana@example.org", "Ana@example.org"])
def test_where_another_form_is_open_the_code_leads_to_the_confirm_page(
    client: Client, individual: Any, person: Any, inbox: str, email: str
) -> None:
    code = mailed_code()
    client.post(sign_url(individual), fresh(individual, **{**person, "name": "Somebody Else", "email": email}))
    answer = client.post(inbox, {"code": code})
    assert (answer.status_code, answer["Location"]) == (303, confirm_path(person["email"]))
    if email != person["email"]:
        # A form for another spelling is never offered on this page
        assert signatures().get().name == person["name"]
        return
    assert not signatures().exists()
    shown = client.get(answer["Location"])
    button = next(form for form in forms_in(shown.content) if form.method == "post")
    assert client.post(button.action, button.filled(display="hidden")).status_code == 303
    assert signatures().get().name == person["name"]


@pytest.mark.requirement("B1")
def test_the_code_of_a_mailbox_that_signed_meanwhile_changes_nothing(
    client: Client, individual: Any, person: Any, inbox: str
) -> None:
    code = mailed_code()
    SignatureFactory(pledge=individual.signer_type.pledge, kind="individual", email=person["email"], name="Before")
    answer = client.post(inbox, {"code": code})
    assert answer["Location"] == confirm_path(person["email"])
    assert signatures().get().name == "Before"
    assert "Already confirmed" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("shape", ["{} {}", "{}-{}", " {}{}\n", "{}\u2013{}", "\u200f{}\u00a0{}"])
def test_a_code_may_contain_spaces_and_dashes(client: Client, inbox: str, shape: str) -> None:
    code = mailed_code()
    assert not is_rejected(client, inbox, shape.format(code[:3], code[3:]))


def test_digits_of_other_scripts_are_accepted(client: Client, inbox: str) -> None:
    assert not is_rejected(client, inbox, "".join(chr(0x0660 + int(digit)) for digit in mailed_code()))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345x", "½23456", "1" * 4000, "<b>"])
def test_a_malformed_code_is_rejected_and_does_not_count_as_a_try(client: Client, inbox: str, typed: str) -> None:
    assert is_rejected(client, inbox, typed)
    assert not CodeAttempts.objects.exists()


def test_after_five_tries_only_the_link_works(client: Client, inbox: str, person: Any) -> None:
    code = mailed_code()
    for _ in range(5):
        assert is_rejected(client, inbox, wrong_code(code))
    assert is_rejected(client, inbox, code)
    confirm(client, person["email"])
    assert signatures().get().state == SignatureState.CONFIRMED


def test_the_fifth_try_still_works(client: Client, inbox: str) -> None:
    code = mailed_code()
    assert [is_rejected(client, inbox, typed) for typed in (*[wrong_code(code)] * 4, code)] == [True] * 4 + [False]


def test_another_ticket_of_the_same_form_gives_no_more_tries(client: Client, individual: Any, person: Any) -> None:
    form = fresh(individual, **person)
    first, second = (client.post(sign_url(individual), form)["Location"] for _ in range(2))
    work()
    code = mailed_code()
    assert first != second
    assert [is_rejected(client, first, wrong_code(code)) for _ in range(5)] == [True] * 5
    assert is_rejected(client, second, code)


def test_the_code_works_on_the_inbox_page_of_its_own_form_only(
    client: Client, individual: Any, person: Any, inbox: str
) -> None:
    code = mailed_code()
    again = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    someone = {**person, "email": "eva@example.org", "name": "Eva"}
    foreign = client.post(sign_url(individual), fresh(individual, **someone))["Location"]
    assert is_rejected(client, again, code)
    assert is_rejected(client, foreign, code)
    assert not is_rejected(client, inbox, code)


def test_the_code_does_not_work_for_a_second_address_of_the_form(client: Client, individual: Any, person: Any) -> None:
    form = fresh(individual, **person)
    first = client.post(sign_url(individual), form)["Location"]
    second = client.post(sign_url(individual), {**form, "email": "eva@example.org"})["Location"]
    work()
    codes = {message.to[0]: CODE.findall(str(message.body))[0] for message in mail.outbox}
    assert is_rejected(client, second, codes[person["email"]])
    assert not is_rejected(client, first, codes[person["email"]])


def test_the_code_does_not_work_when_expired_or_withdrawn(
    client: Client, individual: Any, person: Any, inbox: str, settings: Settings
) -> None:
    code = mailed_code()
    submissions().update(created_at=from_now(-dt.timedelta(minutes=31)))
    assert is_rejected(client, inbox, code)
    submissions().update(created_at=from_now(-dt.timedelta(minutes=29)))
    assert not is_rejected(client, inbox, code)
    assert not is_rejected(client, inbox, code)
    withdraw(signatures().get(), epoch=1)
    assert is_rejected(client, inbox, code)


def test_only_the_confirmation_mail_has_a_code(
    client: Client, individual: Any, person: Any, inbox: str, settings: Settings
) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 0
    settings.WAGTAIL_PLEDGE_MAIL_PER_DAY = 100
    assert mailed_code()
    confirm(client, person["email"])
    work()
    assert mailed_code() == ""
    client.post(sign_url(individual), fresh(individual, **person))
    work()
    assert mailed_code() == ""
    assert len(mail.outbox) == 3


def test_a_mail_sent_after_half_an_hour_has_no_code(client: Client, individual: Any, person: Any) -> None:
    client.post(sign_url(individual), fresh(individual, **person))
    submissions().update(created_at=from_now(-dt.timedelta(minutes=31)))
    work()
    assert mailed_code() == ""


def test_a_code_works_until_its_key_is_removed(
    client: Client, individual: Any, person: Any, settings: Settings
) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {1: KEYS[1]}}
    inbox = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    work()
    code = mailed_code()
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {1: KEYS[1], 2: KEYS[2]}}
    assert not is_rejected(client, inbox, code)
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {2: KEYS[2], 3: KEYS[3]}}
    assert is_rejected(client, inbox, code)
    assert crypto.current_version("token") == 3


@pytest.mark.requirement("B1", "SG4")
def test_responses_to_a_code_do_not_reveal_who_signed(client: Client, individual: Any, person: Any) -> None:
    """Status, headers, body and queries are the same for a new, pending, confirmed or withdrawn mailbox."""

    def answers(tries: int = 1) -> Any:
        inbox_page = client.post(sign_url(individual), fresh(individual, **person))["Location"]
        before = comparable(client.get(inbox_page))
        for _ in range(tries):
            with CaptureQueriesContext(connection) as captured:
                posted = client.post(inbox_page, {"code": "000000"})
        statements = [SECRETS.sub("", query["sql"].partition(" ")[0]) for query in captured.captured_queries]
        return before, comparable(posted), comparable(client.get(posted["Location"])), statements

    new = answers()
    exhausted, pending = answers(tries=7), answers()
    work()
    confirm(client, person["email"])
    confirmed = answers()
    withdraw(signatures().get(), epoch=1)
    withdrawn = answers()
    assert new == exhausted == pending == confirmed == withdrawn
    assert "This code does not work." in new[2][1]
    assert new[3][-3:] == ["SELECT", "INSERT", "UPDATE"]


@pytest.mark.requirement("E4")
def test_tries_are_counted_for_the_mailbox_whatever_form_or_address_they_come_through(
    client: Client, individual: Any, person: Any, inbox: str
) -> None:
    code = mailed_code()
    away = inbox
    for turn in range(3):
        assert is_rejected(client, away, wrong_code(code))
        address = "eva@example.org" if turn % 2 == 0 else person["email"].upper()
        away = str(client.post(away, {"email": address})["Location"]).partition("?")[0]
    again = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    assert [is_rejected(client, again, wrong_code(code)) for _ in range(3)] == [True] * 3
    MailSent.objects.all().delete()
    work()
    assert is_rejected(client, again, mailed_code())


@pytest.mark.requirement("E4", "C9")
def test_a_key_change_gives_no_more_tries(client: Client, inbox: str, settings: Settings) -> None:
    code = mailed_code()
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: KEYS[1]}}
    assert [is_rejected(client, inbox, wrong_code(code)) for _ in range(2)] == [True] * 2
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: KEYS[1], 2: KEYS[2]}}
    assert [is_rejected(client, inbox, wrong_code(code)) for _ in range(3)] == [True] * 3
    assert is_rejected(client, inbox, code)


@pytest.mark.requirement("E4", "C9")
def test_removing_an_old_key_gives_no_more_tries(client: Client, inbox: str, settings: Settings) -> None:
    code = mailed_code()
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {1: KEYS[1], 2: KEYS[2]}}
    assert [is_rejected(client, inbox, wrong_code(code)) for _ in range(5)] == [True] * 5
    settings.WAGTAIL_PLEDGE_KEYS = {"dedup": {2: KEYS[2]}}
    assert is_rejected(client, inbox, code)


def comparable(response: Any) -> tuple[int, str, dict[str, str]]:
    return (
        response.status_code,
        SECRETS.sub("…", response.content.decode()),
        {key: SECRETS.sub("…", value) for key, value in response.headers.items()},
    )


@pytest.mark.requirement("X1")
def test_the_code_is_folded_until_one_was_refused(client: Client, inbox: str) -> None:
    folded, refused = (client.get(path).content.decode() for path in (inbox, f"{inbox}?code=no"))
    summary = "<summary>Enter the 6-digit code from the email</summary>"
    assert f'<details class="pledge-more">{summary}' in folded
    assert f'<details class="pledge-more" open>{summary}' in refused


@pytest.mark.requirement("X1")
def test_finished_steps_have_a_tick(client: Client, inbox: str) -> None:
    steps = client.get(inbox).content.decode().partition('<ol class="pledge-steps">')[2].partition("</ol>")[0]
    done = '<li class="pledge-steps__done">Your details<span class="pledge-hidden">, done</span></li>'
    assert steps.strip().startswith(done)
    assert steps.count("pledge-steps__done") == 1
    thanks = client.get(client.post(inbox, {"code": mailed_code()})["Location"]).content.decode()
    assert thanks.count("pledge-steps__done") == 3
    assert '<li aria-current="step" class="pledge-steps__done">Your name is added</li>' in thanks


@pytest.mark.requirement("X1", "SG3")
def test_an_organization_reads_about_its_organization(client: Client, organization: Any, person: Any) -> None:
    details = {"organization": "Union", "role": "Chair", "authorized": "on", "display": "name"}
    inbox = client.post(sign_url(organization), fresh(organization, **{**person, **details}))["Location"]
    shown = client.get(inbox).content.decode()
    assert "select <strong>“Confirm the signature”</strong>. Your organization is not added until you do." in shown
    assert "We review it" in shown
    work()
    message = mail.outbox[-1]
    for text in (shown, str(message.body), message.alternatives[0].content):
        assert "my name" not in text.lower()
        assert "your name" not in text.lower()
    assert "Confirm the signature" in str(message.body)


def test_the_error_is_at_the_focused_field_without_javascript(client: Client, inbox: str) -> None:
    assert "does not work" not in client.get(inbox).content.decode()
    html = client.get(f"{inbox}?code=no").content.decode()
    assert "<title>Error: One step left" in html
    (field,) = re.findall(r"<input[^>]*name=\"code\"[^>]*>", html)
    for attribute in ('inputmode="numeric"', 'autocomplete="one-time-code"', 'aria-invalid="true"', "autofocus"):
        assert attribute in field
    assert 'aria-describedby="inbox-code-hint inbox-code-error"' in field
    assert html.count('id="inbox-code-error"') == 1


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_a_cross_site_post_of_a_code_is_rejected(client: Client, inbox: str, headers: dict[str, str]) -> None:
    answer = client.post(inbox, {"code": mailed_code()}, headers=headers)
    assert answer.status_code == 403
    assert "/confirm/" not in answer.content.decode()
    assert not CodeAttempts.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("code={code}&code=1", "application/x-www-form-urlencoded"),
        ("[", "application/json"),
        ("code={code}", "text/plain"),
    ],
)
def test_a_code_in_an_unreadable_body_is_ignored(client: Client, inbox: str, body: str, content_type: str) -> None:
    sent = body.format(code=mailed_code())
    assert client.post(inbox, sent, content_type=content_type)["Location"] == f"{inbox}?again=1"


def test_a_forged_ticket_accepts_no_code(client: Client, inbox: str, settings: Settings) -> None:
    code = mailed_code()
    forged = f"/pledge/inbox/{'A' * 80}/"
    assert client.post(forged, {"code": code})["Location"] == forged
    assert 'name="code"' not in client.get(f"{forged}?code=no").content.decode()


@pytest.mark.requirement("E16")
def test_the_same_code_sent_twice_at_once_leads_to_the_same_page(
    client: Client, inbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, confirm_alone = mailed_code(), offers.confirm

    def confirm_after_the_other(submission: Any) -> Any:
        monkeypatch.setattr(offers, "confirm", confirm_alone)
        assert Client().post(inbox, {"code": code}).status_code == 303
        return confirm_alone(submission)

    monkeypatch.setattr(offers, "confirm", confirm_after_the_other)
    answer = client.post(inbox, {"code": code})
    assert signatures().count() == 1
    assert "/pledge/manage/" in client.get(answer["Location"]).content.decode()
