"""Blocks with the signing form, or with buttons that lead to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.forms import Form
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from wagtail_pledge.blocks.base import PledgeBlock
from wagtail_pledge.blocks.progress import SAMPLE_UUID
from wagtail_pledge.blocks.states import closed_label
from wagtail_pledge.caching.headers import limit_max_age
from wagtail_pledge.signing.forms import HONEYPOT, sign_form_class
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import public_state, seconds_until_change


@dataclass(slots=True, kw_only=True)
class SampleSignContext:
    """Stand-in for ``SignContext`` in previews: the attributes that ``includes/sign_form.html`` reads."""

    form: Form
    kind: str = "individual"
    action: str = ""
    stamp_url: str = ""
    stamp: str = ""
    statement: None = None
    button_text: str = ""
    privacy_note: str = ""
    state: str = "open"
    is_open: bool = True
    needs_approval: bool = False
    honeypot_name: str = HONEYPOT
    source: str = ""
    consent: Mapping[str, str] = field(default_factory=dict)


#: The ways to sign in previews; a site may register kinds that none of its campaigns uses.
SAMPLE_KINDS: Final = ("individual", "organization")


def sample_sign_context() -> dict[str, Any]:
    """Return ``pledge``, ``sign`` and ``signer_types`` for previews, without database rows."""
    kind = get_kind("individual")
    consent = {purpose: str(wording) for purpose, wording in kind.consent.items()}
    pledge = Pledge(uuid=SAMPLE_UUID, collection_id=0, country="US")
    signer_types = [
        {"title": get_kind(slug).invitation, "url": "#sign", "kind": slug, "current": False} for slug in SAMPLE_KINDS
    ]
    sign = SampleSignContext(
        form=sign_form_class(kind, pledge, consent)(), consent=consent, button_text=str(_("Add my name"))
    )
    return {"pledge": pledge, "sign": sign, "signer_types": signer_types}


class SignBlock(PledgeBlock):
    """Base of blocks that lead to a form. If another campaign was chosen, its state decides whether there is one."""

    def get_context(self, value: Mapping[str, Any], parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add ``closed_label``: the label of another campaign's state if nobody can sign it now, else ``""``."""
        context = super().get_context(value, parent_context=parent_context)
        pledge: Any = context["pledge"]
        if pledge is None or context["is_own"]:
            return {**context, "closed_label": ""}
        if "request" in context:
            limit_max_age(context["request"], seconds_until_change(pledge, pledge.db_now))
        return {**context, "closed_label": closed_label(public_state(pledge, pledge.db_now))}


class SignFormBlock(SignBlock):
    """The signing form, or a button to it if the page already shows it or another campaign was chosen."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    text = blocks.TextBlock(required=False, max_length=400, label=_("Text"))

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add :func:`sample_sign_context`."""
        return {**super().get_preview_context(value, parent_context), **sample_sign_context()}

    class Meta:
        icon = "edit"
        group = _("Sign")
        label = _("Signing form")
        description = _("The signing form. If the page already shows it, this is a button that leads to it.")
        template = "wagtail_pledge/blocks/sign_form.html"
        preview_template = "wagtail_pledge/blocks/preview/sign_form.html"
        preview_value: Final = {"heading": _("Add your name"), "text": "", "pledge": ""}


class SignButtonsBlock(SignBlock):
    """One button for each way to sign."""

    heading = blocks.CharBlock(required=False, max_length=120, label=_("Heading"))
    text = blocks.TextBlock(required=False, max_length=400, label=_("Text"))

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Add :func:`sample_sign_context`: one button per kind of signer."""
        return {**super().get_preview_context(value, parent_context), **sample_sign_context()}

    class Meta:
        icon = "group"
        group = _("Sign")
        label = _("Sign buttons")
        description = _("One button for each way to sign: as an individual, on behalf of an organization.")
        template = "wagtail_pledge/blocks/sign_buttons.html"
        preview_template = "wagtail_pledge/blocks/preview/sign_buttons.html"
        preview_value: Final = {
            "heading": _("Add your name"),
            "text": _("It takes less than a minute."),
            "pledge": "",
        }
