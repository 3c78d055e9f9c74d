"""View of the stylesheet with a site's colours. Each URL in ``urls.py`` has a module of its own in this package."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from wagtail_pledge.campaigns.theme import SiteColours, stylesheet_digest
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.http import require_safe
from wagtail_pledge.core.i18n import without_language_vary

YEAR: Final = 365 * 24 * 3600


@require_safe
def colours_view(_request: HttpRequest, site: int, digest: str) -> Any:
    """``GET colours/<site>-<digest>.css``: the stylesheet, cached for a year if the digest is that of its content.

    A cached page may request the digest of colours that have since changed: it gets the current ones, cached for
    ``PAGE_MAX_AGE``. 404 for a site id beyond the database's integer range.
    """
    if site > BigIntegerField.MAX_BIGINT:
        raise Http404
    colours = SiteColours.objects.filter(site=site).first()
    css = colours.css() if colours else ""
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    if css and stylesheet_digest(css) == digest:
        patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(response, public=True, max_age=get_setting("PAGE_MAX_AGE"))
    return without_language_vary(response)
