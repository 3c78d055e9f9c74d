"""The pledge of an unpublished page is a draft until the page is first published."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, ModelLogEntry

from tests.forms import sign_form_in
from tests.projects.campaign import home
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import CHANGE_STATE, change_state

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP6")]

OPEN, DRAFT = PledgeState.OPEN, PledgeState.DRAFT


@pytest.fixture
def page(db: None) -> PledgePage:
    """Return an unpublished page, as autosave stores it."""
    page = PledgePage(title="Fai", slug="fair", statement="<p>We call for a fair wage.</p>", live=False)
    home().add_child(instance=page)
    return page


def publish(page: PledgePage, **values: Any) -> PledgePage:
    for name, value in values.items():
        setattr(page, name, value)
    page.save_revision().publish()
    return PledgePage.objects.get(pk=page.pk)


def entries() -> list[str]:
    return list(ModelLogEntry.objects.order_by("pk").values_list("action", flat=True))


def test_a_deleted_draft_page_leaves_a_draft_pledge_that_is_not_public(client: Client, page: PledgePage) -> None:
    pledge = page.pledge
    assert pledge.state == DRAFT
    page.save_revision()
    page.delete()
    assert Pledge.objects.get().state == DRAFT
    assert not Pledge.objects.public().exists()
    assert client.get(f"/pledge/{pledge.uuid}/count.json").status_code == 404


def test_publishing_opens_the_pledge_once_and_logs_it(client: Client, page: PledgePage) -> None:
    author = User.objects.create_user("ed")
    page.title = "Fair pay"
    page.save_revision(user=author).publish()
    live = PledgePage.objects.get()
    assert (live.pledge.state, live.pledge.title) == (OPEN, "Fair pay")
    entry = ModelLogEntry.objects.get()
    assert (entry.action, entry.user, entry.data["before"], entry.data["after"]) == (CHANGE_STATE, author, DRAFT, OPEN)
    assert entry.data["reason"] == "Its page was published."
    assert sign_form_in(client.get(live.url).content)
    publish(live, title="Fair pay now")
    assert (Pledge.objects.get().title, len(entries())) == ("Fair pay", 1)


def test_a_page_created_live_has_an_open_pledge(db: None) -> None:
    home().add_child(instance=PledgePage(title="Ratify", slug="ratify"))
    assert Pledge.objects.get().state == OPEN
    assert entries() == []


def test_a_pledge_set_to_draft_by_staff_stays_a_draft(page: PledgePage) -> None:
    change_state(page.pledge, OPEN, actor=None, reason="Ready")
    change_state(page.pledge, DRAFT, actor=None, reason="Not before the vote")
    assert publish(PledgePage.objects.get()).pledge.state == DRAFT
    assert len(entries()) == 2


def test_a_published_pledge_set_back_to_draft_stays_a_draft(page: PledgePage) -> None:
    live = publish(page)
    change_state(live.pledge, DRAFT, actor=None, reason="Too early")
    assert publish(live, title="Fair pay now").pledge.state == DRAFT


def test_a_pledge_created_as_a_draft_in_the_admin_stays_a_draft(admin_client: Client, page: PledgePage) -> None:
    data = {"title": "By hand", "state": "draft", "collection": 1}
    for name in ("recipients", "partner_links", "embed_origins"):
        data |= {f"{name}-TOTAL_FORMS": 0, f"{name}-INITIAL_FORMS": 0}
    assert admin_client.post(reverse("wagtail_pledge_pledges:add"), data).status_code == 302
    made = Pledge.objects.get(title="By hand")
    assert publish(page, pledge=made).pledge == made
    made.refresh_from_db()
    assert (made.state, made.title) == (DRAFT, "By hand")


def test_a_title_set_in_the_admin_is_kept(admin_client: Client, page: PledgePage) -> None:
    data = {"title": "Fair pay 2026", "collection": page.pledge.collection_id, "goal": "500"}
    for name in ("recipients", "partner_links", "embed_origins"):
        data |= {f"{name}-TOTAL_FORMS": 0, f"{name}-INITIAL_FORMS": 0}
    address = reverse("wagtail_pledge_pledges:edit", args=[page.pledge_id])
    assert admin_client.post(address, data).status_code == 302
    live = publish(PledgePage.objects.get(), title="Fair pay")
    assert (live.pledge.title, live.pledge.goal, live.pledge.state) == ("Fair pay 2026", 500, OPEN)


def test_future_dates_are_kept(page: PledgePage) -> None:
    Pledge.objects.update(opens_at="2100-01-01T00:00Z", closes_at="2100-02-01T00:00Z")
    pledge = publish(PledgePage.objects.get()).pledge
    assert (pledge.state, pledge.opens_at.year, pledge.closes_at.month) == (OPEN, 2100, 2)


@pytest.mark.requirement("RE5")
def test_publishing_any_translation_opens_the_pledge(page: PledgePage) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    translated = page.copy_for_translation(spanish)
    assert translated.pledge.state == DRAFT
    translated.save_revision().publish()
    assert PledgePage.objects.get(pk=page.pk).pledge.state == OPEN
    assert Pledge.objects.count() == 1


def test_publishing_a_signer_type_page_does_not_open_the_pledge(page: PledgePage) -> None:
    below = SignerTypePage(title="As a person", slug="person", kind="individual", live=False)
    page.add_child(instance=below)
    below.save_revision().publish()
    assert Pledge.objects.get().state == DRAFT


@pytest.mark.requirement("CP7")
@pytest.mark.parametrize("mode", ["", "errors"])
@pytest.mark.parametrize("is_signer_type_page", [False, True])
def test_the_preview_of_a_draft_shows_the_form(page: PledgePage, is_signer_type_page: bool, mode: str) -> None:
    below = SignerTypePage(title="As a person", slug="person", kind="individual", live=False)
    page.add_child(instance=below)
    shown = below if is_signer_type_page else page
    assert sign_form_in(shown.make_preview_request(preview_mode=mode).content)
    assert Pledge.objects.get().state == DRAFT


@pytest.mark.requirement("CP7")
def test_the_preview_of_a_pledge_set_to_draft_by_staff_shows_no_form(page: PledgePage) -> None:
    change_state(page.pledge, OPEN, actor=None, reason="Ready")
    change_state(page.pledge, DRAFT, actor=None, reason="Not before the vote")
    kept = PledgePage.objects.get()
    assert "Not open yet" in kept.make_preview_request(preview_mode="").content.decode()
