"""The way out for somebody whose address was typed by another: no more mail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from wagtail_pledge.campaigns.context.layout import view_frame
from wagtail_pledge.campaigns.views.answers import SeeOther, link_problem, page, private
from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.i18n import use_asked_language
from wagtail_pledge.core.log_redaction import private_view
from wagtail_pledge.signing.services import signature_of
from wagtail_pledge.signing.services.suppression import NOT_ME, is_suppressed, suppress


class NotMeView(View):
    """``not-me/<token>/``: GET shows a button and changes nothing, POST stops all mail to the mailbox."""

    def get(self, request: HttpRequest, token: str) -> Any:
        """Show the button, or that it was pressed."""
        found = signature_of(NOT_ME, token)
        if found is None:
            use_asked_language(request)
            return link_problem(request)
        use_asked_language(request, found[0].locale)
        is_done = is_suppressed(found[0].email, database_now())
        title = _("You will get no more mail from us") if is_done else _("No more mail to this address?")
        return page(request, "not_me", {**view_frame(title=title), "heading": title, "is_done": is_done})

    def post(self, request: HttpRequest, token: str) -> Any:
        """Stop the mail; a bad token changes nothing."""
        found = signature_of(NOT_ME, token)
        if found is not None:
            suppress(found[0].email)
        return private(SeeOther(request.path))


not_me_view = private_view(csrf_exempt(NotMeView.as_view()))
