"""The optional app with the concrete page types."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WagtailPledgePagesConfig(AppConfig):
    """Leave it out when the site's own pages subclass the mixins."""

    name = "wagtail_pledge.pages"
    label = "wagtail_pledge_pages"
    verbose_name = _("Campaign pages")
    default_auto_field = "django.db.models.BigAutoField"
