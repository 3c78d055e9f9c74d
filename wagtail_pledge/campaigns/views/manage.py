"""The signer's own page: what we hold, and the way out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.campaigns.context.layout import view_frame
from wagtail_pledge.campaigns.sources import own_link
from wagtail_pledge.campaigns.views.answers import SeeOther, link_problem, page, private, refusal
from wagtail_pledge.campaigns.views.confirm import about_signature
from wagtail_pledge.campaigns.views.request import BadBody, read_body
from wagtail_pledge.core.i18n import use_asked_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.enums import DECIDED, Approval, SignatureState
from wagtail_pledge.signing.logos import HEIGHT, WIDTH
from wagtail_pledge.signing.services import (
    MANAGE,
    came_through,
    can_have_logo,
    logo_of,
    public_name_of,
    signature_of,
    withdraw,
)


class ManageView(View):
    """``manage/<token>/``: GET shows the signature, POST with ``action=withdraw`` takes it back."""

    def get(self, request: HttpRequest, token: str) -> Any:
        """Show the signature; nothing changes."""
        found = signature_of(MANAGE, token)
        if found is None:
            use_asked_language(request)
            return link_problem(request)
        signature, epoch = found
        use_asked_language(request, signature.locale)
        if signature.epoch != epoch:
            return link_problem(request, signature.pledge, signature.locale)
        return manage_page(request, signature, token)

    def post(self, request: HttpRequest, token: str) -> Any:
        """Do what the button says; anything else changes nothing."""
        try:
            data = read_body(request)
        except BadBody as error:
            use_asked_language(request)
            return refusal(request, 400, error.message)
        found = signature_of(MANAGE, token)
        if found is not None and data.get("action") == "withdraw":
            withdraw(found[0], epoch=found[1])
        return private(SeeOther(request.path))


manage_view = private_view(csrf_exempt(ManageView.as_view()))


def manage_path(token: str) -> str:
    """Return the path of the signer's own page."""
    return reverse("wagtail_pledge:manage", args=[token])


def manage_page(request: HttpRequest, signature: Any, token: str, *, logo_error: str = "", status: int = 200) -> Any:
    """Return the signer's own page, in the active language; ``logo_error`` says what is wrong with a picture."""
    details = _details(signature, manage_path(token))
    link = own_link(signature, details["pledge_url"]) if signature.state == SignatureState.CONFIRMED else ""
    context = {
        **view_frame(title=_("Your signature")),
        **details,
        "logo": _logo(signature, token, logo_error) if can_have_logo(signature) else None,
        "own_link": link,
        "came_through": came_through(signature) if link else 0,
    }
    return page(request, "manage", context, status=status)


def _logo(signature: Any, token: str, error: str) -> dict[str, Any] | None:
    """Return what the page tells of the logo. Who is refused is asked for none, and can take back what was sent."""
    found, url = logo_of(signature), reverse("wagtail_pledge:logo", args=[token])
    if found is None and signature.approval == Approval.REFUSED and not error:
        return None
    return {
        "url": url,
        "shown_url": f"{url}?shown" if found and found.is_shown else "",
        "is_waiting": bool(found and found.is_waiting),
        "was_refused": bool(found and found.was_refused),
        "error": error,
        "width": WIDTH,
        "height": HEIGHT,
    }


def _standing(signature: Any) -> str:
    """Return in words where it stands, but for the verdict, which no signer learns."""
    decided = {
        Approval.WAITING: _("Confirmed. It counts once we have looked at it, usually within two days."),
        Approval.APPROVED: _("Confirmed and approved"),
        Approval.REFUSED: _("Not on the call: we looked at it and could not add it."),
    }
    said = decided.get(signature.approval) if signature.state == SignatureState.CONFIRMED else None
    return said or signature.get_state_display()


def _shown_as(signature: Any) -> str:
    """Return what the website may show, ``""`` where nothing counts that could be shown."""
    if signature.state != SignatureState.CONFIRMED or signature.approval not in DECIDED:
        return ""
    return public_name_of(signature) or _("Not on the website")


def _details(signature: Any, path: str) -> dict[str, Any]:
    return {
        **about_signature(signature),
        "manage_url": path,
        "state": signature.state,
        "state_label": _standing(signature),
        "shown_as": _shown_as(signature),
        "signed_on": signature.created_at,
        "can_withdraw": signature.state in {SignatureState.PENDING, SignatureState.CONFIRMED},
        "withdrawn": signature.state == SignatureState.WITHDRAWN,
    }
