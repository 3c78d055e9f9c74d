"""Code of a site that validates forms must not query the database: strangers could measure what it finds."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.journey import fresh, sign_url, submissions
from wagtail_pledge.core.db import QueryNotAllowed
from wagtail_pledge.core.log_redaction import RedactedError
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Pledge, get_signature_model
from wagtail_pledge.signing.services import confirm

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG4", "B2")]


def asks_the_database(*_args: Any, **_kwargs: Any) -> Any:
    """Return what a site's code might return, after a query."""
    return Pledge.objects.count()


def refuses_after_a_query(**_kwargs: Any) -> None:
    """Validate by the database, as a site must not."""
    if Pledge.objects.count():
        raise ValidationError("known")


@pytest.mark.parametrize("what", ["site's validator", "kind's validator", "from_submission"])
def test_a_query_while_a_form_is_validated_is_an_error(
    client: Client, individual: Any, person: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    if what == "site's validator":
        settings.WAGTAIL_PLEDGE_SIGN_VALIDATORS = [f"{__name__}.refuses_after_a_query"]
    elif what == "kind's validator":
        monkeypatch.setattr(type(get_kind("individual")), "clean", asks_the_database)
    else:
        monkeypatch.setattr("wagtail_pledge.campaigns.views.sign.has_site_columns", lambda: True)
        monkeypatch.setattr(get_signature_model(), "from_submission", classmethod(asks_the_database))
    with pytest.raises(RedactedError, match="QueryNotAllowed"):
        client.post(sign_url(individual), fresh(individual, **person))
    assert not submissions().exists()


def test_a_query_while_the_site_builds_a_signature_is_an_error_at_confirming_too(
    client: Client, individual: Any, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(sign_url(individual), fresh(individual, **person))
    monkeypatch.setattr(get_signature_model(), "from_submission", classmethod(asks_the_database))
    with pytest.raises(QueryNotAllowed):
        confirm(submissions().get())
    assert submissions().get().ended_at is None


def test_a_query_while_a_corrected_address_is_validated_is_an_error(
    client: Client, individual: Any, person: Any, settings: Any
) -> None:
    inbox = client.post(sign_url(individual), fresh(individual, **person))["Location"]
    settings.WAGTAIL_PLEDGE_SIGN_VALIDATORS = [f"{__name__}.refuses_after_a_query"]
    with pytest.raises(RedactedError, match="QueryNotAllowed"):
        client.post(inbox, {"email": "b@example.org"})
    assert submissions().count() == 1
