"""A custom page that extends the package's base template."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page


class NewsPage(Page):
    """Page with a text, without a pledge."""

    text = models.TextField(blank=True)

    template = "custom_theme/news_page.html"
    content_panels: ClassVar[list[Any]] = [*Page.content_panels, FieldPanel("text")]
