"""What a partner pastes into their website to show the form."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html

from wagtail_pledge.campaigns.finding import full_url, public_pages_of
from wagtail_pledge.signing.models import Pledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """The lines to paste for one language."""

    language: str
    html: str


def snippets(pledge: Pledge) -> list[Snippet]:
    """Return one snippet a language in which the pledge has a page that anybody may read.

    Form and script come from the page's own site: the admin may stand elsewhere.
    """
    names = dict(settings.LANGUAGES)
    script_path, form_path = reverse("wagtail_pledge:embed_script"), reverse("wagtail_pledge:embed", args=[pledge.uuid])
    found = []
    for page in public_pages_of(pledge):
        code, url = page.locale.language_code, full_url(page)
        form = urljoin(url, f"{form_path}?lang={code}")
        link = format_html('<a href="{}" data-pledge-embed="{}">{}</a>', url, form, page.title)
        tag = format_html('<script async src="{}"></script>', urljoin(url, script_path))
        found.append(Snippet(language=str(names.get(code, code)), html=f"{link}\n{tag}"))
    return found
