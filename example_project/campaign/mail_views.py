"""Views of the demo's mailbox: the messages that the demo has sent, newest first."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from example_project.campaign import mail
from wagtail_pledge.campaigns.csp import HEADER, build_csp

LIST_LENGTH: Final = 100
_URL: Final = re.compile(r"(https?://[^\s<>\"]+)")
#: As in an email client: styles apply, nothing is loaded, no script runs, links open in the top window.
_MESSAGE_CSP: Final = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'self'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-top-navigation-by-user-activation"
)


def _relative_url(url: str) -> str:
    """Return a link to this site as a relative URL, so that it also works if the demo now runs on another port."""
    parts, own = urlsplit(url), urlsplit(settings.WAGTAIL_PLEDGE_BASE_URL)
    return parts._replace(scheme="", netloc="").geturl() if parts.netloc == own.netloc else url


def link_urls(text: str) -> SafeString:
    """Return plain text as HTML with links."""
    pieces = [
        format_html('<a href="{}">{}</a>', _relative_url(piece), piece) if number % 2 else format_html("{}", piece)
        for number, piece in enumerate(_URL.split(text))
    ]
    return mark_safe("".join(pieces))  # noqa: S308 - every piece went through format_html


def _render(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    frame = {"noindex": True, "home_url": "/en/", "site_name": settings.WAGTAIL_SITE_NAME, "referrer": "same-origin"}
    with override("en"):
        response = render(request, f"campaign/{template}.html", {**frame, **context})
    response["X-Robots-Tag"] = "noindex"
    return response


def _get_mail_or_404(name: str) -> mail.DemoMail:
    found = mail.find(name)
    if found is None:
        raise Http404
    return found


@require_safe
@never_cache
def mail_list(request: HttpRequest) -> HttpResponse:
    """List the latest messages."""
    return _render(request, "mail_list", page_title="Demo mail", messages=mail.latest(LIST_LENGTH))


@require_safe
@never_cache
def mail_message(request: HttpRequest, name: str) -> HttpResponse:
    """Show one message: its text with links, and its HTML in an iframe."""
    found = _get_mail_or_404(name)
    response = _render(request, "mail_message", page_title=found.subject, message=found, text=link_urls(found.text))
    response[HEADER] = f"{build_csp()}; frame-src 'self'"
    return response


@require_safe
@never_cache
@xframe_options_sameorigin
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """Return the HTML part for the iframe; ``<base>`` makes its links open in the top window."""
    response = HttpResponse('<base target="_top">' + _get_mail_or_404(name).html)
    response[HEADER] = _MESSAGE_CSP
    response["X-Robots-Tag"] = "noindex"
    return response
