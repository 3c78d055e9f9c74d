"""Addresses that only answer questions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

METHODS: Final = ("GET", "HEAD", "OPTIONS")


def read_only(view: Callable[..., Any]) -> Any:
    """Decorate a view that changes nothing: it gets GET and HEAD alone, OPTIONS is answered, all else is a 405.

    Django would ask a POST for its token first, and refuse it without saying what is allowed.
    """

    @require_http_methods(METHODS)
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": ", ".join(METHODS)})
        return view(request, *args, **kwargs)

    return csrf_exempt(inner)
