"""The form alone, for the frames of other websites, and the script that puts it there."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wagtail_pledge.campaigns.embedding import Embedding, embedded_context, framed, put_in_frame
from wagtail_pledge.campaigns.finding import full_url, public_pages_of
from wagtail_pledge.campaigns.frame import view_frame
from wagtail_pledge.campaigns.page_context import ledger_context
from wagtail_pledge.campaigns.sources import FIELD
from wagtail_pledge.campaigns.views.answers import not_found
from wagtail_pledge.core.caching import depends_on, shared
from wagtail_pledge.core.language import known_language, settled, use_language
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.models import EmbedOrigin, Pledge
from wagtail_pledge.signing.services.sources import source_word

#: They stand in a header and in the address of the form.
MAX_ORIGINS: Final = 20
SCRIPT_MAX_AGE: Final = 3600


@require_safe
def embed_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/embed/?lang=…&kind=…``: the form, framed by the pledge's own list of websites only."""
    found = Pledge.objects.public().filter(uuid=pledge).first()
    page = _page(found, known_language(request.GET.get("lang"))) if found else None
    if found is None or page is None:
        use_language(request, request.GET.get("lang"))
        return not_found(request)
    code = use_language(request, page.locale.language_code)
    rows = EmbedOrigin.objects.filter(pledge=found).values_list("origin", flat=True)
    embedding = Embedding(url=_own_url(request, code), origins=sorted(set(rows))[:MAX_ORIGINS])
    response = TemplateResponse(request, "wagtail_pledge/pages/embed.html", _context(request, page, embedding))
    response.render()
    depends_on(request, ("lang", "kind", FIELD))
    shared(request, response)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return settled(framed(request, response, embedding.origins))


@require_safe
def embed_script(_request: HttpRequest) -> Any:
    """``GET embed.js``: leads to the script as it is now, so that the address on other websites stays good."""
    response = HttpResponseRedirect(static("wagtail_pledge/js/embed.js"))
    patch_cache_control(response, public=True, max_age=SCRIPT_MAX_AGE)
    return settled(response)


def _page(pledge: Pledge, code: str) -> Any | None:
    """Return the page whose words stand around the form: in the language if there is one."""
    pages = public_pages_of(pledge)
    return next((page for page in pages if page.locale.language_code == code), pages[0] if pages else None)


def _own_url(request: HttpRequest, code: str) -> str:
    """Return the address of the form with what was asked of it and makes sense."""
    kind = request.GET.get("kind", "")
    source = source_word(request.GET.get(FIELD, ""))
    asked = {"lang": code, **({"kind": kind} if kind in kinds() else {}), **({FIELD: source} if source else {})}
    return f"{request.path}?{urlencode(asked)}"


def _context(request: HttpRequest, page: Any, embedding: Embedding) -> dict[str, Any]:
    ledger = ledger_context(page, request, pledge_page=page, kind=request.GET.get("kind", ""))
    sign = ledger["sign"]
    if sign is not None:
        sign.source = source_word(request.GET.get(FIELD, ""))
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
