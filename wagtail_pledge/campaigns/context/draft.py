"""What an editor sees before publishing: the ledger is not touched."""

from __future__ import annotations

from copy import copy
from typing import Any

from wagtail_pledge.blocks.questions import asked_questions
from wagtail_pledge.campaigns.context.form import consent_wording
from wagtail_pledge.campaigns.optional_fields import asking_of
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.kinds import get_kind
from wagtail_pledge.signing.models import Pledge, SignerType, Statement
from wagtail_pledge.signing.services.pledges import DEFAULT_KIND, opens_with_its_page


def draft_statement(page: Any) -> Any:
    """Return an unsaved statement made of the words on the editor's screen, with ``db_now`` as the sign form
    needs it.
    """
    signer_type = getattr(page, "signer_type", None)
    pledge_page = page.parent_pledge_page() if hasattr(page, "parent_pledge_page") else page
    pledge = _as_published(getattr(pledge_page, "pledge", None) or Pledge(title=str(page)))
    if signer_type is not None and signer_type.pledge_id == pledge.pk:
        signer_type.pledge = pledge
    kind = signer_type.kind if signer_type else getattr(page, "kind", DEFAULT_KIND)
    own = page if hasattr(page, "consent_sign") else None
    asking = asking_of(get_kind(kind), pledge_page, own)
    statement = Statement(
        pledge=pledge,
        signer_type=signer_type or SignerType(pledge=pledge, kind=kind),
        locale=page.locale.language_code if page.locale_id else "en",
        number=1,
        text=pledge_page.statement if pledge_page is not None else "",
        consent=consent_wording(get_kind(kind), own, asking),
        questions=asked_questions(getattr(page, "questions", None)),
        asking=asking,
        sha256="0" * 64,
    )
    statement.db_now = database_now()  # type: ignore[attr-defined]
    return statement


def _as_published(pledge: Pledge) -> Pledge:
    """Show a pledge that its page opens as open; it stands for the row, and is not saved."""
    if pledge.pk and opens_with_its_page(pledge):
        pledge = copy(pledge)
        pledge.state = PledgeState.OPEN
    return pledge
