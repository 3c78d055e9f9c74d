"""Names of signers that pages show: only counted signatures of signers who agreed to be shown.

If names appeared one at a time, anybody who watches the list would learn when somebody signed. So people's names
are added in batches of five, or once they are a day old, and have no time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.utils.translation import get_language

from wagtail_pledge.core.collation import sort_key
from wagtail_pledge.core.db import start_of_utc_day, utc_day
from wagtail_pledge.signing.enums import Approval
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import OrganizationLogo, Pledge, get_signature_model
from wagtail_pledge.signing.names import fold_name
from wagtail_pledge.signing.websites import web_address

BATCH: Final = 5
MAX_DELAY: Final = dt.timedelta(hours=24)
#: How many of the newest rows are read. If more come within a day, each full hour is a batch.
WINDOW: Final = 600
MAX_NAMES: Final = 100
#: How many signatures of organizations are read.
MAX_ORGANIZATIONS: Final = 1000
#: How many of them the page with the whole list reads.
MAX_LISTED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicOrganization:
    """An approved organization as pages show it; ``website`` is an http(s) URL or ``""``."""

    name: str
    website: str
    country: str = ""
    #: The name of its ``Organization``, without a place.
    registered_name: str = ""
    #: URL of the approved logo (shown at ``logos.WIDTH`` × ``logos.HEIGHT`` pixels), or ``""``.
    logo: str = ""


def _kinds(*, always_public: bool) -> list[str]:
    return [slug for slug, kind in kinds().items() if kind.is_always_public() is always_public]


def recent_names(pledge: Pledge, limit: int) -> tuple[str, ...]:
    """Return at most ``limit`` public names of people (never more than 100), newest first; one query."""
    signatures = get_signature_model()._default_manager.ever_public().filter(pledge=pledge)
    newest = signatures.filter(kind__in=_kinds(always_public=False)).order_by("-confirmed_at", "-pk")
    columns = ("pk", "public_name", "confirmed_at", "withdrawn_at")
    rows = list(newest.annotate(db_now=Now()).values_list(*columns, "db_now", named=True)[:WINDOW])
    if not rows:
        return ()
    publishable = _publishable(rows, rows[0].db_now)
    return tuple(row.public_name for row in rows if row.public_name and row.pk in publishable)[: min(limit, MAX_NAMES)]


def _publishable(rows: list[Any], now: dt.datetime) -> set[int]:
    """Return the primary keys of those ``rows`` (newest first) that are old enough or whose batch is full."""
    cut = now.replace(minute=0, second=0, microsecond=0) - MAX_DELAY
    begin = start_of_utc_day(utc_day(cut))
    fresh = [row for row in reversed(rows) if row.confirmed_at >= begin]
    keys = {row.pk for row in rows if row.confirmed_at <= cut}
    if len(fresh) == WINDOW:
        return keys | set(_full_hours(fresh, now))
    for _day, of_day in groupby(fresh, key=lambda row: utc_day(row.confirmed_at)):
        keys |= set(_full_batches(list(of_day)))
    return keys


def _full_batches(rows: list[Any]) -> Iterable[int]:
    """Yield the primary keys of the rows that were ever part of a full batch.

    Replays the day: a signature that is withdrawn before its batch is full leaves the batch; one that is withdrawn
    later keeps its place, so that no other name moves up and appears alone.
    """
    joined = [(row.confirmed_at, True, row.pk) for row in rows]
    withdrawn = [(row.withdrawn_at, False, row.pk) for row in rows if row.withdrawn_at]
    waiting: list[int] = []
    for _moment, joins, key in sorted(joined + withdrawn):
        if joins:
            waiting.append(key)
        elif key in waiting:
            waiting.remove(key)
        if len(waiting) == BATCH:
            yield from waiting
            waiting = []


def _full_hours(rows: list[Any], now: dt.datetime) -> Iterable[int]:
    """Yield the primary keys of the rows of each past hour with at least ``BATCH`` rows; the oldest hour may be cut."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    hours = groupby(rows, key=lambda row: row.confirmed_at.replace(minute=0, second=0, microsecond=0))
    for hour, of_hour in hours:
        keys = [row.pk for row in of_hour]
        if hour < this_hour and len(keys) >= BATCH:
            yield from keys


def public_organizations(
    pledge: Pledge, limit: int, *, first: Iterable[str] = (), read: int | None = None
) -> tuple[PublicOrganization, ...]:
    """Return at most ``limit`` approved organizations sorted by name, each once; one query.

    Those named in ``first`` come before the others, in that order. The rest is sorted as in the active language. Only
    the first ``read`` signatures by folded name are read, :data:`MAX_ORGANIZATIONS` by default.
    """
    signatures = get_signature_model()._default_manager.public_organizations()
    logos = OrganizationLogo.objects.filter(pledge=OuterRef("pledge"), signature_uuid=OuterRef("uuid"))
    rows = (
        signatures.filter(pledge=pledge, kind__in=_kinds(always_public=True))
        .annotate(logo=Subquery(logos.values("file")[:1]))
        .order_by("organization__folded_name", "pk")
        .values_list("organization", "public_name", "organization__name", "organization__website", "country", "logo")
    )
    listed: dict[int, PublicOrganization] = {}
    for key, public_name, name, website, country, logo in rows[: MAX_ORGANIZATIONS if read is None else read]:
        organization = PublicOrganization(
            name=public_name, website=web_address(website), country=country, registered_name=name, logo=_logo_url(logo)
        )
        listed.setdefault(key, organization)
    return tuple(_ordered(listed.values(), first)[:limit])


def public_signers(pledge: Pledge, kind: str, limit: int) -> tuple[str, ...]:
    """Return at most ``limit`` (never more than 100) public names of approved signers of ``kind``; one query.

    They are sorted as in the active language. Kinds that are not always public have none: see :func:`recent_names`.
    """
    if kind not in _kinds(always_public=True):
        return ()
    approved = get_signature_model()._default_manager.visible_publicly().filter(approval=Approval.APPROVED)
    rows = approved.filter(pledge=pledge, kind=kind, consent_display=True).order_by("-pk")
    names = rows.values_list("public_name", flat=True)[: min(limit, MAX_NAMES)]
    language = get_language() or ""
    return tuple(sorted(names, key=lambda name: sort_key(name, language)))


def _logo_url(name: str | None) -> str:
    return str(OrganizationLogo(file=name).file.url) if name else ""


def _ordered(organizations: Iterable[PublicOrganization], first: Iterable[str]) -> list[PublicOrganization]:
    places = {fold_name(name): place for place, name in enumerate(first)}
    language = get_language() or ""

    def place(organization: PublicOrganization) -> tuple[int, tuple[str, str]]:
        return places.get(fold_name(organization.registered_name), len(places)), sort_key(
            organization.registered_name, language
        )

    return sorted(organizations, key=place)
