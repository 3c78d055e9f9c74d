"""View of the "Check your inbox" page. It is the same for every address, so that it does not reveal who has signed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.embedding import get_embedding, load_embedding
from wagtail_pledge.campaigns.views.request import (
    InvalidBody,
    is_address_in_doubt,
    is_cross_site,
    read_body,
    with_suggested_address,
)
from wagtail_pledge.campaigns.views.responses import (
    HttpResponseSeeOther,
    cross_site_error,
    is_over,
    mark_private,
    pledge_page_context,
    render_link_problem,
    render_page,
)
from wagtail_pledge.campaigns.views.retry import is_flooding, too_many_requests
from wagtail_pledge.campaigns.views.thanks import is_within_first_visit, mark_first_visit
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.http import client_address
from wagtail_pledge.core.i18n import activate_language, activate_requested_language, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.abuse.networks import network_key
from wagtail_pledge.signing.addresses import suggested_address
from wagtail_pledge.signing.forms import AddressForm
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import CONFIRM, correct_address, resend_mail, submission_for_code, token_for
from wagtail_pledge.signing.services.offers import confirm_unless_several
from wagtail_pledge.signing.stamps import (
    MAX_MOVES,
    InboxTicket,
    open_ticket,
    pledge_and_locale_of_ticket,
    seal_ticket,
)
from wagtail_pledge.signing.worker.tasks import enqueue_mail_task


class InboxView(View):
    """``inbox/<ticket>/``: GET shows the masked address.

    POST with ``code`` confirms with the six digits from the mail, with ``email`` corrects the address; any other POST
    sends the mail again.
    """

    def get(self, request: HttpRequest, ticket: str) -> Any:
        """Show where the mail went; for an expired ticket, a link to the campaign."""
        opened = open_ticket(ticket, database_now())
        _load_embedding(request, opened)
        return _expired_response(request, ticket) if opened is None else _inbox_page(request, opened)

    def post(self, request: HttpRequest, ticket: str) -> Any:
        """Check the code, correct the address or send the mail again.

        The response does not depend on the ledger, except for a correct code.
        """
        if is_flooding(request):
            _pledge_id, locale = pledge_and_locale_of_ticket(ticket) or (None, "")
            activate_requested_language(request, locale)
            return too_many_requests(request, _body_or_empty(request))
        now = database_now()
        opened = open_ticket(ticket, now)
        _load_embedding(request, opened)
        if is_cross_site(request):
            return cross_site_error(request)
        data = _body_or_empty(request)
        if opened is None:
            return _see_other(request, request.path)
        if "code" in data:
            return _check_code(request, opened, data["code"], now)
        if "email" in data:
            return _correct_address(request, opened, data, now)
        resend_mail(opened)
        return _see_other(request, f"{request.path}?again=1")


inbox_view = private_view(csrf_exempt(with_request_cache(restores_language(InboxView.as_view()))))


def _load_embedding(request: HttpRequest, ticket: InboxTicket | None) -> None:
    load_embedding(request, **({"pledge": ticket.pledge_id} if ticket else {}))


def _expired_response(request: HttpRequest, ticket: str) -> Any:
    """Return the page for an expired ticket, with a link to the campaign; for an invalid one, the link-problem page."""
    pledge_id, locale = pledge_and_locale_of_ticket(ticket) or (None, "")
    activate_requested_language(request, locale)
    if pledge_id is None:
        return render_link_problem(request)
    minutes = get_setting("INBOX_TICKET_MINUTES")
    heading = ngettext(
        "This page is more than %(minutes)s minute old", "This page is more than %(minutes)s minutes old", minutes
    ) % {"minutes": minutes}
    pledge = Pledge.objects.filter(pk=pledge_id).first()
    text = _("We did not send anything from this page. Use the button in the email you received, or sign again.")
    if pledge is not None and is_over(pledge):
        text = _("We did not send anything from this page. Use the button in the email you received.")
    return render_link_problem(request, pledge, locale, heading=heading, text=text)


def _inbox_page(request: HttpRequest, ticket: InboxTicket, form: AddressForm | None = None) -> Any:
    """Return the inbox page, with status 422 if given a ``form`` with an error. It does not depend on the ledger.

    A form without an error has an address that is probably mistyped: the page asks about it.
    """
    activate_language(request, ticket.locale)
    if form is not None:
        form.fields["email"].widget.attrs["autofocus"] = True
    context = {**view_layout_context(title=_("One step left")), **_ticket_context(ticket)}
    embedding = get_embedding(request)
    if embedding:
        context["resend_url"] = f"?{embedding.token}"
    if ticket.takes_code and ticket.moves < MAX_MOVES:
        context["address_form"] = form or AddressForm()
        context["address_check"] = {"suggestion": suggested_address(form["email"].value() or "") if form else ""}
    context.update(
        resent="again" in request.GET,
        corrected=request.GET.get("corrected") == "1",
        not_corrected=request.GET.get("corrected") == "no",
        code_refused=request.GET.get("code") == "no",
        address_refused=form is not None and not form.is_valid(),
        address_doubted=form is not None,
        sent_days=get_setting("CONFIRM_DAYS"),
    )
    return render_page(request, "check_inbox", context, status=422 if context["address_refused"] else 200)


def _correct_address(request: HttpRequest, ticket: InboxTicket, data: dict[str, str], now: dt.datetime) -> Any:
    """Redirect to the inbox page of the new address; the response does not depend on the ledger."""
    activate_language(request, ticket.locale)
    data = with_suggested_address(data)
    form = AddressForm(data)
    corrected = None
    if ticket.moves < MAX_MOVES:
        if not form.is_valid() or is_address_in_doubt(data, form.cleaned_data["email"]):
            return _inbox_page(request, ticket, form)
        network = network_key(client_address(request), now)
        try:
            corrected = correct_address(ticket, address=form.cleaned_data["email"], network_key=network, now=now)
        except ValidationError as error:
            form.add_error("email", error.messages)
            return _inbox_page(request, ticket, form)
    if corrected is None:
        return _see_other(request, f"{request.path}?corrected=no")
    enqueue_mail_task()
    return _see_other(request, reverse("wagtail_pledge:inbox", args=[seal_ticket(corrected, now)]) + "?corrected=1")


def _see_other(request: HttpRequest, url: str) -> Any:
    embedding = get_embedding(request)
    return mark_private(HttpResponseSeeOther(embedding.url_with_token(url) if embedding else url))


def _body_or_empty(request: HttpRequest) -> dict[str, str]:
    """Return the form's fields; ``{}`` for a body that cannot be read, as for the button that sends the mail again."""
    try:
        return read_body(request)
    except InvalidBody:
        return {}


def _check_code(request: HttpRequest, ticket: InboxTicket, typed: str, now: dt.datetime) -> Any:
    """Redirect to the thank-you or confirm page, or back: the response is the same for every code that does not work.

    The right code shows that its reader owns the mailbox, and that this browser sent the form. So it confirms, unless
    the owner has to choose: then the confirm page shows what was sent.
    """
    submission = submission_for_code(ticket, typed, now)
    if submission is None:
        return mark_private(HttpResponseSeeOther(f"{request.path}?code=no"))
    path = reverse("wagtail_pledge:confirm", args=[token_for(CONFIRM, submission)])
    response = mark_private(HttpResponseSeeOther(path))
    signature = confirm_unless_several(submission, now)
    if signature is not None and is_within_first_visit(signature):
        mark_first_visit(request, response, signature, path=path)
    return response


def _ticket_context(ticket: InboxTicket) -> dict[str, Any]:
    pledge = Pledge.objects.filter(pk=ticket.pledge_id).first()
    page_context = pledge_page_context(pledge, ticket.locale) if pledge else {}
    return {
        **page_context,
        "share_url": page_context.get("pledge_url", ""),
        "ticket_ok": True,
        "masked_email": ticket.masked,
        "resend_url": "?",
        "takes_code": ticket.takes_code,
        "kind": ticket.kind,
        "waiting": ticket.needs_approval,
    }
