"""The summary as a document to print, made from the page's own text."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import override

from example_project.campaign.models import ContentPage

SLUG: Final = "summary"
STYLE: Final = "campaign/css/summary-print.css"


def summary_page(language: str) -> Any | None:
    """Return the live summary in ``language``, or ``None``."""
    return ContentPage.objects.live().filter(slug=SLUG, locale__language_code=language).first()


def summary_html(page: Any) -> str:
    """Return the page's title, lead and texts as a document of its own; other blocks belong to the website."""
    language = page.locale.language_code
    texts = [block for block in page.body if block.block_type == "rich_text"]
    with override(language):
        context = {"page": page, "texts": texts, "language": language}
        return render_to_string("campaign/summary_print.html", context)


def summary_style() -> Path:
    """Return the style sheet for print."""
    return Path(str(finders.find(STYLE)))
