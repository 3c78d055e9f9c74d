"""Uploaded files are never served as HTML or script."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.test import Client
from pytest_django import Settings
from wagtail.documents import get_document_model

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("PV5")]

SCRIPT = b'<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>'


@pytest.fixture
def files(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def upload(name: str) -> Any:
    client = Client()
    client.force_login(
        get_user_model()._default_manager.get(username="admin"), "django.contrib.auth.backends.ModelBackend"
    )
    content = BytesIO(SCRIPT)
    content.name = name
    return client.post("/admin/documents/add/", {"title": "A document", "file": content, "collection": "1"})


def fetch(client: Client, path: str) -> Any:
    """Get a file and close it."""
    response = client.get(path)
    assert response.getvalue()
    response.close()
    return response


@pytest.mark.parametrize("name", ["a.html", "a.HTM", "a.svg", "a.js", "a.xml", "a.xhtml", "a.mht", "a.pdf.html", "a"])
def test_a_file_that_a_browser_runs_is_not_accepted(files: Path, name: str) -> None:
    before = get_document_model().objects.count()
    assert upload(name).status_code == 200
    assert get_document_model().objects.count() == before


@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a.csv", "a.docx"])
def test_documents_are_downloaded(client: Client, files: Path, name: str) -> None:
    assert upload(name).status_code == 302
    document = get_document_model().objects.order_by("-pk")[0]
    response = fetch(client, document.url)
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/media/{document.file.name}").status_code == 404


def test_an_html_document_that_is_there_already_is_downloaded(client: Client, files: Path) -> None:
    document = get_document_model()(title="Old")
    document.file.save("old.html", ContentFile(SCRIPT))
    document.save()
    response = fetch(client, document.url)
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("images/a.png", "image/png"),
        ("images/a.html", "application/octet-stream"),
        ("images/a.svg", "application/octet-stream"),
        ("a.js", "application/octet-stream"),
        ("a.xml", "application/octet-stream"),
        ("a.pdf", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_media_files_are_images_or_downloads(client: Client, files: Path, name: str, content_type: str) -> None:
    path = files / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(SCRIPT)
    response = fetch(client, f"/media/{name}")
    assert response["Content-Type"] == content_type
    is_download = response.get("Content-Disposition", "").startswith("attachment")
    assert is_download == (content_type == "application/octet-stream")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client.post(f"/media/{name}").status_code == 405


@pytest.mark.parametrize("path", ["documents/a.pdf", "./documents/a.pdf", "images/../documents/a.pdf"])
def test_documents_are_not_served_as_media(client: Client, files: Path, path: str) -> None:
    (files / "documents").mkdir()
    (files / "images").mkdir()
    (files / "documents" / "a.pdf").write_bytes(b"%PDF")
    assert client.get(f"/media/{path}").status_code == 404
