"""Responses of the public views. They are the same for everybody: nothing in them reveals who has signed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wagtail_pledge.campaigns.context.layout import NO_REFERRER, expired_link_context, view_layout_context
from wagtail_pledge.campaigns.embedding import allow_framing, embed_context, get_embedding
from wagtail_pledge.campaigns.lookups import find_pledge_page, full_url
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.i18n import without_language_vary
from wagtail_pledge.core.registry import pledge_url
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import public_state


class HttpResponseSeeOther(HttpResponseRedirect):
    """303 See Other: the browser fetches the next page with GET, so reloading it does not POST again."""

    status_code = 303


def mark_private(response: HttpResponse, *, referrer: str = NO_REFERRER) -> Any:
    """Mark a response as private: not cached, not indexed, and its URL is not sent as referrer."""
    if response.has_header("Cache-Control"):
        patch_cache_control(response, private=True, no_store=True)
    else:
        response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = referrer
    response["X-Robots-Tag"] = "noindex"
    return without_language_vary(response)


def render_page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> Any:
    """Return a private page in the active language; it may be framed if the view has called ``load_embedding``."""
    embedding = get_embedding(request)
    if embedding is not None:
        context = {**context, **embed_context(embedding)}
    response = TemplateResponse(request, f"wagtail_pledge/pages/{template}.html", context, status=status)
    allow_framing(request, response.render(), embedding.origins if embedding else ())
    return mark_private(response, referrer=context.get("referrer", NO_REFERRER))


def private_json_response(data: dict[str, Any], *, status: int) -> Any:
    """Return a JSON response that is not cached."""
    return mark_private(JsonResponse(data, status=status))


def pledge_page_context(pledge: Pledge, locale: str) -> dict[str, Any]:
    """Return ``pledge_page`` (or ``None``), ``pledge_title`` and ``pledge_url``, in ``locale`` if it has a page."""
    page = find_pledge_page(pledge, locale)
    title = page.title if page else pledge.title
    return {"pledge_page": page, "pledge_title": title, "pledge_url": full_url(page) if page else ""}


def link_page_url(pledge: Pledge) -> str:
    """Return the URL of ``<pledge>/link/`` in the active language: that page knows no language of its own."""
    return f"{reverse('wagtail_pledge:link', args=[pledge.uuid])}?lang={quote(get_language() or '')}"


def render_link_problem(
    request: HttpRequest,
    pledge: Pledge | None = None,
    locale: str = "",
    *,
    heading: str = "",
    text: str = "",
    link_url: str = "",
) -> Any:
    """Return the page for links that do not work (any more), with status 200.

    It is the same for every cause, unless ``heading`` and ``text`` name it. It does not offer to sign again once the
    campaign is over. ``link_url`` is where to get a new link.
    """
    if pledge is not None and not text and is_over(pledge):
        text = _("Links in our emails expire. This campaign is over, so you can no longer sign or confirm.")
    context = expired_link_context(pledge_url(pledge, locale) if pledge else "", heading=heading, text=text)
    layout = view_layout_context(title=context["heading"])
    return render_page(request, "link_problem", {**layout, **context, "link_url": link_url})


def is_over(pledge: Pledge) -> bool:
    """Whether the pledge takes no signatures any more; a paused one and one that opens later will."""
    state = public_state(pledge, getattr(pledge, "db_now", None) or database_now())
    return state not in {PledgeState.DRAFT, PledgeState.OPEN, PledgeState.PAUSED, "not_yet"}


def cross_site_error(request: HttpRequest) -> Any:
    """Return a 403 page for a form that another website sent."""
    return render_error(request, 403, _("This form can’t be sent from another website."))


def render_error(request: HttpRequest, status: int, message: str, text: str = "") -> Any:
    """Return an error page with ``message`` as title, in the active language."""
    context = {**view_layout_context(title=message), "heading": message, "text": text, "pledge_url": ""}
    return render_page(request, "link_problem", context, status=status)


def not_found(request: HttpRequest) -> Any:
    """Return 404 for a pledge or signer type that does not exist.

    The package's URLs are outside ``i18n_patterns``. Setting ``urlconf`` keeps ``LocaleMiddleware`` from turning the
    404 into a redirect to ``/<language>/…``, which Wagtail's catch-all pattern would match.
    """
    request.urlconf = "wagtail_pledge.urls"
    message = _("There is nothing to sign here")
    if request.content_type == "application/json":
        return private_json_response({"error": message}, status=404)
    text = _("The campaign may have moved. Look for it on the website.")
    return render_page(
        request, "link_problem", {**view_layout_context(title=message), "heading": message, "text": text}, status=404
    )


def not_open(request: HttpRequest, pledge: Pledge, now: Any, locale: str, *, kind: str) -> Any:
    """Return a 422 page for a pledge that does not accept signatures now."""
    return render_page(
        request,
        "not_open",
        {
            **view_layout_context(title=_("Your signature was not added")),
            "state": public_state(pledge, now),
            "kind": kind,
            **pledge_page_context(pledge, locale),
            "opens_on": pledge.opening_day,
            "closes_on": pledge.last_day,
        },
        status=422,
    )
