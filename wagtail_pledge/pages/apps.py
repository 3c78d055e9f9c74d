"""App configuration of the optional app with the concrete page types. Django looks for it in this module."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WagtailPledgePagesConfig(AppConfig):
    """The app ``wagtail_pledge.pages``; not needed if the site's own page types subclass the mixins."""

    name = "wagtail_pledge.pages"
    label = "wagtail_pledge_pages"
    verbose_name = _("Campaign pages")
    default_auto_field = "django.db.models.BigAutoField"
