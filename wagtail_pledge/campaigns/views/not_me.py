"""View of the "this was not me" link in mails: stops all mail to an address that somebody else entered."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.caching.local import with_request_cache
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.views.responses import (
    HttpResponseSeeOther,
    mark_private,
    render_link_problem,
    render_page,
)
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.i18n import activate_requested_language, restores_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.services import signature_from_token
from wagtail_pledge.signing.services.suppression import NOT_ME, is_suppressed, suppress


class NotMeView(View):
    """``not-me/<token>/``: GET shows a button and changes nothing, POST stops all mail to the mailbox."""

    def get(self, request: HttpRequest, token: str) -> Any:
        """Show the button, or that mail has been stopped."""
        opened = signature_from_token(NOT_ME, token)
        if opened is None:
            activate_requested_language(request)
            return render_link_problem(request)
        signature = opened[0]
        activate_requested_language(request, signature.locale)
        is_done = is_suppressed(signature.email, database_now())
        title = _("We will not email you again") if is_done else _("Stop emails to this address?")
        return render_page(
            request, "not_me", {**view_layout_context(title=title), "heading": title, "is_done": is_done}
        )

    def post(self, request: HttpRequest, token: str) -> Any:
        """Stop the mail and redirect; an invalid token changes nothing."""
        opened = signature_from_token(NOT_ME, token)
        if opened is not None:
            suppress(opened[0].email)
        return mark_private(HttpResponseSeeOther(request.path))


not_me_view = private_view(csrf_exempt(with_request_cache(restores_language(NotMeView.as_view()))))
