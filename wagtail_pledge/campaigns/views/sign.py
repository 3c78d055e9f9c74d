"""View of the sign endpoint: one URL per pledge and signer type, outside Wagtail's page routing."""

from __future__ import annotations

import datetime as dt
import logging
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.campaigns.access import Access, access_to
from wagtail_pledge.campaigns.context.form import sign_context, sign_form
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.context.page import FormTexts, form_texts, signer_type_pages_under
from wagtail_pledge.campaigns.embedding import apply_embedding, get_embedding, load_embedding
from wagtail_pledge.campaigns.sources import request_source
from wagtail_pledge.campaigns.views.request import (
    InvalidBody,
    Origin,
    check_query,
    is_address_in_doubt,
    origin_of,
    read_body,
    wants_json,
    with_suggested_address,
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
from wagtail_pledge.campaigns.views.retry import is_flooding, retry_response, too_many_requests
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import no_queries
from wagtail_pledge.core.http import client_address
from wagtail_pledge.core.i18n import activate_language, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.core.registry import pledge_url
from wagtail_pledge.signing.abuse.flood import guard
from wagtail_pledge.signing.abuse.networks import network_key
from wagtail_pledge.signing.abuse.proof_of_work import FIELD, Proof, solved_challenge
from wagtail_pledge.signing.abuse.signals import abuse_signals, screening_notes
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.kinds import SignerData, kinds
from wagtail_pledge.signing.services import current_statement, is_open, submit
from wagtail_pledge.signing.services.payloads import Payload, build_signature, is_too_long
from wagtail_pledge.signing.services.site_columns import has_site_columns, site_errors
from wagtail_pledge.signing.services.statement_cache import remembered_source, remembered_statement
from wagtail_pledge.signing.stamps import Stamp, is_old_stamp, issue_stamp, read_stamp, seal_ticket
from wagtail_pledge.signing.worker.tasks import enqueue_mail_task

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS: Final = 30
PAUSE_SECONDS: Final = 600
SHA_CHARS: Final = 64
_PLACEHOLDER: Final = "ticket-goes-here"


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
        if statement is None or _is_denied(request, statement):
            return not_found(request)
        embedding = load_embedding(request, pledge__uuid=pledge)
        if embedding is not None:
            return mark_private(HttpResponseSeeOther(embedding.url))
        return mark_private(HttpResponseSeeOther(pledge_url(statement.signer_type.pledge, statement.locale) or "/"))

    def post(self, request: HttpRequest, pledge: UUID, signer_type: UUID) -> Any:
        """Accept one signature. Errors before the statement is known are in the language of ``?lang=``."""
        activate_language(request, request.GET.get("lang"))
        load_embedding(request, pledge__uuid=pledge)
        origin, is_flooded = origin_of(request), is_flooding(request)
        if origin is Origin.CROSS_SITE and not is_flooded:
            return _error_response(request, 403, _("This form can’t be sent from another website."))
        try:
            data = read_body(request)
        except InvalidBody as error:
            return _refused(request, {}) if is_flooded else _error_response(request, error.status, error.message)
        proof = solved_challenge(data.get(FIELD, ""), pledge) if origin is not Origin.CROSS_SITE else None
        # Decided before any query, so a used or forged solution costs none either
        if is_flooded and (proof is None or not guard.is_new_proof(proof)):
            return _refused(request, data)
        try:
            return SignRequest(request, data, origin, proof, is_flooded=is_flooded).respond(pledge, signer_type)
        except DatabaseError as error:
            logger.warning("signing is not possible: %s", type(error).__name__)
            return _server_error(request, data)


sign_view = private_view(csrf_exempt(transaction.non_atomic_requests(restores_language(SignView.as_view()))))


def _accepts_signatures(statement: Any, now: dt.datetime) -> bool:
    signer_type = statement.signer_type
    return signer_type.kind in kinds() and is_open(signer_type.pledge, now)


def _is_denied(request: HttpRequest, statement: Any) -> bool:
    """Whether the visitor may not see the campaign, and so neither its form. A stamp is proof that they may."""
    return access_to(request, statement.signer_type.pledge) is Access.DENIED


def _error_response(request: HttpRequest, status: int, message: str) -> Any:
    if wants_json(request):
        return private_json_response({"error": message}, status=status)
    return render_error(request, status, message, _("Your signature was not added."))


def _server_error(request: HttpRequest, data: dict[str, str]) -> Any:
    address = get_setting("REPLY_TO")
    # Never "was not added": a commit may have succeeded without its answer, now or at an earlier attempt
    text = _("We don’t know whether your signature was added. Try again in a minute.")
    if address:
        contact = _("We don’t know whether your signature was added. Try again, or write to %(address)s.")
        text = contact % {"address": address}
    return retry_response(request, data, _("Something went wrong on our side"), RETRY_AFTER_SECONDS, text)


def _refused(request: HttpRequest, data: dict[str, str]) -> Any:
    return too_many_requests(request, data, _("Your signature was not added. Try again in a minute."))


@lru_cache(maxsize=64)
def _inbox_parts(_urlconf: str | None, _script_prefix: str, _language: str | None) -> list[str]:
    """Return the URL of the inbox page before and after the ticket. Django goes through all patterns each time."""
    return reverse("wagtail_pledge:inbox", args=[_PLACEHOLDER]).split(_PLACEHOLDER)


class SignRequest:
    """Processing of one POST: validates the form and the stamp, stores the submission, and returns the response.

    It never reads or writes the ledger, so that the response cannot depend on who has signed.
    """

    def __init__(
        self, request: HttpRequest, data: dict[str, str], origin: Origin, proof: Proof | None, *, is_flooded: bool
    ) -> None:
        self.request = request
        self.data = data
        self.origin = origin
        self.proof = proof
        self.json = wants_json(request)
        self.is_flooded = is_flooded
        self.now: dt.datetime
        #: The cleaned values of a valid form.
        self.signer: SignerData

    def respond(self, pledge: UUID, signer_type: UUID) -> Any:
        """Return the response; one statement when what it must know was read in the last two seconds."""
        sha256 = self.data.get("statement", "")[:SHA_CHARS]
        statement, now = remembered_statement(pledge=pledge, signer_type=signer_type, sha256=sha256)
        if statement is None or now is None or statement.is_outdated:
            return self._show_current_statement(statement, pledge, signer_type)
        self.now = now
        activate_language(self.request, statement.locale)
        refusal = self._refusal(statement, now)
        if refusal is not None:
            return refusal
        self.data = with_suggested_address(self.data)
        sealed_stamp, form = self.data.get("stamp", ""), self._form(statement)
        stamp = read_stamp(sealed_stamp, statement.sha256, now)
        if not self._is_valid(statement, form):
            return self._show_form(statement, form, "errors", stamp=sealed_stamp if stamp else "")
        if stamp is not None and self._is_address_in_doubt():
            return self._show_form(statement, form, "address", stamp=sealed_stamp)
        if stamp is None:
            is_old = is_old_stamp(sealed_stamp, statement.sha256, now)
            return self._show_form(statement, form, "old" if is_old else "check")
        return self._store(statement, form, stamp)

    def _is_address_in_doubt(self) -> bool:
        """Whether to ask about a probably mistyped address: once, and not a program that sends JSON."""
        return not self.json and is_address_in_doubt(self.data, str(self.signer.email))

    def _refusal(self, statement: Any, now: dt.datetime) -> Any | None:
        """Return the response if no form is taken now, ``None`` otherwise."""
        if not _accepts_signatures(statement, now):
            return self._not_accepting(statement)
        if statement.is_paused:
            return self._paused()
        if self.proof is not None and self.proof.is_expired(now):
            self.proof = None
        if self.is_flooded and self.proof is None:
            return _refused(self.request, self.data)
        return None

    def _is_valid(self, statement: Any, form: Any) -> bool:
        """Validate the form, then the columns that the site has added to the signature model; no query."""
        with no_queries("Validating a form"):
            return self._validate(statement, form)

    def _validate(self, statement: Any, form: Any) -> bool:
        if not form.is_valid():
            return False
        self.signer = form.signer_data()
        payload = Payload(data=self.signer, locale=statement.locale)
        if is_too_long(payload):
            form.add_error(None, _("Your answers are too long together. Shorten them."))
            return False
        errors = site_errors(build_signature(statement, payload)) if has_site_columns() else {}
        for name, messages in errors.items():
            form.add_error(name if name in form.fields else None, messages)
        return not errors

    def _form(self, statement: Any) -> Any:
        form = sign_form(statement, self.data)
        if get_embedding(self.request) is not None:
            form.mark_as_embedded()
        return form

    def _show_current_statement(self, old: Any | None, pledge: UUID, signer_type: UUID) -> Any:
        """Show the form for the current statement, with all values: the signer has not seen this text yet."""
        locale = old.locale if old is not None else self.request.GET.get("lang", "")
        current = current_statement(pledge=pledge, signer_type=signer_type, locale=locale)
        if current is None or _is_denied(self.request, current):
            return not_found(self.request)
        self.now = current.db_now
        activate_language(self.request, current.locale)
        if not _accepts_signatures(current, self.now):
            return self._not_accepting(current)
        return self._show_form(current, self._form(current), "outdated")

    def _paused(self) -> Any:
        heading, text = _("Signing is paused for a moment"), _("Your signature was not added. Try again in a minute.")
        return retry_response(self.request, self.data, heading, PAUSE_SECONDS, text)

    def _not_accepting(self, statement: Any) -> Any:
        """Return the response for a pledge that is not open; for a paused one, a form to send again later."""
        if _is_denied(self.request, statement):
            return not_found(self.request)
        pledge = statement.signer_type.pledge
        if pledge.state == PledgeState.PAUSED and statement.signer_type.kind in kinds():
            return self._paused()
        if self.json:
            return private_json_response(
                {"errors": {"": [_("This campaign is not collecting signatures right now.")]}}, status=422
            )
        return not_open(self.request, pledge, self.now, statement.locale, kind=statement.signer_type.kind)

    def _show_form(self, statement: Any, form: Any, reason: str, stamp: str = "") -> Any:
        """Return the form with all values and ``stamp``, or a new stamp that can be used at once."""
        if _is_denied(self.request, statement):
            return not_found(self.request)
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
        return issue_stamp(statement.sha256, self.now - age)

    def _store(self, statement: Any, form: Any, stamp: Stamp) -> Any:
        """Store the submission with one statement and redirect to the inbox page."""
        data, pledge = self.signer, statement.signer_type.pledge
        if self.proof is not None:
            guard.is_new_proof(self.proof)
        receipt = submit(
            statement=statement,
            data=data,
            stamp=stamp,
            network_key=network_key(client_address(self.request), self.now),
            source=remembered_source(pledge, request_source(self.request, self.data)),
            signals=abuse_signals(data=data, stamp_age=self.now - stamp.issued_at, honeypot=form.honeypot_filled),
            notes=screening_notes(data=data, proof=self.proof, now=self.now),
        )
        enqueue_mail_task()
        inbox = seal_ticket(receipt.ticket, self.now).join(
            _inbox_parts(get_urlconf(), get_script_prefix(), get_language())
        )
        if self.json:
            return private_json_response({"inbox": inbox}, status=202)
        embedding = get_embedding(self.request)
        return mark_private(HttpResponseSeeOther(embedding.url_with_token(inbox) if embedding else inbox))
