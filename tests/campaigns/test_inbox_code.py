"""The six digits on the "check your inbox" page: five tries, bound to the form, and silent about who has signed."""

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
from tests.journey import confirm, confirm_path, fresh, sign, sign_url, signatures, work
from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import from_now
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import LimitBucket
from wagtail_pledge.signing.services import withdraw

pytestmark = pytest.mark.requirement("SG2")
CODE: Final = re.compile(r"^ {4}(\d{6})$", re.MULTILINE)
SECRETS: Final = re.compile(r"/inbox/[^/\"]+/|[A-Za-z0-9_-]{40,}")
KEYS: Final = {number: f"{'ABCDEFGH'[number] * 42}A=" for number in range(1, 4)}


def mailed_code() -> str:
    """Return the code in the last mail, the same in text and HTML; ``""`` if it has none."""
    letter = mail.outbox[-1]
    found = CODE.findall(str(letter.body))
    assert re.findall(r'<p class="code"><bdi>(.*?)</bdi>', letter.alternatives[0].content) == found
    assert len(found) <= 1
    return found[0] if found else ""


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.fixture
def inbox(client: Client, individual: Any, person: Any) -> str:
    """Sign; return the address of the inbox page, with the mail sent."""
    path: str = sign(client, individual.url, **person)["Location"]
    work()
    return path


def is_refused(client: Client, inbox: str, code: str) -> bool:
    answer = client.post(inbox, {"code": code})
    assert answer.status_code == 303
    assert answer["Location"] == f"{inbox}?code=no" or answer["Location"].startswith("/pledge/confirm/")
    return bool(answer["Location"] == f"{inbox}?code=no")


def test_the_code_leads_to_the_button_and_confirms_nothing(client: Client, inbox: str, person: Any) -> None:
    (form,) = [form for form in forms_in(client.get(inbox).content) if "code" in form.names]
    assert form.action == "?"
    answer = client.post(inbox, form.filled(code=mailed_code()))
    assert (answer.status_code, answer["Location"]) == (303, confirm_path(person["email"]))
    shown = client.get(answer["Location"])
    assert signatures().get().state == SignatureState.PENDING
    (button,) = [form for form in forms_in(shown.content) if form.method == "post"]
    assert client.post(button.action, button.data).status_code == 303
    assert signatures().get().state == SignatureState.CONFIRMED


@pytest.mark.parametrize("shape", ["{} {}", "{}-{}", " {}{}\n", "{}\u2013{}", "\u200f{}\u00a0{}"])
def test_a_code_may_be_pasted_as_people_write_it(client: Client, inbox: str, shape: str) -> None:
    code = mailed_code()
    assert not is_refused(client, inbox, shape.format(code[:3], code[3:]))


def test_digits_of_other_scripts_are_digits(client: Client, inbox: str) -> None:
    assert not is_refused(client, inbox, "".join(chr(0x0660 + int(digit)) for digit in mailed_code()))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345x", "½23456", "1" * 4000, "<b>"])
def test_what_is_no_code_is_refused_and_costs_no_try(client: Client, inbox: str, typed: str) -> None:
    assert is_refused(client, inbox, typed)
    assert not LimitBucket.objects.filter(network_key__startswith=b"c").exists()


def test_five_tries_then_only_the_link_works(client: Client, inbox: str, person: Any) -> None:
    code = mailed_code()
    for _ in range(5):
        assert is_refused(client, inbox, other(code))
    assert is_refused(client, inbox, code)
    confirm(client, person["email"])
    assert signatures().get().state == SignatureState.CONFIRMED


def test_the_fifth_try_may_be_the_right_one(client: Client, inbox: str) -> None:
    code = mailed_code()
    assert [is_refused(client, inbox, typed) for typed in (*[other(code)] * 4, code)] == [True] * 4 + [False]


def test_another_ticket_for_the_same_form_brings_no_more_tries(client: Client, individual: Any, person: Any) -> None:
    form = fresh(individual, **person)
    first, second = (client.post(sign_url(individual), form)["Location"] for _ in range(2))
    work()
    code = mailed_code()
    assert first != second
    assert [is_refused(client, first, other(code)) for _ in range(5)] == [True] * 5
    assert is_refused(client, second, code)


def test_the_code_works_on_the_page_of_its_own_form_only(
    client: Client, individual: Any, person: Any, inbox: str
) -> None:
    code = mailed_code()
    again = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    someone = {**person, "email": "eva@example.org", "name": "Eva"}
    foreign = client.post(sign_url(individual), fresh(individual, **someone))["Location"]
    assert is_refused(client, again, code)
    assert is_refused(client, foreign, code)
    assert not is_refused(client, inbox, code)


def test_a_second_address_on_the_same_form_gets_nowhere_with_the_first_ones_code(
    client: Client, individual: Any, person: Any
) -> None:
    form = fresh(individual, **person)
    first = client.post(sign_url(individual), form)["Location"]
    second = client.post(sign_url(individual), {**form, "email": "eva@example.org"})["Location"]
    work()
    assert is_refused(client, second, mailed_code())
    assert not is_refused(client, first, mailed_code())


def test_who_was_confirmed_withdrawn_or_too_late_gets_no_code_and_uses_none(
    client: Client, individual: Any, person: Any, inbox: str, settings: Settings
) -> None:
    code = mailed_code()
    signatures().update(created_at=from_now(-dt.timedelta(minutes=31)))
    assert is_refused(client, inbox, code)
    signatures().update(created_at=from_now(-dt.timedelta(minutes=29)))
    assert not is_refused(client, inbox, code)
    confirm(client, person["email"])
    assert is_refused(client, inbox, code)
    withdraw(signatures().get(), epoch=1)
    assert is_refused(client, inbox, code)


def test_only_the_mail_that_asks_to_confirm_now_has_a_code(
    client: Client, individual: Any, person: Any, inbox: str, settings: Settings
) -> None:
    settings.WAGTAIL_PLEDGE_MAIL_MIN_MINUTES = 0
    settings.WAGTAIL_PLEDGE_MAIL_PER_DAY = 100
    assert mailed_code()
    confirm(client, person["email"])
    for _ in range(2):
        client.post(sign_url(individual), fresh(individual, **person))
        work()
        assert mailed_code() == ""
        withdraw(signatures().get(), epoch=1)
    assert len(mail.outbox) == 3


def test_a_mail_that_is_sent_too_late_has_no_code(client: Client, individual: Any, person: Any) -> None:
    client.post(sign_url(individual), fresh(individual, **person))
    signatures().update(created_at=from_now(-dt.timedelta(minutes=31)))
    work()
    assert mailed_code() == ""


def test_a_code_outlives_the_rotation_of_its_key_and_not_its_end(
    client: Client, individual: Any, person: Any, settings: Settings
) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {1: KEYS[1]}}
    inbox = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    work()
    code = mailed_code()
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {1: KEYS[1], 2: KEYS[2]}}
    assert not is_refused(client, inbox, code)
    settings.WAGTAIL_PLEDGE_KEYS = {"token": {2: KEYS[2], 3: KEYS[3]}}
    assert is_refused(client, inbox, code)
    assert crypto.current_version("token") == 3


@pytest.mark.requirement("B1", "SG4")
def test_the_answers_to_a_code_tell_nobody_who_signed(client: Client, individual: Any, person: Any) -> None:
    """Same status, headers, bytes and statements, whether the mailbox is new, pending, confirmed or withdrawn."""

    def answers(tries: int = 1) -> Any:
        place = client.post(sign_url(individual), fresh(individual, **person))["Location"]
        before = _everything(client.get(place))
        for _ in range(tries):
            with CaptureQueriesContext(connection) as captured:
                posted = client.post(place, {"code": "000000"})
        statements = [SECRETS.sub("", query["sql"].partition(" ")[0]) for query in captured.captured_queries]
        return before, _everything(posted), _everything(client.get(posted["Location"])), statements

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


def _everything(response: Any) -> tuple[int, str, dict[str, str]]:
    return (
        response.status_code,
        SECRETS.sub("…", response.content.decode()),
        {key: SECRETS.sub("…", value) for key, value in response.headers.items()},
    )


def test_the_error_stands_at_the_field_and_has_the_focus_without_script(client: Client, inbox: str) -> None:
    assert "does not work" not in client.get(inbox).content.decode()
    html = client.get(f"{inbox}?code=no").content.decode()
    assert "<title>Error: One step left" in html
    (field,) = re.findall(r"<input[^>]*name=\"code\"[^>]*>", html)
    for said in ('inputmode="numeric"', 'autocomplete="one-time-code"', 'aria-invalid="true"', "autofocus"):
        assert said in field
    assert 'aria-describedby="inbox-code-hint inbox-code-error"' in field
    assert html.count('id="inbox-code-error"') == 1


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_another_website_can_use_no_code(client: Client, inbox: str, headers: dict[str, str]) -> None:
    answer = client.post(inbox, {"code": mailed_code()}, headers=headers)
    assert answer.status_code == 403
    assert "/confirm/" not in answer.content.decode()
    assert not LimitBucket.objects.filter(network_key__startswith=b"c").exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("code={code}&code=1", "application/x-www-form-urlencoded"),
        ("[", "application/json"),
        ("code={code}", "text/plain"),
    ],
)
def test_a_body_that_cannot_be_read_holds_no_code(client: Client, inbox: str, body: str, content_type: str) -> None:
    sent = body.format(code=mailed_code())
    assert client.post(inbox, sent, content_type=content_type)["Location"] == f"{inbox}?again=1"


def test_a_ticket_that_is_over_takes_no_code(client: Client, inbox: str, settings: Settings) -> None:
    code = mailed_code()
    forged = f"/pledge/inbox/{'A' * 80}/"
    assert client.post(forged, {"code": code})["Location"] == forged
    assert 'name="code"' not in client.get(f"{forged}?code=no").content.decode()
