"""The command ``pledge_demo``: loads everything, can be repeated, refuses ``--reset`` outside the demo."""

from __future__ import annotations

from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings
from wagtail.models import Collection, GroupCollectionPermission, Page

from example_project.campaign.demo.content import read_sample_signers
from tests import journey
from wagtail_pledge.signing.models import OrganizationLogo, Pledge, SignatureEvent, Statement, get_signature_model
from wagtail_pledge.treaties.models import Treaty

pytestmark = pytest.mark.django_db


def count_rows() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def run_demo(**options: object) -> str:
    output = StringIO()
    call_command("pledge_demo", stdout=output, **options)
    return output.getvalue()


def test_a_second_run_adds_no_row() -> None:
    before = count_rows()
    run_demo()
    assert count_rows() == before


def test_a_second_run_does_not_change_an_edited_page() -> None:
    page = Page.objects.get(slug="ratify", locale__language_code="en").specific
    page.lead = "Our own words."
    page.save_revision().publish()
    run_demo()
    page.refresh_from_db()
    assert page.lead == "Our own words."
    assert not page.has_unpublished_changes


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_language_has_the_whole_campaign_live(language: str) -> None:
    live = Page.objects.live().filter(locale__language_code=language, depth__gt=2)
    assert set(live.values_list("slug", flat=True)) == {
        "ratify",
        "individual",
        "organization",
        "official",
        "zimbabwe",
        "anniversary",
        "treaty",
        "summary",
        "decision",
        "rights",
        "contact",
        "privacy",
    }


def test_every_signer_type_has_one_statement_in_each_language() -> None:
    frozen = Statement.objects.values_list("signer_type__kind", "locale", "number")
    kinds = ("individual", "organization", "elected-official")
    assert set(frozen) == {(kind, code, 1) for kind in kinds for code in ("en", "es")}


def test_treaty_data_is_loaded() -> None:
    assert Treaty.objects.get(key="cmw").actions.exists()
    assert Treaty.objects.filter(as_of__isnull=False).count() > 10


def test_generated_signatures_are_counted_and_not_added_twice(client: Client, pledge: Pledge) -> None:
    run_demo(signatures=45)
    kinds = journey.counted(client, pledge)["kinds"]
    assert kinds == {"individual": 43, "organization": 2, "elected-official": 0}
    assert SignatureEvent.objects.count() == 45 + 2
    run_demo(signatures=45)
    assert journey.counted(client, pledge)["kinds"] == kinds
    run_demo(signatures=50)
    assert journey.counted(client, pledge)["total"] == 50


def test_generated_signatures_are_encrypted_like_others(pledge: Pledge) -> None:
    run_demo(signatures=20)
    signature = get_signature_model()._default_manager.order_by("pk").last()
    assert signature.email == "demo-0000019@example.org"
    assert signature.public_name.startswith(signature.details["organization"])
    raw = get_signature_model()._default_manager.raw("SELECT * FROM wagtail_pledge_signature")
    assert signature.uuid in {row.uuid for row in raw}


@pytest.mark.indexed
def test_reset_deletes_the_demo_and_loads_it_again() -> None:
    old = Pledge.objects.get().uuid
    before = count_rows()
    output = run_demo(reset=True)
    assert "Deleted" in output
    assert Pledge.objects.get().uuid != old
    after = count_rows()
    logs = {"wagtailcore.PageLogEntry", "wagtailcore.ModelLogEntry"}
    assert {label for label in before if before[label] != after[label]} <= logs


def test_reset_deletes_signatures_and_logos() -> None:
    run_demo(signatures=20)
    logo = OrganizationLogo.objects.get()
    storage, name = logo.file.storage, logo.file.name
    assert storage.exists(name)
    run_demo(reset=True)
    assert not get_signature_model()._default_manager.exists()
    assert not OrganizationLogo.objects.exists()
    assert not storage.exists(name)


@pytest.mark.requirement("SN3")
def test_only_the_sample_organizations_have_logos() -> None:
    run_demo(signatures=160)
    named = [organization["name"] for organization in read_sample_signers()["organizations"]]
    with_logo = {logo.signature_uuid for logo in OrganizationLogo.objects.exclude(file="")}
    signatures = list(get_signature_model()._default_manager.filter(kind="organization"))
    assert len(signatures) == 8
    assert sorted(one.organization.name for one in signatures if one.uuid in with_logo) == sorted(named)
    assert all(one.uuid in with_logo or one.organization.name not in named for one in signatures)


def test_a_second_run_keeps_the_logo() -> None:
    run_demo(signatures=20)
    before = OrganizationLogo.objects.get().file.name
    run_demo(signatures=21)
    assert OrganizationLogo.objects.get().file.name == before


def test_reset_is_refused_outside_the_demo(settings: Settings) -> None:
    settings.DEMO_MAIL_DIR = None
    with pytest.raises(CommandError, match="only the demo settings"):
        run_demo(reset=True)
    assert Pledge.objects.exists()


def test_the_password_from_the_environment_is_set_for_all_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLEDGE_DEMO_PASSWORD", "correct horse")
    assert "correct horse" in run_demo()
    users = get_user_model()._default_manager.order_by("username")
    assert [(user.username, user.check_password("correct horse")) for user in users] == [
        ("admin", True),
        ("editor", True),
        ("moderator", True),
    ]


def test_without_a_password_existing_users_keep_theirs() -> None:
    before = set(get_user_model()._default_manager.values_list("password", flat=True))
    assert "password: unchanged" in run_demo()
    assert set(get_user_model()._default_manager.values_list("password", flat=True)) == before


def test_permissions_are_granted_on_the_campaigns_collection(pledge: Pledge) -> None:
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


@pytest.mark.parametrize(("username", "can_publish"), [("admin", True), ("editor", True), ("moderator", False)])
def test_only_editors_can_publish(username: str, can_publish: bool) -> None:
    user = get_user_model()._default_manager.get(username=username)
    page = Page.objects.get(slug="ratify", locale__language_code="es")
    assert page.permissions_for_user(user).can_publish() is can_publish
    assert page.permissions_for_user(user).can_edit() is can_publish


@pytest.mark.parametrize("username", ["admin", "editor", "moderator"])
def test_every_demo_user_can_open_the_admin(client: Client, username: str) -> None:
    client.force_login(get_user_model()._default_manager.get(username=username))
    assert client.get("/admin/").status_code == 200
