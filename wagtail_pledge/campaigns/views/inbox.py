""" "Check your inbox": the same page whoever signed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.campaigns.embedding import remember
from wagtail_pledge.campaigns.frame import view_frame
from wagtail_pledge.campaigns.views.answers import SeeOther, about_pledge, elsewhere, page, private
from wagtail_pledge.campaigns.views.body import BadBody, read_body
from wagtail_pledge.campaigns.views.origin import is_from_elsewhere
from wagtail_pledge.core.dates import database_now
from wagtail_pledge.core.discretion import private_view
from wagtail_pledge.core.language import use_language
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import confirm_token, send_again
from wagtail_pledge.signing.stamps import InboxTicket, open_ticket


class InboxView(View):
    """``inbox/<ticket>/``: GET shows the masked address; POST with ``code`` looks at the six digits from the mail, any
    other asks for the mail again.
    """

    def get(self, request: HttpRequest, ticket: str) -> Any:
        """Show where the mail went; an expired ticket shows the page without the address."""
        embedding = remember(request)
        opened = open_ticket(ticket, database_now())
        use_language(request, opened.locale if opened else request.GET.get("lang"))
        shown = _about(opened) if opened else {"ticket_ok": False, "pledge_title": "", "pledge_url": ""}
        frame = view_frame(title=_("One step left"))
        if opened and embedding:
            shown["resend_url"] = f"?{embedding.mark}"
        answers = {
            "resent": "again" in request.GET,
            "code_refused": request.GET.get("code") == "no",
            "sent_days": get_setting("CONFIRM_DAYS"),
        }
        return page(request, "check_inbox", {**frame, **shown, **answers})

    def post(self, request: HttpRequest, ticket: str) -> Any:
        """Do what was asked. The answers tell nothing of the ledger, but for the right code."""
        embedding = remember(request)
        if is_from_elsewhere(request):
            return elsewhere(request)
        data = _read(request)
        now = database_now()
        opened = open_ticket(ticket, now)
        if "code" in data:
            return _code(request, opened, data["code"], now)
        if opened is not None:
            send_again(opened)
        again = f"{request.path}?again=1"
        return private(SeeOther(embedding.marked(again) if embedding else again))


inbox_view = private_view(csrf_exempt(InboxView.as_view()))


def _read(request: HttpRequest) -> dict[str, str]:
    """Return the form; what can't be read is no code, and asks for the mail again as the button without fields does."""
    try:
        return read_body(request)
    except BadBody:
        return {}


def _code(request: HttpRequest, ticket: InboxTicket | None, typed: str, now: dt.datetime) -> Any:
    """Lead to the page with the button, or back: one answer for every code that does not work."""
    token = confirm_token(ticket, typed, now) if ticket is not None else ""
    if token:
        return private(SeeOther(reverse("wagtail_pledge:confirm", args=[token])))
    return private(SeeOther(f"{request.path}?code=no"))


def _about(ticket: InboxTicket) -> dict[str, Any]:
    pledge = Pledge.objects.filter(pk=ticket.pledge_id).first()
    return {
        "ticket_ok": True,
        "masked_email": ticket.masked,
        "resend_url": "?",
        "takes_code": bool(ticket.form_id),
        **(about_pledge(pledge, ticket.locale) if pledge else {}),
    }
