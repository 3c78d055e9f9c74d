"""The printable summary: the text of the summary page as an HTML document with a print style sheet."""

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
    """Return the live summary page in ``language``, or ``None``."""
    return ContentPage.objects.live().filter(slug=SLUG, locale__language_code=language).first()


def summary_html(page: Any) -> str:
    """Return title, lead and rich text of the page as an HTML document. Other blocks are left out."""
    language = page.locale.language_code
    texts = [block for block in page.body if block.block_type == "rich_text"]
    with override(language):
        context = {"page": page, "texts": texts, "language": language}
        return render_to_string("campaign/summary_print.html", context)


def summary_style() -> Path:
    """Return the path of the print style sheet."""
    return Path(str(finders.find(STYLE)))
