"""View of the signer's own page: what is stored about the signature, and how to withdraw it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.context.signature import choices_of, signature_context
from wagtail_pledge.campaigns.sources import referral_link
from wagtail_pledge.campaigns.views.request import InvalidBody, read_body
from wagtail_pledge.campaigns.views.responses import (
    HttpResponseSeeOther,
    link_page_url,
    mark_private,
    render_error,
    render_link_problem,
    render_page,
)
from wagtail_pledge.core.i18n import activate_requested_language, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.core.text import parse_yes_no
from wagtail_pledge.signing.enums import DECIDED, Approval, SignatureState
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.logos import HEIGHT, WIDTH
from wagtail_pledge.signing.names import ParagraphField
from wagtail_pledge.signing.services import (
    MANAGE,
    can_have_logo,
    is_current_link,
    is_open,
    logo_of,
    public_name_of,
    referral_count,
    renew_links,
    signature_and_epoch,
    signature_from_token,
    withdraw,
)
from wagtail_pledge.signing.services.changes import MAX_REASON, REASON, UPDATES, change_choices
from wagtail_pledge.signing.services.public_names import MAX_DELAY

#: Query of the page after changes were stored.
_CHANGED: Final = "changed"


class ManageView(View):
    """``manage/<token>/``: GET shows the signature, POST with ``action=withdraw`` withdraws it.

    POST with ``action=change`` stores the reason (``comment``) and the consent to updates.
    POST with ``action=renew`` ends this link and all earlier ones, and mails a new one.
    """

    def get(self, request: HttpRequest, token: str) -> Any:
        """Show the signature; changes nothing."""
        opened = signature_and_epoch(MANAGE, token)
        if opened is None:
            activate_requested_language(request)
            return render_link_problem(request)
        signature, epoch = opened
        activate_requested_language(request, signature.locale)
        if is_current_link(signature, epoch):
            return manage_page(request, signature, token)
        return _old_link_page(request, signature)

    def post(self, request: HttpRequest, token: str) -> Any:
        """Withdraw the signature or renew its links; any other action changes nothing."""
        try:
            data = read_body(request)
        except InvalidBody as error:
            activate_requested_language(request)
            return render_error(request, 400, error.message)
        signature: Any = signature_from_token(MANAGE, token)
        action = data.get("action") if signature is not None else ""
        if action == "withdraw":
            withdraw(signature, epoch=signature.epoch)
        elif action == "change" and signature.state == SignatureState.CONFIRMED:
            return _change(request, signature, data, token)
        elif action == "renew" and renew_links(signature):
            activate_requested_language(request, signature.locale)
            return _renewed_page(request, signature)
        return mark_private(HttpResponseSeeOther(request.path))


def _change(request: HttpRequest, signature: Any, data: dict[str, str], token: str) -> Any:
    """Store the signer's new choices and show the page; with an invalid one, change nothing and show why."""
    activate_requested_language(request, signature.locale)
    reason, updates, error = None, None, ""
    try:
        updates = parse_yes_no(data.get(UPDATES, ""))
        if REASON in data:
            reason = ParagraphField(max_length=MAX_REASON, required=False).clean(data[REASON])
    except ValidationError as refused:
        error = " ".join(refused.messages)
    except ValueError:
        error = _("Answer yes or no")
    if error:
        choices = {"reason_error": error, "signed_reason": data.get(REASON, ""), "gets_updates": bool(updates)}
        return manage_page(request, signature, token, choices=choices, status=422)
    is_changed = change_choices(signature, epoch=signature.epoch, reason=reason, updates=updates)
    return mark_private(HttpResponseSeeOther(f"{request.path}?{_CHANGED}=1" if is_changed else request.path))


def _old_link_page(request: HttpRequest, signature: Any) -> Any:
    """Return the page for a link that a newer one has replaced; it has no newer link, but says how to get it."""
    if signature.state != SignatureState.CONFIRMED:
        return render_link_problem(request, signature.pledge, signature.locale)
    text = _("A newer link has replaced it. If you no longer have the email with the newer one, we can send it again.")
    link_url = link_page_url(signature.pledge)
    return render_link_problem(request, signature.pledge, signature.locale, text=text, link_url=link_url)


def _renewed_page(request: HttpRequest, signature: Any) -> Any:
    """Return the page after a renewal. It has no new link: whoever stole the old one would get that, too."""
    text = _("All earlier links to your signature have stopped working. We will email you a new one.")
    return render_link_problem(
        request, signature.pledge, signature.locale, heading=_("We will send you a new link"), text=text
    )


manage_view = private_view(csrf_exempt(with_request_cache(restores_language(ManageView.as_view()))))


def manage_path(token: str) -> str:
    """Return the path of the signer's own page."""
    return reverse("wagtail_pledge:manage", args=[token])


def manage_page(
    request: HttpRequest,
    signature: Any,
    token: str,
    *,
    logo_error: str = "",
    choices: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Any:
    """Return the signer's own page, in the active language.

    ``logo_error`` says what is wrong with a logo; ``choices`` has ``reason_error``, the refused ``signed_reason`` and
    ``gets_updates`` as pressed.
    """
    details = _details(signature, manage_path(token))
    link = referral_link(signature, details["pledge_url"]) if signature.state == SignatureState.CONFIRMED else ""
    context = {
        **view_layout_context(title=_("Your signature")),
        **details,
        "logo": _logo(signature, token, logo_error) if can_have_logo(signature) else None,
        "referral_link": link,
        "referral_count": referral_count(signature) if link else 0,
        "has_changed": _CHANGED in request.GET and details["can_withdraw"] and not choices,
        **choices_of(signature),
        **(choices or {}),
    }
    return render_page(request, "manage", context, status=status)


def _logo(signature: Any, token: str, error: str) -> dict[str, Any] | None:
    """Return the context of the logo section.

    ``None`` for a rejected organization without a logo: it is not offered an upload, but can remove one that it sent.
    """
    logo, url = logo_of(signature), reverse("wagtail_pledge:logo", args=[token])
    if logo is None and signature.approval == Approval.REJECTED and not error:
        return None
    return {
        "url": url,
        "shown_url": f"{url}?shown" if logo and logo.is_shown else "",
        "is_waiting": bool(logo and logo.is_waiting),
        "was_rejected": bool(logo and logo.was_rejected),
        "error": error,
        "width": WIDTH,
        "height": HEIGHT,
    }


def _status_text(signature: Any) -> str:
    """Return the label of the signature's state; it does not reveal that a signature is held for review."""
    approval_texts = {
        Approval.WAITING: _("Confirmed. We will review it, usually within 2 days. It counts after that."),
        Approval.APPROVED: _("Confirmed and approved"),
        Approval.REJECTED: _("Not added. We reviewed it and could not accept it."),
    }
    text = approval_texts.get(signature.approval) if signature.state == SignatureState.CONFIRMED else None
    return text or signature.get_state_display()


def _public_display(signature: Any) -> str:
    """Return how the website shows the signer, ``""`` if the signature does not count (yet)."""
    if signature.state != SignatureState.CONFIRMED or signature.approval not in DECIDED:
        return ""
    return public_name_of(signature) or _("Not shown on the website")


def _is_shown_soon(signature: Any) -> bool:
    """Whether the name of a person may not be shown yet: names appear five at a time, or after a day."""
    is_person = not get_kind(signature.kind).is_always_public()
    is_new = signature.confirmed_at is not None and signature.db_now - signature.confirmed_at < MAX_DELAY
    return bool(is_person and is_new and public_name_of(signature))


def _details(signature: Any, path: str) -> dict[str, Any]:
    return {
        **signature_context(signature),
        "manage_url": path,
        "state": signature.state,
        "state_label": _status_text(signature),
        "shown_as": _public_display(signature),
        "is_shown_soon": _is_shown_soon(signature),
        "signed_on": signature.pledge.local_day(signature.created_at),
        "can_withdraw": signature.state == SignatureState.CONFIRMED,
        "can_renew": signature.state == SignatureState.CONFIRMED,
        "withdrawn": signature.state == SignatureState.WITHDRAWN,
        "can_sign": is_open(signature.pledge, signature.db_now),
    }
