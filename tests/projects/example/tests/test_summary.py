"""The summary page and its PDF have the same text."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pypdf import PdfReader
from pypdf.generic import Destination

from example_project.campaign.demo.content import read_content
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


def article_numbers(text: str) -> list[int]:
    """Return the article numbers in the text of one Part: in brackets, alone or after the word."""
    return [int(number) for number in re.findall(r"\((?:artículo |article )?(\d+)\)", text)]


def parts_of_summary(language: str) -> dict[str, str]:
    """Return the text of each Part by its heading."""
    [block] = read_content(language)["summary"]["body"]
    _before, *parts = re.split(r"<h2>Part[e]? [IVX]+: ", block["value"])
    return {part.partition("</h2>")[0]: part.partition("</h2>")[2] for part in parts}


@pytest.mark.requirement("CP11")
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_article_stands_in_its_part(language: str) -> None:
    parts = parts_of_summary(language)
    spans = [tuple(map(int, re.findall(r"\d+", heading))) for heading in parts]
    assert spans == [(1, 6), (7,), (8, 35), (36, 56), (57, 63), (64, 71), (72, 78), (79, 84), (85, 93)]
    for heading, text in parts.items():
        first, *last = map(int, re.findall(r"\d+", heading))
        numbers = article_numbers(text.partition("<h2>")[0])
        assert [number for number in numbers if not first <= number <= (last or [first])[0]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_parts_three_and_four_name_every_article_once(language: str) -> None:
    rights = list(parts_of_summary(language).values())[2:4]
    numbers = sorted(number for text in rights for number in article_numbers(text))
    assert numbers == [*range(8, 36), *range(37, 57)]


def test_both_languages_name_the_same_articles() -> None:
    english, spanish = (list(map(article_numbers, parts_of_summary(language).values())) for language in LANGUAGES)
    assert english == spanish


@pytest.mark.requirement("CP11")
def test_the_english_texts_have_american_spelling() -> None:
    text = json.dumps(read_content("en"), ensure_ascii=False, default=str)
    text = text.replace("International Labour Organization", "")
    british = r"\w*(?:isation|colour|labour|favour|neighbour|programme|centre|licence|recognis|organis|dependant)\w*"
    assert re.findall(british, text, re.IGNORECASE) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_refers_to_the_official_text(client: Client, language: str) -> None:
    assert "A/RES/45/158" in client.get(f"/{language}/summary/").content.decode()


@pytest.mark.requirement("CP11")
@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ("the Convention counts", "The article numbers have not yet been proofread")),
        ("es", ("vale la Convención", "Los números de los artículos todavía no se han cotejado")),
    ],
)
def test_the_summary_ends_with_what_has_not_been_checked(client: Client, language: str, sentences: list[str]) -> None:
    *_before, last = client.get(f"/{language}/summary/").content.decode().partition("</main>")[0].split("<h2 ")
    assert [sentence for sentence in sentences if sentence not in last] == []


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
