"""View of the "this was not me" link in mails: stops all mail to the address, and allows it again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.views.responses import (
    HttpResponseSeeOther,
    link_page_url,
    mark_private,
    pledge_page_context,
    render_link_problem,
    render_page,
)
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.i18n import activate_language, activate_requested_language, language_query, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import Pledge, Suppression
from wagtail_pledge.signing.services import MANAGE, submission_from_token, token_for
from wagtail_pledge.signing.services.confirming import ledger_row, signature_of
from wagtail_pledge.signing.services.payloads import payload_of
from wagtail_pledge.signing.services.suppression import (
    NOT_ME,
    read_undo_token,
    stop_mail,
    suppression_of,
    undo,
    undo_token,
)


class NotMeView(View):
    """``not-me/<token>/``: GET shows a button and changes nothing, POST stops all mail to the mailbox.

    With the token of the undo link, POST allows mail again. For a mailbox that has signed, the page leads to the
    signature instead.
    """

    def get(self, request: HttpRequest, token: str) -> Any:
        """Show the button, or what was done."""
        if read_undo_token(token) is not None:
            return _undo_page(request, token)
        submission = submission_from_token(NOT_ME, token)
        payload = payload_of(submission) if submission is not None else None
        signature = _signature_of_mailbox(submission, payload) if submission is not None else None
        if signature is not None:
            return _signed_page(request, signature, payload)
        if submission is None or payload is None:
            activate_requested_language(request)
            return render_link_problem(request)
        activate_requested_language(request, payload.locale)
        suppression = suppression_of(payload.address, database_now())
        title = _("We will not email you again") if suppression else _("Stop emails to this address?")
        undo_url = _undo_url(suppression, submission.pledge_id, payload.locale) if suppression else ""
        campaign = pledge_page_context(submission.statement.signer_type.pledge, payload.locale)
        return _page(request, title, is_done=suppression is not None, undo_url=undo_url, **campaign)

    def post(self, request: HttpRequest, token: str) -> Any:
        """Stop the mail, or allow it again, and redirect; an invalid token changes nothing."""
        undone = read_undo_token(token)
        if undone is not None:
            if undone[1] is not None:
                undo(undone[1])
            return _see_page(request)
        submission = submission_from_token(NOT_ME, token)
        payload = payload_of(submission) if submission is not None else None
        if submission is not None and payload is not None and _signature_of_mailbox(submission, payload) is None:
            stop_mail(submission, payload.address)
        return _see_page(request)


not_me_view = private_view(csrf_exempt(with_request_cache(restores_language(NotMeView.as_view()))))


def _undo_url(suppression: Suppression, pledge_id: int, locale: str) -> str:
    """Return the URL of the undo page, which knows no language of its own."""
    path = reverse("wagtail_pledge:not_me", args=[undo_token(suppression, pledge_id)])
    return path + language_query(locale)


def _see_page(request: HttpRequest) -> Any:
    """Redirect to this page, in the language of the link."""
    language = request.GET.get("lang", "")
    query = f"?lang={language}" if language in dict(settings.LANGUAGES) else ""
    return mark_private(HttpResponseSeeOther(request.path + query))


def _page(request: HttpRequest, heading: str, **context: Any) -> Any:
    return render_page(request, "not_me", {**view_layout_context(title=heading), "heading": heading, **context})


def _signature_of_mailbox(submission: Any, payload: Any) -> Any | None:
    """Return the confirmed signature of the submission's mailbox, ``None`` if there is none."""
    signature = signature_of(submission) or (ledger_row(submission, payload) if payload is not None else None)
    return signature if signature is not None and signature.state == SignatureState.CONFIRMED else None


def _signed_page(request: HttpRequest, signature: Any, payload: Any) -> Any:
    """Lead to the signature, if the link went to its own address, and offer to withdraw it."""
    activate_requested_language(request, signature.locale)
    is_own = payload is not None and payload.address == signature.email
    manage_url = reverse("wagtail_pledge:manage", args=[token_for(MANAGE, signature)]) if is_own else ""
    link_url = link_page_url(signature.pledge)
    campaign = pledge_page_context(signature.pledge, signature.locale)
    return _page(request, _("You have signed"), is_signed=True, manage_url=manage_url, link_url=link_url, **campaign)


def _undo_page(request: HttpRequest, token: str) -> Any:
    found = read_undo_token(token)
    subject, suppression = found if found is not None else (None, None)
    pledge = Pledge.objects.filter(pk=subject.pledge_id).first() if subject is not None else None
    # Our links name every language but the default one: without one it is the default, not the browser's
    language = activate_language(request, request.GET.get("lang"))
    context = pledge_page_context(pledge, language) if pledge is not None else {}
    heading = _("Allow emails to this address again?") if suppression else _("We can email you again")
    return _page(request, heading, is_undo=True, is_undone=suppression is None, **context)
