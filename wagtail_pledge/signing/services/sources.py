"""Through whose links people came: for the campaign, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext

from wagtail_pledge.signing.models import PartnerLink, Pledge, get_signature_model
from wagtail_pledge.signing.models.partners import SOURCE
from wagtail_pledge.signing.services.own_links import MARK, is_own_word, known_own_word


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A partner's link, or all links of signers (``slug`` is ``""``), and how many counted signatures came with it."""

    slug: str
    name: str
    count: int


def source_word(text: str) -> str:
    """Return what a link said if it can be the word of a partner or of a signer's own link, else ``""``; no query."""
    word = text.strip().lower()
    return word if SOURCE.fullmatch(word) or is_own_word(word) else ""


def known_source(pledge: Pledge, text: str) -> str:
    """Return the word if a signer's link has it or the pledge registered it, else ``""``; one query for a partner's."""
    word = source_word(text)
    if is_own_word(word):
        return known_own_word(pledge, word)
    if not word or not PartnerLink.objects.filter(pledge=pledge, slug=word).exists():
        return ""
    return word


def source_label(word: str) -> str:
    """Return how staff reads the source of a signature: never whose link it was."""
    return gettext("A signer’s own link") if is_own_word(word) else word


def sources_of(pledge: Pledge) -> list[Source]:
    """Return every registered link of ``pledge`` with its counted signatures, and last the links of signers if anybody
    came through one; three queries.
    """
    links = list(PartnerLink.objects.filter(pledge=pledge))
    counted = get_signature_model()._default_manager.counted().filter(pledge=pledge).exclude(source="").order_by()
    of_partners = counted.filter(source__in=[link.slug for link in links])
    counts = dict(of_partners.values_list("source").annotate(n=Count("pk")))
    found = [Source(slug=link.slug, name=link.name, count=counts.get(link.slug, 0)) for link in links]
    brought = counted.filter(source__startswith=MARK).count()
    return [*found, Source(slug="", name=gettext("Signers’ own links"), count=brought)] if brought else found
