"""Fixtures that send a complete form to the sign endpoint, form-encoded or as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.campaigns.conftest import campaign, individual, organization, person
from tests.journey import fresh, sign_url, signatures, submissions
from wagtail_pledge.signing.models import OutboxMessage, SignatureEvent, Suppression

__all__ = ["campaign", "individual", "organization", "person"]


def ledger() -> list[list[Any]]:
    """Return all rows that a request could have changed."""
    tables = (signatures(), submissions(), OutboxMessage.objects, SignatureEvent.objects, Suppression.objects)
    rows = [list(table.order_by("pk").values()) for table in tables]
    for of_table in rows:
        for row in of_table:
            # Opening a link from a mail records that the mail arrived
            row.pop("used_at", None)
    return rows


class SignEndpoint:
    """Posts a signer's form with some values replaced, form-encoded or as JSON."""

    def __init__(self, page: Any, values: dict[str, str], *, as_json: bool) -> None:
        self.page, self.values, self.as_json = page, values, as_json
        self.client = Client(raise_request_exception=False)
        self.accepted = 202 if as_json else 303

    def post(self, **changed: str) -> Any:
        """Post the complete form with these values and return the response."""
        return self.send(fresh(self.page, **{**self.values, **changed}))

    def send(self, data: dict[str, str]) -> Any:
        """Post exactly ``data`` and return the response."""
        if self.as_json:
            return self.client.post(
                sign_url(self.page), json.dumps(data, ensure_ascii=False), content_type="application/json"
            )
        return self.client.post(sign_url(self.page), data)


@pytest.fixture(params=["form", "json"])
def endpoint(request: pytest.FixtureRequest, individual: Any, person: dict[str, str]) -> SignEndpoint:
    """Return the endpoint of the individuals' form, for each encoding."""
    return SignEndpoint(individual, person, as_json=request.param == "json")


@pytest.fixture
def organization_form() -> dict[str, str]:
    """Return valid values of an organization's form."""
    return {
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


@pytest.fixture(params=["form", "json"])
def organization_endpoint(
    request: pytest.FixtureRequest, organization: Any, organization_form: dict[str, str]
) -> SignEndpoint:
    """Return the endpoint of the organizations' form, for each encoding."""
    return SignEndpoint(organization, organization_form, as_json=request.param == "json")
