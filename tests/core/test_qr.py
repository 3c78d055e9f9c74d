"""Rendering of QR codes."""

from __future__ import annotations

import re

import pytest
import segno

from wagtail_pledge.core import qr

pytestmark = pytest.mark.requirement("CP12")

URL = "https://example.org/en/ratify/"


def dark_modules(svg: str) -> set[tuple[int, int]]:
    """Return the dark modules (row, column) of an SVG without its quiet zone."""
    path = re.search(r'<path[^>]* d="([^"]*)"[^>]*/></svg>', svg)
    assert path
    x = y = 0.0
    dark = set()
    for move, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", path[1]):
        if move == "h":
            dark |= {(int(y) - qr.QUIET_ZONE, int(x) + step - qr.QUIET_ZONE) for step in range(int(first))}
            x += int(first)
        else:
            x, y = (float(first), float(second)) if move == "M" else (x + float(first), y + float(second))
    return dark


def test_the_inline_svg_encodes_the_url() -> None:
    qr.qr_inline.cache_clear()
    matrix = segno.make_qr(URL, error="m").matrix
    expected = {(y, x) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}
    assert dark_modules(qr.qr_inline(URL, "Code")) == expected
    assert dark_modules(qr.qr_inline(URL + "?x", "Code")) != expected


def test_the_inline_svg_has_a_title_and_no_inline_style() -> None:
    svg = qr.qr_inline(URL, '<b>"R&D"</b>')
    assert svg.startswith('<svg role="img" ')
    assert "<title>&lt;b&gt;" in svg
    assert "<b>" not in svg
    assert "R&amp;D" in svg
    assert "style=" not in svg


def test_the_inline_svg_is_cached() -> None:
    qr.qr_inline.cache_clear()
    first, second = (qr.qr_inline(URL, "Code") for _ in range(2))
    assert first is second


def test_file_formats() -> None:
    assert qr.qr_file(URL, "png").startswith(b"\x89PNG\r\n")
    assert b"<svg" in qr.qr_file(URL, "svg")


def test_without_the_library_there_is_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    qr.qr_inline.cache_clear()
    monkeypatch.setattr(qr, "IS_INSTALLED", False)
    assert qr.qr_inline(URL, "Code") == ""
    qr.qr_inline.cache_clear()
