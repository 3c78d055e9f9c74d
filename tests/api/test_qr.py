"""The QR code as a file."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from wagtail_pledge.core import qr
from wagtail_pledge.core.registry import pledge_urls
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.testing.factories import PledgeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP12")]


@pytest.fixture
def pledge(monkeypatch: pytest.MonkeyPatch) -> Pledge:
    monkeypatch.setitem(pledge_urls._entries, "page", lambda _pledge, locale: f"https://x.example/{locale}/ratify/")
    made: Pledge = PledgeFactory()
    return made


def encoded(url: str) -> bytes:
    """Return the PNG of ``url``, drawn by the library alone."""
    return qr.qr_file(url, "png")


@pytest.mark.parametrize(("query", "language"), [("", "en"), ("?lang=es", "es"), ("?lang=xx", "en")])
def test_it_holds_the_address_of_the_page_in_the_language(
    client: Client, pledge: Pledge, query: str, language: str
) -> None:
    answer = client.get(f"/pledge/{pledge.uuid}/qr.png{query}", headers={"Accept-Language": "es"})
    assert answer.content == encoded(f"https://x.example/{language}/ratify/")
    assert answer.content != encoded("https://x.example/")
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
    with monkeypatch.context() as patched:
        patched.setitem(pledge_urls._entries, "page", lambda _pledge, _locale: "")
        assert client.get(path).status_code == 404
    Pledge.objects.update(state=PledgeState.DRAFT)
    assert client.get(path).status_code == 404
