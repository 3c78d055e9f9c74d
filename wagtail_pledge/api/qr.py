"""View of a pledge's QR code as a file to download.

Separate from ``core.qr``, which draws the code and knows no pages.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control

from wagtail_pledge.campaigns.lookups import find_public_page, full_url
from wagtail_pledge.core import qr
from wagtail_pledge.core.http import require_safe
from wagtail_pledge.core.i18n import supported_language, without_language_vary
from wagtail_pledge.signing.models import Pledge

TYPES: Final = {"svg": "image/svg+xml", "png": "image/png"}
MAX_AGE: Final = 3600


@require_safe
def qr_view(request: HttpRequest, pledge: UUID, form: str) -> Any:
    """``GET <pledge>/qr.svg`` or ``qr.png``, ``?lang=``: the URL of the pledge's page as a QR code.

    404 without a public page, or if segno is not installed.
    """
    row = get_object_or_404(Pledge.objects.public(), uuid=pledge)
    page = find_public_page(row, supported_language(request.GET.get("lang")))
    url = full_url(page) if page else ""
    if not (url and qr.IS_INSTALLED):
        raise Http404
    response = HttpResponse(qr.qr_file(url, form), content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="qr.{form}"'
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return without_language_vary(response)
