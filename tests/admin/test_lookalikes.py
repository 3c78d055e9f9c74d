"""An organization drawn like one that was approved: whoever approves is told so."""

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


def inspected(client: Client, signature: Any) -> str:
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
def test_a_name_drawn_like_an_approved_one_waits_with_a_warning(
    log_in: Login, our_campaign: Campaign, approved: str, asked: str
) -> None:
    OrganizationFactory(name=approved, country="CA")
    page = inspected(log_in("moderator"), waiting(our_campaign, asked))
    assert WARNING in page
    assert f"<bdi>{approved}</bdi> (CA)" in page


@pytest.mark.parametrize("asked", ["Casa del Pueblo", "CASA DEL PUEBLO", "Casa-del-Pueblo"])
def test_the_same_organization_again_is_no_look_alike_unless_it_is_of_another_country(
    log_in: Login, our_campaign: Campaign, asked: str
) -> None:
    OrganizationFactory(name="Casa del Pueblo", country="US")
    client = log_in("moderator")
    assert WARNING not in inspected(client, waiting(our_campaign, asked))
    assert WARNING in inspected(client, waiting(our_campaign, asked, country="DE"))


def test_another_name_and_a_person_are_left_alone(log_in: Login, our_campaign: Campaign) -> None:
    OrganizationFactory(name="Ana of Ours")
    client = log_in("moderator")
    assert WARNING not in inspected(client, waiting(our_campaign, "Union of Bakers"))
    assert WARNING not in inspected(client, our_campaign.person)


def test_nobody_is_warned_of_what_is_decided(log_in: Login, our_campaign: Campaign) -> None:
    OrganizationFactory(name="Admin", country="CA")
    assert WARNING not in inspected(
        log_in("moderator"), waiting(our_campaign, "\u0410dmin", approval=Approval.APPROVED)
    )


def test_who_may_not_see_names_is_warned_without_them(log_in: Login, our_campaign: Campaign) -> None:
    OrganizationFactory(name="Admin")
    page = inspected(log_in("blind moderator"), waiting(our_campaign, "\u0410dmin"))
    assert WARNING in page
    assert "Admin<" not in page
    assert "\u0410dmin" not in page


def test_who_may_not_decide_is_not_asked_to_look(log_in: Login, our_campaign: Campaign) -> None:
    OrganizationFactory(name="Admin")
    assert WARNING not in inspected(log_in("viewer"), waiting(our_campaign, "\u0410dmin"))


def test_a_batch_says_which_of_it_to_look_at_with_one_query(log_in: Login, our_campaign: Campaign) -> None:
    OrganizationFactory(name="Admin")
    asked = [waiting(our_campaign, name) for name in ("\u0410dmin", "Union of Bakers", "Adm\u0456n")]
    model = get_signature_model()._meta
    url = reverse("wagtail_bulk_action", args=[model.app_label, model.model_name, "approve"])
    client = log_in("moderator")
    with CaptureQueriesContext(connection) as queries:
        page = text(client.get(url, {"id": [row.pk for row in asked]}))
    assert page.count("its name looks like that of an approved organization") == 2
    assert len([q for q in queries.captured_queries if 'FROM "wagtail_pledge_organization"' in q["sql"]]) == 1
