"""Review of organizations' logos in the admin."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from wagtail.models import ModelLogEntry

from tests.admin.conftest import Campaign
from tests.admin.responses import messages_of, outcome, text
from wagtail_pledge.signing.logos import reencode_logo
from wagtail_pledge.signing.services import logo_digest, logo_of, submit_logo

#: Names in Wagtail's log, which are kept for stored entries.
LOG_ACTIONS = {"approve_logo": "wagtail_pledge.approve_logo", "reject_logo": "wagtail_pledge.refuse_logo"}
pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SN5", "ED3"), pytest.mark.swappable]

Login = Callable[[str], Client]


def tile(color: str = "navy") -> bytes:
    made = BytesIO()
    Image.new("RGB", (300, 100), color).save(made, "PNG")
    return reencode_logo(SimpleUploadedFile("logo.png", made.getvalue()))


@pytest.fixture
def signature_with_logo(our_campaign: Campaign) -> Any:
    submit_logo(our_campaign.waiting, tile())
    return our_campaign.waiting


def url(view: str, signature: Any) -> str:
    return reverse(f"wagtail_pledge_signatures:{view}", args=[signature.pk])


def test_inspect_shows_the_logo_and_asks_moderators_to_review_it(log_in: Login, signature_with_logo: Any) -> None:
    moderator, viewer = log_in("moderator"), log_in("viewer")
    page = text(moderator.get(url("inspect", signature_with_logo)))
    assert f'src="{url("logo", signature_with_logo)}"' in page
    assert url("approve_logo", signature_with_logo) in page
    assert url("reject_logo", signature_with_logo) in page
    page = text(viewer.get(url("inspect", signature_with_logo)))
    assert url("approve_logo", signature_with_logo) not in page
    assert url("reject_logo", signature_with_logo) not in page
    picture = moderator.get(url("logo", signature_with_logo))
    assert (picture["Content-Type"], picture["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert {"no-store", "private"} <= set(picture["Cache-Control"].replace(" ", "").split(","))


@pytest.mark.parametrize("which", ["waiting", "person"])
def test_inspect_without_a_logo_shows_no_picture_and_no_review(
    log_in: Login, our_campaign: Campaign, which: str
) -> None:
    moderator, signature = log_in("moderator"), getattr(our_campaign, which)
    assert url("approve_logo", signature) not in text(moderator.get(url("inspect", signature)))
    assert outcome(moderator.get(url("logo", signature))) == "absent"


@pytest.mark.parametrize(
    ("view", "message", "is_shown"),
    [("approve_logo", "Logo approved.", True), ("reject_logo", "Logo rejected.", False)],
)
def test_a_logo_is_reviewed_only_once(
    log_in: Login, signature_with_logo: Any, view: str, message: str, is_shown: bool
) -> None:
    moderator = log_in("moderator")
    data = {"seen": logo_digest(tile())}
    assert message in messages_of(moderator.post(url(view, signature_with_logo), data))
    logo = logo_of(signature_with_logo)
    assert (logo.is_waiting, logo.is_shown, logo.was_rejected) == (False, is_shown, not is_shown)
    (entry,) = ModelLogEntry.objects.filter(action=LOG_ACTIONS[view])
    assert (entry.object_id, entry.user.username) == (str(signature_with_logo.pk), "moderator")
    assert "logo" in text(moderator.get(url("history", signature_with_logo)))
    assert "replaced or removed" in messages_of(moderator.post(url(view, signature_with_logo), data))
    assert ModelLogEntry.objects.filter(action=LOG_ACTIONS[view]).count() == 1


@pytest.mark.parametrize("view", ["approve_logo", "reject_logo"])
def test_a_logo_replaced_after_the_page_was_shown_is_not_reviewed(
    log_in: Login, signature_with_logo: Any, view: str
) -> None:
    moderator = log_in("moderator")
    submit_logo(signature_with_logo, tile("red"))
    assert "replaced or removed" in messages_of(
        moderator.post(url(view, signature_with_logo), {"seen": logo_digest(tile())})
    )
    assert outcome(moderator.post(url(view, signature_with_logo), {"seen": ["a", "b"]})) == "400"
    logo = logo_of(signature_with_logo)
    assert (logo.is_waiting, logo.is_shown) == (True, False)
    assert not ModelLogEntry.objects.filter(action=LOG_ACTIONS[view]).exists()


@pytest.mark.parametrize("role", ["anonymous", "editor", "viewer", "foreign manager"])
@pytest.mark.parametrize("view", ["approve_logo", "reject_logo"])
def test_reviewing_without_the_permission_changes_nothing(
    log_in: Login, signature_with_logo: Any, view: str, role: str
) -> None:
    answer = outcome(log_in(role).post(url(view, signature_with_logo), {"seen": logo_digest(tile())}))
    assert answer == {"anonymous": "login", "viewer": "denied"}.get(role, "absent")
    assert logo_of(signature_with_logo).is_waiting


def test_the_listing_filters_logos_that_wait_for_review(
    log_in: Login, our_campaign: Campaign, signature_with_logo: Any
) -> None:
    rows = log_in("moderator").get(reverse("wagtail_pledge_signatures:index") + "?logo=waiting").context["object_list"]
    assert list(rows) == [signature_with_logo]
