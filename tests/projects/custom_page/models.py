"""The site's own base page (Wagtail 8), and its campaign pages made from the package's mixins."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import AbstractPage

from wagtail_pledge.models import (
    PledgeIndexPageMixin,
    PledgePageMixin,
    SignerTypePageMixin,
    TreatyStatusPageMixin,
    UpdatePageMixin,
)


class BasePage(AbstractPage):
    """Base page of the site: without SEO title and menus, with a note."""

    note = models.CharField(max_length=120, blank=True)

    promote_panels: ClassVar[list[Any]] = [*AbstractPage.promote_panels, FieldPanel("note")]


class CampaignsPage(PledgeIndexPageMixin, BasePage):
    """Index page of campaigns."""


class CampaignPage(PledgePageMixin, BasePage):
    """Pledge page."""


class SignPage(SignerTypePageMixin, BasePage):
    """Signer-type page."""


class NewsPage(UpdatePageMixin, BasePage):
    """Update page."""


class StatusPage(TreatyStatusPageMixin, BasePage):
    """Treaty status page."""
