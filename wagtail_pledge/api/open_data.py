"""What any site and any program may read: the same manners at every address of the public data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.core.http import METHODS, read_only
from wagtail_pledge.core.i18n import known_language, settled
from wagtail_pledge.core.jsonld import safe_json

#: A wrong address may turn right: a campaign is published, a treaty imported.
ERROR_MAX_AGE: Final = 30
#: A browser that asks a page's question with its copy's ETag asks first whether it may.
_PREFLIGHT: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}


def public_data(view: Callable[..., Any]) -> Any:
    """Decorate a view whose answer any site may read (CORS, without credentials).

    It runs in the language of ``?lang=``, else in the site's own, and what it answers does not vary on the browser's.
    What is not there and what is not allowed is told in JSON: ``{"error": {"code", "message"}}``.
    """
    reading = read_only(view)

    @csrf_exempt
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = known_language(request.GET.get("lang"))
        with override(language):
            response = _answer(reading, request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag"
        response["Content-Language"] = language
        for header, value in _PREFLIGHT.items() if request.method == "OPTIONS" else ():
            response[header] = value
        return settled(response)

    return inner


def json_response(data: Any, *, status: int = 200) -> HttpResponse:
    """Return ``data`` as JSON that is safe wherever it is put."""
    return HttpResponse(safe_json(data), content_type="application/json", status=status)


def error_response(code: str, message: str, *, status: int) -> HttpResponse:
    """Return what is wrong, for programs (``code``) and for people (``message``)."""
    response = json_response({"error": {"code": code, "message": message}}, status=status)
    response["Cache-Control"] = f"public, max-age={ERROR_MAX_AGE}"
    return response


def _answer(reading: Callable[..., Any], request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
    try:
        response = reading(request, *args, **kwargs)
    except Http404:
        return error_response("not_found", _("There is nothing here that anybody may read."), status=404)
    if response.status_code != 405:
        return response
    refused = error_response("method_not_allowed", _("Only GET and HEAD are answered here."), status=405)
    refused["Allow"] = response["Allow"]
    return refused
