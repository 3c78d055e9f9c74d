"""A signature model with a UUID primary key works in form, mail, withdrawal and admin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tests import journey
from tests.projects.campaign import publish_campaign, sign_confirm_count
from tests.projects.uuid_signature.models import KeyedSignature
from wagtail_pledge.models import get_signature_model
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.enums import Approval, Review
from wagtail_pledge.signing.services import bulk_review
from wagtail_pledge.signing.services.key_rotation import rekey
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG3")]


@pytest.fixture
def campaign_pages() -> tuple[PledgePage, SignerTypePage]:
    page = PledgePage(title="Ratify", slug="ratify", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, SignerTypePage)


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root", "root@example.org", "x"))
    return client


@pytest.fixture
def waiting(campaign_pages: tuple[PledgePage, SignerTypePage]) -> Any:
    """Return an organization's signature that waits for approval."""
    pledge = campaign_pages[0].pledge
    return SignatureFactory(pledge=pledge, kind="organization", organization="Union of Ours")


def test_the_sites_model_has_a_uuid_as_its_primary_key() -> None:
    assert get_signature_model() is KeyedSignature
    assert KeyedSignature._meta.pk.get_internal_type() == "UUIDField"


@pytest.mark.requirement("SG2")
def test_sign_confirm_count(client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, sign_page = campaign_pages
    sign_confirm_count(client, campaign, sign_page)
    assert isinstance(KeyedSignature.objects.get().pk, UUID)


def test_the_signer_withdraws(client: Client, campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, sign_page = campaign_pages
    journey.sign(client, sign_page.url, name="Ana López", email="ana@example.org", country="US")
    journey.work()
    thanks = client.get(journey.confirm(client, "ana@example.org").url)
    assert journey.counted(client, campaign.pledge)["total"] == 1
    assert client.post(thanks.context["manage_url"], {"action": "withdraw"}).status_code == 303
    assert journey.counted(client, campaign.pledge)["total"] == 0
    assert KeyedSignature.objects.get().state == "withdrawn"


def test_the_admin_lists_and_inspects_a_signature(admin: Client, waiting: Any) -> None:
    listing = admin.get(reverse("wagtail_pledge_signatures:index"))
    assert [row.pk for row in listing.context["object_list"]] == [waiting.pk]
    shown = admin.get(reverse("wagtail_pledge_signatures:inspect", args=[waiting.pk]))
    assert "Union of Ours" in shown.content.decode()


@pytest.mark.parametrize(("view", "approval"), [("approve", Approval.APPROVED), ("reject", Approval.REJECTED)])
def test_the_admin_approves_and_rejects_a_signature(admin: Client, waiting: Any, view: str, approval: Approval) -> None:
    address = reverse(f"wagtail_pledge_signatures:{view}", args=[waiting.pk])
    assert admin.post(address, {"reason": "Known."}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.approval == approval


@pytest.mark.parametrize("wrong", [None, "1", "x"])
def test_a_bulk_action_changes_all_signatures_or_none(admin: Client, waiting: Any, wrong: str | None) -> None:
    second = SignatureFactory(pledge=waiting.pledge, kind="organization", organization="Second Union")
    ids = [("id", str(waiting.pk)), ("id", str(second.pk)), *([("id", wrong)] if wrong else [])]
    path = reverse("wagtail_bulk_action", args=["uuid_signature", "keyedsignature", "approve"])
    assert admin.post(f"{path}?{urlencode(ids)}").status_code == 302
    approvals = set(KeyedSignature.objects.values_list("approval", flat=True))
    assert approvals == {Approval.WAITING if wrong else Approval.APPROVED}


def test_an_unknown_primary_key_is_not_found(admin: Client, waiting: Any) -> None:
    assert admin.get(reverse("wagtail_pledge_signatures:approve", args=[uuid4()]), follow=True).status_code == 404


def test_bulk_review_invalidates_and_restores(waiting: Any, admin: Client) -> None:
    pledge, user = waiting.pledge, get_user_model().objects.get()
    rule = bulk_review.ReviewRule(kind="organization")
    batch = bulk_review.invalidate(pledge, rule, actor=user, reason="flood")
    assert batch.count == 1
    waiting.refresh_from_db()
    assert waiting.review == Review.INVALID
    assert bulk_review.restore(pledge, batch.name, actor=user) == 1
    waiting.refresh_from_db()
    assert waiting.review == Review.OK


def test_rekey_works_in_batches(waiting: Any) -> None:
    SignatureFactory(pledge=waiting.pledge, kind="organization", organization="Second Union")
    assert rekey(batch=1).changed == 0
