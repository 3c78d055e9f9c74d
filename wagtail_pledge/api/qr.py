"""The QR code of a pledge's page, to print."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control

from wagtail_pledge.campaigns.lookups import full_url, public_page_of
from wagtail_pledge.core import qr
from wagtail_pledge.core.http import read_only
from wagtail_pledge.core.i18n import known_language, settled
from wagtail_pledge.signing.models import Pledge

TYPES: Final = {"svg": "image/svg+xml", "png": "image/png"}
MAX_AGE: Final = 3600


@read_only
def qr_view(request: HttpRequest, pledge: UUID, form: str) -> Any:
    """``GET <pledge>/qr.svg`` or ``qr.png``, ``?lang=``: the address of the pledge's page; 404 where it has none that
    anybody may read.
    """
    found = get_object_or_404(Pledge.objects.public(), uuid=pledge)
    page = public_page_of(found, known_language(request.GET.get("lang")))
    url = full_url(page) if page else ""
    if not (url and qr.IS_INSTALLED):
        raise Http404
    response = HttpResponse(qr.qr_file(url, form), content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="qr.{form}"'
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return settled(response)
