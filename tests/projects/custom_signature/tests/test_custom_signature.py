"""A custom signature model replaces the package's."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import journey
from tests.projects.campaign import publish_campaign, sign_confirm_count
from tests.projects.custom_signature.models import MemberSignature
from wagtail_pledge.models import Signature, get_signature_model
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.services import withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG3")]


@pytest.fixture
def campaign_pages() -> tuple[PledgePage, SignerTypePage]:
    page = PledgePage(title="Ratify", slug="ratify", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, SignerTypePage)


def test_the_sites_model_is_the_signature_model() -> None:
    assert get_signature_model() is MemberSignature
    assert Signature._meta.swapped == "custom_signature.MemberSignature"


def test_the_packages_own_table_is_not_created() -> None:
    tables = connection.introspection.table_names()
    assert MemberSignature._meta.db_table in tables
    assert "wagtail_pledge_signature" not in tables


@pytest.mark.requirement("SG2")
def test_sign_confirm_count(client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, sign_page = campaign_pages
    sign_confirm_count(client, campaign, sign_page)


@pytest.mark.requirement("SG2", "OP6")
@pytest.mark.parametrize(("city", "branch"), [("Oakland", "Oakland"), ("", "unassigned")])
def test_the_extra_column_is_filled_from_the_form(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage], city: str, branch: str
) -> None:
    _campaign, sign_page = campaign_pages
    journey.sign(client, sign_page.url, name="Ana López", email="ana@example.org", country="US", city=city)
    assert not MemberSignature.objects.exists()
    journey.work()
    journey.confirm(client, "ana@example.org")
    assert MemberSignature.objects.get().branch == branch


@pytest.mark.requirement("OP6", "E9")
def test_a_value_that_the_extra_column_refuses_is_an_error_of_the_form(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]
) -> None:
    _campaign, sign_page = campaign_pages
    person = {"name": "Ana López", "email": "ana@example.org", "country": "US", "city": "x" * 61}
    answer = client.post(journey.sign_url(sign_page), journey.fresh(sign_page, **person))
    assert answer.status_code == 422
    assert "at most 60 characters" in answer.content.decode()
    assert not journey.submissions().exists()


@pytest.mark.requirement("OP6", "E9")
def test_a_column_that_became_stricter_keeps_the_form_open(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage], monkeypatch: pytest.MonkeyPatch
) -> None:
    _campaign, sign_page = campaign_pages
    person = {"name": "Ana López", "email": "ana@example.org", "country": "US", "city": "Oakland"}
    client.post(journey.sign_url(sign_page), journey.fresh(sign_page, **person))
    journey.work()
    path = journey.confirm_path(person["email"])
    with monkeypatch.context() as patched:
        patched.setattr(MemberSignature._meta.get_field("branch"), "choices", [("Fresno", "Fresno")])
        answer = client.post(path)
        assert answer.status_code == 422
        assert not MemberSignature.objects.exists()
    assert client.post(path).status_code == 303
    assert MemberSignature.objects.get().branch == "Oakland"


@pytest.mark.requirement("OP6", "SG3", "E9")
@pytest.mark.parametrize(
    ("code", "error"), [("N7", "with this Membership number already exists"), ("S7", "This seat has signed.")]
)
def test_a_value_that_another_signature_has_is_an_error_of_the_confirm_page(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage], code: str, error: str
) -> None:
    """Not a signature that seems to be stored, and not a page that asks again without a word."""
    _campaign, sign_page = campaign_pages
    for email in ("first@example.org", "second@example.org"):
        journey.sign(client, sign_page.url, name="Ana López", email=email, country="US", postal_code=code)
    journey.work()
    journey.confirm(client, "first@example.org")
    answer = client.post(journey.confirm_path("second@example.org"))
    assert (answer.status_code, error in answer.content.decode()) == (422, True)
    assert MemberSignature.objects.count() == 1
    assert journey.submissions().filter(ended_at=None).count() == 1
    MemberSignature.objects.update(number=None, seat_number=None)
    journey.confirm(client, "second@example.org")
    assert MemberSignature.objects.count() == 2


@pytest.mark.requirement("OP6", "SG3", "E9")
@pytest.mark.parametrize("code", ["N7", "S7"])
def test_so_is_one_of_a_signature_that_is_signed_again(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage], code: str
) -> None:
    _campaign, sign_page = campaign_pages
    person = {"name": "Ana López", "country": "US"}
    journey.sign(client, sign_page.url, **person, email="first@example.org", postal_code=code)
    journey.sign(client, sign_page.url, **person, email="second@example.org")
    journey.work()
    for email in ("first@example.org", "second@example.org"):
        journey.confirm(client, email)
    withdraw(MemberSignature.objects.select_related("statement", "pledge").last(), epoch=1)
    journey.sign(client, sign_page.url, **person, email="second@example.org", postal_code=code)
    journey.work()
    answer = client.post(journey.confirm_path("second@example.org"))
    assert answer.status_code == 422
    assert journey.submissions().filter(ended_at=None).count() == 1


@pytest.mark.requirement("P1")
def test_building_the_signature_takes_no_query(
    client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]
) -> None:
    _campaign, sign_page = campaign_pages
    person = {"name": "Ana López", "email": "ana@example.org", "country": "US", "city": "Oakland"}
    url = journey.sign_url(sign_page)
    client.post(url, journey.fresh(sign_page, **person))
    form = journey.fresh(sign_page, **person)
    with CaptureQueriesContext(connection) as captured:
        assert client.post(url, form).status_code == 303
    assert len(captured) == 1
