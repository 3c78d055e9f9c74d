"""Sources of signatures: partner links and signers' personal (referral) links, and how many people used each."""

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

#: Name of the parameter in generated links.
SOURCE_PARAMETER: Final = "source"
#: Referral codes begin with it; the slugs of partner links never do.
REFERRAL_PREFIX: Final = "~"
_REFERRAL_CODE: Final = re.compile(r"~[a-z2-7]{16}")
_ID_BYTES: Final = 7
_MAC_BYTES: Final = 3

#: Signers see the number rounded down to this, and as of yesterday, so that they cannot watch one person sign.
COUNT_STEP: Final = 5


def referral_code(signature: Any) -> str:
    """Return the code for ``?source=`` in the personal link of ``signature``; no query.

    Without the key, the code does not reveal the signature.
    """
    return _make_code(signature, current_version("token"))


def referral_url(signature: Any, page_url: str) -> str:
    """Return the signer's personal link to ``page_url``; ``""`` if the pledge has none. No query."""
    has_link = page_url and signature.pledge.referral_links
    return f"{page_url}?{SOURCE_PARAMETER}={referral_code(signature)}" if has_link else ""


def is_referral_code(code: str) -> bool:
    """Whether ``code`` has the form of a referral code; its signature is not checked."""
    return _REFERRAL_CODE.fullmatch(code) is not None


def valid_referral_code(pledge: Pledge, code: str) -> str:
    """Return ``code`` if it is a referral code of ``pledge``, made with any listed key, else ``""``; no query."""
    if not pledge.referral_links or not is_referral_code(code):
        return ""
    try:
        raw = base64.b32decode(code[len(REFERRAL_PREFIX) :].upper())
    except binascii.Error:
        return ""
    link_id, mac = raw[:_ID_BYTES], raw[_ID_BYTES:]
    is_genuine = any(hmac.compare_digest(mac, _mac(pledge, link_id, version)) for version in keyring("token"))
    return code if is_genuine else ""


def referral_count(signature: Any) -> int:
    """Return how many counted signatures used the link of ``signature``, rounded down to ``COUNT_STEP``; one query.

    ``signature`` needs ``db_now``. Signatures confirmed today (UTC) are not included.
    """
    codes = [_make_code(signature, version) for version in keyring("token")]
    today = signature.db_now.replace(hour=0, minute=0, second=0, microsecond=0)
    referred = get_signature_model()._default_manager.counted().filter(pledge=signature.pledge, source__in=codes)
    number = int(referred.filter(confirmed_at__lt=today).count())
    return number - number % COUNT_STEP


def _make_code(signature: Any, version: int) -> str:
    link_id = _keyed(b"own link", signature.pledge, signature.uuid.bytes, version)[:_ID_BYTES]
    raw = link_id + _mac(signature.pledge, link_id, version)
    return REFERRAL_PREFIX + base64.b32encode(raw).decode().lower()


def _mac(pledge: Pledge, link_id: bytes, version: int) -> bytes:
    return _keyed(b"own link is ours", pledge, link_id, version)[:_MAC_BYTES]


def _keyed(purpose: bytes, pledge: Pledge, value: bytes, version: int) -> bytes:
    return keyed_hash("token", purpose, pledge.uuid.bytes, value, version=version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A partner link, or all personal links together (``slug`` is ``""``), with the number of counted signatures."""

    slug: str
    name: str
    count: int


def clean_source(text: str) -> str:
    """Return the code in ``text`` if it has the form of a partner slug or referral code, else ``""``; no query."""
    code = text.strip().lower()
    return code if SOURCE.fullmatch(code) or is_referral_code(code) else ""


def registered_source(pledge: Pledge, text: str) -> str:
    """Return the code in ``text`` if it belongs to a partner link or a personal link of ``pledge``, else ``""``.

    One query for a partner slug, none for a referral code.
    """
    code = clean_source(text)
    if is_referral_code(code):
        return valid_referral_code(pledge, code)
    if not code or not PartnerLink.objects.filter(pledge=pledge, slug=code).exists():
        return ""
    return code


def source_label(source: str) -> str:
    """Return the source of a signature for staff; it never reveals whose personal link it was."""
    return gettext("A signer’s personal link") if is_referral_code(source) else source


def sources_of(pledge: Pledge) -> list[Source]:
    """Return the partner links of ``pledge`` with their numbers of counted signatures; three queries.

    If any personal link was used, one entry for all of them comes last.
    """
    links = list(PartnerLink.objects.filter(pledge=pledge))
    counted = get_signature_model()._default_manager.counted().filter(pledge=pledge).exclude(source="").order_by()
    of_partners = counted.filter(source__in=[link.slug for link in links])
    counts = dict(of_partners.values_list("source").annotate(n=Count("pk")))
    sources = [Source(slug=link.slug, name=link.name, count=counts.get(link.slug, 0)) for link in links]
    referred = counted.filter(source__startswith=REFERRAL_PREFIX).count()
    return [*sources, Source(slug="", name=gettext("Signers’ personal links"), count=referred)] if referred else sources
