"""The site's own pages: the package's mixins and an abstract page, with fields, a tab and a template more."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from wagtail_pledge.models import (
    AbstractSignerTypePage,
    PledgeIndexPageMixin,
    PledgePageMixin,
    TreatyStatusPageMixin,
)


class ActionsPage(PledgeIndexPageMixin, Page):
    """Lists campaigns."""


class ActionPage(PledgePageMixin, Page):
    """Shows a pledge, with the site's own strapline."""

    strapline = models.CharField(max_length=120, blank=True)

    content_panels: ClassVar[list[Any]] = [*PledgePageMixin.content_panels, FieldPanel("strapline")]


class JoinPage(AbstractSignerTypePage):
    """Shows one way to sign, with a field in a tab of the package's and one in a tab of the site's."""

    motto = models.CharField(max_length=120, blank=True)
    branch = models.CharField(max_length=120, blank=True)

    message_panels: ClassVar[list[Any]] = [*AbstractSignerTypePage.message_panels, FieldPanel("motto")]
    branch_panels: ClassVar[list[Any]] = [FieldPanel("branch")]
    edit_tabs: ClassVar[list[Any]] = [*AbstractSignerTypePage.edit_tabs, ("branch_panels", "Branch")]


class RatificationsPage(TreatyStatusPageMixin, Page):
    """Shows a treaty."""
