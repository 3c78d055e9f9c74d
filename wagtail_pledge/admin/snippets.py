"""What a partner pastes into their website to show the form."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from wagtail_pledge.campaigns.finding import full_url, public_pages_of
from wagtail_pledge.signing.models import Pledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """The lines to paste for one language."""

    language: str
    html: str


def snippets(pledge: Pledge, request: HttpRequest) -> list[Snippet]:
    """Return one snippet a language in which the pledge has a page that anybody may read."""
    script = request.build_absolute_uri(reverse("wagtail_pledge:embed_script"))
    found = []
    for page in public_pages_of(pledge):
        code = page.locale.language_code
        address = request.build_absolute_uri(f"{reverse('wagtail_pledge:embed', args=[pledge.uuid])}?lang={code}")
        link = format_html('<a href="{}" data-pledge-embed="{}">{}</a>', full_url(page), address, page.title)
        tag = format_html('<script async src="{}"></script>', script)
        found.append(Snippet(language=code, html=f"{link}\n{tag}"))
    return found
