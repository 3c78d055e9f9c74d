"""What differs between the supported versions of Wagtail and Django."""

from __future__ import annotations

from typing import Any

import swapper
from django.core import mail

swapper.set_app_prefix("wagtailcore", "wagtail")

#: ``app_label.Model`` of the site's page model; usable in model bodies and in migrations.
PAGE_MODEL: str = swapper.get_model_name("wagtailcore", "Page")


def get_page_model() -> Any:
    """Return the site's base page class. Call it only after the apps are loaded."""
    return swapper.load_model("wagtailcore", "Page")


def open_mailer() -> Any:
    """Return a new, unopened connection to the site's default mailer (Django 6.1 names it so)."""
    mailers = getattr(mail, "mailers", None)
    return mail.get_connection() if mailers is None else mailers.default
