"""The stylesheet with a site's own colours."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from wagtail_pledge.campaigns.theme import SiteColours, digest_of
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.http import read_only
from wagtail_pledge.core.i18n import settled

YEAR: Final = 365 * 24 * 3600


@read_only
def colours_view(_request: HttpRequest, site: int, digest: str) -> Any:
    """``GET colours/<site>-<digest>.css``: kept for ever under the digest of what is in it; 404 for a number that no
    database could give to a site.

    A page in a cache asks for colours that were changed since: it gets those of today, for a while.
    """
    if site > BigIntegerField.MAX_BIGINT:
        raise Http404
    found = SiteColours.objects.filter(site=site).first()
    css = found.css() if found else ""
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    if css and digest_of(css) == digest:
        patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(response, public=True, max_age=get_setting("PAGE_MAX_AGE"))
    return settled(response)
