"""The form alone, for the frames of other websites, and the script that puts it there."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from wagtail_pledge.caching.headers import depend_on_query, with_cache_headers
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.context.page import pledge_context
from wagtail_pledge.campaigns.embedding import Embedding, allow_framing, apply_embedding, embed_context
from wagtail_pledge.campaigns.lookups import find_public_page, full_url
from wagtail_pledge.campaigns.sources import SOURCE_PARAMETERS, parse_source
from wagtail_pledge.campaigns.views.responses import not_found
from wagtail_pledge.core.http import require_safe
from wagtail_pledge.core.i18n import activate_language, restores_language, supported_language, without_language_vary
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import EmbedOrigin, Pledge

#: They stand in a header and in the address of the form.
MAX_ORIGINS: Final = 20
SCRIPT_MAX_AGE: Final = 3600


@require_safe
@restores_language
def embed_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/embed/?lang=…&kind=…``: the form, framed by the pledge's own list of websites only."""
    found = Pledge.objects.public().annotate(db_now=Now()).filter(uuid=pledge).first()
    page = find_public_page(found, supported_language(request.GET.get("lang"))) if found else None
    if found is None or page is None:
        activate_language(request, request.GET.get("lang"))
        return not_found(request)
    code = activate_language(request, page.locale.language_code)
    rows = EmbedOrigin.objects.filter(pledge=found).values_list("origin", flat=True)
    origins = sorted(set(rows))[:MAX_ORIGINS]
    embedding = Embedding(url=_embed_url(request, code), pledge=found.uuid, origins=origins, issued_at=found.db_now)
    response = TemplateResponse(request, "wagtail_pledge/pages/embed.html", _context(request, page, embedding))
    response.render()
    depend_on_query(request, ("lang", "kind", *SOURCE_PARAMETERS))
    with_cache_headers(request, response)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return without_language_vary(allow_framing(request, response, embedding.origins))


@require_safe
def embed_script(_request: HttpRequest) -> Any:
    """``GET embed.js``: leads to the script as it is now, so that the address on other websites stays good."""
    response = HttpResponseRedirect(static("wagtail_pledge/js/embed.js"))
    patch_cache_control(response, public=True, max_age=SCRIPT_MAX_AGE)
    return without_language_vary(response)


def _embed_url(request: HttpRequest, code: str) -> str:
    """Return the address of the form with what was asked of it and makes sense."""
    kind = request.GET.get("kind", "")
    source = parse_source(request.GET)
    asked = {
        "lang": code,
        **({"kind": kind} if kind in kinds() else {}),
        **({SOURCE_PARAMETERS[0]: source} if source else {}),
    }
    return f"{request.path}?{urlencode(asked)}"


def _context(request: HttpRequest, page: Any, embedding: Embedding) -> dict[str, Any]:
    ledger = pledge_context(page, request, pledge_page=page, kind=request.GET.get("kind", ""))
    sign = ledger["sign"]
    if sign is not None:
        sign.source = parse_source(request.GET)
        sign.form.mark_as_embedded()
        apply_embedding(sign, embedding)
    return {
        **view_layout_context(title=_("Sign: %(title)s") % {"title": page.title}, referrer="same-origin"),
        **ledger,
        **embed_context(embedding),
        "signer_types": [],
        "call_title": page.title,
        "call_url": full_url(page),
    }
