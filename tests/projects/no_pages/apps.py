"""The app of a site with its own campaign pages on Wagtail's own page model."""

from __future__ import annotations

from django.apps import AppConfig


class NoPagesConfig(AppConfig):
    """A site without ``wagtail_pledge.pages``."""

    name = "tests.projects.no_pages"
    label = "no_pages"
    default_auto_field = "django.db.models.BigAutoField"
