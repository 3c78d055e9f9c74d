"""The summary page and its PDF have the same text."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pypdf import PdfReader
from pypdf.generic import Destination

from example_project.campaign.demo.content import read_content
from example_project.campaign.demo.documents import summary_path
from example_project.campaign.management.commands import pledge_summary_pdf
from example_project.campaign.summary import summary_html, summary_page
from wagtail_pledge.core.qr import qr_file
from wagtail_pledge.pages.models import PledgePage
from wagtail_pledge.signing.models import Pledge

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


def pdf_text(reader: PdfReader) -> str:
    return without_spaces("".join(page.extract_text() for page in reader.pages))


def alternative_texts(reader: PdfReader) -> list[str]:
    """Return the alternative texts of the figures in the structure tree, which screen readers use."""

    def walk(entry: Any) -> list[str]:
        entry = entry.get_object()
        if isinstance(entry, list):
            return [text for child in entry for text in walk(child)]
        if not isinstance(entry, dict):
            return []
        own = [str(entry["/Alt"])] if entry.get("/S") == "/Figure" else []
        return own + (walk(entry["/K"]) if "/K" in entry else [])

    root: Any = reader.trailer["/Root"]
    return walk(root["/StructTreeRoot"])


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
        made, committed = (PdfReader(each) for each in (tmp_path / summary_path(language).name, summary_path(language)))
        assert pdf_headings(made) == pdf_headings(committed)
        assert pdf_text(made) == pdf_text(committed)


@pytest.mark.requirement("CP11")
@pytest.mark.parametrize(
    ("language", "name", "label", "edition"),
    [
        (
            "en",
            "Ratify the Migrant Workers Convention",
            "Sign the Call for Support",
            "Edition of 1 December 2026",
        ),
        (
            "es",
            "Ratifiquen la Convención sobre los Trabajadores Migratorios",
            "Firmar el llamado de apoyo",
            "Edición del 1 de diciembre de 2026",
        ),
    ],
)
def test_the_pdf_ends_with_a_way_to_sign(language: str, name: str, label: str, edition: str) -> None:
    reader = PdfReader(summary_path(language))
    address = f"https://ratify.example.org/{language}/ratify/"
    text = without_spaces(reader.pages[-1].extract_text())
    places = [text.rfind(without_spaces(part)) for part in (name, f"{label}:{address}", edition)]
    assert -1 < places[0] < places[1] < places[2]
    links: Any = [link.get_object() for link in reader.pages[-1].get("/Annots", [])]
    assert [link["/A"]["/URI"] for link in links if "/A" in link] == [address]
    assert [unescape(text) for text in alternative_texts(reader)] == [
        {"en": f"QR code of {address}", "es": f"Código QR de {address}"}[language]
    ]
    assert reader.metadata is not None
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == dt.date(2026, 12, 1)


def test_the_qr_code_is_that_of_the_address() -> None:
    code = re.search(r'<img src="data:image/svg\+xml;base64,([^"]+)"', summary_html(summary_page("es")))
    assert code
    assert base64.b64decode(code[1]) == qr_file("https://ratify.example.org/es/ratify/", "svg")


@pytest.mark.requirement("CP6")
def test_a_pdf_made_while_nobody_can_sign_does_not_ask_to_sign(pledge: Pledge) -> None:
    page = summary_page("en")
    Pledge.objects.filter(pk=pledge.pk).update(state="closed")
    html = summary_html(page)
    assert "See the campaign:" in html
    assert "Sign the Call for Support" not in html
    assert "https://ratify.example.org/en/ratify/" in html
    PledgePage.objects.all().update(live=False)
    html = summary_html(page)
    assert "ratify.example.org" not in html
    assert "<img" not in html


def test_without_a_date_of_its_own_the_pdf_has_the_day_on_which_the_text_was_published() -> None:
    page = summary_page("en")
    page.edition, page.last_published_at = None, dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
    assert "Edition of 4 March 2026" in summary_html(page)


def test_without_weasyprint_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pledge_summary_pdf, "HTML", None)
    with pytest.raises(CommandError, match="pdf"):
        call_command("pledge_summary_pdf")
