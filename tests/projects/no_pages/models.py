"""The site's own pages: the package's mixins over Wagtail's page, with a field and a template more."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from wagtail_pledge.models import (
    PledgeIndexPageMixin,
    PledgePageMixin,
    SignerTypePageMixin,
    TreatyStatusPageMixin,
)


class ActionsPage(PledgeIndexPageMixin, Page):
    """Lists campaigns."""


class ActionPage(PledgePageMixin, Page):
    """Shows a pledge, with the site's own strapline."""

    strapline = models.CharField(max_length=120, blank=True)

    content_panels: ClassVar[list[Any]] = [*PledgePageMixin.content_panels, FieldPanel("strapline")]


class JoinPage(SignerTypePageMixin, Page):
    """Shows one way to sign."""


class RatificationsPage(TreatyStatusPageMixin, Page):
    """Shows a treaty."""
