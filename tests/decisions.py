"""Translations of decision-makers, stages and evidence."""

from __future__ import annotations

from typing import Any


def translate(row: Any, language: str = "es", **texts: str) -> Any:
    """Store a translation of ``row``. (``row.translations.create`` would only add it to the object.)"""
    relation = row._meta.get_field("translations")
    return relation.related_model.objects.create(**{relation.field.name: row}, language=language, **texts)
