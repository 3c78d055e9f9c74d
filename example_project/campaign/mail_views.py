"""Every mail that the demo sends, newest first: what a signer would find in the inbox."""

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
from wagtail_pledge.core.csp import HEADER, content_policy

LIST_LENGTH: Final = 100
_URL: Final = re.compile(r"(https?://[^\s<>\"]+)")
#: What a mail program does: show styles, load nothing, run nothing, open links in the window.
_MAIL_POLICY: Final = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'self'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-top-navigation-by-user-activation"
)


def _local(url: str) -> str:
    """Return the path of a link to this very site, so that the demo works on another port than it was set up for."""
    parts, own = urlsplit(url), urlsplit(settings.WAGTAIL_PLEDGE_BASE_URL)
    return parts._replace(scheme="", netloc="").geturl() if parts.netloc == own.netloc else url


def linked(text: str) -> SafeString:
    """Return plain text as HTML with its links to press."""
    pieces = [
        format_html('<a href="{}">{}</a>', _local(piece), piece) if number % 2 else format_html("{}", piece)
        for number, piece in enumerate(_URL.split(text))
    ]
    return mark_safe("".join(pieces))  # noqa: S308 - every piece went through format_html


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    frame = {"noindex": True, "home_url": "/en/", "site_name": settings.WAGTAIL_SITE_NAME, "referrer": "same-origin"}
    with override("en"):
        response = render(request, f"campaign/{template}.html", {**frame, **context})
    response["X-Robots-Tag"] = "noindex"
    return response


def _found(name: str) -> mail.DemoMail:
    found = mail.find(name)
    if found is None:
        raise Http404
    return found


@require_safe
@never_cache
def mail_list(request: HttpRequest) -> HttpResponse:
    """List the last messages."""
    return _page(request, "mail_list", page_title="Demo mail", messages=mail.newest(LIST_LENGTH))


@require_safe
@never_cache
def mail_message(request: HttpRequest, name: str) -> HttpResponse:
    """Show one message: its text with links to press, and its HTML in a frame of its own."""
    found = _found(name)
    response = _page(request, "mail_message", page_title=found.subject, message=found, text=linked(found.text))
    response[HEADER] = f"{content_policy()}; frame-src 'self'"
    return response


@require_safe
@never_cache
@xframe_options_sameorigin
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """Show the HTML part as a mail program would; ``<base>`` makes links leave the frame."""
    response = HttpResponse('<base target="_top">' + _found(name).html)
    response[HEADER] = _MAIL_POLICY
    response["X-Robots-Tag"] = "noindex"
    return response
