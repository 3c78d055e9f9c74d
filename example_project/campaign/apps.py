"""App configuration of the example site."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignConfig(AppConfig):
    """The app ``campaign``."""

    name = "example_project.campaign"
    label = "campaign"
    default_auto_field = "django.db.models.BigAutoField"
