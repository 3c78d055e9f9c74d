"""The package's content security policy for the whole public site, a wider one for the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from wagtail_pledge.core.csp import HEADER, with_policy

#: Wagtail's page editor runs scripts of its own inside its pages (checked on 7.4 and 8.0).
ADMIN: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: https:; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'"
)


class ContentSecurityPolicy:
    """Adds the header to every response that does not bring its own, as Wagtail's documents do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Choose the policy by path."""
        response = self.get_response(request)
        if request.path.startswith(reverse("wagtailadmin_home")):
            response.headers.setdefault(HEADER, ADMIN)
            return response
        # No inline script or style anywhere: nothing that a signer types can run
        return with_policy(request, response)
