"""The confirm link: GET shows a button, POST confirms. Mail scanners open links; a link must not sign for anybody."""

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
    """Return what every page behind a token shows of the signature and its pledge."""
    kind = get_kind(signature.kind)
    shown = find_pledge_page(signature.pledge, signature.locale)
    return {
        "name": kind.heading(name=signature.name, details=signature.details),
        "organization": signature.details.get("organization", ""),
        "told": kind.signer_details(name=signature.name, details=signature.details),
        "kind": kind.slug,
        "kind_label": kind.label,
        "waiting": signature.approval == Approval.WAITING,
        "refused": signature.approval == Approval.REJECTED,
        "pledge_page": shown,
        "pledge_title": shown.title if shown else signature.pledge.title,
        "pledge_url": full_url(shown) if shown else "",
        "manage_url": reverse("wagtail_pledge:manage", args=[token_for(MANAGE, signature)]),
    }


#: For so long after confirming, who opens the page is taken to be who has signed. The address may be passed on later.
FIRST_VISIT_WINDOW: Final = dt.timedelta(hours=1)
#: What the redirect after the button carries, and no mail: who opens the link has confirmed just now, in this browser.
THANKS: Final = "thanks"
_NEW_PARAMETER: Final = "new"


class ConfirmView(View):
    """``confirm/<token>/``."""

    def get(self, request: HttpRequest, token: str) -> Any:
        """Show the button, or the thank-you page once it was pressed; nothing changes."""
        found = signature_from_token(CONFIRM, token)
        if found is None:
            activate_requested_language(request)
            return render_link_problem(request)
        signature, epoch = found
        activate_requested_language(request, signature.locale)
        if signature.state == SignatureState.CONFIRMED and signature.epoch == epoch:
            return _thank_you(request, signature)
        if can_confirm(signature, epoch):
            return _render_confirm_page(request, signature, token)
        return render_link_problem(request, signature.pledge, signature.locale)

    def post(self, request: HttpRequest, token: str) -> Any:
        """Confirm, once; every answer is the redirect to what is true now, but for a form that can't be read."""
        try:
            read_body(request)
        except InvalidBody as error:
            # The button sends no field: what is no form at all is as good
            if error.status != UNSUPPORTED_MEDIA_TYPE:
                activate_requested_language(request)
                return render_error(request, 400, error.message)
        found = signature_from_token(CONFIRM, token)
        if found is None or not confirm(found[0], epoch=found[1]):
            return mark_private(HttpResponseSeeOther(request.path))
        return mark_private(HttpResponseSeeOther(f"{request.path}?{_NEW_PARAMETER}={token_for(THANKS, found[0])}"))


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
    """Whether this is the answer to the button, a short while after it was pressed."""
    given = request.GET.get(_NEW_PARAMETER, "").encode(errors="replace")
    is_marked = hmac.compare_digest(given, token_for(THANKS, signature).encode())
    return is_marked and signature.db_now - signature.confirmed_at <= FIRST_VISIT_WINDOW


def _qr_url(signature: Any) -> str:
    """Return the address of the call's QR code, ``""`` without the package that draws it."""
    address = reverse("wagtail_pledge:qr_svg", args=[signature.pledge.uuid])
    return f"{address}?lang={signature.locale}" if IS_INSTALLED else ""


def _thank_you(request: HttpRequest, signature: Any) -> Any:
    """Thank the signer; whoever opens the address later sees no name, and how to sign."""
    about = signature_context(signature)
    shown = about["pledge_page"]
    own = find_signer_type_page(signature.signer_type, signature.locale)
    sources = [words for words in (own, shown) if words is not None and words.locale.language_code == signature.locale]
    others = ways_to_sign(shown).links(request, without=signature.signer_type_id) if shown else []
    context = {
        **view_layout_context(title=_("Thank you")),
        **about,
        "already": not _is_first_visit(request, signature),
        "progress": progress_for_signer(signature),
        "may_send_logo": can_have_logo(signature),
        "heading": next((w.thanks_heading for w in sources if w.thanks_heading), ""),
        "text": next((w.thanks_text for w in sources if w.thanks_text), ""),
        "share_url": about["pledge_url"],
        "qr_url": _qr_url(signature) if about["pledge_url"] else "",
        "referral_link": referral_link(signature, about["pledge_url"]),
        "signer_types": others,
    }
    return render_page(request, "thank_you", context)
