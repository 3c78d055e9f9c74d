"""Loads who decides on the demo's campaign from ``content/decisions.toml``: decision-makers and the decision path."""

from __future__ import annotations

import tomllib
from typing import Any

from django.conf import settings
from django.db import transaction
from wagtail.models import Collection

from example_project.campaign.demo.content import languages
from wagtail_pledge.delivery.models import (
    DecisionStage,
    EvidenceTranslation,
    PledgeRecipient,
    Recipient,
    RecipientTranslation,
    StageEvidence,
    StageTranslation,
)
from wagtail_pledge.signing.models import Pledge


@transaction.atomic
def load_decisions(pledge: Pledge, collection: Collection) -> None:
    """Create the decision-makers and the stages of ``pledge``, unless it already has stages."""
    if DecisionStage.objects.of_pledge(pledge).exists():
        return
    path = settings.PROJECT_DIR / "content" / "decisions.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    recipients = {}
    for order, found in enumerate(content["recipients"]):
        recipient = Recipient.objects.create(office=found["office"], collection=collection)
        for language, office in _translations(found).items():
            RecipientTranslation.objects.create(recipient=recipient, language=language, office=office)
        PledgeRecipient.objects.create(pledge=pledge, recipient=recipient, sort_order=order)
        recipients[found["key"]] = recipient
    for position, found in enumerate(content["stages"], 1):
        _load_stage(pledge, position, found, recipients[found["recipient"]])


def _load_stage(pledge: Pledge, position: int, found: dict[str, Any], recipient: Recipient) -> None:
    stage = DecisionStage.objects.create(
        pledge=pledge, position=position, name=found["name"], text=found.get("text", ""), recipient=recipient
    )
    for language, texts in _translations(found).items():
        StageTranslation.objects.create(stage=stage, language=language, **texts)
    for one in found.get("evidence", ()):
        evidence = StageEvidence.objects.create(stage=stage, day=one["day"], text=one["text"], source=one["source"])
        for language, text in _translations(one).items():
            EvidenceTranslation.objects.create(evidence=evidence, language=language, text=text)


def _translations(found: dict[str, Any]) -> dict[str, Any]:
    """Return the translations to languages of this site."""
    return {language: texts for language, texts in found["translations"].items() if language in languages()[1:]}
