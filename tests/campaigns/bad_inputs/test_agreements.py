"""Agreements: only an exact yes is one, an exact no is none, and any other word is an error."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.campaigns.bad_inputs.conftest import SignEndpoint, ledger
from tests.journey import fresh, sign_url

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E10")]

YES = ["on", "true", "yes", "1"]
NO = ["", "false", "no", "off", "0"]
NEITHER = [
    "null",
    "None",
    "nope",
    "On",
    "TRUE",
    "No",
    " on",
    "on ",
    "2",
    "-1",
    "00",
    "y",
    "n",
    "disagree",
    "checked",
    "\u06f1",
    "\uff11",
]
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def shown_values(response: Any, name: str) -> tuple[int, bool]:
    """Return the number of fields of this name in the form shown again, and whether one is checked."""
    page = response.content.decode()
    inputs = [part.partition(">")[0] for part in page.split("<input") if f'name="{name}"' in part.partition(">")[0]]
    return len(inputs), any(" checked" in one for one in inputs)


@pytest.mark.parametrize("word", YES + NO)
def test_an_exact_yes_or_no_is_accepted(endpoint: SignEndpoint, word: str) -> None:
    assert endpoint.post(updates=word).status_code == endpoint.accepted


@pytest.mark.parametrize("word", NEITHER)
def test_any_other_word_about_updates_is_an_error(endpoint: SignEndpoint, word: str) -> None:
    before = ledger()
    response = endpoint.post(updates=word)
    assert response.status_code == 422
    assert ledger() == before
    if endpoint.as_json:
        assert list(response.json()["errors"]) == ["updates"]
    else:
        # Shown again unchecked, so that sending it again is no consent
        assert shown_values(response, "updates") == (1, False)


@pytest.mark.parametrize("word", [*NO, *NEITHER])
def test_an_organization_signs_only_with_an_exact_yes(organization_endpoint: SignEndpoint, word: str) -> None:
    before = ledger()
    response = organization_endpoint.post(authorized=word)
    assert response.status_code == 422
    assert ledger() == before
    if organization_endpoint.as_json:
        assert list(response.json()["errors"]) == ["authorized"]
    else:
        assert shown_values(response, "authorized") == (1, False)


@pytest.mark.parametrize("word", YES)
def test_an_organization_signs_with_every_exact_yes(organization_endpoint: SignEndpoint, word: str) -> None:
    assert organization_endpoint.post(authorized=word).status_code == organization_endpoint.accepted


@pytest.mark.parametrize("value", [None, 0, 1, 1.0, [], ["on"], {}, {"on": True}])
def test_json_agreements_are_booleans_or_words(individual: Any, person: dict[str, str], value: Any) -> None:
    before = ledger()
    body = json.dumps({**fresh(individual, **person), "updates": value})
    assert Client().post(sign_url(individual), body, content_type=JSON).status_code == 400
    assert ledger() == before


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("name", ["updates", "display", "name", "statement", "not_asked"])
def test_a_field_that_is_also_in_the_query_is_refused(
    individual: Any, person: dict[str, str], name: str, as_json: bool
) -> None:
    before = ledger()
    form = {**fresh(individual, **person), name: {"updates": "on"}.get(name, person.get(name, "x"))}
    body, content_type = (json.dumps(form), JSON) if as_json else (urlencode(form), FORM)
    url = f"{sign_url(individual)}?{urlencode({name: 'no'})}"
    assert Client().post(url, body, content_type=content_type).status_code == 400
    assert ledger() == before
