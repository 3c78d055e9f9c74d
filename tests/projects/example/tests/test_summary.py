"""The summary page and its PDF have the same text."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pypdf import PdfReader
from pypdf.generic import Destination

from example_project.campaign.demo.documents import summary_path
from example_project.campaign.management.commands import pledge_summary_pdf

pytestmark = pytest.mark.django_db

LANGUAGES = ["en", "es"]


def page_headings(client: Client, language: str) -> list[str]:
    main = client.get(f"/{language}/summary/").content.decode().partition("<main")[2].partition("</main>")[0]
    return [unescape(heading) for heading in re.findall(r"<h[1-3][^>]*>(.+?)</h[1-3]>", main)]


def pdf_headings(reader: PdfReader) -> list[str]:
    def walk(entries: list[Destination | list[Destination]]) -> list[str]:
        found: list[str] = []
        for entry in entries:
            found += walk(entry) if isinstance(entry, list) else [str(entry.title)]
        return found

    return walk(reader.outline)


def without_spaces(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_pdf_have_the_same_headings(client: Client, language: str) -> None:
    headings = page_headings(client, language)
    assert len(headings) == 16
    assert pdf_headings(PdfReader(summary_path(language))) == headings


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_has_the_text_of_the_page(client: Client, language: str) -> None:
    extracted = without_spaces("".join(page.extract_text() for page in PdfReader(summary_path(language)).pages))
    main = client.get(f"/{language}/summary/").content.decode().partition("<main")[2].partition("</main>")[0]
    paragraphs = [unescape(re.sub(r"<[^>]+>", "", p)) for p in re.findall(r"<(?:p|li)>(.+?)</(?:p|li)>", main)]
    assert len(paragraphs) > 30
    # A paragraph may be split by a page footer
    missing = [text for text in paragraphs if without_spaces(text) not in extracted]
    assert len(missing) <= len(PdfReader(summary_path(language)).pages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_has_title_and_language_and_is_tagged(client: Client, language: str) -> None:
    reader = PdfReader(summary_path(language))
    assert reader.metadata is not None
    assert reader.metadata.title == page_headings(client, language)[0]
    root = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["", "summary/"])
def test_the_pdf_can_be_downloaded(client: Client, language: str, path: str) -> None:
    html = client.get(f"/{language}/{path}").content.decode()
    assert f'href="/{language}/summary/"' in html
    link = re.search(r'href="(/documents/[^"]+\.pdf)"', html)
    assert link
    answer = client.get(link[1])
    assert b"".join(answer) == summary_path(language).read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_refers_to_the_official_text(client: Client, language: str) -> None:
    assert "A/RES/45/158" in client.get(f"/{language}/summary/").content.decode()


def test_the_committed_pdf_is_up_to_date(tmp_path: Path) -> None:
    if pledge_summary_pdf.HTML is None:
        pytest.skip("WeasyPrint or pango is not installed")
    call_command("pledge_summary_pdf", output=tmp_path, verbosity=0)
    for language in LANGUAGES:
        made = PdfReader(tmp_path / summary_path(language).name)
        assert pdf_headings(made) == pdf_headings(PdfReader(summary_path(language)))


def test_without_weasyprint_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pledge_summary_pdf, "HTML", None)
    with pytest.raises(CommandError, match="pdf"):
        call_command("pledge_summary_pdf")
