"""View for an organization's logo: upload and removal from the signer's own page, after confirming."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.views.manage import manage_page, manage_path
from wagtail_pledge.campaigns.views.responses import HttpResponseSeeOther, mark_private, not_found, render_link_problem
from wagtail_pledge.core.http import MAX_BODY, declared_content_length, read_upload
from wagtail_pledge.core.i18n import activate_language, activate_requested_language, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.logos import CONTENT_TYPE, MAX_BYTES, LogoRefused, reencode_logo
from wagtail_pledge.signing.services import (
    MANAGE,
    can_have_logo,
    logo_of,
    remove_logo,
    signature_from_token,
    submit_logo,
)

#: The one field of the form.
FIELD: Final = "logo"


class LogoView(View):
    """``manage/<token>/logo/``: GET returns the logo, POST uploads one, or deletes it with ``action=remove``.

    The body is not read before the token has been checked.
    """

    def get(self, request: HttpRequest, token: str) -> Any:
        """Return the logo that waits for approval, or with ``?shown`` the approved one.

        The approved one is served from here too, because the signer's own page loads nothing from other hosts, where
        the site's files may be.
        """
        signature = _signature(token)
        logo = logo_of(signature) if signature is not None else None
        content = logo.read(approved="shown" in request.GET) if logo is not None else b""
        return mark_private(picture(content)) if content else not_found(request)

    def post(self, request: HttpRequest, token: str) -> Any:
        """Store the logo and redirect, or show what is wrong with it and keep the previous one."""
        signature = _signature(token)
        if signature is None:
            activate_requested_language(request)
            return render_link_problem(request)
        activate_language(request, signature.locale)
        length = declared_content_length(request)
        if length is None or length > MAX_BODY:
            return manage_page(request, signature, token, logo_error=LogoRefused("too_heavy").message, status=413)
        try:
            _apply_action(request, signature)
        except LogoRefused as error:
            return manage_page(request, signature, token, logo_error=error.message, status=422)
        return mark_private(HttpResponseSeeOther(manage_path(token)))


logo_view = private_view(csrf_exempt(with_request_cache(restores_language(LogoView.as_view()))))


def picture(content: bytes) -> HttpResponse:
    """Return a response with the logo; browsers must not treat it as any other type."""
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"X-Content-Type-Options": "nosniff"})


def _signature(token: str) -> Any | None:
    """Return the signature that ``token`` opens, if it may have a logo now."""
    signature = signature_from_token(MANAGE, token)
    return signature if signature is not None and can_have_logo(signature) else None


def _apply_action(request: HttpRequest, signature: Any) -> None:
    fields, files = read_upload(request, limit=MAX_BYTES)
    if fields.get("action") == "remove":
        remove_logo(signature)
        return
    submit_logo(signature, reencode_logo(files.get(FIELD)))
