"""Enumerations of decision-makers and decision paths, with translated labels.

The functions are the ``choices`` of model fields: a new value then needs no migration.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import pgettext_lazy


class Position(models.TextChoices):
    """What a decision-maker has said about the demand of a campaign."""

    UNKNOWN = "unknown", pgettext_lazy("position", "Not known")
    SUPPORTS = "supports", pgettext_lazy("position", "Supports it")
    UNDECIDED = "undecided", pgettext_lazy("position", "Undecided")
    OPPOSES = "opposes", pgettext_lazy("position", "Opposes it")


class StageState(models.TextChoices):
    """State of one stage of a decision path."""

    NOT_STARTED = "not_started", pgettext_lazy("stage", "Not started")
    UNDER_WAY = "under_way", pgettext_lazy("stage", "Under way")
    DONE = "done", pgettext_lazy("stage", "Done")
    STOPPED = "stopped", pgettext_lazy("stage", "Stopped")


def position_choices() -> list[tuple[str, Any]]:
    """Return the choices of ``Recipient.position``."""
    return list(Position.choices)


def stage_state_choices() -> list[tuple[str, Any]]:
    """Return the choices of ``DecisionStage.state``."""
    return list(StageState.choices)
