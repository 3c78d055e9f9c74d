"""Custom pages made from the mixins and an abstract page, with extra fields and a tab."""

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
    """Index page of campaigns."""


class ActionPage(PledgePageMixin, Page):
    """Pledge page with an extra field."""

    strapline = models.CharField(max_length=120, blank=True)

    content_panels: ClassVar[list[Any]] = [*PledgePageMixin.content_panels, FieldPanel("strapline")]


class JoinPage(AbstractSignerTypePage):
    """Signer-type page with a field in one of the package's tabs and one in its own tab."""

    motto = models.CharField(max_length=120, blank=True)
    branch = models.CharField(max_length=120, blank=True)

    message_panels: ClassVar[list[Any]] = [*AbstractSignerTypePage.message_panels, FieldPanel("motto")]
    branch_panels: ClassVar[list[Any]] = [FieldPanel("branch")]
    edit_tabs: ClassVar[list[Any]] = [*AbstractSignerTypePage.edit_tabs, ("branch_panels", "Branch")]


class RatificationsPage(TreatyStatusPageMixin, Page):
    """Treaty status page."""
