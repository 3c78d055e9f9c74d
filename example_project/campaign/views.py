"""The site's 404 page, ``robots.txt``, and the demo's uploaded files."""

from __future__ import annotations

import posixpath
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve

from wagtail_pledge.campaigns.context.layout import view_layout_context

#: Types of uploaded files that are shown; all others are downloaded.
SHOWN_TYPES: Final = {"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"}


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


@require_safe
def uploaded_file(request: HttpRequest, path: str) -> Any:
    """Serve a file of ``MEDIA_ROOT`` so that a browser runs nothing in it. For the demo; in production nginx does this.

    Documents are not served: Wagtail's view checks who may read them.
    """
    if posixpath.normpath(path).lstrip("/").startswith("documents/"):
        raise Http404
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    if response.get("Content-Type") not in SHOWN_TYPES:
        response["Content-Type"] = "application/octet-stream"
        response["Content-Disposition"] = "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
