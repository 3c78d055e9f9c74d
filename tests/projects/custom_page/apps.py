"""The app of a site with its own base page model."""

from __future__ import annotations

from django.apps import AppConfig


class CustomPageConfig(AppConfig):
    """A site on Wagtail 8 with ``WAGTAIL_PAGE_MODEL``."""

    name = "tests.projects.custom_page"
    label = "custom_page"
    default_auto_field = "django.db.models.BigAutoField"
