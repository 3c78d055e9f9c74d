"""View of ``<pledge>/organizations/``: the whole list of approved organizations of a campaign, with a search."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models.functions import Now
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wagtail_pledge.caching.headers import depend_on_query, mark_shows_names, with_cache_headers
from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.access import Access, access_to, mark_private_data, restrictions_exist
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.embedding import allow_framing
from wagtail_pledge.campaigns.page_types.index_listing import MAX_SEARCH, page_number
from wagtail_pledge.campaigns.views.responses import not_found, pledge_page_context
from wagtail_pledge.core.http import require_safe
from wagtail_pledge.core.i18n import activate_language, restores_language, without_language_vary
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.names import fold_name
from wagtail_pledge.signing.services import PublicOrganization, is_open, public_organizations
from wagtail_pledge.signing.services.public_names import MAX_LISTED
from wagtail_pledge.signing.services.switches import SIGNING, switch_exists

PER_PAGE: Final = 60


@require_safe
@with_request_cache
@restores_language
def organizations_view(request: HttpRequest, pledge: UUID) -> Any:
    """``GET <pledge>/organizations/?q=…&page=…&lang=…``: the approved organizations by name, cached as their names are.

    If the campaign's pages are restricted, only visitors who may see one get the list, which is not stored.
    """
    code = activate_language(request, request.GET.get("lang"))
    public = Pledge.objects.public().annotate(
        is_restricted=restrictions_exist(), is_paused=switch_exists(SIGNING), db_now=Now()
    )
    found: Any = public.filter(uuid=pledge).first()
    access = Access.DENIED if found is None else access_to(request, found, is_restricted=found.is_restricted)
    if access is Access.DENIED:
        return not_found(request)
    context = _context(request, found, code)
    response = TemplateResponse(request, "wagtail_pledge/pages/organizations.html", context)
    response.render()
    depend_on_query(request, ("lang", "q", "page"))
    mark_shows_names(request)
    with_cache_headers(request, response)
    if access is Access.PRIVATE:
        mark_private_data(response)
    return without_language_vary(allow_framing(request, response, ()))


def _context(request: HttpRequest, pledge: Any, code: str) -> dict[str, Any]:
    q = request.GET.get("q", "")[:MAX_SEARCH].strip()
    listed = public_organizations(pledge, MAX_LISTED, read=MAX_LISTED)
    matches = _search(listed, q)
    pages = max(1, -(-len(matches) // PER_PAGE))
    number = page_number(request.GET.get("page", ""), pages)

    def url(page: int) -> str:
        return f"?{urlencode({'lang': code, **({'q': q} if q else {}), 'page': page})}"

    return {
        **view_layout_context(title=_("Organizations that signed"), referrer="same-origin"),
        **pledge_page_context(pledge, get_language() or ""),
        "noindex": bool(q),
        "list_url": request.build_absolute_uri(request.path),
        "can_sign": is_open(pledge, pledge.db_now) and not pledge.is_paused,
        "lang": code,
        "q": q,
        "organizations": matches[(number - 1) * PER_PAGE : number * PER_PAGE],
        "match_count": len(matches),
        "total": len(listed),
        "number": number,
        "pages": pages,
        "previous_url": url(number - 1) if number > 1 else "",
        "next_url": url(number + 1) if number < pages else "",
    }


def _search(organizations: tuple[PublicOrganization, ...], q: str) -> list[PublicOrganization]:
    """Return those whose name, as shown, contains every word of ``q``, whatever the case and the accents."""
    words = set(fold_name(q).split())
    if not words:
        return [] if q else list(organizations)
    folded = [(one, fold_name(one.name)) for one in organizations]
    return [one for one, name in folded if all(word in name for word in words)]
