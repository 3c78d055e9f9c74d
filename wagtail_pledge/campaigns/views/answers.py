"""Answers that look the same whoever asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from wagtail_pledge.campaigns.context.layout import NO_REFERRER, too_old, view_frame
from wagtail_pledge.campaigns.embedding import embedded_context, framed, remembered
from wagtail_pledge.campaigns.lookups import full_url, pledge_page_of
from wagtail_pledge.core.i18n import settled
from wagtail_pledge.core.registry import pledge_url
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import shown_state


class SeeOther(HttpResponseRedirect):
    """303: the browser fetches the next page with GET, so a refresh never posts again."""

    status_code = 303


def private(response: HttpResponse, *, referrer: str = NO_REFERRER) -> Any:
    """Mark a response as one person's: no cache keeps it, nobody is told its address, no robot lists it."""
    patch_cache_control(response, private=True, no_store=True)
    response["Referrer-Policy"] = referrer
    response["X-Robots-Tag"] = "noindex"
    return settled(response)


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> Any:
    """Return a private page of ours, rendered in the active language; in a frame where the view has remembered one."""
    embedding = remembered(request)
    if embedding is not None:
        context = {**context, **embedded_context(embedding)}
    response = TemplateResponse(request, f"wagtail_pledge/pages/{template}.html", context, status=status)
    framed(request, response.render(), embedding.origins if embedding else ())
    return private(response, referrer=context.get("referrer", NO_REFERRER))


def json_answer(data: dict[str, Any], *, status: int) -> Any:
    """Return JSON that nobody keeps."""
    return private(JsonResponse(data, status=status))


def about_pledge(pledge: Pledge, locale: str) -> dict[str, Any]:
    """Return ``pledge_page`` (or ``None``), ``pledge_title`` and ``pledge_url``, in the signer's language where there
    is a page in it.
    """
    shown = pledge_page_of(pledge, locale)
    title = shown.title if shown else pledge.title
    return {"pledge_page": shown, "pledge_title": title, "pledge_url": full_url(shown) if shown else ""}


def link_problem(
    request: HttpRequest, pledge: Pledge | None = None, locale: str = "", *, heading: str = "", text: str = ""
) -> Any:
    """Return the one page for every link that does not (or no longer) work, status 200: it tells nothing apart. With
    ``heading`` and ``text`` it says what is over.
    """
    context = too_old(pledge_url(pledge, locale) if pledge else "", heading=heading, text=text)
    return page(request, "link_problem", {**view_frame(title=context["heading"]), **context})


def elsewhere(request: HttpRequest) -> Any:
    """Return 403 for a form that another website sent; nothing was done."""
    return refusal(request, 403, _("This form can’t be sent from another website."))


def refusal(request: HttpRequest, status: int, message: str, text: str = "") -> Any:
    """Return the page that says in the active language why nothing was done."""
    context = {**view_frame(title=message), "heading": message, "text": text, "pledge_url": ""}
    return page(request, "link_problem", context, status=status)


def not_found(request: HttpRequest) -> Any:
    """Return 404 for a pledge or signer type that does not exist.

    Our URLs stand outside the language prefix. Telling the request so keeps LocaleMiddleware from turning the
    404 into a
    redirect to ``/<language>/…``, which Wagtail's catch-all pattern would seem to match.
    """
    request.urlconf = "wagtail_pledge.urls"  # type: ignore[attr-defined]
    message = _("There is nothing to sign here")
    if request.content_type == "application/json":
        return json_answer({"error": message}, status=404)
    text = _("The campaign may have moved. Look for it on the website.")
    return page(request, "link_problem", {**view_frame(title=message), "heading": message, "text": text}, status=404)


def not_open(request: HttpRequest, pledge: Pledge, now: Any, locale: str) -> Any:
    """Return the page for a pledge that takes no names now; nothing was stored."""
    return page(
        request,
        "not_open",
        {
            **view_frame(title=_("Your name was not added")),
            "state": shown_state(pledge, now),
            **about_pledge(pledge, locale),
            "opens_at": pledge.opens_at,
            "closes_at": pledge.closes_at,
        },
        status=422,
    )
