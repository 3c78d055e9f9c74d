"""Content security policy: the package's for the public site, a wider one for the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from wagtail_pledge.campaigns.csp import HEADER, add_csp_header

#: Wagtail's page editor uses inline scripts (checked on 7.4 and 8.0).
ADMIN_CSP: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: https:; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'"
)


class ContentSecurityPolicyMiddleware:
    """Adds the header to every response that does not set it itself (Wagtail's document views do)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Choose the policy by the path of the request."""
        response = self.get_response(request)
        if request.path.startswith(reverse("wagtailadmin_home")):
            response.headers.setdefault(HEADER, ADMIN_CSP)
            return response
        # No inline script or style is allowed, so that nothing a signer enters can run as a script
        return add_csp_header(request, response)
