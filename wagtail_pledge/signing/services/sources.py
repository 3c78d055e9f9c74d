"""Through whose links people came: for the campaign, in numbers."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count
from django.utils.translation import gettext

from wagtail_pledge.core.crypto import current_version, keyed_hash, keyring
from wagtail_pledge.signing.models import PartnerLink, Pledge, get_signature_model
from wagtail_pledge.signing.models.partners import SOURCE

#: No partner's word begins with it.
MARK: Final = "~"
_WORD: Final = re.compile(r"~[a-z2-7]{16}")
_NAMED_BYTES: Final = 7
_SEAL_BYTES: Final = 3

#: The signer sees the number in steps, and what came until yesterday: nobody can watch one person sign.
STEP: Final = 5


def own_word(signature: Any) -> str:
    """Return what stands behind ``?source=`` in the link of ``signature``; no query."""
    return _word(signature, current_version("token"))


def is_own_word(word: str) -> bool:
    """Whether it looks like the word of a signer's link."""
    return _WORD.fullmatch(word) is not None


def known_own_word(pledge: Pledge, word: str) -> str:
    """Return ``word`` if a link of ``pledge`` can have it, under any listed key, else ``""``; no query."""
    if not pledge.own_links or not is_own_word(word):
        return ""
    try:
        raw = base64.b32decode(word[len(MARK) :].upper())
    except binascii.Error:
        return ""
    named, seal = raw[:_NAMED_BYTES], raw[_NAMED_BYTES:]
    ours = any(hmac.compare_digest(seal, _seal(pledge, named, version)) for version in keyring("token"))
    return word if ours else ""


def came_through(signature: Any) -> int:
    """Return how many counted signatures came through the link of ``signature``, as a multiple of ``STEP``; one query.

    ``signature`` comes with ``db_now``. What was confirmed today (UTC) is not in it.
    """
    words = [_word(signature, version) for version in keyring("token")]
    today = signature.db_now.replace(hour=0, minute=0, second=0, microsecond=0)
    brought = get_signature_model()._default_manager.counted().filter(pledge=signature.pledge, source__in=words)
    number = int(brought.filter(confirmed_at__lt=today).count())
    return number - number % STEP


def _word(signature: Any, version: int) -> str:
    named = _keyed(b"own link", signature.pledge, signature.uuid.bytes, version)[:_NAMED_BYTES]
    raw = named + _seal(signature.pledge, named, version)
    return MARK + base64.b32encode(raw).decode().lower()


def _seal(pledge: Pledge, named: bytes, version: int) -> bytes:
    return _keyed(b"own link is ours", pledge, named, version)[:_SEAL_BYTES]


def _keyed(purpose: bytes, pledge: Pledge, value: bytes, version: int) -> bytes:
    return keyed_hash("token", purpose, pledge.uuid.bytes, value, version=version)


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
