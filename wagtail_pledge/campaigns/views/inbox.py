""" "Check your inbox": the same page whoever signed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.campaigns.context.layout import view_frame
from wagtail_pledge.campaigns.embedding import remember, remembered
from wagtail_pledge.campaigns.views.answers import SeeOther, about_pledge, elsewhere, link_problem, page, private
from wagtail_pledge.campaigns.views.request import BadBody, is_from_elsewhere, read_body
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.http import client_address
from wagtail_pledge.core.i18n import use_asked_language, use_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.abuse.networks import network_key
from wagtail_pledge.signing.forms import AddressForm
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import confirm_token, correct_address, send_again
from wagtail_pledge.signing.stamps import InboxTicket, open_ticket, origin_of_ticket, seal_ticket
from wagtail_pledge.signing.worker.tasks import wake_up


class InboxView(View):
    """``inbox/<ticket>/``: GET shows the masked address; POST with ``code`` looks at the six digits from the mail, with
    ``email`` corrects the address; any other asks for the mail again.
    """

    def get(self, request: HttpRequest, ticket: str) -> Any:
        """Show where the mail went; an expired ticket leads back to the call."""
        opened = open_ticket(ticket, database_now())
        _remember(request, opened)
        return _too_old(request, ticket) if opened is None else _show(request, opened)

    def post(self, request: HttpRequest, ticket: str) -> Any:
        """Do what was asked. The answers tell nothing of the ledger, but for the right code."""
        now = database_now()
        opened = open_ticket(ticket, now)
        _remember(request, opened)
        if is_from_elsewhere(request):
            return elsewhere(request)
        data = _read(request)
        if opened is None:
            return _see_other(request, request.path)
        if "code" in data:
            return _code(request, opened, data["code"], now)
        if "email" in data:
            return _correct(request, opened, data, now)
        send_again(opened)
        return _see_other(request, f"{request.path}?again=1")


inbox_view = private_view(csrf_exempt(InboxView.as_view()))


def _remember(request: HttpRequest, ticket: InboxTicket | None) -> None:
    remember(request, **({"pledge": ticket.pledge_id} if ticket else {}))


def _too_old(request: HttpRequest, ticket: str) -> Any:
    """Say so and lead back to the call, if the ticket was one of ours; nothing is done with it any more."""
    pledge_id, locale = origin_of_ticket(ticket) or (None, "")
    use_asked_language(request, locale)
    if pledge_id is None:
        return link_problem(request)
    minutes = get_setting("INBOX_TICKET_MINUTES")
    heading = ngettext(
        "This page is older than %(minutes)s minute", "This page is older than %(minutes)s minutes", minutes
    ) % {"minutes": minutes}
    text = _("Nothing was sent from here. Press the button in the message that you got, or sign again.")
    pledge = Pledge.objects.filter(pk=pledge_id).first()
    return link_problem(request, pledge, locale, heading=heading, text=text)


def _show(request: HttpRequest, ticket: InboxTicket, form: AddressForm | None = None) -> Any:
    """Return the page; a ``form`` is one with an error. Nothing on it depends on the ledger."""
    use_language(request, ticket.locale)
    shown = _about(ticket)
    embedding = remembered(request)
    if embedding:
        shown["resend_url"] = f"?{embedding.mark}"
    if ticket.form_id and not ticket.is_corrected:
        shown["address_form"] = form or AddressForm()
    answers = {
        "resent": "again" in request.GET,
        "corrected": "corrected" in request.GET,
        "code_refused": request.GET.get("code") == "no",
        "address_refused": form is not None,
        "sent_days": get_setting("CONFIRM_DAYS"),
        "mail_minutes": get_setting("MAIL_MIN_MINUTES"),
    }
    context = {**view_frame(title=_("One step left")), **shown, **answers}
    return page(request, "check_inbox", context, status=422 if form else 200)


def _correct(request: HttpRequest, ticket: InboxTicket, data: dict[str, str], now: dt.datetime) -> Any:
    """Lead to the page that names the new address, whether or not there was anything to move to it."""
    use_language(request, ticket.locale)
    form = AddressForm(data)
    moved = None
    if not ticket.is_corrected:
        if not form.is_valid():
            form.fields["email"].widget.attrs["autofocus"] = True
            return _show(request, ticket, form)
        network = network_key(client_address(request), now)
        moved = correct_address(ticket, address=form.cleaned_data["email"], network_key=network, now=now)
    if moved is None:
        return _see_other(request, request.path)
    wake_up()
    return _see_other(request, reverse("wagtail_pledge:inbox", args=[seal_ticket(moved, now)]) + "?corrected=1")


def _see_other(request: HttpRequest, address: str) -> Any:
    embedding = remembered(request)
    return private(SeeOther(embedding.marked(address) if embedding else address))


def _read(request: HttpRequest) -> dict[str, str]:
    """Return the form; what can't be read is no code, and asks for the mail again as the button without fields does."""
    try:
        return read_body(request)
    except BadBody:
        return {}


def _code(request: HttpRequest, ticket: InboxTicket, typed: str, now: dt.datetime) -> Any:
    """Lead to the page with the button, or back: one answer for every code that does not work."""
    token = confirm_token(ticket, typed, now)
    if token:
        return private(SeeOther(reverse("wagtail_pledge:confirm", args=[token])))
    return private(SeeOther(f"{request.path}?code=no"))


def _about(ticket: InboxTicket) -> dict[str, Any]:
    pledge = Pledge.objects.filter(pk=ticket.pledge_id).first()
    about = about_pledge(pledge, ticket.locale) if pledge else {}
    return {
        **about,
        "share_url": about.get("pledge_url", ""),
        "ticket_ok": True,
        "masked_email": ticket.masked,
        "resend_url": "?",
        "takes_code": bool(ticket.form_id),
    }
