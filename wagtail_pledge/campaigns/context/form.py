"""Template context of the sign form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_pledge.core.i18n import language_query
from wagtail_pledge.signing.abuse.proof_of_work import FIELD, MAX_CHARS
from wagtail_pledge.signing.addresses import suggested_address
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.forms import HONEYPOT, SignForm, sign_form_class
from wagtail_pledge.signing.kinds import SignerKind, get_kind, omitted_fields
from wagtail_pledge.signing.models import Statement
from wagtail_pledge.signing.services import is_open, public_state


@dataclass(slots=True, kw_only=True)
class SignContext:
    """A sign form, bound or unbound, and the texts, URLs and states that its template shows."""

    form: SignForm
    statement: Statement
    action: str
    stamp_url: str
    kind: str
    kind_label: str
    button_text: str
    state: str
    is_open: bool
    #: Whether a signature counts only after staff have approved it.
    needs_approval: bool
    #: The last day before the deadline, if there is one.
    open_until: dt.date | None = None
    stamp: str = ""
    privacy_note: str = ""
    rerender: bool = False
    honeypot_name: str = HONEYPOT
    proof: str = ""
    source: str = ""
    #: The probably intended email address after a typing error; only on a form that is shown again.
    suggestion: str = ""
    consent: Mapping[str, str] = field(default_factory=dict)


def default_button_text(kind: str) -> str:
    """Return the text of the button of a form whose editors gave none."""
    return _("Sign for our organization") if kind == "organization" else _("Add my name")


def sign_form(statement: Any, data: Any = None) -> SignForm:
    """Return the form of the signer type that ``statement`` belongs to, bound to ``data`` if any; no query."""
    signer_type = statement.signer_type
    kind = get_kind(signer_type.kind)
    form_class = sign_form_class(
        kind, signer_type.pledge, statement.consent, statement.questions, statement.optional_fields
    )
    return form_class(data) if data is not None else form_class()


def sign_context(
    statement: Any,
    *,
    form: SignForm | None = None,
    stamp: str = "",
    button_text: str = "",
    privacy_note: str = "",
    rerender: bool = False,
) -> SignContext:
    """Return the template context of the form for ``statement``'s signer type; no query.

    ``statement`` comes from ``StatementQuerySet.for_signing``. Without ``form``, the context has an unbound one.
    """
    signer_type = statement.signer_type
    pledge, kind = signer_type.pledge, get_kind(signer_type.kind)
    ids = {"pledge": pledge.uuid, "signer_type": signer_type.uuid}
    stamp_path = reverse("wagtail_pledge:stamp", kwargs={"pledge": pledge.uuid})
    opens = is_open(pledge, statement.db_now)
    # The signing switch says so before the form is filled in
    is_paused = opens and getattr(statement, "is_paused", False)
    return SignContext(
        form=form or sign_form(statement),
        statement=statement,
        action=reverse("wagtail_pledge:sign", kwargs=ids) + language_query(statement.locale),
        # The unsaved statement of a preview gets no stamp
        stamp_url=f"{stamp_path}?statement={statement.sha256}" if statement.pk else "",
        kind=kind.slug,
        kind_label=str(kind.label),
        button_text=button_text or default_button_text(kind.slug),
        state=PledgeState.PAUSED if is_paused else public_state(pledge, statement.db_now),
        is_open=opens and not is_paused,
        needs_approval=signer_type.approval_required,
        open_until=pledge.last_day,
        stamp=stamp,
        privacy_note=privacy_note,
        rerender=rerender,
        proof=str(form.data.get(FIELD, ""))[:MAX_CHARS] if form else "",
        suggestion=suggested_address(str(form.data.get("email", ""))) if form and rerender else "",
        consent=statement.consent,
    )


def consent_wording(
    kind: SignerKind, signer_type_page: Any | None, optional_fields: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the consent texts by purpose, in the active language.

    The page's field ``consent_<purpose>`` replaces the kind's default. A purpose whose field ``optional_fields`` leaves
    out has no text.
    """
    omitted = omitted_fields(kind, optional_fields or {})
    omitted_purposes = {field.consent for field in kind.fields if field.name in omitted}
    return {
        purpose: str(getattr(signer_type_page, f"consent_{purpose}", "") or default)
        for purpose, default in kind.consent.items()
        if purpose not in omitted_purposes
    }
