"""View of the sign endpoint: one URL per pledge and signer type, outside Wagtail's page routing."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.campaigns.context.form import sign_context, sign_form
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.context.page import FormTexts, form_texts, signer_type_pages_under
from wagtail_pledge.campaigns.embedding import apply_embedding, get_embedding, load_embedding
from wagtail_pledge.campaigns.sources import request_source
from wagtail_pledge.campaigns.views.request import (
    InvalidBody,
    Origin,
    check_query,
    form_pairs,
    origin_of,
    read_body,
    wants_json,
)
from wagtail_pledge.campaigns.views.responses import (
    HttpResponseSeeOther,
    mark_private,
    not_found,
    not_open,
    pledge_page_context,
    private_json_response,
    render_error,
    render_page,
)
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.http import client_address
from wagtail_pledge.core.i18n import activate_language, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.core.registry import pledge_url
from wagtail_pledge.signing.abuse.networks import network_key
from wagtail_pledge.signing.abuse.proof_of_work import FIELD, read_proof
from wagtail_pledge.signing.abuse.signals import abuse_signals, screening_notes
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.kinds import kinds
from wagtail_pledge.signing.services import current_statement, find_statement, is_open, sign
from wagtail_pledge.signing.services.sources import registered_source
from wagtail_pledge.signing.stamps import Stamp, is_old_stamp, issue_stamp, read_stamp, seal_ticket
from wagtail_pledge.signing.worker.tasks import enqueue_mail_task

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS: Final = 30
PAUSE_SECONDS: Final = 600
SHA_CHARS: Final = 64


class SignView(View):
    """``POST <pledge>/sign/<signer type>/``: form-encoded → 303, JSON → 202. GET redirects to the page."""

    def get(self, request: HttpRequest, pledge: UUID, signer_type: UUID) -> Any:
        """Redirect to the page of the pledge: somebody opened the URL of a form's action."""
        language = request.GET.get("lang", "")
        activate_language(request, language)
        try:
            check_query(request)
        except InvalidBody as error:
            return _error_response(request, error.status, error.message)
        statement = current_statement(pledge=pledge, signer_type=signer_type, locale=language)
        if statement is None:
            return not_found(request)
        embedding = load_embedding(request, pledge__uuid=pledge)
        if embedding is not None:
            return mark_private(HttpResponseSeeOther(embedding.url))
        return mark_private(HttpResponseSeeOther(pledge_url(statement.signer_type.pledge, statement.locale) or "/"))

    def post(self, request: HttpRequest, pledge: UUID, signer_type: UUID) -> Any:
        """Accept one signature. Errors before the statement is known are in the language of ``?lang=``."""
        activate_language(request, request.GET.get("lang"))
        load_embedding(request, pledge__uuid=pledge)
        origin = origin_of(request)
        if origin is Origin.CROSS_SITE:
            return _error_response(request, 403, _("This form can’t be sent from another website."))
        try:
            data = read_body(request)
        except InvalidBody as error:
            return _error_response(request, error.status, error.message)
        try:
            return Submission(request, data, origin).respond(pledge, signer_type)
        except DatabaseError as error:
            logger.warning("signing is not possible: %s", type(error).__name__)
            return _server_error(request, data)


sign_view = private_view(csrf_exempt(transaction.non_atomic_requests(restores_language(SignView.as_view()))))


def _accepts_signatures(statement: Any) -> bool:
    signer_type = statement.signer_type
    return signer_type.kind in kinds() and is_open(signer_type.pledge, statement.db_now)


def _error_response(request: HttpRequest, status: int, message: str) -> Any:
    if wants_json(request):
        return private_json_response({"error": message}, status=status)
    return render_error(request, status, message, _("Your name was not added."))


def _server_error(request: HttpRequest, data: dict[str, str]) -> Any:
    address = get_setting("REPLY_TO")
    text = _("Your name was not added. Try again, or write to %(address)s.") % {"address": address} if address else ""
    return _retry_response(request, data, _("Something went wrong on our side"), RETRY_AFTER_SECONDS, text)


def _retry_response(request: HttpRequest, data: dict[str, str], heading: str, seconds: int, text: str = "") -> Any:
    """Return 503 with the submitted values and a button that sends them again with the same stamp; no query."""
    text = text or _("Your name was not added. Try again in a minute.")
    if wants_json(request):
        response = private_json_response({"error": f"{heading}. {text}"}, status=503)
    else:
        context = {
            **view_layout_context(title=heading, referrer="same-origin"),
            "heading": heading,
            "text": text,
            "hidden_fields": [pair for name, value in sorted(data.items()) for pair in form_pairs(name, value)],
            "action": request.get_full_path(),
        }
        response = render_page(request, "try_again", context, status=503)
    response["Retry-After"] = str(seconds)
    return response


class Submission:
    """Processing of one POST: validates the form and the stamp, signs, and returns the response."""

    def __init__(self, request: HttpRequest, data: dict[str, str], origin: Origin) -> None:
        self.request = request
        self.data = data
        self.origin = origin
        self.json = wants_json(request)

    def respond(self, pledge: UUID, signer_type: UUID) -> Any:
        """Return the response; one query to load everything, one transaction to store the signature."""
        sha256 = self.data.get("statement", "")[:SHA_CHARS]
        statement = find_statement(pledge=pledge, signer_type=signer_type, sha256=sha256)
        if statement is None or statement.is_outdated:
            return self._show_current_statement(statement, pledge, signer_type)
        activate_language(self.request, statement.locale)
        if not _accepts_signatures(statement):
            return self._not_accepting(statement)
        if statement.is_paused:
            return self._paused()
        sealed_stamp, form = self.data.get("stamp", ""), self._form(statement)
        stamp = read_stamp(sealed_stamp, statement.sha256, statement.db_now)
        if not form.is_valid():
            return self._show_form(statement, form, "errors", stamp=sealed_stamp if stamp else "")
        if stamp is None:
            is_old = is_old_stamp(sealed_stamp, statement.sha256, statement.db_now)
            return self._show_form(statement, form, "old" if is_old else "check")
        return self._store(statement, form, stamp)

    def _form(self, statement: Any) -> Any:
        form = sign_form(statement, self.data)
        if get_embedding(self.request) is not None:
            form.mark_as_embedded()
        return form

    def _show_current_statement(self, old: Any | None, pledge: UUID, signer_type: UUID) -> Any:
        """Show the form for the current statement, with all values: the signer has not seen this text yet."""
        locale = old.locale if old is not None else self.request.GET.get("lang", "")
        current = current_statement(pledge=pledge, signer_type=signer_type, locale=locale)
        if current is None:
            return not_found(self.request)
        activate_language(self.request, current.locale)
        if not _accepts_signatures(current):
            return self._not_accepting(current)
        return self._show_form(current, self._form(current), "outdated")

    def _paused(self) -> Any:
        return _retry_response(self.request, self.data, _("Signing is paused for a moment"), PAUSE_SECONDS)

    def _not_accepting(self, statement: Any) -> Any:
        """Return the response for a pledge that is not open; for a paused one, a form to send again later."""
        pledge = statement.signer_type.pledge
        if pledge.state == PledgeState.PAUSED and statement.signer_type.kind in kinds():
            return self._paused()
        if self.json:
            return private_json_response(
                {"errors": {"": [_("This campaign is not collecting signatures right now.")]}}, status=422
            )
        return not_open(self.request, pledge, statement.db_now, statement.locale)

    def _show_form(self, statement: Any, form: Any, reason: str, stamp: str = "") -> Any:
        """Return the form with all values and ``stamp``, or a new stamp that can be used at once."""
        stamp = stamp or self._new_stamp(statement)
        if self.json:
            errors = {name: list(messages) for name, messages in form.errors.items()}
            data = {
                "errors": errors or {"stamp": [_("Fetch a new stamp.")]},
                "stamp": stamp,
                "statement": statement.sha256,
            }
            return private_json_response(data, status=422)
        title = str(form.kind.error_heading) if form.errors else _("Check your details and sign")
        page_context = pledge_page_context(statement.signer_type.pledge, statement.locale)
        context = {
            **view_layout_context(title=title, error_title=bool(form.errors), referrer="same-origin"),
            "sign": self._sign_context(statement, form, stamp, page_context["pledge_page"]),
            "reason": reason,
            **page_context,
        }
        return render_page(self.request, "sign_form", context, status=422 if reason == "errors" else 200)

    def _sign_context(self, statement: Any, form: Any, stamp: str, pledge_page: Any | None) -> Any:
        texts: FormTexts = {}
        if pledge_page is not None and pledge_page.locale.language_code == statement.locale:
            texts = form_texts(statement, pledge_page, signer_type_pages_under(pledge_page))
        sign = sign_context(statement, form=form, stamp=stamp, rerender=True, **texts)
        sign.source = request_source(self.request, self.data)
        embedding = get_embedding(self.request)
        if embedding is not None:
            apply_embedding(sign, embedding)
        return sign

    def _new_stamp(self, statement: Any) -> str:
        """Return a new stamp; for a form shown again, one that is old enough to be sent at once."""
        age = dt.timedelta() if self.json else dt.timedelta(seconds=get_setting("STAMP_MIN_SECONDS"))
        return issue_stamp(statement.sha256, statement.db_now - age)

    def _store(self, statement: Any, form: Any, stamp: Stamp) -> Any:
        """Store the signature and redirect to the inbox page, whatever is in the ledger.

        The same form sent again with another address stores nothing and sends no mail: the first address wins. It gets
        the same response, since a different one would reveal which mailboxes have signed.
        """
        data = form.signer_data()
        age = statement.db_now - stamp.issued_at
        proof = read_proof(self.data.get(FIELD, ""), statement.signer_type.pledge.uuid, statement.db_now)
        receipt = sign(
            statement=statement,
            data=data,
            idempotency_key=stamp.form_id,
            network_key=network_key(client_address(self.request), statement.db_now),
            source=registered_source(statement.signer_type.pledge, request_source(self.request, self.data)),
            signals=abuse_signals(data=data, stamp_age=age, honeypot=form.honeypot_filled),
            notes=screening_notes(data=data, proof=proof, now=statement.db_now),
        )
        enqueue_mail_task()
        inbox = reverse("wagtail_pledge:inbox", args=[seal_ticket(receipt.ticket, statement.db_now)])
        if self.json:
            return private_json_response({"inbox": inbox}, status=202)
        embedding = get_embedding(self.request)
        return mark_private(HttpResponseSeeOther(embedding.url_with_token(inbox) if embedding else inbox))
