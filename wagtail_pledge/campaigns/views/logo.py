"""An organization's logo, sent in from the signer's own page once the mailbox is confirmed."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.views.manage import manage_page, manage_path
from wagtail_pledge.campaigns.views.responses import HttpResponseSeeOther, mark_private, not_found, render_link_problem
from wagtail_pledge.core.http import MAX_BODY, declared_content_length, limit_upload
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
    """``manage/<token>/logo/``: GET shows the picture, POST takes a picture, or with ``action=remove`` forgets it.

    Nothing of the body is read before the token is known to be good.
    """

    def get(self, request: HttpRequest, token: str) -> Any:
        """Return the picture that waits, or with ``?shown`` the approved one, to its signer alone.

        Also the approved one comes from here and not from where files are served: this page loads nothing from other
        hosts.
        """
        signature = _signature(token)
        logo = logo_of(signature) if signature is not None else None
        content = logo.read(approved="shown" in request.GET) if logo is not None else b""
        return mark_private(picture(content)) if content else not_found(request)

    def post(self, request: HttpRequest, token: str) -> Any:
        """Keep the picture, or say what is wrong with it; the one before stays."""
        signature = _signature(token)
        if signature is None:
            activate_requested_language(request)
            return render_link_problem(request)
        activate_language(request, signature.locale)
        announced = declared_content_length(request)
        if announced is None or announced > MAX_BODY:
            return manage_page(request, signature, token, logo_error=LogoRefused("too_heavy").message, status=413)
        try:
            _apply_action(request, signature)
        except LogoRefused as error:
            return manage_page(request, signature, token, logo_error=error.message, status=422)
        return mark_private(HttpResponseSeeOther(manage_path(token)))


logo_view = private_view(csrf_exempt(with_request_cache(restores_language(LogoView.as_view()))))


def picture(content: bytes) -> HttpResponse:
    """Return a logo as nothing but a picture."""
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"X-Content-Type-Options": "nosniff"})


def _signature(token: str) -> Any | None:
    """Return the organization's signature that ``token`` opens, if it may have a logo now."""
    found = signature_from_token(MANAGE, token)
    if found is None or found[0].epoch != found[1] or not can_have_logo(found[0]):
        return None
    return found[0]


def _apply_action(request: HttpRequest, signature: Any) -> None:
    limit_upload(request, limit=MAX_BYTES)
    try:
        action, files = request.POST.get("action"), request.FILES
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation, UnreadablePostError, UnicodeError) as error:
        raise BadRequest from error
    if action == "remove":
        remove_logo(signature)
        return
    submit_logo(signature, reencode_logo(files.get(FIELD)))
