"""Common behaviour of the public data endpoints: CORS, language and errors as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.core.escaping import safe_json
from wagtail_pledge.core.http import SAFE_METHODS, require_safe
from wagtail_pledge.core.i18n import supported_language, without_language_vary

#: Seconds. Short, because a missing campaign or treaty may be published or imported at any time.
ERROR_MAX_AGE: Final = 30
#: Browsers send a preflight request before a cross-origin request with ``If-None-Match``.
_PREFLIGHT: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Methods": ", ".join(SAFE_METHODS),
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}


def public_data(view: Callable[..., Any]) -> Any:
    """Decorator for views whose response any website may read (CORS, without credentials).

    The view runs in the language of ``?lang=``, else in the site's default, so the response does not vary on
    ``Accept-Language``. 404 and 405 become JSON: ``{"error": {"code", "message"}}``.
    """
    safe_view = require_safe(view)

    @csrf_exempt
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = supported_language(request.GET.get("lang"))
        with override(language):
            response = _call(safe_view, request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag"
        response["Content-Language"] = language
        for header, value in _PREFLIGHT.items() if request.method == "OPTIONS" else ():
            response[header] = value
        return without_language_vary(response)

    return inner


def json_response(data: Any, *, status: int = 200) -> HttpResponse:
    """Return a JSON response whose text is also safe inside HTML."""
    return HttpResponse(safe_json(data), content_type="application/json", status=status)


def error_response(code: str, message: str, *, status: int) -> HttpResponse:
    """Return a JSON error: ``code`` for programs, ``message`` for people."""
    response = json_response({"error": {"code": code, "message": message}}, status=status)
    response["Cache-Control"] = f"public, max-age={ERROR_MAX_AGE}"
    return response


def _call(view: Callable[..., Any], request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Call ``view``; replace ``Http404`` and its 405 response by JSON errors."""
    try:
        response: HttpResponseBase = view(request, *args, **kwargs)
    except Http404:
        return error_response("not_found", _("Not found, or not public."), status=404)
    if response.status_code != 405:
        return response
    error = error_response("method_not_allowed", _("Only GET and HEAD are answered here."), status=405)
    error["Allow"] = response["Allow"]
    return error
