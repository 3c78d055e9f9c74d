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
    """What every page of this site is: no SEO title, no menus, but an owner's note."""

    note = models.CharField(max_length=120, blank=True)

    promote_panels: ClassVar[list[Any]] = [*AbstractPage.promote_panels, FieldPanel("note")]


class CampaignsPage(PledgeIndexPageMixin, BasePage):
    """Lists campaigns."""


class CampaignPage(PledgePageMixin, BasePage):
    """Shows a pledge."""


class SignPage(SignerTypePageMixin, BasePage):
    """Shows one way to sign."""


class NewsPage(UpdatePageMixin, BasePage):
    """Tells what is new."""


class StatusPage(TreatyStatusPageMixin, BasePage):
    """Shows a treaty."""
