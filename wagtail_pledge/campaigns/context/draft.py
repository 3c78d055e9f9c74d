"""The statement of a draft, for the preview panel. Nothing is written to the database."""

from __future__ import annotations

from copy import copy
from typing import Any

from wagtail_pledge.blocks.questions import serialize_questions
from wagtail_pledge.campaigns.context.form import consent_wording
from wagtail_pledge.campaigns.optional_fields import optional_fields_for
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Pledge, SignerType, Statement
from wagtail_pledge.signing.services.pledges import DEFAULT_KIND, opens_on_publish


def preview_statement(page: Any) -> Any:
    """Return an unsaved statement made from the edited page.

    It has ``db_now`` (the database's time), as statements from ``StatementQuerySet.for_signing`` have.
    """
    signer_type = getattr(page, "signer_type", None)
    pledge_page = page.parent_pledge_page() if hasattr(page, "parent_pledge_page") else page
    pledge = _with_published_state(getattr(pledge_page, "pledge", None) or Pledge(title=str(page)))
    if signer_type is not None and signer_type.pledge_id == pledge.pk:
        signer_type.pledge = pledge
    kind = signer_type.kind if signer_type else getattr(page, "kind", DEFAULT_KIND)
    signer_type_page = page if hasattr(page, "consent_sign") else None
    optional_fields = optional_fields_for(get_kind(kind), pledge_page, signer_type_page)
    statement = Statement(
        pledge=pledge,
        signer_type=signer_type or SignerType(pledge=pledge, kind=kind),
        locale=page.locale.language_code if page.locale_id else "en",
        number=1,
        text=pledge_page.statement if pledge_page is not None else "",
        consent=consent_wording(get_kind(kind), signer_type_page, optional_fields),
        questions=serialize_questions(getattr(page, "questions", None)),
        optional_fields=optional_fields,
        sha256="0" * 64,
    )
    statement.db_now = database_now()  # type: ignore[attr-defined]
    return statement


def _with_published_state(pledge: Pledge) -> Pledge:
    """Return an open copy of a pledge that publishing the page would open, else ``pledge`` itself; nothing is saved."""
    if pledge.pk and opens_on_publish(pledge):
        pledge = copy(pledge)
        pledge.state = PledgeState.OPEN
    return pledge
