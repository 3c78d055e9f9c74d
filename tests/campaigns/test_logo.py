"""Logos: uploaded from the manage page of a confirmed organization, never with the public form."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.campaigns.test_private_pages import assert_private
from wagtail_pledge.core import http
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.logos import MAX_BYTES
from wagtail_pledge.signing.models import OrganizationLogo, get_signature_model
from wagtail_pledge.signing.services import CONFIRM, MANAGE, approve_logo, logo_digest, logo_of, token_for
from wagtail_pledge.testing.factories import SignatureFactory, SubmissionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SN2")]


def image_bytes(form: str = "PNG", size: tuple[int, int] = (300, 100), color: Any = "navy") -> bytes:
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


def upload(client: Client, manage_path: str, content: bytes, **more: Any) -> Any:
    return client.post(f"{manage_path}logo/", {"logo": file(content), **more})


def test_an_uploaded_logo_is_reencoded_and_shown_to_its_signer_only(
    client: Client, signature: Any, manage_path: str, campaign: Any
) -> None:
    before = client.get(manage_path).content.decode()
    assert re.search(r'<form method="post" action="[^"]*/logo/" enctype="multipart/form-data">', before)
    sent = upload(client, manage_path, image_bytes())
    assert (sent.status_code, sent["Location"]) == (303, manage_path)
    assert_private(sent)
    after = client.get(manage_path)
    assert_private(after)
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


def test_an_approved_logo_is_shown_on_the_manage_page(
    client: Client, signature: Any, manage_path: str, settings: Any
) -> None:
    upload(client, manage_path, image_bytes())
    content = bytes(logo_of(signature).content)
    approve_logo(signature, digest=logo_digest(content))
    shown = client.get(manage_path)
    assert_private(shown)
    assert "On the website:" in shown.content.decode()
    assert client.get(f"{manage_path}logo/?shown").content == content
    assert client.get(f"{manage_path}logo/").status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "error"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 422, "PNG, JPEG or WebP"),
        (image_bytes("GIF"), 422, "PNG, JPEG or WebP"),
        (image_bytes(size=(2001, 20)), 422, "up to 2,000 pixels"),
        (image_bytes() + bytes(MAX_BYTES), 422, "up to 1 MB"),
        (image_bytes() + bytes(5 * MAX_BYTES), 422, "up to 1 MB"),
        (b"", 422, "Choose an image"),
    ],
)
def test_an_invalid_file_is_an_error_and_keeps_the_old_logo(
    client: Client, signature: Any, manage_path: str, content: bytes, status: int, error: str
) -> None:
    upload(client, manage_path, image_bytes(color="red"))
    kept = bytes(logo_of(signature).content)
    answer = upload(client, manage_path, content)
    html = answer.content.decode()
    assert answer.status_code == status
    assert "no-store" in answer["Cache-Control"]
    assert "<title>Error:" in html
    assert re.search(
        rf'<div class="pledge-summary" tabindex="-1" autofocus.*?<a href="#logo-file">[^<]*{error}', html, re.DOTALL
    )
    assert re.search(rf'<p class="pledge-error" id="logo-error">[^<]*{error}', html)
    assert 'aria-invalid="true"' in html
    assert "Casa &lt;b&gt;del&lt;/b&gt; Pueblo" in html
    assert bytes(logo_of(signature).content) == kept


@pytest.mark.parametrize("case", ["no field", "no file", "other field"])
def test_a_missing_file_is_an_error(client: Client, manage_path: str, case: str) -> None:
    data = {"no field": {}, "no file": {"logo": "text"}, "other field": {"other": file(image_bytes())}}[case]
    answer = client.post(f"{manage_path}logo/", data)
    assert answer.status_code == 422
    assert "Choose an image" in answer.content.decode()
    assert not OrganizationLogo.objects.exists()


def test_only_the_first_file_is_stored_and_none_is_written_to_disk(
    client: Client, signature: Any, manage_path: str, settings: Any, tmp_path: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "nowhere")
    answer = client.post(
        f"{manage_path}logo/", {"logo": file(image_bytes()), "second": file(image_bytes() + bytes(3_000_000))}
    )
    assert answer.status_code == 303
    assert OrganizationLogo.objects.count() == 1


@pytest.mark.parametrize("length", ["99999999999", "-1", "x"])
def test_a_body_with_an_invalid_length_is_not_read(
    client: Client, manage_path: str, monkeypatch: pytest.MonkeyPatch, length: str
) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 0)
    answer = client.generic(
        "POST", f"{manage_path}logo/", b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=length
    )
    assert answer.status_code == 413
    assert "up to 1 MB" in answer.content.decode()
    assert not OrganizationLogo.objects.exists()


@pytest.mark.parametrize("body", [b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data; name=logo\r\n\r\n"])
def test_a_malformed_body_is_a_client_error(client: Client, manage_path: str, body: bytes) -> None:
    answer = client.post(f"{manage_path}logo/", body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 422
    assert client.post(f"{manage_path}logo/", b"{}", content_type="application/json").status_code == 422
    assert not OrganizationLogo.objects.exists()


def test_a_logo_can_be_removed(client: Client, signature: Any, manage_path: str) -> None:
    upload(client, manage_path, image_bytes())
    assert client.post(f"{manage_path}logo/", {"action": "remove"}).status_code == 303
    assert not OrganizationLogo.objects.exists()


def test_withdrawing_deletes_the_logo(client: Client, signature: Any, manage_path: str) -> None:
    upload(client, manage_path, image_bytes())
    client.post(manage_path, {"action": "withdraw"})
    assert not OrganizationLogo.objects.exists()
    assert "logo" not in client.get(manage_path).content.decode()


@pytest.mark.parametrize(
    "values",
    [{"kind": "individual"}, {"kind": "organization", "state": "withdrawn"}],
)
def test_only_confirmed_organizations_can_upload_a_logo(
    client: Client, campaign: Any, organization: Any, values: dict[str, Any]
) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, **values)
    path = f"/pledge/manage/{token_for(MANAGE, signature)}/"
    bad = client.post(f"/pledge/manage/{'A' * 63}/logo/", {"logo": file(image_bytes())})
    assert "/logo/" not in client.get(path).content.decode()
    assert client.get(f"{path}logo/").status_code == 404
    answer = upload(client, path, image_bytes())
    assert (answer.status_code, answer.content) == (bad.status_code, bad.content)
    assert not OrganizationLogo.objects.exists()


@pytest.mark.parametrize(("kind", "is_offered"), [("organization", True), ("individual", False)])
def test_the_thank_you_page_links_to_the_logo_form_for_organizations(
    client: Client, campaign: Any, organization: Any, kind: str, is_offered: bool
) -> None:
    path = f"/pledge/confirm/{token_for(CONFIRM, SubmissionFactory(pledge=campaign.pledge, kind=kind))}/"
    client.post(path)
    link = f'/{token_for(MANAGE, get_signature_model().objects.get())}/#logo"'
    assert (link in client.get(path).content.decode()) is is_offered
    # In another browser it may be another person
    assert link not in Client().get(path).content.decode()


def test_the_public_form_has_no_file_field(client: Client, organization: Any) -> None:
    html = client.get(organization.url).content.decode()
    assert 'type="file"' not in html
    assert get_signature_model().objects.count() == 0
