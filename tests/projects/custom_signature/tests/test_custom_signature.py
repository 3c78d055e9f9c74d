"""A custom signature model replaces the package's."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from tests import journey
from tests.projects.campaign import publish_campaign, sign_confirm_count
from tests.projects.custom_signature.models import MemberSignature
from wagtail_pledge.models import Signature, get_signature_model
from wagtail_pledge.pages.models import PledgePage, SignerTypePage

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


def test_the_extra_column_keeps_its_value(client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    _campaign, sign_page = campaign_pages
    journey.sign(client, sign_page.url, name="Ana López", email="ana@example.org", country="US")
    assert MemberSignature.objects.get().branch == "unassigned"
    MemberSignature.objects.update(branch="Oakland")
    journey.work()
    journey.confirm(client, "ana@example.org")
    assert MemberSignature.objects.get().branch == "Oakland"
