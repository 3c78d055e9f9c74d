"""View of the confirmation link: GET shows what will be signed, POST confirms. Mail scanners open every link."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.context.confirm import confirm_context
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.views.confirm_form import ConfirmForm
from wagtail_pledge.campaigns.views.request import UNSUPPORTED_MEDIA_TYPE, InvalidBody, read_body
from wagtail_pledge.campaigns.views.responses import (
    HttpResponseSeeOther,
    mark_private,
    render_error,
    render_link_problem,
    render_page,
)
from wagtail_pledge.campaigns.views.thanks import VISIT, has_visited, is_within_first_visit, mark_first_visit, thank_you
from wagtail_pledge.core.i18n import activate_requested_language, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.questions import SEPARATOR
from wagtail_pledge.signing.services import CONFIRM, confirm, submission_from_token, token_for
from wagtail_pledge.signing.services.confirming import is_signed, ledger_row, signature_of
from wagtail_pledge.signing.services.offers import Offers, chosen_offer, end_unsent, mark_used, offers_for
from wagtail_pledge.signing.services.payloads import payload_of
from wagtail_pledge.signing.services.site_columns import SiteColumnsRefused

#: Field of the form "I did not send these"; it may have several values, and an empty one that only tells the form.
END: Final = "end"
#: Query of the page after some of them were ended.
_ENDED: Final = "ended"


class ConfirmView(View):
    """``confirm/<token>/``."""

    def get(self, request: HttpRequest, token: str) -> Any:
        """Show what will be signed, or the thank-you page if that has happened; confirms nothing."""
        submission = submission_from_token(CONFIRM, token)
        if submission is None:
            activate_requested_language(request)
            return render_link_problem(request)
        signature = _signature_reached(submission)
        if signature is not None:
            activate_requested_language(request, signature.locale)
            return thank_you(request, signature, submission)
        offers = offers_for(submission, submission.db_now)
        if offers is None:
            return _dead_link(request, submission)
        mark_used(submission)
        activate_requested_language(request, offers.own.payload.locale)
        return _confirm_page(request, offers, token)

    def post(self, request: HttpRequest, token: str) -> Any:
        """Confirm what was chosen, or end what the owner did not send; then redirect to GET, which shows the result."""
        try:
            data = read_body(request, several=frozenset({END}))
        except InvalidBody as error:
            # A body that is not a form is accepted: it chooses nothing
            data = {}
            if error.status != UNSUPPORTED_MEDIA_TYPE:
                activate_requested_language(request)
                return render_error(request, 400, error.message)
        submission = submission_from_token(CONFIRM, token)
        if submission is None:
            return mark_private(HttpResponseSeeOther(request.path))
        signature = _confirmed(submission)
        if signature is not None:
            return _finished(request, signature, is_signer=has_visited(data, submission))
        offers = offers_for(submission, submission.db_now)
        if offers is None:
            return mark_private(HttpResponseSeeOther(request.path))
        activate_requested_language(request, offers.own.payload.locale)
        if END in data:
            return _end(request, offers, data[END].split(SEPARATOR), token)
        return _confirm(request, offers, data, token)


confirm_view = private_view(csrf_exempt(with_request_cache(restores_language(ConfirmView.as_view()))))


def _confirmed(submission: Any) -> Any | None:
    """Return the signature that the submission led to, ``None`` if it led to none or was withdrawn since."""
    signature = signature_of(submission)
    return signature if signature is not None and signature.state == SignatureState.CONFIRMED else None


def _signature_reached(submission: Any) -> Any | None:
    """Return the signature that the submission led to, or that its mailbox had before; ``None`` if it is open."""
    signature = _confirmed(submission)
    if signature is not None or submission.ended_at is not None or submission.moved_to is not None:
        return signature
    payload = payload_of(submission)
    stored = ledger_row(submission, payload) if payload is not None else None
    return stored if stored is not None and is_signed(stored) else None


def _dead_link(request: HttpRequest, submission: Any) -> Any:
    activate_requested_language(request, submission.statement.locale)
    return render_link_problem(request, submission.statement.signer_type.pledge, submission.statement.locale)


def _confirm(request: HttpRequest, offers: Offers, data: dict[str, str], token: str) -> Any:
    offer = chosen_offer(offers, data.get("submission", ""))
    form = ConfirmForm((offer or offers.own).submission, data)
    if offer is None:
        return _confirm_page(request, offers, token, error=_choice_error(offers))
    if not form.is_valid():
        return _confirm_page(request, offers, token, error=" ".join(map(str, form.messages)))
    try:
        done = confirm(offer.submission, **form.choices())
    except SiteColumnsRefused as refused:
        errors = [message for messages in refused.errors.values() for message in messages]
        return _confirm_page(request, offers, token, error=" ".join(errors))
    if done is None:
        return mark_private(HttpResponseSeeOther(request.path))
    is_signer = done.is_new or _is_repeated(data, offers.own.submission, done.signature)
    return _finished(request, done.signature, is_signer=is_signer)


def _choice_error(offers: Offers) -> str:
    """Return what to do if no form was chosen, or one that was removed meanwhile."""
    if len(offers.readable) > 1:
        return _("Choose which one you want to sign.")
    return _("The form that you chose is no longer there. Check the one below.")


def _end(request: HttpRequest, offers: Offers, ids: list[str], token: str) -> Any:
    """End the ticked forms; one that was ended meanwhile is no error."""
    if not any(ids):
        return _confirm_page(request, offers, token, end_error=_("Tick each form that you did not send."))
    end_unsent(offers, ids)
    return mark_private(HttpResponseSeeOther(f"{request.path}?{_ENDED}=1"))


def _finished(request: HttpRequest, signature: Any, *, is_signer: bool) -> Any:
    """Redirect to the thank-you page; in the first hour, the browser of the signer may see it in full."""
    response = mark_private(HttpResponseSeeOther(request.path))
    if is_signer and is_within_first_visit(signature):
        mark_first_visit(request, response, signature, path=request.path)
    return response


def _is_repeated(data: dict[str, str], submission: Any, signature: Any) -> bool:
    """Whether a browser that saw the confirm page sends its form again, as when the first answer was lost."""
    submission.refresh_from_db(fields=["signature_uuid"])
    return bool(submission.signature_uuid == signature.uuid) and has_visited(data, submission)


def _confirm_page(request: HttpRequest, offers: Offers, token: str, *, error: str = "", end_error: str = "") -> Any:
    is_refused = bool(error or end_error)
    context = {
        **view_layout_context(title=_("Confirm your name"), error_title=is_refused),
        **confirm_context(offers),
        "kind": offers.own.submission.kind,
        "confirm_url": reverse("wagtail_pledge:confirm", args=[token]),
        "visit": token_for(VISIT, offers.own.submission),
        "error": error or end_error,
        "error_is_below": bool(end_error),
        "has_ended": _ENDED in request.GET and not is_refused,
    }
    return render_page(request, "confirm", context, status=422 if is_refused else 200)
