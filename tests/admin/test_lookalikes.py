"""A name that looks like that of an approved organization: moderators see a warning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin.conftest import Campaign
from tests.admin.responses import text
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.testing.factories import OrganizationFactory, SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("I07", "D9"), pytest.mark.swappable]

Login = Callable[[str], Client]
WARNING = "looks like that of an organization that was approved before"


def waiting(our_campaign: Campaign, name: str, **more: Any) -> Any:
    more.setdefault("approval", Approval.WAITING)
    return SignatureFactory(pledge=our_campaign.pledge, kind="organization", organization=name, **more)


def inspect_page(client: Client, signature: Any) -> str:
    return text(client.get(reverse("wagtail_pledge_signatures:inspect", args=[signature.pk])))


@pytest.mark.parametrize(
    ("approved", "asked"),
    [
        ("Admin", "\u0410dmin"),
        ("Banco Mundial", "\u0412anco Mundial"),
        ("HOPE", "\u041d\u041e\u0420\u0415"),
        ("Casa del Pueblo", "Casa de1 Pueb1o"),
        ("Modern Union", "Modem Union"),
        ("Amnesty", "\uff21mnesty\u00b7"),
    ],
)
def test_a_lookalike_of_an_approved_name_shows_a_warning(
    log_in: Login, our_campaign: Campaign, approved: str, asked: str
) -> None:
    OrganizationFactory(name=approved, country="CA")
    page = inspect_page(log_in("moderator"), waiting(our_campaign, asked))
    assert WARNING in page
    assert f"<bdi>{approved}</bdi> (CA)" in page


@pytest.mark.parametrize("asked", ["Casa del Pueblo", "CASA DEL PUEBLO", "Casa-del-Pueblo"])
def test_the_same_organization_is_a_lookalike_only_from_another_country(
    log_in: Login, our_campaign: Campaign, asked: str
) -> None:
    OrganizationFactory(name="Casa del Pueblo", country="US")
    client = log_in("moderator")
    assert WARNING not in inspect_page(client, waiting(our_campaign, asked))
    assert WARNING in inspect_page(client, waiting(our_campaign, asked, country="DE"))


def test_other_names_and_persons_show_no_warning(log_in: Login, our_campaign: Campaign) -> None:
    OrganizationFactory(name="Ana of Ours")
    client = log_in("moderator")
    assert WARNING not in inspect_page(client, waiting(our_campaign, "Union of Bakers"))
    assert WARNING not in inspect_page(client, our_campaign.person)


def test_decided_signatures_show_no_warning(log_in: Login, our_campaign: Campaign) -> None:
    OrganizationFactory(name="Admin", country="CA")
    assert WARNING not in inspect_page(
        log_in("moderator"), waiting(our_campaign, "\u0410dmin", approval=Approval.APPROVED)
    )


def test_users_without_the_view_permission_are_warned_without_names(log_in: Login, our_campaign: Campaign) -> None:
    OrganizationFactory(name="Admin")
    page = inspect_page(log_in("blind moderator"), waiting(our_campaign, "\u0410dmin"))
    assert WARNING in page
    assert "Admin<" not in page
    assert "\u0410dmin" not in page


def test_users_without_the_moderate_permission_see_no_warning(log_in: Login, our_campaign: Campaign) -> None:
    OrganizationFactory(name="Admin")
    assert WARNING not in inspect_page(log_in("viewer"), waiting(our_campaign, "\u0410dmin"))


def test_bulk_confirmation_marks_lookalikes_with_one_query(log_in: Login, our_campaign: Campaign) -> None:
    OrganizationFactory(name="Admin")
    asked = [waiting(our_campaign, name) for name in ("\u0410dmin", "Union of Bakers", "Adm\u0456n")]
    model = get_signature_model()._meta
    url = reverse("wagtail_bulk_action", args=[model.app_label, model.model_name, "approve"])
    client = log_in("moderator")
    with CaptureQueriesContext(connection) as queries:
        page = text(client.get(url, {"id": [row.pk for row in asked]}))
    assert page.count("its name looks like that of an approved organization") == 2
    assert len([q for q in queries.captured_queries if 'FROM "wagtail_pledge_organization"' in q["sql"]]) == 1
