"""``pledge_demo``: complete, repeatable, and never a danger to a site in use."""

from __future__ import annotations

from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings
from wagtail.models import Collection, GroupCollectionPermission, Page

from example_project.campaign.demo.content import read_people
from tests import journey
from wagtail_pledge.signing.models import OrganizationLogo, Pledge, SignatureEvent, Statement, get_signature_model
from wagtail_pledge.treaties.models import Treaty

pytestmark = pytest.mark.django_db


def rows() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def demo(**options: object) -> str:
    said = StringIO()
    call_command("pledge_demo", stdout=said, **options)
    return said.getvalue()


def test_a_second_run_adds_no_row() -> None:
    before = rows()
    demo()
    assert rows() == before


def test_a_second_run_leaves_a_page_as_its_editor_made_it() -> None:
    page = Page.objects.get(slug="ratify", locale__language_code="en").specific
    page.lead = "Our own words."
    page.save_revision().publish()
    demo()
    page.refresh_from_db()
    assert page.lead == "Our own words."
    assert not page.has_unpublished_changes


def test_each_language_has_the_whole_campaign_live() -> None:
    for language in ("en", "es"):
        live = Page.objects.live().filter(locale__language_code=language, depth__gt=2)
        assert set(live.values_list("slug", flat=True)) == {
            "ratify",
            "individual",
            "organization",
            "zimbabwe",
            "anniversary",
            "treaty",
            "summary",
            "contact",
            "privacy",
        }


def test_the_texts_of_both_signer_types_are_frozen_once_in_each_language() -> None:
    frozen = Statement.objects.values_list("signer_type__kind", "locale", "number")
    assert set(frozen) == {(kind, code, 1) for kind in ("individual", "organization") for code in ("en", "es")}


def test_the_convention_and_other_treaties_have_their_data() -> None:
    assert Treaty.objects.get(key="cmw").actions.exists()
    assert Treaty.objects.filter(as_of__isnull=False).count() > 10


def test_made_up_signatures_are_counted_and_a_second_run_adds_nobody(client: Client, pledge: Pledge) -> None:
    demo(signatures=45)
    kinds = journey.counted(client, pledge)["kinds"]
    assert kinds == {"individual": 43, "organization": 2, "elected-official": 0}
    assert SignatureEvent.objects.count() == 45 + 2
    demo(signatures=45)
    assert journey.counted(client, pledge)["kinds"] == kinds
    demo(signatures=50)
    assert journey.counted(client, pledge)["total"] == 50


def test_made_up_signatures_are_sealed_like_others(pledge: Pledge) -> None:
    demo(signatures=20)
    signature = get_signature_model()._default_manager.order_by("pk").last()
    assert signature.email == "demo-0000019@example.org"
    assert signature.public_name.startswith(signature.details["organization"])
    raw = get_signature_model()._default_manager.raw("SELECT * FROM wagtail_pledge_signature")
    assert signature.uuid in {row.uuid for row in raw}


def test_reset_starts_over() -> None:
    old = Pledge.objects.get().uuid
    before = rows()
    said = demo(reset=True)
    assert "Deleted" in said
    assert Pledge.objects.get().uuid != old
    after = rows()
    logs = {"wagtailcore.PageLogEntry", "wagtailcore.ModelLogEntry"}
    assert {label for label in before if before[label] != after[label]} <= logs


def test_reset_takes_signatures_and_logos_with_it() -> None:
    demo(signatures=20)
    logo = OrganizationLogo.objects.get()
    storage, name = logo.file.storage, logo.file.name
    assert storage.exists(name)
    demo(reset=True)
    assert not get_signature_model()._default_manager.exists()
    assert not OrganizationLogo.objects.exists()
    assert not storage.exists(name)


@pytest.mark.requirement("SN3")
def test_made_up_organizations_have_logos_of_their_own_and_people_have_none() -> None:
    demo(signatures=160)
    named = [one["name"] for one in read_people()["named"]]
    with_logo = {logo.signature_uuid for logo in OrganizationLogo.objects.exclude(file="")}
    signatures = list(get_signature_model()._default_manager.filter(kind="organization"))
    assert len(signatures) == 8
    assert sorted(one.organization.name for one in signatures if one.uuid in with_logo) == sorted(named)
    assert all(one.uuid in with_logo or one.organization.name not in named for one in signatures)


def test_a_second_run_draws_no_second_logo() -> None:
    demo(signatures=20)
    before = OrganizationLogo.objects.get().file.name
    demo(signatures=21)
    assert OrganizationLogo.objects.get().file.name == before


def test_reset_is_refused_where_there_is_no_demo(settings: Settings) -> None:
    settings.DEMO_MAIL_DIR = None
    with pytest.raises(CommandError, match="only the demo"):
        demo(reset=True)
    assert Pledge.objects.exists()


def test_a_password_from_the_environment_is_everybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLEDGE_DEMO_PASSWORD", "correct horse")
    assert "correct horse" in demo()
    users = get_user_model()._default_manager.order_by("username")
    assert [(user.username, user.check_password("correct horse")) for user in users] == [
        ("admin", True),
        ("editor", True),
        ("moderator", True),
    ]


def test_without_one_known_users_keep_theirs() -> None:
    before = set(get_user_model()._default_manager.values_list("password", flat=True))
    assert "the one they had" in demo()
    assert set(get_user_model()._default_manager.values_list("password", flat=True)) == before


def test_rights_hang_on_the_campaigns_collection(pledge: Pledge) -> None:
    assert pledge.collection == Collection.objects.get(name="Migrant Workers Convention")
    granted = GroupCollectionPermission.objects.filter(
        collection=pledge.collection, permission__content_type__app_label="wagtail_pledge"
    )
    assert set(granted.values_list("group__name", "permission__codename")) == {
        ("Campaign editors", "view_pledge"),
        ("Campaign editors", "change_pledge"),
        ("Campaign moderators", "view_pledge"),
        ("Campaign moderators", "moderate_pledge"),
        ("Campaign moderators", "view_contact_data"),
    }


@pytest.mark.parametrize(("username", "may"), [("admin", True), ("editor", True), ("moderator", False)])
def test_who_may_publish(username: str, may: bool) -> None:
    user = get_user_model()._default_manager.get(username=username)
    page = Page.objects.get(slug="ratify", locale__language_code="es")
    assert page.permissions_for_user(user).can_publish() is may
    assert page.permissions_for_user(user).can_edit() is may


@pytest.mark.parametrize("username", ["admin", "editor", "moderator"])
def test_each_of_them_gets_into_the_admin(client: Client, username: str) -> None:
    client.force_login(get_user_model()._default_manager.get(username=username))
    assert client.get("/admin/").status_code == 200
