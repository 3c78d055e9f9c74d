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

from wagtail_pledge.caching.headers import depends_on, shared
from wagtail_pledge.campaigns.context.layout import view_frame
from wagtail_pledge.campaigns.context.page import ledger_context
from wagtail_pledge.campaigns.embedding import Embedding, embedded_context, framed, put_in_frame
from wagtail_pledge.campaigns.lookups import full_url, public_page_of
from wagtail_pledge.campaigns.sources import NAMES, source_in
from wagtail_pledge.campaigns.views.answers import not_found
from wagtail_pledge.core.http import read_only
from wagtail_pledge.core.i18n import known_language, settled, use_language
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import EmbedOrigin, Pledge

#: They stand in a header and in the address of the form.
MAX_ORIGINS: Final = 20
SCRIPT_MAX_AGE: Final = 3600


@read_only
def embed_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/embed/?lang=…&kind=…``: the form, framed by the pledge's own list of websites only."""
    found = Pledge.objects.public().annotate(db_now=Now()).filter(uuid=pledge).first()
    page = public_page_of(found, known_language(request.GET.get("lang"))) if found else None
    if found is None or page is None:
        use_language(request, request.GET.get("lang"))
        return not_found(request)
    code = use_language(request, page.locale.language_code)
    rows = EmbedOrigin.objects.filter(pledge=found).values_list("origin", flat=True)
    origins = sorted(set(rows))[:MAX_ORIGINS]
    embedding = Embedding(url=_own_url(request, code), pledge=found.uuid, origins=origins, issued_at=found.db_now)
    response = TemplateResponse(request, "wagtail_pledge/pages/embed.html", _context(request, page, embedding))
    response.render()
    depends_on(request, ("lang", "kind", *NAMES))
    shared(request, response)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return settled(framed(request, response, embedding.origins))


@read_only
def embed_script(_request: HttpRequest) -> Any:
    """``GET embed.js``: leads to the script as it is now, so that the address on other websites stays good."""
    response = HttpResponseRedirect(static("wagtail_pledge/js/embed.js"))
    patch_cache_control(response, public=True, max_age=SCRIPT_MAX_AGE)
    return settled(response)


def _own_url(request: HttpRequest, code: str) -> str:
    """Return the address of the form with what was asked of it and makes sense."""
    kind = request.GET.get("kind", "")
    source = source_in(request.GET)
    asked = {"lang": code, **({"kind": kind} if kind in kinds() else {}), **({NAMES[0]: source} if source else {})}
    return f"{request.path}?{urlencode(asked)}"


def _context(request: HttpRequest, page: Any, embedding: Embedding) -> dict[str, Any]:
    ledger = ledger_context(page, request, pledge_page=page, kind=request.GET.get("kind", ""))
    sign = ledger["sign"]
    if sign is not None:
        sign.source = source_in(request.GET)
        sign.form.stand_elsewhere()
        put_in_frame(sign, embedding)
    return {
        **view_frame(title=_("Sign: %(title)s") % {"title": page.title}, referrer="same-origin"),
        **ledger,
        **embedded_context(embedding),
        "signer_types": [],
        "call_title": page.title,
        "call_url": full_url(page),
    }
