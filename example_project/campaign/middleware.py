"""One content security policy for the public site, a wider one for the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

HEADER: Final = "Content-Security-Policy"

_SHARED: Final = "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'"
#: No inline script or style anywhere: nothing that a signer types can run.
PUBLIC: Final = f"default-src 'self'; img-src 'self' data:; {_SHARED}"
#: Wagtail's page editor runs scripts of its own inside its pages (checked on 7.4 and 8.0).
ADMIN: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data: blob: https:; {_SHARED}"
)


class ContentSecurityPolicy:
    """Adds the header to every response that does not bring its own, as Wagtail's documents do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Choose the policy by path."""
        response = self.get_response(request)
        policy = ADMIN if request.path.startswith(reverse("wagtailadmin_home")) else PUBLIC
        response.headers.setdefault(HEADER, policy)
        return response
