"""Page for requests that the database did not answer. It says only what is known, and needs no database."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import get_language_bidi, get_language_from_request, override
from django.utils.translation import gettext as _

from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.embedding import get_embedding, read_embedding
from wagtail_pledge.campaigns.views.responses import mark_private, private_json_response, render_page
from wagtail_pledge.core.http import SAFE_METHODS


def unavailable_page(request: HttpRequest) -> Any:
    """Return the 503 response: a page, JSON, or one line of text, by what was requested."""
    # Read by ``colours_url``
    request.without_database = True  # type: ignore[attr-defined]
    language = _language(request)
    with override(language):
        if request.content_type == "application/json" or request.path.endswith(".json"):
            response = private_json_response({"error": {"code": "unavailable", "message": _text(request)}}, status=503)
        elif not request.path.endswith("/"):
            response = mark_private(HttpResponse(_heading(request), content_type="text/plain", status=503))
        else:
            response = _page(request, language)
    response["Content-Language"] = language
    return response


def _language(request: HttpRequest) -> str:
    """Return the language of ``?lang=``, else the one that the view or the URL has chosen, else the browser's."""
    languages = dict(settings.LANGUAGES)
    for code in (request.GET.get("lang"), getattr(request, "LANGUAGE_CODE", None)):
        if code in languages:
            return str(code)
    return get_language_from_request(request, check_path=is_language_prefix_patterns_used(settings.ROOT_URLCONF)[0])


def _is_read(request: HttpRequest) -> bool:
    return request.method in SAFE_METHODS


def _heading(request: HttpRequest) -> str:
    return _("This page can’t be shown right now") if _is_read(request) else _("We don’t know whether this worked")


def _text(request: HttpRequest) -> str:
    if _is_read(request):
        return _("Try again in a minute. If we told you that we have your form, it is not lost.")
    return _("Our database did not answer. It is safe to try again in a minute.")


def _page(request: HttpRequest, language: str) -> Any:
    heading, text = _heading(request), _text(request)
    if get_embedding(request) is None:
        # The frame of another website may show an error page; which websites are allowed can't be looked up
        request.pledge_embedding = read_embedding(request)  # type: ignore[attr-defined]
    context = {
        **view_layout_context(title=heading),
        "heading": heading,
        "text": text,
        "hidden_fields": _fields(request),
        "action": request.get_full_path(),
        "is_read": _is_read(request),
    }
    try:
        return render_page(request, "unavailable", context, status=503)
    except Exception:  # noqa: BLE001 - the site's templates may need the database
        direction = "rtl" if get_language_bidi() else "ltr"
        markup = '<!DOCTYPE html><html lang="{}" dir="{}"><meta charset="utf-8"><title>{}</title><h1>{}</h1><p>{}</p>'
        return mark_private(HttpResponse(format_html(markup, language, direction, heading, heading, text), status=503))


def _fields(request: HttpRequest) -> list[tuple[str, str]] | None:
    """Return the fields of the form that was sent, to send it again; ``None`` if that is not possible.

    Only for views of the package, whose forms may be repeated; a file cannot be sent again.
    """
    match = request.resolver_match
    if _is_read(request) or match is None or "wagtail_pledge" not in match.app_names:
        return None
    try:
        if request.FILES:
            return None
        return [(name, value) for name, values in request.POST.lists() for value in values]
    except Exception:  # noqa: BLE001 - the body cannot be read, for one of many reasons
        return None
