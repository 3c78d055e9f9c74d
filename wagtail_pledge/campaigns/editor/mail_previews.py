"""The mails of a way to sign in the editor's preview panel: made of the draft on the screen and of nobody's data."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from wagtail_pledge.campaigns.context.draft import draft_statement
from wagtail_pledge.campaigns.context.layout import view_frame
from wagtail_pledge.campaigns.editor.previews import SAMPLE_NAME, sample_details
from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.csp import HEADER, SELF, content_policy
from wagtail_pledge.signing.enums import MessageKind
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.messages import DECISIONS, MAILS, MailWords, sample_mail
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services.pledges import DEFAULT_KIND

PREFIX: Final = "mail_"
HTML: Final = ".html"
#: A mail brings its styles along, and runs nothing.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'; sandbox"
#: Where links seem to lead as long as the site has no address; reserved for examples by RFC 2606.
SAMPLE_BASE: Final = "https://example.org"


def mail_modes(page: Any) -> list[tuple[str, Any]]:
    """Return (mode, label) of every mail that the page's way to sign sends: a pledge page's is its own form's."""
    return [(f"{PREFIX}{kind.value}", format_lazy(_("Mail: {mail}"), mail=kind.label)) for kind in _mails(page)]


def _mails(page: Any) -> list[MessageKind]:
    """Leave out the mails about approval where nobody approves."""
    chosen = getattr(page, "signer_type", None) or get_kind(getattr(page, "kind", DEFAULT_KIND))
    return [kind for kind in MAILS if kind not in DECISIONS or chosen.approval_required]


def mail_preview_of(page: Any, request: HttpRequest, mode: str) -> HttpResponse | None:
    """Return subject, HTML and text of a mail in the page's language; ``None`` where ``mode`` is none of its mails.

    The HTML stands in a frame, whose document is the mode with ``.html`` at its end: the site's own policy about styles
    would hold for a document within the page.
    """
    found = next((kind for kind in _mails(page) if mode.removesuffix(HTML) == f"{PREFIX}{kind.value}"), None)
    if found is None:
        return None
    statement = draft_statement(page)
    with override(statement.locale):
        mail = sample_mail(found, _sample_signature(statement), words=_draft_words(page), base=_base(page))
        if mode.endswith(HTML):
            return HttpResponse(mail.html, headers={HEADER: POLICY})
        context = {**view_frame(title=mail.subject), "mail": mail, "label": found.label, "html_mode": f"{mode}{HTML}"}
        shown = render_to_string("wagtail_pledge/pages/mail_preview.html", context, request=request)
        return HttpResponse(shown, headers={HEADER: f"{content_policy((SELF,))}; frame-src {SELF}"})


def _sample_signature(statement: Any) -> Any:
    """Return a signature that stands for no row."""
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


def _draft_words(page: Any) -> MailWords:
    above = page.parent_pledge_page() if hasattr(page, "parent_pledge_page") else page
    site = above.get_site() if above is not None else None
    return MailWords(
        pledge_title=above.title if above is not None else "",
        site_name=site.site_name if site else "",
        # A pledge page has no words of its own for them
        subject=getattr(page, "confirmation_subject", ""),
        text=getattr(page, "confirmation_text", ""),
    )


def _base(page: Any) -> str:
    """Return scheme and host as the mail would have them."""
    configured = get_setting("BASE_URL")
    if configured:
        return str(configured).rstrip("/")
    parts = urlsplit(page.get_full_url() or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else SAMPLE_BASE
