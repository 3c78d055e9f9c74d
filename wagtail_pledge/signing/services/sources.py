"""Through whose links people came: for the campaign, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from wagtail_pledge.signing.models import PartnerLink, Pledge, get_signature_model
from wagtail_pledge.signing.models.partners import SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A partner's link and how many counted signatures came with it."""

    slug: str
    name: str
    count: int


def source_word(text: str) -> str:
    """Return what a link said if it can be the word of a partner, else ``""``; no query."""
    word = text.strip().lower()
    return word if SOURCE.fullmatch(word) else ""


def known_source(pledge: Pledge, text: str) -> str:
    """Return the word if the pledge has registered it, else ``""``; one query, none without a word."""
    word = source_word(text)
    if not word or not PartnerLink.objects.filter(pledge=pledge, slug=word).exists():
        return ""
    return word


def sources_of(pledge: Pledge) -> list[Source]:
    """Return every registered link of ``pledge`` with its counted signatures; two queries, one without any link."""
    links = list(PartnerLink.objects.filter(pledge=pledge))
    if not links:
        return []
    rows = get_signature_model()._default_manager.counted().filter(pledge=pledge).exclude(source="")
    counts = dict(rows.order_by().values_list("source").annotate(n=Count("pk")))
    return [Source(slug=link.slug, name=link.name, count=counts.get(link.slug, 0)) for link in links]
