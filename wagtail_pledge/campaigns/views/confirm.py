"""View of the confirmation link: GET shows a button, POST confirms. GET must not: mail scanners open every link."""

from __future__ import annotations

import datetime as dt
import hmac
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.context.page import ways_to_sign
from wagtail_pledge.campaigns.lookups import find_pledge_page, find_signer_type_page, full_url
from wagtail_pledge.campaigns.sources import referral_link
from wagtail_pledge.campaigns.views.request import UNSUPPORTED_MEDIA_TYPE, InvalidBody, read_body
from wagtail_pledge.campaigns.views.responses import (
    HttpResponseSeeOther,
    mark_private,
    render_error,
    render_link_problem,
    render_page,
)
from wagtail_pledge.core.i18n import activate_requested_language, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.core.qr import IS_INSTALLED
from wagtail_pledge.signing.enums import Approval, SignatureState
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.messages import statement_summary
from wagtail_pledge.signing.services import (
    CONFIRM,
    MANAGE,
    can_confirm,
    can_have_logo,
    confirm,
    progress_for_signer,
    signature_from_token,
    token_for,
)


def signature_context(signature: Any) -> dict[str, Any]:
    """Return the context about the signature and its pledge, for all pages behind a token."""
    kind = get_kind(signature.kind)
    page = find_pledge_page(signature.pledge, signature.locale)
    return {
        "name": kind.heading(name=signature.name, details=signature.details),
        "organization": signature.details.get("organization", ""),
        "signer_details": kind.signer_details(name=signature.name, details=signature.details),
        "kind": kind.slug,
        "kind_label": kind.label,
        "waiting": signature.approval == Approval.WAITING,
        "rejected": signature.approval == Approval.REJECTED,
        "pledge_page": page,
        "pledge_title": page.title if page else signature.pledge.title,
        "pledge_url": full_url(page) if page else "",
        "manage_url": reverse("wagtail_pledge:manage", args=[token_for(MANAGE, signature)]),
    }


#: How long after confirming the thank-you page treats the visitor as the signer; the URL may be passed on later.
FIRST_VISIT_WINDOW: Final = dt.timedelta(hours=1)
#: Purpose of the token in the redirect after confirming. No mail has it, so it shows that this browser confirmed.
THANKS: Final = "thanks"
_NEW_PARAMETER: Final = "new"


class ConfirmView(View):
    """``confirm/<token>/``."""

    def get(self, request: HttpRequest, token: str) -> Any:
        """Show the button, or the thank-you page if already confirmed; changes nothing."""
        opened = signature_from_token(CONFIRM, token)
        if opened is None:
            activate_requested_language(request)
            return render_link_problem(request)
        signature, epoch = opened
        activate_requested_language(request, signature.locale)
        if signature.state == SignatureState.CONFIRMED and signature.epoch == epoch:
            return _thank_you(request, signature)
        if can_confirm(signature, epoch):
            return _render_confirm_page(request, signature, token)
        return render_link_problem(request, signature.pledge, signature.locale)

    def post(self, request: HttpRequest, token: str) -> Any:
        """Confirm, once, and redirect to GET, which shows the result; 400 for a form that cannot be read."""
        try:
            read_body(request)
        except InvalidBody as error:
            # The button sends no fields, so a body that is not a form is accepted too
            if error.status != UNSUPPORTED_MEDIA_TYPE:
                activate_requested_language(request)
                return render_error(request, 400, error.message)
        opened = signature_from_token(CONFIRM, token)
        if opened is None or not confirm(opened[0], epoch=opened[1]):
            return mark_private(HttpResponseSeeOther(request.path))
        return mark_private(HttpResponseSeeOther(f"{request.path}?{_NEW_PARAMETER}={token_for(THANKS, opened[0])}"))


confirm_view = private_view(csrf_exempt(with_request_cache(restores_language(ConfirmView.as_view()))))


def _render_confirm_page(request: HttpRequest, signature: Any, token: str) -> Any:
    context = {
        **view_layout_context(title=_("Confirm your name")),
        **signature_context(signature),
        "ask": statement_summary(signature.statement.text),
        "confirm_url": reverse("wagtail_pledge:confirm", args=[token]),
    }
    return render_page(request, "confirm", context)


def _is_first_visit(request: HttpRequest, signature: Any) -> bool:
    """Return whether this is the redirect after confirming, within ``FIRST_VISIT_WINDOW``."""
    token = request.GET.get(_NEW_PARAMETER, "").encode(errors="replace")
    is_valid = hmac.compare_digest(token, token_for(THANKS, signature).encode())
    return is_valid and signature.db_now - signature.confirmed_at <= FIRST_VISIT_WINDOW


def _qr_url(signature: Any) -> str:
    """Return the URL of the campaign's QR code, ``""`` if ``segno`` is not installed."""
    url = reverse("wagtail_pledge:qr_svg", args=[signature.pledge.uuid])
    return f"{url}?lang={signature.locale}" if IS_INSTALLED else ""


def _thank_you(request: HttpRequest, signature: Any) -> Any:
    """Return the thank-you page; a later visitor sees no name, and how to sign."""
    signer = signature_context(signature)
    pledge_page = signer["pledge_page"]
    own_page = find_signer_type_page(signature.signer_type, signature.locale)
    # The texts of the signer-type page go before those of the pledge page; only in the signer's language
    pages = [page for page in (own_page, pledge_page) if page and page.locale.language_code == signature.locale]
    other_ways = ways_to_sign(pledge_page).links(request, without=signature.signer_type_id) if pledge_page else []
    context = {
        **view_layout_context(title=_("Thank you")),
        **signer,
        "already": not _is_first_visit(request, signature),
        "progress": progress_for_signer(signature),
        "may_send_logo": can_have_logo(signature),
        "heading": next((page.thanks_heading for page in pages if page.thanks_heading), ""),
        "text": next((page.thanks_text for page in pages if page.thanks_text), ""),
        "share_url": signer["pledge_url"],
        "qr_url": _qr_url(signature) if signer["pledge_url"] else "",
        "referral_link": referral_link(signature, signer["pledge_url"]),
        "signer_types": other_ways,
    }
    return render_page(request, "thank_you", context)
