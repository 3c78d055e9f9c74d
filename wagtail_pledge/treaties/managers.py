"""Every filter on treaty data, under a domain name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import Length
from django.utils.translation import get_language

if TYPE_CHECKING:
    from wagtail_pledge.treaties.models import State, Treaty, TreatyAction, TreatyImport  # noqa: F401


ActRow = tuple[int, str, str, str, str, str, dt.date | None, str | None, dt.date | None, dt.date | None]


class TreatyQuerySet(models.QuerySet["Treaty"]):
    """Treaties."""

    def with_names(self) -> TreatyQuerySet:
        """Add ``local_name`` and ``local_title``, the names in the active language (``es-mx`` before ``es``),
        or ``None``.

        No query more than without them.
        """
        language = get_language() or ""
        wanted = [language, language.partition("-")[0]]
        names = self.model._meta.get_field("names").related_model._default_manager.filter(
            treaty=OuterRef("pk"), language__in=wanted
        )
        local = names.order_by(Length("language").desc())
        return self.annotate(
            local_name=Subquery(local.values("name")[:1]), local_title=Subquery(local.values("title")[:1])
        )

    def with_acts_of(self, state_pk: int | None) -> TreatyQuerySet:
        """Return each treaty once for each act of that State (``done_action``, ``done_date``, ``done_effect``), or
        once without any; in the order of adoption.
        """
        done = FilteredRelation("actions", condition=Q(actions__party=state_pk))
        acts = {"done_action": F("done__action"), "done_date": F("done__date"), "done_effect": F("done__effect_date")}
        return self.annotate(done=done).annotate(**acts).order_by(F("adopted_on").asc(nulls_last=True), "key")

    def with_name_in(self, languages: Iterable[str]) -> TreatyQuerySet:
        """Return each treaty once for each of these languages that it has a name in (``said_in``, ``said_name``,
        ``said_title``), or once without any.
        """
        said = FilteredRelation("names", condition=Q(names__language__in=list(languages)))
        names = {"said_in": F("said__language"), "said_name": F("said__name"), "said_title": F("said__title")}
        return self.annotate(said=said).annotate(**names)

    def stale(self, limit: dt.date) -> TreatyQuerySet:
        """Return the treaties whose data is older than ``limit``, or that have none; those first."""
        return self.filter(Q(as_of__lt=limit) | Q(as_of__isnull=True)).order_by(F("as_of").asc(nulls_first=True), "key")

    def keyed(self, key: str) -> TreatyQuerySet:
        """Return the treaty of that key, or nothing."""
        return self.filter(key=key)


class StateQuerySet(models.QuerySet["State"]):
    """States and organizations."""

    def with_acts(self, treaty: Treaty, day: dt.date) -> Iterable[ActRow]:
        """Return (pk, key, iso3, iso2, name, kind, end, act, date, effect date) of each act on ``treaty`` done by
        ``day`` or without a day; one row without an act for who did nothing.
        """
        known = Q(actions__date__lte=day) | Q(actions__date__isnull=True)
        done = FilteredRelation("actions", condition=Q(actions__treaty=treaty) & known)
        state = ("pk", "key", "iso3", "iso2", "name", "kind", "ended_on")
        act = ("done__action", "done__date", "done__effect_date")
        return self.annotate(done=done).order_by().values_list(*state, *act)


class TreatyImportQuerySet(models.QuerySet["TreatyImport"]):
    """Uploaded lists."""

    def in_state(self, state: str) -> TreatyImportQuerySet:
        """Return the imports that are in ``state``."""
        return self.filter(state=state)

    def newer_than(self, entry: TreatyImport) -> TreatyImportQuerySet:
        """Return the imports of the same treaty that were decided after ``entry``."""
        later = Q(decided_at__gt=entry.decided_at) | Q(decided_at=entry.decided_at, pk__gt=entry.pk)
        return self.filter(later, treaty=entry.treaty_id)

    def with_people(self) -> TreatyImportQuerySet:
        """Fetch treaty and people as well: one query."""
        return self.select_related("treaty", "uploaded_by", "decided_by", "undone_by")


class TreatyActionQuerySet(models.QuerySet["TreatyAction"]):
    """Dated acts."""

    def of(self, treaty: Treaty) -> TreatyActionQuerySet:
        """Return the acts on one treaty."""
        return self.filter(treaty=treaty)

    def newest(self, treaty: Treaty, limit: int) -> TreatyActionQuerySet:
        """Return the newest acts on a treaty with their participants; those without a date first."""
        newest = self.of(treaty).select_related("party", "treaty")
        return newest.order_by(F("date").desc(nulls_first=True), "-pk")[:limit]
