"""The sitemap: each language has a tree of its own beside the site's root page."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page


class EveryLanguage(Sitemap):  # type: ignore[misc]
    """The public pages of all languages."""

    def items(self) -> Any:
        """Return them in the order of the tree; Wagtail's own map knows the root page's language alone."""
        homes = self.get_wagtail_site().root_page.get_translations(inclusive=True)
        below = reduce(or_, (Q(path__startswith=home.path) for home in homes))
        return Page.objects.filter(below).live().public().order_by("path").defer_streamfields().specific()
