"""The way out for somebody whose address was typed by another: no more mail."""

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
        """Show the button, or that it was pressed."""
        found = signature_from_token(NOT_ME, token)
        if found is None:
            activate_requested_language(request)
            return render_link_problem(request)
        activate_requested_language(request, found[0].locale)
        is_done = is_suppressed(found[0].email, database_now())
        title = _("We will not email you again") if is_done else _("Stop emails to this address?")
        return render_page(
            request, "not_me", {**view_layout_context(title=title), "heading": title, "is_done": is_done}
        )

    def post(self, request: HttpRequest, token: str) -> Any:
        """Stop the mail; a bad token changes nothing."""
        found = signature_from_token(NOT_ME, token)
        if found is not None:
            suppress(found[0].email)
        return mark_private(HttpResponseSeeOther(request.path))


not_me_view = private_view(csrf_exempt(with_request_cache(restores_language(NotMeView.as_view()))))
