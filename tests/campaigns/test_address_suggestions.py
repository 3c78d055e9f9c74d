"""A form shown again suggests the email address probably meant; a suggestion alone never rejects a form."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.forms import sign_form_in
from tests.journey import fresh, sign_url, submitted

pytestmark = pytest.mark.requirement("SG1")
SUGGESTION = "Did you mean <bdi>ana@gmail.com</bdi>?"


def test_a_valid_form_with_a_probable_typo_is_accepted(client: Client, individual: Any, person: Any) -> None:
    mistyped = fresh(individual, **{**person, "email": "ana@gmial.com"})
    assert client.post(sign_url(individual), mistyped).status_code == 303
    assert submitted().email == "ana@gmial.com"


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
