"""The app of a site whose signatures have a UUID as their primary key."""

from __future__ import annotations

from django.apps import AppConfig


class UuidSignatureConfig(AppConfig):
    """A site with ``WAGTAIL_PLEDGE_SIGNATURE_MODEL``."""

    name = "tests.projects.uuid_signature"
    label = "uuid_signature"
    default_auto_field = "django.db.models.BigAutoField"
