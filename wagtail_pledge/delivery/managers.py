"""QuerySets of decision-makers and decision paths.

``with_local_texts`` annotates editors' translations with subqueries, so a page needs no query more for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Length
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

    def with_local_evidence(self) -> DecisionStageQuerySet:
        """Return one row per stage and piece of evidence, newest first, and one for each stage without any.

        Annotates ``evidence_day``, ``evidence_text``, ``evidence_source`` and ``local_evidence``, its translation. One
        query thus reads a whole path.
        """
        evidence = self.model._meta.get_field("evidence").related_model
        local = _local_texts(_translations_of(evidence), "evidence", "evidence__pk", "text")
        rows: DecisionStageQuerySet = self.annotate(
            evidence_day=F("evidence__day"),
            evidence_text=F("evidence__text"),
            evidence_source=F("evidence__source"),
            local_evidence=local["local_text"],
        )
        return rows.order_by("position", "pk", "-evidence__day", "-evidence__pk")
