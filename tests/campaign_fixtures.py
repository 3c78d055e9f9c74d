"""Fixtures of a published campaign, to be imported where they are needed."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import transaction

from tests.projects.campaign import add_published, home
from tests.recorded_rows import Published, RecordedRows
from wagtail_pledge.pages.models import PledgePage, SignerTypePage


def _campaign() -> Any:
    page = PledgePage(
        title="Ratify now",
        slug="ratify",
        asker="Bridge Street Workers",
        addressee="the United States",
        lead="Sixty States have joined.",
        statement="<p>We call on the United States to ratify.</p>",
        thanks_heading="Thank you so much",
    )
    return add_published(home(), page)


def _individual(campaign: Any) -> Any:
    page = SignerTypePage(title="As an individual", slug="individual", kind="individual")
    return add_published(campaign, page)


def _organization(campaign: Any) -> Any:
    page = SignerTypePage(title="On behalf of an organization", slug="organization", kind="organization")
    return add_published(campaign, page)


def record() -> dict[Any, RecordedRows]:
    """Publish the pages once; return the rows of each by the function that makes it. Nothing stays."""
    with transaction.atomic():
        campaign = RecordedRows(_campaign)
        others = {make: RecordedRows(partial(make, campaign.made)) for make in (_individual, _organization)}
        transaction.set_rollback(True)
    return {_campaign: campaign, **others}


@pytest.fixture
def campaign(db: None, published: Published) -> PledgePage:
    made: PledgePage = published(_campaign)
    return made


@pytest.fixture
def individual(campaign: PledgePage, published: Published) -> SignerTypePage:
    made: SignerTypePage = published(_individual, campaign)
    return made


@pytest.fixture
def organization(campaign: PledgePage, individual: SignerTypePage, published: Published) -> SignerTypePage:
    made: SignerTypePage = published(_organization, campaign)
    return made


@pytest.fixture
def person() -> dict[str, Any]:
    return {"name": "Ana María López", "email": "ana@example.org", "country": "US", "display": "hidden"}
