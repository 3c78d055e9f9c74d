"""The site's 404 page and ``robots.txt``."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from wagtail_pledge.campaigns.context.layout import view_layout_context


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler for 404 responses: the package's page with the site's name and a link to the home page."""
    frame = view_layout_context(title=_("Page not found"), home_url=f"/{get_language()}/")
    return render(request, "404.html", frame, status=404)


@require_safe
@cache_control(public=True, max_age=3600)
def robots_txt(request: HttpRequest) -> HttpResponse:
    """Disallow the admin and name the sitemap.

    Pages with tokens are not listed here: they send ``noindex`` themselves, and a disallowed URL can still be indexed.
    """
    lines = (
        "User-agent: *",
        f"Disallow: {reverse('wagtailadmin_home')}",
        f"Sitemap: {settings.WAGTAIL_PLEDGE_BASE_URL}{reverse('sitemap')}",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
