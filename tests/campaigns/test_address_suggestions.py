"""The form that is given back says which address was probably meant; no form is given back for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.forms import sign_form_in
from tests.journey import fresh, sign_url, signatures

pytestmark = pytest.mark.requirement("SG1")
ASKED = "Did you mean <bdi>ana@gmail.com</bdi>?"


def test_a_complete_form_is_signed_whatever_its_address_looks_like(
    client: Client, individual: Any, person: Any
) -> None:
    slip = fresh(individual, **{**person, "email": "ana@gmial.com"})
    assert client.post(sign_url(individual), slip).status_code == 303
    assert signatures().get().email == "ana@gmial.com"


def test_a_form_with_an_error_says_it_and_keeps_what_was_typed(client: Client, individual: Any, person: Any) -> None:
    wrong = fresh(individual, **{**person, "email": "ana@gmial.com", "name": ""})
    answer = client.post(sign_url(individual), wrong)
    assert answer.status_code == 422
    assert answer.content.decode().count(ASKED) == 1
    assert sign_form_in(answer.content).data["email"] == "ana@gmial.com"


def test_without_script_the_second_look_says_it(client: Client, individual: Any, person: Any) -> None:
    unstamped = {**fresh(individual, **{**person, "email": "ana@gmial.com"}), "stamp": ""}
    again = client.post(sign_url(individual), unstamped)
    assert ASKED in again.content.decode()
    form = sign_form_in(again.content)
    assert client.post(form.action, form.data).status_code == 303


@pytest.mark.parametrize("email", ["ana@example.org", "ana", "", "<b>@gmial.com", "ana@gmail.com"])
def test_nothing_is_guessed_or_left_unescaped(client: Client, individual: Any, person: Any, email: str) -> None:
    html = client.post(
        sign_url(individual), fresh(individual, **{**person, "email": email, "name": ""})
    ).content.decode()
    assert "<b>@" not in html
    assert ("Did you mean <bdi>" in html) == (email == "<b>@gmial.com")
