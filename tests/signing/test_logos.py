"""Uploaded logos: accepted formats, re-encoding, review, and rejection before decompression."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.logos import MAX_BYTES, LogoRefused, reencode_logo
from wagtail_pledge.signing.models import OrganizationLogo
from wagtail_pledge.signing.services import (
    LogoChanged,
    approve_logo,
    can_have_logo,
    logo_digest,
    logo_of,
    public_organizations,
    reject,
    reject_logo,
    remove_logo,
    submit_logo,
    withdraw,
)
from wagtail_pledge.signing.services.bulk_review import ReviewRule, invalidate
from wagtail_pledge.signing.services.logos import OrganizationNotShown
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.requirement("SN2", "SN5"), pytest.mark.swappable]

SCRIPT = b"<script>alert(document.domain)</script>"


def drawing(form: str = "PNG", size: tuple[int, int] = (300, 100), color: Any = "navy", **options: Any) -> bytes:
    made = BytesIO()
    mode = options.pop("mode", "RGB")
    Image.new(mode, size, color).save(made, form, **options)
    return made.getvalue()


def upload(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


def refusal(content: bytes, name: str = "logo.png") -> str:
    with pytest.raises(LogoRefused) as refused:
        reencode_logo(upload(content, name))
    return refused.value.code


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int) -> bytes:
    """Return a small PNG file that declares a large size."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 9999)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        drawing("PNG"),
        drawing("JPEG"),
        drawing("WEBP"),
        drawing("PNG", mode="RGBA", color=(0, 0, 128, 255)),
        drawing("PNG", mode="P", color=3),
        drawing("PNG", mode="L", color=9),
        drawing("JPEG", mode="CMYK", color=(255, 255, 0, 0)),
        drawing("PNG", size=(2000, 2000)),
    ],
)
def test_every_accepted_format_becomes_a_tile_of_one_size_on_white(content: bytes) -> None:
    with Image.open(BytesIO(reencode_logo(upload(content)))) as tile:
        assert (tile.format, tile.mode, tile.size) == ("WEBP", "RGB", (480, 240))
        middle = tile.getpixel((240, 120))
        corner = tile.getpixel((1, 1))
        assert middle[0] < 60
        assert corner[0] > 250


def test_transparent_pixels_become_white() -> None:
    clear = drawing("PNG", size=(480, 240), mode="RGBA", color=(0, 0, 0, 0))
    with Image.open(BytesIO(reencode_logo(upload(clear)))) as tile:
        assert min(low for low, _high in tile.getextrema()) > 250


def with_metadata(form: str) -> bytes:
    about = PngInfo()
    about.add_text("Comment", SCRIPT.decode())
    exif = Image.Exif()
    exif[0x010E] = "Taken at 34.05 N by Quinta Canary"
    return {
        "PNG": lambda: drawing("PNG", pnginfo=about, exif=exif) + SCRIPT,
        "JPEG": lambda: drawing("JPEG", exif=exif, comment=SCRIPT) + b"PK\x03\x04" + SCRIPT,
        "WEBP": lambda: drawing("WEBP", exif=exif, xmp=SCRIPT),
    }[form]()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_metadata_and_appended_data_are_removed(form: str) -> None:
    content = with_metadata(form)
    assert b"Canary" in content
    assert b"<script" in content
    drawn = reencode_logo(upload(content, "logo.png.html"))
    assert b"Canary" not in drawn
    assert b"<script" not in drawn
    assert not {b"EXIF", b"XMP ", b"ICCP"} & {drawn[i : i + 4] for i in range(len(drawn))}


def test_a_photo_is_rotated_by_its_exif_orientation() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(BytesIO(reencode_logo(upload(drawing("JPEG", size=(200, 100), exif=exif))))) as tile:
        assert tile.getpixel((240, 5))[0] < 60
        assert tile.getpixel((100, 120))[0] > 250


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "logo.svg"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "logo.png"),
        (drawing("GIF"), "logo.gif"),
        (drawing("BMP"), "logo.png"),
        (drawing("TIFF"), "logo.png"),
        (b"%PDF-1.7", "logo.png"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "logo.png"),
        (SCRIPT, "logo.png"),
        (drawing("PNG", size=(900, 900))[:200], "logo.png"),
        (drawing("JPEG")[:-200], "logo.jpg"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 500, "logo.png"),
        (png_of(100, 100)[:-30], "logo.png"),
    ],
)
def test_files_other_than_raster_images_are_rejected(content: bytes, name: str) -> None:
    assert refusal(content, name) == "unreadable"


@pytest.mark.parametrize("size", [(2001, 10), (10, 2001), (5000, 5000), (60000, 60000)])
def test_a_decompression_bomb_is_rejected_before_it_is_decompressed(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda _self: pytest.fail("unpacked"))
    assert refusal(png_of(*size)) == "too_large"


def test_too_large_and_empty_files_are_rejected() -> None:
    assert refusal(drawing() + b"\0" * MAX_BYTES) == "too_heavy"
    assert refusal(b"") == "empty"
    with pytest.raises(LogoRefused):
        reencode_logo(None)


@pytest.fixture
def signature(db: None) -> Any:
    return SignatureFactory(
        kind="organization", organization="Casa", approval=Approval.APPROVED, display="name", name="Clara Clerk"
    )


def logos(signature: Any) -> list[str]:
    return [one.logo for one in public_organizations(signature.pledge, 60)]


def test_a_logo_is_written_to_a_file_only_once_approved(signature: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    content = reencode_logo(upload(drawing()))
    submit_logo(signature, content)
    assert list(tmp_path.rglob("*.*")) == []
    assert logos(signature) == [""]
    approve_logo(signature, digest=logo_digest(content))
    (stored,) = tmp_path.rglob("*.*")
    assert stored.read_bytes() == content
    assert logos(signature) == [f"/media/wagtail_pledge/logos/{stored.name}"]
    assert "asa" not in stored.name
    assert bytes(logo_of(signature).content) == b""


@pytest.mark.parametrize("decide", [approve_logo, reject_logo])
@pytest.mark.parametrize("digest", ["earlier", "", logo_digest(b"")], ids=["earlier logo", "none", "empty file"])
def test_only_the_displayed_logo_can_be_approved_or_rejected(signature: Any, decide: Any, digest: str) -> None:
    first, second = reencode_logo(upload(drawing())), reencode_logo(upload(drawing(color="red")))
    submit_logo(signature, first)
    submit_logo(signature, second)
    with pytest.raises(LogoChanged):
        decide(signature, digest=logo_digest(first) if digest == "earlier" else digest)
    assert logo_of(signature).is_waiting
    assert logos(signature) == [""]


def test_the_approved_logo_is_kept_while_another_waits_or_is_rejected(
    signature: Any, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = reencode_logo(upload(drawing())), reencode_logo(upload(drawing(color="red")))
    submit_logo(signature, first)
    approve_logo(signature, digest=logo_digest(first))
    (before,) = logos(signature)
    name = logo_of(signature).file.name
    submit_logo(signature, second)
    assert logos(signature) == [before]
    reject_logo(signature, digest=logo_digest(second))
    assert logos(signature) == [before]
    assert logo_of(signature).was_rejected
    submit_logo(signature, second)
    with django_capture_on_commit_callbacks(execute=True):
        approve_logo(signature, digest=logo_digest(second))
    assert logos(signature) != [before]
    assert not default_storage.exists(name)


@pytest.mark.parametrize(
    "remove",
    [
        remove_logo,
        lambda signature: withdraw(signature, epoch=1),
        lambda signature: reject(signature, reason="Not an organization"),
    ],
    ids=["remove", "withdraw", "reject"],
)
def test_removing_the_logo_or_the_organization_deletes_the_file(
    signature: Any, remove: Any, django_capture_on_commit_callbacks: Any
) -> None:
    content = reencode_logo(upload(drawing()))
    submit_logo(signature, content)
    approve_logo(signature, digest=logo_digest(content))
    name = logo_of(signature).file.name
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        remove(signature)
    assert not OrganizationLogo.objects.exists()
    assert not default_storage.exists(name)


@pytest.mark.parametrize("has_newer", [False, True])
def test_an_organization_marked_invalid_has_no_public_logo(
    signature: Any, has_newer: bool, django_capture_on_commit_callbacks: Any
) -> None:
    content, newer = reencode_logo(upload(drawing())), reencode_logo(upload(drawing(color="red")))
    submit_logo(signature, content)
    approve_logo(signature, digest=logo_digest(content))
    name = logo_of(signature).file.name
    if has_newer:
        submit_logo(signature, newer)
    with django_capture_on_commit_callbacks(execute=True):
        invalidate(signature.pledge, ReviewRule(kind="organization"), actor=None, reason="A hoax")
    assert not default_storage.exists(name)
    logo = logo_of(signature)
    assert (logo.is_shown, bytes(logo.content)) == (False, newer if has_newer else content)
    with pytest.raises(OrganizationNotShown):
        approve_logo(signature, digest=logo_digest(bytes(logo.content)))
    assert not logo_of(signature).is_shown


def test_the_logo_of_a_rejected_organization_is_not_published(signature: Any) -> None:
    reject(signature, reason="Not an organization")
    content = reencode_logo(upload(drawing()))
    submit_logo(signature, content)
    with pytest.raises(OrganizationNotShown):
        approve_logo(signature, digest=logo_digest(content))
    assert not logo_of(signature).is_shown


@pytest.mark.parametrize(
    ("values", "is_allowed"),
    [
        ({"kind": "organization"}, True),
        ({"kind": "organization", "approval": Approval.REJECTED}, True),
        ({"kind": "organization", "state": "withdrawn"}, False),
        ({"kind": "individual"}, False),
    ],
)
def test_only_a_confirmed_organization_can_have_a_logo(db: None, values: dict[str, Any], is_allowed: bool) -> None:
    assert can_have_logo(SignatureFactory(**values)) is is_allowed
