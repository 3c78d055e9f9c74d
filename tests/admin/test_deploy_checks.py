"""System checks for deployment: who may see contact data without a second factor, weak settings, risky documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.checks import run_checks
from pytest_django import Settings
from wagtail.models import Collection, GroupCollectionPermission

from wagtail_pledge.admin.permissions import PledgePermission

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("PV5")]

VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]


def named_second(user: Any) -> bool:
    """Return whether a user of these tests has a second factor."""
    return bool(user.username.startswith("second"))


def found(check: str) -> list[str]:
    """Return the messages of one check."""
    messages = run_checks(include_deployment_checks=True, databases=["default"])
    return [message.msg for message in messages if message.id == f"wagtail_pledge.{check}"]


@pytest.fixture
def user_with() -> Callable[..., Any]:
    def create(username: str, *permissions: PledgePermission, **fields: Any) -> Any:
        user = get_user_model()._default_manager.create_user(username, **fields)
        group = Group.objects.create(name=username)
        user.groups.add(group)
        for permission in permissions:
            GroupCollectionPermission.objects.create(
                group=group,
                collection=Collection.get_first_root_node().add_child(name=username),
                permission=Permission.objects.get(content_type__app_label="wagtail_pledge", codename=permission),
            )
        return user

    return create


def test_users_who_may_see_contact_data_need_a_second_factor(settings: Settings, user_with: Callable[..., Any]) -> None:
    assert found("W014") == []
    user_with("contact", PledgePermission.VIEW, PledgePermission.CONTACT)
    user_with("chief", is_superuser=True)
    user_with("moderator", PledgePermission.VIEW, PledgePermission.MODERATE, PledgePermission.CHANGE)
    user_with("gone", PledgePermission.CONTACT, is_active=False)
    user_with("second", PledgePermission.CONTACT)
    (message,) = found("W014")
    assert message == "3 user(s) who may see contact data have no second factor: chief, contact, second"
    settings.WAGTAIL_PLEDGE_SECOND_FACTOR = f"{__name__}.named_second"
    (message,) = found("W014")
    assert message == "2 user(s) who may see contact data have no second factor: chief, contact"


def test_the_database_is_only_asked_when_it_may_be(user_with: Callable[..., Any]) -> None:
    user_with("chief", is_superuser=True)
    assert "wagtail_pledge.W014" not in {message.id for message in run_checks(include_deployment_checks=True)}
    assert "wagtail_pledge.W014" not in {message.id for message in run_checks(databases=["default"])}


def test_only_five_names_are_shown(user_with: Callable[..., Any]) -> None:
    for number in range(7):
        user_with(f"user{number}", PledgePermission.CONTACT)
    (message,) = found("W014")
    assert message.startswith("7 user(s)")
    assert message.endswith("user0, user1, user2, user3, user4 …")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("AUTH_PASSWORD_VALIDATORS", [], "AUTH_PASSWORD_VALIDATORS is empty, so staff can choose any password"),
        ("SESSION_COOKIE_AGE", 12 * 3600 + 1, "SESSION_COOKIE_AGE is more than 12 hours"),
        ("INSTALLED_APPS", None, "Failed logins are not limited"),
    ],
)
def test_weak_settings_of_staff_accounts_are_reported(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: Any, message: str
) -> None:
    settings.AUTH_PASSWORD_VALIDATORS, settings.SESSION_COOKIE_AGE = VALIDATORS, 12 * 3600
    installed = {"wagtail.documents", "axes"}
    monkeypatch.setattr("wagtail_pledge.admin.checks.apps.is_installed", installed.__contains__)
    assert found("W015") == []
    if value is None:
        installed.remove("axes")
    else:
        setattr(settings, name, value)
    assert found("W015") == [message]


@pytest.mark.parametrize(
    "extension", ["html", "HTML", ".htm", "svg", "js", "mjs", "xml", "xhtml", "shtml", "phtml", "mht", "xsl", "swf"]
)
def test_documents_that_a_browser_runs_are_reported(settings: Settings, extension: str) -> None:
    settings.WAGTAILDOCS_EXTENSIONS = ["pdf", "csv"]
    assert found("W016") == []
    settings.WAGTAILDOCS_EXTENSIONS = ["pdf", extension, "csv"]
    assert found("W016") == [f"WAGTAILDOCS_EXTENSIONS allows {extension}"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("EXTENSIONS", None, "WAGTAILDOCS_EXTENSIONS is not set"),
        ("INLINE_CONTENT_TYPES", ["text/html", "application/pdf"], "WAGTAILDOCS_INLINE_CONTENT_TYPES shows text/html"),
        ("BLOCK_EMBEDDED_CONTENT", False, "WAGTAILDOCS_BLOCK_EMBEDDED_CONTENT is False"),
    ],
)
def test_risky_settings_of_documents_are_reported(settings: Settings, name: str, value: Any, message: str) -> None:
    settings.WAGTAILDOCS_EXTENSIONS = ["pdf"]
    settings.WAGTAILDOCS_INLINE_CONTENT_TYPES = []
    assert found("W016") == []
    setattr(settings, f"WAGTAILDOCS_{name}", value)
    assert found("W016") == [message]
