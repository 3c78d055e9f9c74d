"""Starting a pledge and its ways to sign."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.log_actions import registry as log_registry

from wagtail_pledge.core.db import database_now
from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.kinds import require_kind
from wagtail_pledge.signing.models import Pledge, SignerType, Statement, get_signature_model
from wagtail_pledge.signing.services.signing import shown_state

#: The name of the entry in Wagtail's log; kept for ever, entries refer to it.
CHANGE_STATE: Final = "wagtail_pledge.change_state"

DRAFT, OPEN, PAUSED, CLOSED, DELIVERED, WON, NOT_WON = PledgeState
#: What may follow on what: a step forward, or back to what was.
NEXT: Final[Mapping[str, tuple[PledgeState, ...]]] = {
    DRAFT: (OPEN,),
    OPEN: (PAUSED, CLOSED, DRAFT),
    PAUSED: (OPEN, CLOSED),
    CLOSED: (DELIVERED, WON, NOT_WON, OPEN),
    DELIVERED: (WON, NOT_WON, CLOSED),
    WON: (NOT_WON, DELIVERED, CLOSED),
    NOT_WON: (WON, DELIVERED, CLOSED),
}


class StateRefused(PledgeError):
    """The pledge does not go into that state now."""


def has_signatures(pledge: Pledge) -> bool:
    """Whether anybody has ever signed, confirmed or not; one query."""
    return bool(get_signature_model()._default_manager.filter(pledge=pledge).exists())


def next_states(pledge: Pledge, now: dt.datetime) -> list[PledgeState]:
    """Return the states that ``pledge`` may go into at ``now``.

    One whose closing time has passed goes on as a closed one does. Only one that nobody has signed goes back to draft.
    """
    found = NEXT[CLOSED] if _closed_by_date(pledge, now) else NEXT[pledge.state]
    return [state for state in found if state != DRAFT or not has_signatures(pledge)]


def _closed_by_date(pledge: Pledge, now: dt.datetime) -> bool:
    return pledge.state == OPEN and shown_state(pledge, now) == CLOSED


def _dates(pledge: Pledge, to: PledgeState, now: dt.datetime, closes_at: dt.datetime | None) -> None:
    """Opening takes the new closing time. Closing by hand sets the time from which the grace for late confirmations
    runs; a pledge that never opened has none.
    """
    if to == OPEN:
        pledge.closes_at = closes_at
    elif to == CLOSED and pledge.state in {OPEN, PAUSED}:
        began = pledge.opens_at is None or pledge.opens_at < now
        ended = pledge.closes_at is not None and pledge.closes_at <= now
        if not ended:
            pledge.closes_at = now if began else None


def _refuse_senseless(pledge: Pledge, to: PledgeState, now: dt.datetime, expected: str) -> None:
    if expected not in {"", pledge.state}:
        said = _("Somebody else has changed the state in the meantime: it is “%(state)s” now.")
        raise StateRefused("changed_meanwhile", said % {"state": pledge.get_state_display()})
    if to not in next_states(pledge, now):
        said = _("A pledge that is “%(before)s” can’t become “%(after)s”.")
        raise StateRefused("no_such_step", said % {"before": pledge.get_state_display(), "after": to.label})


def _refuse_dates(pledge: Pledge, to: PledgeState, now: dt.datetime) -> None:
    closes = pledge.closes_at if to == OPEN else None
    if closes is not None and (closes <= now or (pledge.opens_at is not None and closes <= pledge.opens_at)):
        said = _("The closing time must lie ahead, after the opening time. Leave it empty for none.")
        raise StateRefused("closing_time", said)


@transaction.atomic
def change_state(
    pledge: Pledge,
    to: PledgeState,
    *,
    actor: Any,
    reason: str,
    expected: str = "",
    closes_at: dt.datetime | None = None,
) -> Pledge:
    """Bring ``pledge`` into the state ``to`` and keep who did it, when and why in Wagtail's log; returns it fresh.

    ``expected`` is the state that the actor saw, ``""`` for any; ``closes_at`` is the closing time of one that opens,
    ``None`` for none. Raises :class:`StateRefused`; then nothing has changed.
    """
    # Not FOR UPDATE: that would hold up everybody who signs, whose row refers to this one
    fresh: Pledge = Pledge.objects.select_for_update(no_key=True).get(pk=pledge.pk)
    now, before = database_now(), fresh.state
    _refuse_senseless(fresh, to, now, expected)
    _dates(fresh, to, now, closes_at)
    _refuse_dates(fresh, to, now)
    fresh.state = to
    fresh.save(update_fields=["state", "closes_at"])
    data = {"before": before, "after": str(to), "reason": reason}
    log(instance=fresh, action=CHANGE_STATE, user=actor, uuid=uuid.uuid4(), data=data)
    return fresh


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
