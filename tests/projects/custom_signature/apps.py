"""The app of a site that stores more with each signature."""

from __future__ import annotations

from django.apps import AppConfig


class CustomSignatureConfig(AppConfig):
    """A site with ``WAGTAIL_PLEDGE_SIGNATURE_MODEL``."""

    name = "tests.projects.custom_signature"
    label = "custom_signature"
    default_auto_field = "django.db.models.BigAutoField"
