"""The thank-you page after confirming: in full for the browser that confirmed, for an hour."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.context.page import ways_to_sign
from wagtail_pledge.campaigns.context.signature import choices_of, signature_context
from wagtail_pledge.campaigns.lookups import find_signer_type_page
from wagtail_pledge.campaigns.sources import referral_link
from wagtail_pledge.campaigns.views.responses import link_page_url, render_page
from wagtail_pledge.core.qr import IS_INSTALLED
from wagtail_pledge.signing.services import can_have_logo, is_open, progress_for_signer, public_name_of, token_for
from wagtail_pledge.signing.services.payloads import payload_of

#: How long after confirming the thank-you page treats this browser as the signer.
FIRST_VISIT: Final = dt.timedelta(hours=1)
#: Purpose of the token in the cookie. No mail and no address has it, so it shows that this browser confirmed.
THANKS: Final = "thanks"
#: Purpose of the token in the form of the confirm page, which only shows while nothing is confirmed: whoever has it saw
#: the page before, and did not only get its address.
VISIT: Final = "visit"
#: The cookie is sent to the confirm page only.
COOKIE: Final = "pledge_confirmed"


def is_within_first_visit(signature: Any) -> bool:
    """Whether ``signature`` (with ``db_now``) was confirmed within the last hour."""
    return signature.confirmed_at is not None and signature.db_now - signature.confirmed_at <= FIRST_VISIT


def mark_first_visit(request: HttpRequest, response: Any, signature: Any, *, path: str) -> None:
    """Let this browser see the thank-you page, which is at ``path``, in full for an hour."""
    response.set_cookie(
        COOKIE,
        token_for(THANKS, signature),
        max_age=int(FIRST_VISIT.total_seconds()),
        path=path,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )


def has_visited(data: Mapping[str, str], submission: Any) -> bool:
    """Whether the confirm form that was sent comes from the page of ``submission``."""
    token = data.get(VISIT, "").encode(errors="replace")
    return hmac.compare_digest(token, token_for(VISIT, submission).encode())


def _is_first_visit(request: HttpRequest, signature: Any) -> bool:
    token = request.COOKIES.get(COOKIE, "").encode(errors="replace")
    is_valid = hmac.compare_digest(token, token_for(THANKS, signature).encode())
    return is_valid and is_within_first_visit(signature)


def _is_own_address(signature: Any, submission: Any) -> bool:
    """Whether the link went to the address of the signature: no other spelling may open it."""
    payload = payload_of(submission)
    return payload is not None and payload.address == signature.email


def _qr_url(signature: Any) -> str:
    """Return the URL of the campaign's QR code, ``""`` if ``segno`` is not installed."""
    url = reverse("wagtail_pledge:qr_svg", args=[signature.pledge.uuid])
    return f"{url}?lang={signature.locale}" if IS_INSTALLED else ""


def thank_you(request: HttpRequest, signature: Any, submission: Any) -> Any:
    """Return the thank-you page; any other visitor sees no name and no link to the signature, and how to sign."""
    signer = signature_context(signature)
    is_first, is_own = _is_first_visit(request, signature), _is_own_address(signature, submission)
    # The link was opened while its own submission is open: the mailbox had signed before, and reads this link itself
    is_unconfirmed = submission.ended_at is None
    pledge_page = signer["pledge_page"]
    own_page = find_signer_type_page(signature.signer_type, signature.locale)
    # The texts of the signer-type page go before those of the pledge page; only in the signer's language
    pages = [page for page in (own_page, pledge_page) if page and page.locale.language_code == signature.locale]
    can_sign = is_open(signature.pledge, signature.db_now)
    other_ways = (
        ways_to_sign(pledge_page).links(request, without=signature.signer_type_id) if pledge_page and can_sign else []
    )
    has_link = is_own and (is_first or is_unconfirmed)
    context = {
        **view_layout_context(title=_("Thank you")),
        **signer,
        "manage_url": signer["manage_url"] if has_link else "",
        "already": not is_first,
        "can_sign": can_sign,
        "progress": progress_for_signer(signature),
        "may_send_logo": has_link and can_have_logo(signature),
        "heading": next((page.thanks_heading for page in pages if page.thanks_heading), ""),
        "text": next((page.thanks_text for page in pages if page.thanks_text), ""),
        "share_url": signer["pledge_url"],
        "qr_url": _qr_url(signature) if signer["pledge_url"] else "",
        "referral_link": referral_link(signature, signer["pledge_url"]) if has_link else "",
        "shown_as": public_name_of(signature) if is_first else "",
        **(choices_of(signature) if has_link else {}),
        "signer_types": other_ways,
        "link_url": link_page_url(signature.pledge),
    }
    return render_page(request, "thank_you", context)
