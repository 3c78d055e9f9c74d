"""The app with the theme of the site."""

from __future__ import annotations

from django.apps import AppConfig


class CustomThemeConfig(AppConfig):
    """Templates, a style sheet, a block, and a page that extends the package's base template."""

    name = "tests.projects.custom_theme"
    label = "custom_theme"
    default_auto_field = "django.db.models.BigAutoField"
