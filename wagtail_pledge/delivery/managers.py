"""QuerySets of decision-makers and decision paths.

``with_local_texts`` annotates editors' translations with subqueries, so a page needs no query more for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, F, OuterRef, Subquery, Window
from django.db.models.functions import Length, RowNumber
from django.utils.translation import get_language

from wagtail_pledge.signing.models import Pledge

if TYPE_CHECKING:
    from wagtail_pledge.delivery.models import DecisionStage, Recipient  # noqa: F401


def _local_texts(translations: Any, parent: str, key: str, *fields: str) -> dict[str, Subquery]:
    """Return ``local_<field>`` annotations: the text in the active language (``es-mx`` before ``es``), or ``None``.

    ``parent`` is the foreign key of the translations, ``key`` the column of the outer query that it refers to.
    """
    language = get_language() or ""
    wanted = [language, language.partition("-")[0]]
    local = translations.filter(**{parent: OuterRef(key)}, language__in=wanted).order_by(Length("language").desc())
    return {f"local_{field}": Subquery(local.values(field)[:1]) for field in fields}


def _translations_of(model: Any) -> Any:
    return model._meta.get_field("translations").related_model._default_manager


class RecipientQuerySet(models.QuerySet["Recipient"]):
    """QuerySet of decision-makers."""

    def of_pledge(self, pledge: Pledge) -> RecipientQuerySet:
        """Return the decision-makers whom ``pledge`` urges, in its order."""
        return self.filter(pledges__pledge=pledge).order_by("pledges__sort_order", "pledges__pk")

    def with_local_texts(self) -> RecipientQuerySet:
        """Annotate ``local_office`` and ``local_place``."""
        texts: Any = _local_texts(_translations_of(self.model), "recipient", "pk", "office", "place")
        rows: RecipientQuerySet = self.annotate(**texts)
        return rows


class DecisionStageQuerySet(models.QuerySet["DecisionStage"]):
    """QuerySet of the stages of decision paths."""

    def of_pledge(self, pledge: Pledge) -> DecisionStageQuerySet:
        """Return the decision path of ``pledge``, in order, with who can move each stage."""
        return self.filter(pledge=pledge).select_related("recipient").order_by("position", "pk")

    def with_local_texts(self) -> DecisionStageQuerySet:
        """Annotate ``local_name`` and ``local_text``, and of who can move it ``local_office`` and ``local_place``."""
        recipients = self.model._meta.get_field("recipient").related_model
        texts: dict[str, Any] = {
            **_local_texts(_translations_of(self.model), "stage", "pk", "name", "text"),
            **_local_texts(_translations_of(recipients), "recipient", "recipient_id", "office", "place"),
        }
        rows: DecisionStageQuerySet = self.annotate(**texts)
        return rows

    def with_local_evidence(self, limit: int) -> DecisionStageQuerySet:
        """Return one row for each of a stage's newest ``limit`` pieces of evidence, and one for a stage without any.

        Annotates ``evidence_day``, ``evidence_text``, ``evidence_source``, ``local_evidence`` (its translation) and
        ``evidence_count``, the number of all of the stage. One query thus reads a whole path.
        """
        evidence = self.model._meta.get_field("evidence").related_model
        local = _local_texts(_translations_of(evidence), "evidence", "evidence__pk", "text")
        rows: DecisionStageQuerySet = self.annotate(
            evidence_day=F("evidence__day"),
            evidence_text=F("evidence__text"),
            evidence_source=F("evidence__source"),
            local_evidence=local["local_text"],
            evidence_count=Window(Count("evidence__pk"), partition_by="pk"),
            evidence_number=Window(RowNumber(), partition_by="pk", order_by=["-evidence__day", "-evidence__pk"]),
        )
        newest: DecisionStageQuerySet = rows.filter(evidence_number__lte=limit)
        return newest.order_by("position", "pk", "-evidence__day", "-evidence__pk")
