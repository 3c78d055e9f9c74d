"""Every step of signing in the editor's preview panel, from the draft on the screen."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.blocks.states import state_words, worded_states
from wagtail_pledge.campaigns.drafts import draft_statement
from wagtail_pledge.campaigns.frame import view_frame
from wagtail_pledge.campaigns.sign_context import sign_context, sign_form
from wagtail_pledge.signing.forms import AddressForm
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.services.pledges import DEFAULT_KIND

PREVIEW_MODES: Final[list[tuple[str, Any]]] = [
    ("", gettext_lazy("Page")),
    ("errors", gettext_lazy("Form with errors")),
    ("check_inbox", gettext_lazy("Check your inbox")),
    ("thank_you", gettext_lazy("Thank you")),
    *worded_states(),
]
STATES: Final = frozenset(state for state, _label in worded_states())
SAMPLE_NAME: Final = "Ana María López"


def _step(page: Any, mode: str) -> tuple[str, dict[str, Any]] | None:
    """Return (template, context) of a step after the form."""
    common = {"pledge_title": page.title, "pledge_url": "#", "kind": getattr(page, "kind", DEFAULT_KIND)}
    if mode == "check_inbox":
        frame = view_frame(title=_("One step left"))
        shown = {
            "share_url": "#",
            "masked_email": "an…@example.org",
            "ticket_ok": True,
            "takes_code": True,
            "address_form": AddressForm(),
        }
        return "check_inbox", {**frame, **common, **shown, "sent_days": 14}
    if mode == "thank_you":
        words = {"heading": page.thanks_heading, "text": page.thanks_text, "name": SAMPLE_NAME}
        links = {"share_url": "#", "own_link": "#", "manage_url": "#"}
        waiting = _waits_for_approval(page)
        return "thank_you", {**view_frame(title=_("Thank you")), **common, **words, **links, "waiting": waiting}
    return None


def _waits_for_approval(page: Any) -> bool:
    """Whether who signs by this page is looked at before it counts; on the pledge's own page nobody is known to be."""
    chosen = getattr(page, "signer_type", None) or get_kind(getattr(page, "kind", DEFAULT_KIND))
    return bool(chosen.approval_required)


def preview_of(page: Any, request: HttpRequest, mode: str) -> HttpResponse | None:
    """Return the preview of ``mode``, or ``None`` where the page itself is asked for."""
    step = _step(page, mode)
    if step is not None:
        template, context = step
        return TemplateResponse(request, f"wagtail_pledge/pages/{template}.html", {**context, "page": page})
    if mode != "errors" and mode not in STATES:
        return None
    request.is_preview = True  # type: ignore[attr-defined]
    context = page.get_context(request)
    statement = draft_statement(page)
    sign = sign_context(statement, form=sign_form(statement, {} if mode == "errors" else None))
    if mode in STATES:
        sign.state, sign.is_open = mode, False
    words = state_words(getattr(context.get("pledge_page") or page, "body", None), sign.state)
    shown = {**context, "sign": sign, "state": sign.state, "state_words": words}
    return TemplateResponse(request, page.get_template(request), shown)
