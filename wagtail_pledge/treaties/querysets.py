"""Every filter on treaty data, under a domain name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import Length
from django.utils.translation import get_language

if TYPE_CHECKING:
    from wagtail_pledge.treaties.models import State, Treaty, TreatyAction  # noqa: F401


ActRow = tuple[int, str, str, str, str, str, str | None, dt.date | None, dt.date | None]


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

    def keyed(self, key: str) -> TreatyQuerySet:
        """Return the treaty of that key, or nothing."""
        return self.filter(key=key)


class StateQuerySet(models.QuerySet["State"]):
    """States and organizations."""

    def with_acts(self, treaty: Treaty, day: dt.date) -> Iterable[ActRow]:
        """Return (pk, key, iso3, iso2, name, kind, act, date, effect date) of each act on ``treaty`` done by ``day`` or
        without a day; one row without an act for who did nothing.
        """
        known = Q(actions__date__lte=day) | Q(actions__date__isnull=True)
        done = FilteredRelation("actions", condition=Q(actions__treaty=treaty) & known)
        fields = ("pk", "key", "iso3", "iso2", "name", "kind", "done__action", "done__date", "done__effect_date")
        return self.annotate(done=done).order_by().values_list(*fields)


class TreatyActionQuerySet(models.QuerySet["TreatyAction"]):
    """Dated acts."""

    def of(self, treaty: Treaty) -> TreatyActionQuerySet:
        """Return the acts on one treaty."""
        return self.filter(treaty=treaty)
