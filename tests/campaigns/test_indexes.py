"""Wagtail's indexes: pages with every block are found and list what they use; signatures are in none of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Page, ReferenceIndex
from wagtail.search.models import IndexEntry

from tests.projects.campaign import add_published, home
from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.pages.models import PledgePage, TreatyStatusPage, UpdatePage
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.indexed]

UNKNOWN = {"type": "a_block_that_is_gone", "value": {"text": "kept"}, "id": "1"}


def every_block() -> list[dict[str, Any]]:
    """Return the stored form of a body with the sample of every block, and with a block whose code is gone."""
    blocks = PledgeBodyBlock().child_blocks
    samples = [
        {"type": name, "value": block.get_prep_value(block.get_preview_value()), "id": f"sample-{name}"}
        for name, block in blocks.items()
    ]
    return [UNKNOWN, *samples]


@pytest.fixture
def image(db: None) -> Any:
    return get_image_model()._default_manager.create(title="Hands", file=get_test_image_file())


@pytest.fixture
def campaign(image: Any) -> Any:
    chosen = {"image": image.pk, "alt_text": "Two hands", "decorative": False}
    body = [*every_block(), {"type": "image", "value": {"image": chosen}, "id": "2"}]
    return add_published(home(), PledgePage(title="Ratify now", slug="ratify", lead="Zanahorias.", body=body))


def found(word: str) -> list[int]:
    return [page.pk for page in Page.objects.search(word)]


@pytest.mark.requirement("CP9")
def test_a_campaign_with_every_block_is_found_and_lists_what_it_uses(campaign: Any, image: Any) -> None:
    assert found("zanahorias") == [campaign.pk]
    assert [block for _position, block in campaign.body.unknown_blocks] == [UNKNOWN]
    uses = ReferenceIndex.get_references_to(image)
    assert [(int(use.object_id), use.model_path) for use in uses] == [(campaign.pk, "body.image.image")]


@pytest.mark.requirement("CP11", "TR4")
def test_updates_and_treaty_pages_with_every_block_are_found(campaign: Any) -> None:
    update = UpdatePage(title="News", slug="news", day=dt.date(2026, 2, 3), lead="Berenjenas.", body=every_block())
    treaty = TreatyStatusPage(title="Status", slug="status", lead="Alcachofas.", body=every_block())
    assert found("berenjenas") == found("alcachofas") == []
    add_published(campaign, update)
    add_published(home(), treaty)
    assert (found("berenjenas"), found("alcachofas")) == ([update.pk], [treaty.pk])


@pytest.mark.requirement("B5", "SG4")
def test_a_signature_is_in_no_index(campaign: Any) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, name="Ana Bell", email="ana@example.org")
    signature.save()
    model = ContentType.objects.get_for_model(get_signature_model())
    indexed = IndexEntry.objects.values_list("content_type", flat=True)
    assert ContentType.objects.get_for_model(campaign).pk in indexed, "the index is on"
    assert model.pk not in indexed
    assert not ReferenceIndex.objects.filter(content_type=model).exists()
    assert found("Bell") == []
