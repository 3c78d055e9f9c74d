"""Starting a pledge and its ways to sign."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext
from wagtail.log_actions import log
from wagtail.log_actions import registry as log_registry

from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.kinds import require_kind
from wagtail_pledge.signing.models import Pledge, SignerType, Statement
from wagtail_pledge.signing.services.states import CHANGE_STATE

DEFAULT_KIND: Final = "individual"
TITLE_CHARS: Final = 200
#: Wagtail's own words in the log of what is done in the admin.
MADE_BY_HAND: Final = "wagtail.create"
EDITED: Final = "wagtail.edit"


def create_signer_type(pledge: Pledge, kind: str) -> SignerType:
    """Add one way to sign, with the kind's own approval rule, after those there are. Raises ``UnknownKind``."""
    return SignerType.objects.create(
        pledge=pledge,
        kind=kind,
        approval_required=require_kind(kind).approval_required,
        position=SignerType.objects.filter(pledge=pledge).count(),
    )


@transaction.atomic
def create_pledge(title: str, *, state: PledgeState = PledgeState.OPEN, collection: Any = None) -> Pledge:
    """Start a pledge that individuals can sign, in ``collection``, else in the root collection."""
    place = {"collection": collection} if collection else {}
    pledge: Pledge = Pledge.objects.create(title=title[:TITLE_CHARS], state=state, **place)
    create_signer_type(pledge, DEFAULT_KIND)
    return pledge


def opens_with_its_page(pledge: Pledge) -> bool:
    """Whether publishing a page opens ``pledge``: a draft of which no text was ever published, made for a page, whose
    state nobody has chosen.
    """
    if pledge.state != PledgeState.DRAFT or Statement.objects.filter(pledge=pledge).exists():
        return False
    return not _was(pledge, MADE_BY_HAND, CHANGE_STATE)


@transaction.atomic
def open_with_its_page(pledge: Pledge, *, title: str, actor: Any = None) -> bool:
    """Open ``pledge`` if :func:`opens_with_its_page`, and log it; return whether it opened.

    It was named when its page was first saved, maybe with half a title: unless somebody has edited it, it takes
    ``title``.
    """
    if not opens_with_its_page(pledge):
        return False
    fresh: Pledge = Pledge.objects.select_for_update(no_key=True).get(pk=pledge.pk)
    if not opens_with_its_page(fresh):
        return False
    if not _was(fresh, EDITED):
        fresh.title = title[:TITLE_CHARS]
    fresh.state = PledgeState.OPEN
    fresh.save(update_fields=["state", "title"])
    data = {"before": PledgeState.DRAFT, "after": PledgeState.OPEN, "reason": gettext("Its page was published.")}
    log(instance=fresh, action=CHANGE_STATE, user=actor, uuid=uuid.uuid4(), data=data)
    pledge.state, pledge.title = fresh.state, fresh.title
    return True


def _was(pledge: Pledge, *actions: str) -> bool:
    return bool(log_registry.get_logs_for_instance(pledge).filter(action__in=actions).exists())
