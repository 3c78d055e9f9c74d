"""The site's own app."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignConfig(AppConfig):
    """Label ``campaign``."""

    name = "example_project.campaign"
    label = "campaign"
    default_auto_field = "django.db.models.BigAutoField"
