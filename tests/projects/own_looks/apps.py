"""The app that holds the site's looks."""

from __future__ import annotations

from django.apps import AppConfig


class OwnLooksConfig(AppConfig):
    """Templates, a style sheet, a block and a page that uses the package's frame."""

    name = "tests.projects.own_looks"
    label = "own_looks"
    default_auto_field = "django.db.models.BigAutoField"
