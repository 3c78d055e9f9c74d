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

from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.embedding import get_embedding, load_embedding
from wagtail_pledge.campaigns.views.request import InvalidBody, is_cross_site, read_body
from wagtail_pledge.campaigns.views.responses import (
    HttpResponseSeeOther,
    cross_site_error,
    mark_private,
    pledge_page_context,
    render_link_problem,
    render_page,
)
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.http import client_address
from wagtail_pledge.core.i18n import activate_language, activate_requested_language, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.abuse.networks import network_key
from wagtail_pledge.signing.forms import AddressForm
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import confirm_token, correct_address, resend_mail
from wagtail_pledge.signing.stamps import InboxTicket, open_ticket, pledge_and_locale_of_ticket, seal_ticket
from wagtail_pledge.signing.worker.tasks import enqueue_mail_task


class InboxView(View):
    """``inbox/<ticket>/``: GET shows the masked address; POST with ``code`` looks at the six digits from the mail, with
    ``email`` corrects the address; any other asks for the mail again.
    """

    def get(self, request: HttpRequest, ticket: str) -> Any:
        """Show where the mail went; an expired ticket leads back to the call."""
        opened = open_ticket(ticket, database_now())
        _remember(request, opened)
        return _expired_response(request, ticket) if opened is None else _show(request, opened)

    def post(self, request: HttpRequest, ticket: str) -> Any:
        """Do what was asked. The answers tell nothing of the ledger, but for the right code."""
        now = database_now()
        opened = open_ticket(ticket, now)
        _remember(request, opened)
        if is_cross_site(request):
            return cross_site_error(request)
        data = _read(request)
        if opened is None:
            return _see_other(request, request.path)
        if "code" in data:
            return _code(request, opened, data["code"], now)
        if "email" in data:
            return _correct(request, opened, data, now)
        resend_mail(opened)
        return _see_other(request, f"{request.path}?again=1")


inbox_view = private_view(csrf_exempt(with_request_cache(restores_language(InboxView.as_view()))))


def _remember(request: HttpRequest, ticket: InboxTicket | None) -> None:
    load_embedding(request, **({"pledge": ticket.pledge_id} if ticket else {}))


def _expired_response(request: HttpRequest, ticket: str) -> Any:
    """Say so and lead back to the call, if the ticket was one of ours; nothing is done with it any more."""
    pledge_id, locale = pledge_and_locale_of_ticket(ticket) or (None, "")
    activate_requested_language(request, locale)
    if pledge_id is None:
        return render_link_problem(request)
    minutes = get_setting("INBOX_TICKET_MINUTES")
    heading = ngettext(
        "This page is more than %(minutes)s minute old", "This page is more than %(minutes)s minutes old", minutes
    ) % {"minutes": minutes}
    text = _("We did not send anything from this page. Use the button in the email you received, or sign again.")
    pledge = Pledge.objects.filter(pk=pledge_id).first()
    return render_link_problem(request, pledge, locale, heading=heading, text=text)


def _show(request: HttpRequest, ticket: InboxTicket, form: AddressForm | None = None) -> Any:
    """Return the page; a ``form`` is one with an error. Nothing on it depends on the ledger."""
    activate_language(request, ticket.locale)
    shown = _about(ticket)
    embedding = get_embedding(request)
    if embedding:
        shown["resend_url"] = f"?{embedding.token}"
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
    context = {**view_layout_context(title=_("One step left")), **shown, **answers}
    return render_page(request, "check_inbox", context, status=422 if form else 200)


def _correct(request: HttpRequest, ticket: InboxTicket, data: dict[str, str], now: dt.datetime) -> Any:
    """Lead to the page that names the new address, whether or not there was anything to move to it."""
    activate_language(request, ticket.locale)
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
    enqueue_mail_task()
    return _see_other(request, reverse("wagtail_pledge:inbox", args=[seal_ticket(moved, now)]) + "?corrected=1")


def _see_other(request: HttpRequest, address: str) -> Any:
    embedding = get_embedding(request)
    return mark_private(HttpResponseSeeOther(embedding.url_with_token(address) if embedding else address))


def _read(request: HttpRequest) -> dict[str, str]:
    """Return the form; what can't be read is no code, and asks for the mail again as the button without fields does."""
    try:
        return read_body(request)
    except InvalidBody:
        return {}


def _code(request: HttpRequest, ticket: InboxTicket, typed: str, now: dt.datetime) -> Any:
    """Lead to the page with the button, or back: one answer for every code that does not work."""
    token = confirm_token(ticket, typed, now)
    if token:
        return mark_private(HttpResponseSeeOther(reverse("wagtail_pledge:confirm", args=[token])))
    return mark_private(HttpResponseSeeOther(f"{request.path}?code=no"))


def _about(ticket: InboxTicket) -> dict[str, Any]:
    pledge = Pledge.objects.filter(pk=ticket.pledge_id).first()
    about = pledge_page_context(pledge, ticket.locale) if pledge else {}
    return {
        **about,
        "share_url": about.get("pledge_url", ""),
        "ticket_ok": True,
        "masked_email": ticket.masked,
        "resend_url": "?",
        "takes_code": bool(ticket.form_id),
    }
