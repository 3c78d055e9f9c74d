"""A form with a probably mistyped email address is shown again once, and its sender chooses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.forms import forms_in, sign_form_in
from tests.journey import fresh, sign_url, submissions, submitted

pytestmark = pytest.mark.requirement("SG1")
SUGGESTION = "Did you mean <bdi>ana@gmail.com</bdi>?"


def test_a_probable_typo_is_asked_about_once(client: Client, individual: Any, person: Any) -> None:
    mistyped = fresh(individual, **{**person, "email": "ana@gmial.com"})
    asked = client.post(sign_url(individual), mistyped)
    assert asked.status_code == 200
    html = asked.content.decode()
    assert html.count(SUGGESTION) == 1
    assert "Your form is not sent yet. Is your email address right?" in html
    assert not submissions().exists()
    form = sign_form_in(asked.content)
    assert form.data["stamp"] == mistyped["stamp"]
    assert client.post(form.action, form.data).status_code == 303
    assert submitted().email == "ana@gmial.com"


def test_the_suggested_address_can_be_ticked(client: Client, individual: Any, person: Any) -> None:
    asked = client.post(sign_url(individual), fresh(individual, **{**person, "email": "ana@gmial.com"}))
    form = sign_form_in(asked.content)
    assert "suggested_address" in form.names
    assert client.post(form.action, form.filled(suggested_address="ana@gmail.com")).status_code == 303
    assert submitted().email == "ana@gmail.com"


def test_another_address_is_not_replaced_by_a_ticked_suggestion(client: Client, individual: Any, person: Any) -> None:
    sent = {**person, "email": "eva@example.org", "suggested_address": "ana@gmail.com"}
    assert client.post(sign_url(individual), fresh(individual, **sent)).status_code == 303
    assert submitted().email == "eva@example.org"


def test_another_typo_is_asked_about_again(client: Client, individual: Any, person: Any) -> None:
    form = fresh(individual, **{**person, "email": "ana@hotmial.com"}, checked_address="ana@gmial.com")
    assert "ana@hotmail.com" in client.post(sign_url(individual), form).content.decode()


def test_a_program_that_sends_json_is_not_asked(client: Client, individual: Any, person: Any) -> None:
    form = json.dumps(fresh(individual, **{**person, "email": "ana@gmial.com"}))
    answer = client.post(sign_url(individual), form, content_type="application/json")
    assert answer.status_code == 202
    assert submitted().email == "ana@gmial.com"


def test_a_corrected_address_is_asked_about_once(client: Client, individual: Any, person: Any) -> None:
    inbox = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    asked = client.post(inbox, {"email": "ana@gmial.com"})
    assert asked.status_code == 200
    assert "<title>Error" not in asked.content.decode()
    (form,) = [form for form in forms_in(asked.content) if "email" in form.names]
    assert SUGGESTION in asked.content.decode()
    assert client.post(inbox, form.data)["Location"].endswith("?corrected=1")
    ticked = client.post(inbox, {**form.data, "suggested_address": "ana@gmail.com"})
    assert "a…a@gmail.com" in client.get(ticked["Location"]).content.decode()


def test_a_form_with_an_error_has_a_suggestion_and_keeps_its_values(
    client: Client, individual: Any, person: Any
) -> None:
    wrong = fresh(individual, **{**person, "email": "ana@gmial.com", "name": ""})
    answer = client.post(sign_url(individual), wrong)
    assert answer.status_code == 422
    assert answer.content.decode().count(SUGGESTION) == 1
    assert sign_form_in(answer.content).data["email"] == "ana@gmial.com"


def test_without_javascript_the_form_shown_again_has_a_suggestion(client: Client, individual: Any, person: Any) -> None:
    unstamped = {**fresh(individual, **{**person, "email": "ana@gmial.com"}), "stamp": ""}
    again = client.post(sign_url(individual), unstamped)
    assert SUGGESTION in again.content.decode()
    form = sign_form_in(again.content)
    assert client.post(form.action, form.data).status_code == 303


@pytest.mark.parametrize("email", ["ana@example.org", "ana", "", "<b>@gmial.com", "ana@gmail.com"])
def test_valid_addresses_get_no_suggestion_and_suggestions_are_escaped(
    client: Client, individual: Any, person: Any, email: str
) -> None:
    html = client.post(
        sign_url(individual), fresh(individual, **{**person, "email": email, "name": ""})
    ).content.decode()
    assert "<b>@" not in html
    assert ("Did you mean <bdi>" in html) == (email == "<b>@gmial.com")
