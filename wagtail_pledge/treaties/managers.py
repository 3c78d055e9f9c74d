"""QuerySets of the treaty models."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import Length
from django.utils.translation import get_language

if TYPE_CHECKING:
    from wagtail_pledge.treaties.models import (  # noqa: F401
        State,
        Treaty,
        TreatyAction,
        TreatyDeclaration,
        TreatyImport,
    )


ActRow = tuple[int, str, str, str, str, str, dt.date | None, str | None, dt.date | None, dt.date | None]


def active_languages() -> tuple[str, str]:
    """Return the active language and the language without its variant: ("es-mx", "es"), ("es", "es")."""
    language = get_language() or ""
    return language, language.partition("-")[0]


class TreatyQuerySet(models.QuerySet["Treaty"]):
    """QuerySet of treaties."""

    def with_names(self) -> TreatyQuerySet:
        """Annotate ``local_name`` and ``local_title``: the names in the active language (``es-mx`` before ``es``),
        or ``None``. Uses subqueries, no additional query.
        """
        return self.with_names_in(*active_languages())

    def with_names_in(self, *languages: str) -> TreatyQuerySet:
        """Annotate as :meth:`with_names` does, with the names in one of ``languages``, the longest code first."""
        names = self.model._meta.get_field("names").related_model._default_manager.filter(
            treaty=OuterRef("pk"), language__in=languages
        )
        local = names.order_by(Length("language").desc())
        return self.annotate(
            local_name=Subquery(local.values("name")[:1]), local_title=Subquery(local.values("title")[:1])
        )

    def with_acts_of(self, state_pk: int | None) -> TreatyQuerySet:
        """Return one row per treaty and act of that State, and one row for each treaty without such an act, ordered by
        date of adoption. Annotates ``act_kind``, ``act_date`` and ``act_effect``.
        """
        act = FilteredRelation("actions", condition=Q(actions__party=state_pk))
        fields = {"act_kind": F("act__action"), "act_date": F("act__date"), "act_effect": F("act__effect_date")}
        return self.annotate(act=act).annotate(**fields).order_by(F("adopted_on").asc(nulls_last=True), "key")

    def with_name_in(self, languages: Iterable[str]) -> TreatyQuerySet:
        """Return one row per treaty and name in one of ``languages``, and one row for each treaty without such a name.

        Annotates ``label_language``, ``label_name`` and ``label_title``.
        """
        label = FilteredRelation("names", condition=Q(names__language__in=list(languages)))
        fields = {
            "label_language": F("label__language"),
            "label_name": F("label__name"),
            "label_title": F("label__title"),
        }
        return self.annotate(label=label).annotate(**fields)

    def stale(self, limit: dt.date) -> TreatyQuerySet:
        """Return the treaties without data, followed by those whose data is older than ``limit``, oldest first."""
        return self.filter(Q(as_of__lt=limit) | Q(as_of__isnull=True)).order_by(F("as_of").asc(nulls_first=True), "key")

    def with_key(self, key: str) -> TreatyQuerySet:
        """Return the treaties with that key: one or none."""
        return self.filter(key=key)


class StateQuerySet(models.QuerySet["State"]):
    """QuerySet of States and organizations."""

    def with_acts(self, treaty_pk: int, day: dt.date) -> models.QuerySet[Any, ActRow]:
        """Return one row per act on that treaty that is dated up to ``day`` or undated, and one row for each
        participant without such an act.

        A row is (pk, key, iso3, iso2, name, kind, ended_on, act, date, effect date); the last three may be ``None``.
        """
        until_day = Q(actions__date__lte=day) | Q(actions__date__isnull=True)
        act = FilteredRelation("actions", condition=Q(actions__treaty=treaty_pk) & until_day)
        state_fields = ("pk", "key", "iso3", "iso2", "name", "kind", "ended_on")
        act_fields = ("act__action", "act__date", "act__effect_date")
        return self.annotate(act=act).order_by().values_list(*state_fields, *act_fields)


class TreatyImportQuerySet(models.QuerySet["TreatyImport"]):
    """QuerySet of uploaded lists."""

    def in_state(self, state: str) -> TreatyImportQuerySet:
        """Return the imports whose workflow state is ``state``."""
        return self.filter(state=state)

    def newer_than(self, entry: TreatyImport) -> TreatyImportQuerySet:
        """Return the imports of the same treaty that were decided after ``entry``."""
        later = Q(decided_at__gt=entry.decided_at) | Q(decided_at=entry.decided_at, pk__gt=entry.pk)
        return self.filter(later, treaty=entry.treaty_id)

    def with_people(self) -> TreatyImportQuerySet:
        """Select the related treaty and users: one query in total."""
        return self.select_related("treaty", "uploaded_by", "decided_by", "undone_by")


class TreatyActionQuerySet(models.QuerySet["TreatyAction"]):
    """QuerySet of treaty actions."""

    def for_treaty(self, treaty: Treaty) -> TreatyActionQuerySet:
        """Return the acts on one treaty."""
        return self.filter(treaty=treaty)

    def newest(self, treaty: Treaty, limit: int) -> TreatyActionQuerySet:
        """Return up to ``limit`` acts on a treaty with their participants, undated acts first, then the newest."""
        newest = self.for_treaty(treaty).select_related("party", "treaty")
        return newest.order_by(F("date").desc(nulls_first=True), "-pk")[:limit]


class TreatyDeclarationQuerySet(models.QuerySet["TreatyDeclaration"]):
    """QuerySet of declarations."""

    def in_effect_on(self, treaty: Treaty, day: dt.date) -> TreatyDeclarationQuerySet:
        """Return the declarations on a treaty that were made by ``day`` and not withdrawn by then, with their States.

        Those without a date are included.
        """
        made = Q(date__lte=day) | Q(date__isnull=True)
        kept = Q(withdrawn_on__gt=day) | Q(withdrawn_on__isnull=True)
        return self.filter(made, kept, treaty=treaty).select_related("party")
