""" "Check your inbox": the same page whoever signed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.campaigns.embedding import remember
from wagtail_pledge.campaigns.frame import view_frame
from wagtail_pledge.campaigns.views.answers import SeeOther, about_pledge, page, private
from wagtail_pledge.core.dates import database_now
from wagtail_pledge.core.discretion import private_view
from wagtail_pledge.core.language import use_language
from wagtail_pledge.core.settings import get_setting
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import send_again
from wagtail_pledge.signing.stamps import InboxTicket, open_ticket


class InboxView(View):
    """``inbox/<ticket>/``: GET shows the masked address, POST asks for the mail again."""

    def get(self, request: HttpRequest, ticket: str) -> Any:
        """Show where the mail went; an expired ticket shows the page without the address."""
        embedding = remember(request)
        opened = open_ticket(ticket, database_now())
        use_language(request, opened.locale if opened else request.GET.get("lang"))
        shown = _about(opened) if opened else {"ticket_ok": False, "pledge_title": "", "pledge_url": ""}
        frame = view_frame(title=_("One step left"))
        if opened and embedding:
            shown["resend_url"] = f"?{embedding.mark}"
        resent = "again" in request.GET
        return page(
            request, "check_inbox", {**frame, **shown, "resent": resent, "sent_days": get_setting("CONFIRM_DAYS")}
        )

    def post(self, request: HttpRequest, ticket: str) -> Any:
        """Note the wish; the mail budget decides when it goes out."""
        opened = open_ticket(ticket, database_now())
        if opened is not None:
            send_again(opened)
        embedding = remember(request)
        again = f"{request.path}?again=1"
        return private(SeeOther(embedding.marked(again) if embedding else again))


inbox_view = private_view(csrf_exempt(InboxView.as_view()))


def _about(ticket: InboxTicket) -> dict[str, Any]:
    pledge = Pledge.objects.filter(pk=ticket.pledge_id).first()
    return {
        "ticket_ok": True,
        "masked_email": ticket.masked,
        "resend_url": "?",
        **(about_pledge(pledge, ticket.locale) if pledge else {}),
    }
