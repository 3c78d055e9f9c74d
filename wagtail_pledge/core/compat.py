"""Differences between the supported versions of Django and Wagtail, and optional packages."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import swapper
from django.core import mail

swapper.set_app_prefix("wagtailcore", "wagtail")

#: ``app_label.Model`` of the site's page model; usable in model bodies and in migrations.
PAGE_MODEL: str = swapper.get_model_name("wagtailcore", "Page")


def get_page_model() -> Any:
    """Return the site's base page model. Call it only after the apps are loaded."""
    return swapper.load_model("wagtailcore", "Page")


def get_mail_connection() -> Any:
    """Return a new, unopened connection of the default mail backend (``mailers.default`` from Django 6.1)."""
    mailers = getattr(mail, "mailers", None)
    return mail.get_connection() if mailers is None else mailers.default


def get_task_framework() -> Any | None:
    """Return ``django.tasks`` (from Django 6.0), else the package ``django_tasks``, else ``None``."""
    name = next((name for name in ("django.tasks", "django_tasks") if find_spec(name)), None)
    return import_module(name) if name else None


def synchronized_fields(*fields: str) -> list[Any]:
    """Return wagtail-localize declarations that copy ``fields`` unchanged; ``[]`` if it is not installed."""
    if find_spec("wagtail_localize") is None:
        return []
    synchronized = import_module("wagtail_localize.fields").SynchronizedField
    return [synchronized(name, overridable=False) for name in fields]
