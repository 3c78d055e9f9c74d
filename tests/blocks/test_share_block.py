"""Share block: plain links, the page's own URL, and a QR code."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from tests.blocks.test_blocks import make_pledge, preview, shown
from wagtail_pledge.blocks import base, share
from wagtail_pledge.core import qr

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP12", "CP9")]

URL = "https://x.example/en/ratify/"
VALUE = {"pledge": "", "heading": "Ask three", "text": "", "message": "", "qr": True}


def on_page(value: dict[str, Any], **context: Any) -> str:
    """Render the block on the pledge's own page."""
    pledge = make_pledge()
    page = SimpleNamespace(pledge_id=pledge.pk, full_url=URL, title="Ratify & win: 100%")
    return shown("share", value, pledge=pledge, page=page, **context)


def links(html: str) -> dict[str, str]:
    """Return the URLs of the links by their text."""
    found = re.findall(r'<a class="[^"]*"(?: rel="[^"]*")? href="([^"]*)">([^<]*)</a>', html)
    return {text: address.replace("&amp;", "&") for address, text in found}


def test_each_link_contains_only_the_message_and_the_url() -> None:
    found = links(on_page(VALUE))
    message = f"Ratify & win: 100% {URL}"
    queries = {text: parse_qs(urlsplit(address).query) for text, address in found.items()}
    assert list(found) == ["WhatsApp", "Text message", "Email", "Telegram", "Facebook", "Bluesky"]
    assert queries["WhatsApp"] == {"text": [message]}
    assert queries["Text message"] == {"body": [message]}
    assert queries["Email"] == {"subject": ["Ratify & win: 100%"], "body": [message]}
    assert queries["Telegram"] == {"url": [URL], "text": ["Ratify & win: 100%"]}
    assert queries["Facebook"] == {"u": [URL]}
    assert queries["Bluesky"] == {"text": [message]}


def test_no_third_party_resource_is_loaded() -> None:
    html = on_page(VALUE)
    assert "<script" not in html
    assert "<img" not in html
    assert "<iframe" not in html
    outside = re.findall(r'<a [^>]*href="https://(?!x\.example)[^>]*>', html)
    assert len(outside) == 4
    assert [tag for tag in outside if 'rel="noopener noreferrer"' not in tag] == []


def test_buttons_that_require_a_script_are_hidden_without_one() -> None:
    html = on_page(VALUE)
    assert re.findall(r"<li hidden><button[^>]* (data-share|data-copy)", html) == ["data-share", "data-copy"]
    assert f'data-share-url="{URL}"' in html


def test_an_editor_sets_heading_and_message() -> None:
    assert parse_qs(urlsplit(links(on_page({**VALUE, "message": "Come & sign"}))["WhatsApp"]).query) == {
        "text": [f"Come & sign {URL}"]
    }


def test_the_qr_code_shows_its_url_and_can_be_downloaded() -> None:
    with translation.override("es"):
        html, name = on_page(VALUE), translation.gettext("QR code: %(url)s") % {"url": URL}
    assert qr.qr_inline(URL, name) in html
    assert f"<bdi>{URL}</bdi>" in html
    assert re.findall(r'/qr\.(\w+)\?lang=es" download', html) == ["svg", "png"]


def test_the_qr_code_of_the_own_page_is_a_file_that_loads_when_it_is_seen() -> None:
    html = on_page(VALUE, qr_url="/pledge/qr.svg?lang=en")
    [image] = re.findall("<img [^>]*>", html)
    assert 'src="/pledge/qr.svg?lang=en"' in image
    assert f'alt="QR code: {URL}"' in image
    assert 'loading="lazy"' in image
    assert "<svg" not in html
    # A draft has no public address, so its preview draws the code
    assert "<svg" in on_page(VALUE, qr_url="/pledge/qr.svg?lang=en", is_preview=True)


def test_the_qr_code_is_optional() -> None:
    html = on_page({**VALUE, "qr": False}, qr_url="/pledge/qr.svg?lang=en")
    assert "<img" not in html
    assert "<svg" not in html
    assert "qr.svg" not in html
    assert f"<bdi>{URL}</bdi>" in html


def test_without_the_qr_package_links_are_shown_and_the_editor_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    qr.qr_inline.cache_clear()
    monkeypatch.setattr(qr, "IS_INSTALLED", False)
    assert len(links(on_page(VALUE))) == 6
    assert "segno" not in on_page(VALUE)
    assert "pip install wagtail-pledge[qr]" in on_page(VALUE, is_preview=True)
    qr.qr_inline.cache_clear()


def test_another_campaign_is_shared_by_its_own_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "pledge_url", lambda _pledge, _locale: "https://x.example/other/")
    html = on_page({**VALUE, "pledge": str(make_pledge(title="Internal").uuid)})
    assert "https%3A//x.example/other/" in html or "https%3A%2F%2Fx.example%2Fother%2F" in html
    assert URL not in html
    assert "Internal" not in html


def test_a_child_page_shares_the_campaign_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "pledge_url", lambda _pledge, _locale: "https://x.example/call/")
    page = SimpleNamespace(full_url="https://x.example/call/individual/", title="As an individual")
    html = shown("share", VALUE, pledge=make_pledge(), page=page)
    assert 'data-share-url="https://x.example/call/"' in html


def test_a_campaign_without_a_url_shows_nothing() -> None:
    assert shown("share", VALUE, pledge=make_pledge()) == ""
    assert shown("share", {**VALUE, "pledge": "11111111-2222-4333-8444-555555555555"}) == ""


def test_the_block_on_its_own_campaign_page_needs_no_query(django_assert_num_queries: Any) -> None:
    pledge = make_pledge()
    page = SimpleNamespace(pledge_id=pledge.pk, full_url=URL, title="Ratify")
    with django_assert_num_queries(0):
        assert URL in shown("share", VALUE, pledge=pledge, page=page)


def test_the_preview_shares_a_sample() -> None:
    assert "https://example.org/en/ratify/" in preview("share")
