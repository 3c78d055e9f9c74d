"""Sending a logo: from the signer's own page, once the mailbox is confirmed, and never with the public form."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.campaigns.test_private_pages import assert_keeps_to_itself
from wagtail_pledge.campaigns.views.confirm import THANKS
from wagtail_pledge.core import http
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.logos import MAX_BYTES
from wagtail_pledge.signing.models import OrganizationLogo, get_signature_model
from wagtail_pledge.signing.services import CONFIRM, MANAGE, approve_logo, logo_digest, logo_of, token_for
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SN2")]


def drawing(form: str = "PNG", size: tuple[int, int] = (300, 100), color: Any = "navy") -> bytes:
    made = BytesIO()
    Image.new("RGB", size, color).save(made, form)
    return made.getvalue()


def file(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


@pytest.fixture
def signature(campaign: Any, organization: Any) -> Any:
    return SignatureFactory(
        pledge=campaign.pledge,
        kind="organization",
        organization="Casa <b>del</b> Pueblo",
        approval=Approval.APPROVED,
        display="name",
    )


@pytest.fixture
def manage_path(signature: Any) -> str:
    return f"/pledge/manage/{token_for(MANAGE, signature)}/"


def send(client: Client, manage_path: str, content: bytes, **more: Any) -> Any:
    return client.post(f"{manage_path}logo/", {"logo": file(content), **more})


def test_a_logo_is_taken_drawn_anew_and_shown_to_its_signer_alone(
    client: Client, signature: Any, manage_path: str, campaign: Any
) -> None:
    before = client.get(manage_path).content.decode()
    assert re.search(r'<form method="post" action="[^"]*/logo/" enctype="multipart/form-data">', before)
    sent = send(client, manage_path, drawing())
    assert (sent.status_code, sent["Location"]) == (303, manage_path)
    assert_keeps_to_itself(sent)
    after = client.get(manage_path)
    assert_keeps_to_itself(after)
    assert "We received this logo" in after.content.decode()
    picture = client.get(f"{manage_path}logo/")
    assert picture["Content-Type"] == "image/webp"
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in picture["Cache-Control"]
    assert "private" in picture["Cache-Control"]
    assert picture.content == bytes(logo_of(signature).content)
    assert picture.content[8:12] == b"WEBP"
    assert client.get(f"{manage_path}logo/?shown").status_code == 404
    assert b"logos/" not in client.get(campaign.url).content


def test_once_approved_its_page_shows_it_without_asking_another_host(
    client: Client, signature: Any, manage_path: str, settings: Any
) -> None:
    send(client, manage_path, drawing())
    content = bytes(logo_of(signature).content)
    approve_logo(signature, digest=logo_digest(content))
    shown = client.get(manage_path)
    assert_keeps_to_itself(shown)
    assert "On the website:" in shown.content.decode()
    assert client.get(f"{manage_path}logo/?shown").content == content
    assert client.get(f"{manage_path}logo/").status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 422, "PNG, JPEG or WebP"),
        (drawing("GIF"), 422, "PNG, JPEG or WebP"),
        (drawing(size=(2001, 20)), 422, "up to 2,000 pixels"),
        (drawing() + bytes(MAX_BYTES), 422, "up to 1 MB"),
        (drawing() + bytes(5 * MAX_BYTES), 422, "up to 1 MB"),
        (b"", 422, "Choose an image"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    client: Client, signature: Any, manage_path: str, content: bytes, status: int, words: str
) -> None:
    send(client, manage_path, drawing(color="red"))
    kept = bytes(logo_of(signature).content)
    answer = send(client, manage_path, content)
    html = answer.content.decode()
    assert answer.status_code == status
    assert "no-store" in answer["Cache-Control"]
    assert "<title>Error:" in html
    assert re.search(
        rf'<div class="pledge-summary" tabindex="-1" autofocus.*?<a href="#logo-file">[^<]*{words}', html, re.DOTALL
    )
    assert re.search(rf'<p class="pledge-error" id="logo-error">[^<]*{words}', html)
    assert 'aria-invalid="true"' in html
    assert "Casa &lt;b&gt;del&lt;/b&gt; Pueblo" in html
    assert bytes(logo_of(signature).content) == kept


def test_no_file_is_said_in_words(client: Client, manage_path: str) -> None:
    for data in ({}, {"logo": "text"}, {"other": file(drawing())}):
        answer = client.post(f"{manage_path}logo/", data)
        assert answer.status_code == 422
        assert "Choose an image" in answer.content.decode()
    assert not OrganizationLogo.objects.exists()


def test_only_the_first_file_is_kept_and_none_touches_the_disk(
    client: Client, signature: Any, manage_path: str, settings: Any, tmp_path: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "nowhere")
    answer = client.post(f"{manage_path}logo/", {"logo": file(drawing()), "second": file(drawing() + bytes(3_000_000))})
    assert answer.status_code == 303
    assert OrganizationLogo.objects.count() == 1


def test_a_body_without_end_is_not_read(client: Client, manage_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 0)
    for length in ("99999999999", "-1", "x"):
        answer = client.generic(
            "POST", f"{manage_path}logo/", b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=length
        )
        assert answer.status_code == 413
        assert "up to 1 MB" in answer.content.decode()
    assert not OrganizationLogo.objects.exists()


@pytest.mark.parametrize("body", [b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data; name=logo\r\n\r\n"])
def test_a_broken_body_is_an_error_of_the_sender(client: Client, manage_path: str, body: bytes) -> None:
    answer = client.post(f"{manage_path}logo/", body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 422
    assert client.post(f"{manage_path}logo/", b"{}", content_type="application/json").status_code == 422
    assert not OrganizationLogo.objects.exists()


def test_it_can_be_taken_back(client: Client, signature: Any, manage_path: str) -> None:
    send(client, manage_path, drawing())
    assert client.post(f"{manage_path}logo/", {"action": "remove"}).status_code == 303
    assert not OrganizationLogo.objects.exists()


def test_who_withdraws_takes_the_logo_along(client: Client, signature: Any, manage_path: str) -> None:
    send(client, manage_path, drawing())
    client.post(manage_path, {"action": "withdraw"})
    assert not OrganizationLogo.objects.exists()
    assert "logo" not in client.get(manage_path).content.decode()


@pytest.mark.parametrize(
    "values",
    [{"kind": "individual"}, {"kind": "organization", "state": "pending"}, {"kind": "organization", "epoch": 2}],
)
def test_for_nobody_else_is_there_such_a_place(
    client: Client, campaign: Any, organization: Any, values: dict[str, Any]
) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, **{"epoch": 1, **values})
    path = f"/pledge/manage/{token_for(MANAGE, signature, epoch=1)}/"
    bad = client.post(f"/pledge/manage/{'A' * 63}/logo/", {"logo": file(drawing())})
    assert "/logo/" not in client.get(path).content.decode()
    assert client.get(f"{path}logo/").status_code == 404
    answer = send(client, path, drawing())
    assert (answer.status_code, answer.content) == (bad.status_code, bad.content)
    assert not OrganizationLogo.objects.exists()


@pytest.mark.parametrize(("kind", "is_offered"), [("organization", True), ("individual", False)])
def test_the_page_after_confirming_leads_there(
    client: Client, campaign: Any, organization: Any, kind: str, is_offered: bool
) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, kind=kind)
    path, link = f"/pledge/confirm/{token_for(CONFIRM, signature)}/", f'/{token_for(MANAGE, signature)}/#logo"'
    assert (link in client.get(f"{path}?new={token_for(THANKS, signature)}").content.decode()) is is_offered
    # Opened again it may be somebody else
    assert link not in client.get(path).content.decode()


def test_the_public_form_takes_no_file(client: Client, organization: Any) -> None:
    html = client.get(organization.url).content.decode()
    assert 'type="file"' not in html
    assert get_signature_model().objects.count() == 0
