"""Preview modes for every step of signing, made from the edited page and sample data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_pledge.blocks.states import state_text, states_with_text
from wagtail_pledge.campaigns.context.confirm import choices_context
from wagtail_pledge.campaigns.context.draft import preview_statement
from wagtail_pledge.campaigns.context.form import sign_context, sign_form
from wagtail_pledge.campaigns.context.layout import expired_link_context, view_layout_context
from wagtail_pledge.conf import get_setting
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.forms import AddressForm
from wagtail_pledge.signing.kinds import SignerKind, get_kind
from wagtail_pledge.signing.messages import statement_summary
from wagtail_pledge.signing.models import Submission
from wagtail_pledge.signing.services.logos import kind_has_logos
from wagtail_pledge.signing.services.offers import least_display
from wagtail_pledge.signing.services.pledges import DEFAULT_KIND

SAMPLE_NAME: Final = "Ana María López"
SAMPLE_ADDRESS: Final = "a…a@example.org"
#: For pages that do not say which campaign they are about.
NO_CAMPAIGN: Final = {"pledge_title": ""}


def sample_details(kind: SignerKind) -> dict[str, Any]:
    """Return a sample answer for each field of the kind that is not a column: the field's label."""
    return {field.name: str(field.label) for field in kind.fields if field.name not in kind.columns}


def _signer(page: Any) -> dict[str, Any]:
    """Return the context about the signature, with sample data; see ``context.signature.signature_context``."""
    kind = get_kind(getattr(page, "kind", DEFAULT_KIND))
    signer_type, details = getattr(page, "signer_type", None) or kind, sample_details(kind)
    return {
        "name": kind.heading(name=SAMPLE_NAME, details=details),
        "signer_details": kind.signer_details(name=SAMPLE_NAME, details=details),
        "kind_label": kind.label,
        "waiting": signer_type.approval_required,
    }


def _check_inbox(page: Any) -> dict[str, Any]:
    return {
        "masked_email": SAMPLE_ADDRESS,
        "ticket_ok": True,
        "takes_code": True,
        "resend_url": "?",
        "waiting": _signer(page)["waiting"],
        "share_url": "#",
        "address_form": AddressForm(),
        "address_check": {},
        "sent_days": get_setting("CONFIRM_DAYS"),
    }


def _resent(page: Any) -> dict[str, Any]:
    return {**_check_inbox(page), "resent": True}


def _confirm(page: Any) -> dict[str, Any]:
    statement = preview_statement(page)
    form = Submission(kind=statement.signer_type.kind, statement=statement)
    return {
        **_signer(page),
        **choices_context(form),
        "display": least_display(form),
        "ask": statement_summary(statement.text),
        "text": statement.text,
        "confirm_url": "#",
    }


def _thank_you(page: Any) -> dict[str, Any]:
    texts = {"heading": page.thanks_heading, "text": page.thanks_text}
    links = {"share_url": "#", "referral_link": "#", "manage_url": "#", "link_url": "#"}
    may_send_logo = kind_has_logos(getattr(page, "kind", DEFAULT_KIND))
    signer = _signer(page)
    return {**signer, **texts, **links, "may_send_logo": may_send_logo, "shown_as": signer["name"]}


def _already_confirmed(page: Any) -> dict[str, Any]:
    """Return what anybody sees who is not known to be the signer: neither the name nor links of the signer's own."""
    seen = {"already": True, "can_sign": True, "name": "", "referral_link": "", "manage_url": ""}
    return {**_thank_you(page), **seen}


def _expired(_page: Any) -> dict[str, Any]:
    return {**NO_CAMPAIGN, **expired_link_context("#")}


def _withdrawn(page: Any) -> dict[str, Any]:
    return {**_signer(page), "state_label": SignatureState.WITHDRAWN.label, "withdrawn": True, "can_sign": True}


def _throttled(_page: Any) -> dict[str, Any]:
    text = _("Your signature was not added. Try again in a minute.")
    return {
        **NO_CAMPAIGN,
        "heading": _("Signing is paused for a moment"),
        "text": text,
        "hidden_fields": [],
        "action": "#",
    }


def _no_campaign(_page: Any) -> dict[str, Any]:
    return NO_CAMPAIGN


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """A page that signers see: its label in the preview panel, its template, and a function for its sample context."""

    label: Any
    template: str
    context: Callable[[Any], dict[str, Any]]


#: By preview mode. ``PREVIEW_MODES`` adds the states of the pledge in which the page itself looks different.
PREVIEW_STEPS: Final[Mapping[str, PreviewStep]] = {
    "check_inbox": PreviewStep(gettext_lazy("Check your inbox"), "check_inbox", _check_inbox),
    "resent": PreviewStep(gettext_lazy("Check your inbox, sent again"), "check_inbox", _resent),
    "confirm": PreviewStep(gettext_lazy("Confirm"), "confirm", _confirm),
    "thank_you": PreviewStep(gettext_lazy("Thank you"), "thank_you", _thank_you),
    "already_confirmed": PreviewStep(gettext_lazy("Already confirmed"), "thank_you", _already_confirmed),
    "expired": PreviewStep(gettext_lazy("Expired link"), "link_problem", _expired),
    "withdrawn": PreviewStep(gettext_lazy("Withdrawn"), "manage", _withdrawn),
    "throttled": PreviewStep(gettext_lazy("Too many requests"), "try_again", _throttled),
    "not_found": PreviewStep(gettext_lazy("Page not found"), "not_found", _no_campaign),
    "server_error": PreviewStep(gettext_lazy("Server error"), "server_error", _no_campaign),
}
PREVIEW_MODES: Final[list[tuple[str, Any]]] = [
    ("", gettext_lazy("Page")),
    ("errors", gettext_lazy("Form with errors")),
    *((mode, step.label) for mode, step in PREVIEW_STEPS.items()),
    *states_with_text(),
]
STATES: Final = frozenset(state for state, _label in states_with_text())


def render_preview(page: Any, request: HttpRequest, mode: str) -> HttpResponse | None:
    """Return the preview of ``mode``, or ``None`` for the page itself."""
    step = PREVIEW_STEPS.get(mode)
    if step is not None:
        common = {"pledge_title": page.title, "pledge_url": "#", "kind": getattr(page, "kind", DEFAULT_KIND)}
        context = {**view_layout_context(title=str(step.label)), **common, **step.context(page), "page": page}
        return TemplateResponse(request, f"wagtail_pledge/pages/{step.template}.html", context)
    if mode != "errors" and mode not in STATES:
        return None
    request.is_preview = True  # type: ignore[attr-defined]
    context = page.get_context(request)
    statement = preview_statement(page)
    sign = sign_context(statement, form=sign_form(statement, {} if mode == "errors" else None))
    if mode in STATES:
        sign.state, sign.is_open = mode, False
    text = state_text(getattr(context.get("pledge_page") or page, "body", None), sign.state)
    context = {**context, "sign": sign, "state": sign.state, "state_text": text}
    return TemplateResponse(request, page.get_template(request), context)
