"""Fixtures of a published campaign, to be imported where they are needed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.projects.campaign import add_published, home
from wagtail_pledge.pages.models import PledgePage, SignerTypePage


@pytest.fixture
def campaign(db: None) -> PledgePage:
    page = PledgePage(
        title="Ratify now",
        slug="ratify",
        kicker="A call to the United States",
        lead="Sixty States have joined.",
        statement="<p>We call on the United States to ratify.</p>",
        thanks_heading="Thank you so much",
    )
    made: PledgePage = add_published(home(), page)
    return made


@pytest.fixture
def individual(campaign: PledgePage) -> SignerTypePage:
    page = SignerTypePage(title="As an individual", slug="individual", kind="individual")
    made: SignerTypePage = add_published(campaign, page)
    return made


@pytest.fixture
def organization(campaign: PledgePage, individual: SignerTypePage) -> SignerTypePage:
    page = SignerTypePage(title="On behalf of an organization", slug="organization", kind="organization")
    made: SignerTypePage = add_published(campaign, page)
    return made


@pytest.fixture
def person() -> dict[str, Any]:
    return {"name": "Ana María López", "email": "ana@example.org", "country": "US", "display": "hidden"}
