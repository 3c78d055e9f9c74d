"""The printable summary: the text of the summary page as an HTML document with a print style sheet.

It ends with the campaign, its address, a QR code of the address, and the date of the text.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.timezone import localdate
from django.utils.translation import override

from example_project.campaign.models import ContentPage, campaign_beside
from wagtail_pledge.core.qr import qr_file

SLUG: Final = "summary"
STYLE: Final = "campaign/css/summary-print.css"


def summary_page(language: str) -> Any | None:
    """Return the live summary page in ``language``, or ``None``."""
    return ContentPage.objects.live().filter(slug=SLUG, locale__language_code=language).first()


def summary_html(page: Any) -> str:
    """Return title, lead and rich text of the page, and where to sign, as an HTML document.

    Other blocks are left out.
    """
    language = page.locale.language_code
    texts = [block for block in page.body if block.block_type == "rich_text"]
    edition = page.edition or localdate(page.last_published_at)
    with override(language):
        context = {"page": page, "texts": texts, "language": language, "edition": edition, **_campaign_context(page)}
        return render_to_string("campaign/summary_print.html", context)


def _campaign_context(page: Any) -> dict[str, Any]:
    """Return the campaign's page, its address outside of the demo, and a QR code of the address as a ``data:`` URL."""
    campaign = campaign_beside(page)
    if campaign is None:
        return {}
    _site, _root, path = campaign.get_url_parts()
    address = urljoin(settings.PRINTED_BASE_URL, path)
    code = base64.b64encode(qr_file(address, "svg")).decode()
    return {"campaign": campaign, "address": address, "qr": f"data:image/svg+xml;base64,{code}"}


def summary_style() -> Path:
    """Return the path of the print style sheet."""
    return Path(str(finders.find(STYLE)))
