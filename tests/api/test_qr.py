"""The QR code as a file."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Locale, PageViewRestriction, Site

from tests.campaign_fixtures import campaign
from wagtail_pledge.core import qr
from wagtail_pledge.core.registry import pledge_url
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge

__all__ = ["campaign"]

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP12")]

HOST = "http://x.example"


@pytest.fixture
def pledge(campaign: Any) -> Pledge:
    """A campaign in two languages."""
    Site.objects.update(hostname="x.example")
    Site.clear_site_root_paths_cache()
    spanish = Locale.objects.get_or_create(language_code="es")[0]
    campaign.copy_for_translation(spanish, copy_parents=True).save_revision().publish()
    made: Pledge = campaign.pledge
    return made


def encoded(url: str) -> bytes:
    """Return the PNG of ``url``, drawn by the library alone."""
    return qr.qr_file(url, "png")


@pytest.mark.parametrize(("query", "language"), [("", "en"), ("?lang=es", "es"), ("?lang=xx", "en")])
def test_it_holds_the_address_of_the_page_in_the_language(
    client: Client, pledge: Pledge, query: str, language: str
) -> None:
    answer = client.get(f"/pledge/{pledge.uuid}/qr.png{query}", headers={"Accept-Language": "es"})
    assert answer.content == encoded(f"{HOST}/{language}/ratify/")
    assert answer.content != encoded(f"{HOST}/")
    assert answer["Content-Type"] == "image/png"
    assert "Accept-Language" not in answer.get("Vary", "")
    assert "max-age=3600" in answer["Cache-Control"]
    assert "public" in answer["Cache-Control"]
    assert not answer.cookies


def test_it_comes_as_svg_to_keep(client: Client, pledge: Pledge) -> None:
    answer = client.get(f"/pledge/{pledge.uuid}/qr.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Content-Disposition"] == 'attachment; filename="qr.svg"'
    assert answer.content.count(b"<path") == 2


def test_there_is_none_where_nothing_is_public(client: Client, pledge: Pledge, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/pledge/{pledge.uuid}/qr.svg"
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 405
    assert client.get(f"/pledge/{uuid.uuid4()}/qr.svg").status_code == 404
    with monkeypatch.context() as patched:
        patched.setattr(qr, "IS_INSTALLED", False)
        assert client.get(path).status_code == 404
    Pledge.objects.update(state=PledgeState.DRAFT)
    assert client.get(path).status_code == 404


def test_it_leads_nobody_to_a_page_behind_a_password(client: Client, pledge: Pledge, campaign: Any) -> None:
    path = f"/pledge/{pledge.uuid}/qr.png"
    PageViewRestriction.objects.create(page=campaign, restriction_type="password", password="x")
    assert client.get(path).content == encoded(f"{HOST}/es/ratify/")
    for page in type(campaign).objects.exclude(pk=campaign.pk):
        PageViewRestriction.objects.create(page=page, restriction_type="login")
    assert client.get(path).status_code == 404
    # Who signed was let in: mail still leads there
    assert pledge_url(pledge, "en") == f"{HOST}/en/ratify/"
