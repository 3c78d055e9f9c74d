"""Mails of a way to sign in the editor's preview panel, made from the edited page and sample data."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from wagtail_pledge.campaigns.context.draft import preview_statement
from wagtail_pledge.campaigns.context.layout import view_layout_context
from wagtail_pledge.campaigns.csp import HEADER, SELF, build_csp
from wagtail_pledge.campaigns.editor.previews import SAMPLE_NAME, sample_details
from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.enums import MessageKind
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.messages import DECISIONS, MAILS, MailTexts, preview_mail
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services.pledges import DEFAULT_KIND

PREFIX: Final = "mail_"
HTML: Final = ".html"
#: A mail has inline styles and no scripts.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'; sandbox"
#: Base of links while the site has no URL; the domain is reserved for examples by RFC 2606.
SAMPLE_BASE: Final = "https://example.org"


def mail_preview_modes(page: Any) -> list[tuple[str, Any]]:
    """Return (mode, label) of every mail that the page's form leads to."""
    return [(f"{PREFIX}{kind.value}", format_lazy(_("Email: {mail}"), mail=kind.label)) for kind in _mails(page)]


def _mails(page: Any) -> list[MessageKind]:
    """Return the kinds of mail; those about approval only where signatures need approval."""
    signer_type = getattr(page, "signer_type", None) or get_kind(getattr(page, "kind", DEFAULT_KIND))
    return [kind for kind in MAILS if kind not in DECISIONS or signer_type.approval_required]


def render_mail_preview(page: Any, request: HttpRequest, mode: str) -> HttpResponse | None:
    """Return the preview of a mail in the page's language; ``None`` if ``mode`` is not one of the page's mails.

    The preview shows subject, text and a frame with the HTML. The frame's document is the same mode with ``.html``
    appended, so that it has a content security policy of its own: that of the site would forbid the mail's styles.
    """
    kind = next((kind for kind in _mails(page) if mode.removesuffix(HTML) == f"{PREFIX}{kind.value}"), None)
    if kind is None:
        return None
    statement = preview_statement(page)
    with override(statement.locale):
        mail = preview_mail(kind, _sample_signature(statement), texts=_draft_texts(page), base=_base(page))
        if mode.endswith(HTML):
            return HttpResponse(mail.html, headers={HEADER: POLICY})
        context = {
            **view_layout_context(title=mail.subject),
            "mail": mail,
            "label": kind.label,
            "html_mode": f"{mode}{HTML}",
        }
        content = render_to_string("wagtail_pledge/pages/mail_preview.html", context, request=request)
        return HttpResponse(content, headers={HEADER: f"{build_csp((SELF,))}; frame-src {SELF}"})


def _sample_signature(statement: Any) -> Any:
    """Return an unsaved signature with sample data."""
    signer_type = statement.signer_type
    return get_signature_model()(
        pledge=statement.pledge,
        signer_type=signer_type,
        statement=statement,
        kind=signer_type.kind,
        locale=statement.locale,
        name=SAMPLE_NAME,
        details=sample_details(get_kind(signer_type.kind)),
    )


def _draft_texts(page: Any) -> MailTexts:
    pledge_page = page.parent_pledge_page() if hasattr(page, "parent_pledge_page") else page
    site = pledge_page.get_site() if pledge_page is not None else None
    return MailTexts(
        pledge_title=pledge_page.title if pledge_page is not None else "",
        site_name=site.site_name if site else "",
        # Pledge pages do not have these fields
        subject=getattr(page, "confirmation_subject", ""),
        text=getattr(page, "confirmation_text", ""),
    )


def _base(page: Any) -> str:
    """Return the scheme and host of the mail's links."""
    configured = get_setting("BASE_URL")
    if configured:
        return str(configured).rstrip("/")
    parts = urlsplit(page.get_full_url() or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else SAMPLE_BASE
