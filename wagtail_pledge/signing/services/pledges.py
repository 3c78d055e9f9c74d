"""Creating a pledge and its ways to sign, and changing its state."""

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
from wagtail_pledge.signing.kinds import SignerKind, kinds, require_kind
from wagtail_pledge.signing.models import Pledge, SignerType, Statement, Submission, get_signature_model
from wagtail_pledge.signing.services.signing import public_state

#: Action name in Wagtail's log. It must not change: stored entries refer to it.
#: A pledge is deleted with its texts when nobody could sign it for so long: no request that began before still runs.
SETTLED_AFTER: Final = dt.timedelta(minutes=1)
CHANGE_STATE: Final = "wagtail_pledge.change_state"
#: Action names in Wagtail's log, fixed for the same reason.
ARCHIVE: Final = "wagtail_pledge.archive"
UNARCHIVE: Final = "wagtail_pledge.unarchive"
#: ``cause`` in the log entry of a state that followed from unpublishing the last page.
UNPUBLISHED: Final = "unpublished"

DRAFT, OPEN, PAUSED, CLOSED, DELIVERED, WON, NOT_WON = PledgeState
#: Allowed next states by state: forward, or back to an earlier one.
TRANSITIONS: Final[Mapping[str, tuple[PledgeState, ...]]] = {
    DRAFT: (OPEN,),
    OPEN: (PAUSED, CLOSED, DRAFT),
    PAUSED: (OPEN, CLOSED),
    CLOSED: (DELIVERED, WON, NOT_WON, OPEN),
    DELIVERED: (WON, NOT_WON, CLOSED),
    WON: (NOT_WON, DELIVERED, CLOSED),
    NOT_WON: (WON, DELIVERED, CLOSED),
}


class InvalidTransition(PledgeError):
    """The pledge cannot go into that state now.

    ``code`` is ``changed_meanwhile``, ``no_such_step`` or ``closing_time``.
    """


def has_signatures(pledge: Pledge) -> bool:
    """Whether anybody has ever signed, or has sent a form that can still be confirmed; at most two queries."""
    signed = get_signature_model()._default_manager.filter(pledge=pledge)
    return bool(signed.exists() or Submission.objects.open().filter(pledge=pledge).exists())


def can_be_deleted_whole(pledge: Pledge, now: dt.datetime) -> bool:
    """Whether ``pledge`` can be deleted at ``now`` with its texts: nobody has signed, and nobody could for a while.

    A form that is accepted during the deletion would be lost: submissions have no foreign key constraint, and a process
    remembers a statement for two seconds. See :data:`SETTLED_AFTER`. At most four queries.
    """
    if has_signatures(pledge):
        return False
    if not Statement.objects.filter(pledge=pledge).exists():
        return True
    earlier = now - SETTLED_AFTER
    if pledge.state == OPEN and not _closed_by_date(pledge, earlier):
        return False
    changes = log_registry.get_logs_for_instance(pledge).filter(action=CHANGE_STATE)
    return not changes.filter(timestamp__gt=earlier).exists()


def next_states(pledge: Pledge, now: dt.datetime) -> list[PledgeState]:
    """Return the states that ``pledge`` may go into at ``now``; at most one query.

    An open pledge whose closing time has passed is treated as closed. Only a pledge that nobody has signed can go back
    to draft.
    """
    states = TRANSITIONS[CLOSED] if _closed_by_date(pledge, now) else TRANSITIONS[pledge.state]
    return [state for state in states if state != DRAFT or not has_signatures(pledge)]


def _closed_by_date(pledge: Pledge, now: dt.datetime) -> bool:
    return pledge.state == OPEN and public_state(pledge, now) == CLOSED


def _set_closing_time(pledge: Pledge, to: PledgeState, now: dt.datetime, closes_at: dt.datetime | None) -> None:
    """Set the closing time for the new state.

    Opening sets ``closes_at``. Closing by hand sets the time from which the grace period for late confirmations runs;
    a pledge that has not opened yet gets none.
    """
    if to == OPEN:
        pledge.closes_at = closes_at
    elif to == CLOSED and pledge.state in {OPEN, PAUSED}:
        began = pledge.opens_at is None or pledge.opens_at < now
        ended = pledge.closes_at is not None and pledge.closes_at <= now
        if not ended:
            pledge.closes_at = now if began else None


def _check_transition(pledge: Pledge, to: PledgeState, now: dt.datetime, expected: str) -> None:
    if expected not in {"", pledge.state}:
        message = _("Someone else has changed the status. It is now “%(state)s”.")
        raise InvalidTransition("changed_meanwhile", message % {"state": pledge.get_state_display()})
    if to not in next_states(pledge, now):
        message = _("A campaign that is “%(before)s” cannot become “%(after)s”.")
        raise InvalidTransition("no_such_step", message % {"before": pledge.get_state_display(), "after": to.label})


def _check_closing_time(pledge: Pledge, to: PledgeState, now: dt.datetime) -> None:
    closes = pledge.closes_at if to == OPEN else None
    if closes is not None and (closes <= now or (pledge.opens_at is not None and closes <= pledge.opens_at)):
        message = _(
            "The closing time must be in the future and after the opening time. Leave it empty for no closing time."
        )
        raise InvalidTransition("closing_time", message)


def _locked(pledge: Pledge) -> Pledge:
    # FOR NO KEY UPDATE: a plain FOR UPDATE would block signing, since new signatures have a foreign key to this row
    locked: Pledge = Pledge.objects.select_for_update(no_key=True).get(pk=pledge.pk)
    return locked


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
    """Change the state of ``pledge`` to ``to``, log actor and reason in Wagtail's log, and return the reloaded pledge.

    ``expected`` is the state that the actor saw, ``""`` for any; ``closes_at`` is the new closing time when the pledge
    opens, ``None`` for none. Raises :class:`InvalidTransition`; then nothing has changed.
    """
    fresh = _locked(pledge)
    now, before = database_now(), fresh.state
    _check_transition(fresh, to, now, expected)
    _set_closing_time(fresh, to, now, closes_at)
    _check_closing_time(fresh, to, now)
    fresh.state = to
    if to == OPEN:
        fresh.archived_at = None
    fresh.save(update_fields=["state", "closes_at", "archived_at"])
    data = {"before": before, "after": str(to), "reason": reason}
    log(instance=fresh, action=CHANGE_STATE, user=actor, uuid=uuid.uuid4(), data=data)
    return fresh


def can_be_archived(pledge: Pledge, now: dt.datetime) -> bool:
    """Whether ``pledge`` can be archived at ``now``: if it is not, and nobody can sign it or will by its dates."""
    return pledge.archived_at is None and (pledge.state != OPEN or _closed_by_date(pledge, now))


@transaction.atomic
def archive(pledge: Pledge, *, actor: Any) -> Pledge:
    """Take ``pledge`` off the lists of the admin, and log it; pages, signatures and public data stay as they are.

    Returns the reloaded pledge; opening it again ends this. Raises :class:`InvalidTransition` (``no_such_step``) for
    one that is archived already or that people can sign.
    """
    fresh, now = _locked(pledge), database_now()
    if not can_be_archived(fresh, now):
        raise InvalidTransition(
            "no_such_step", _("A campaign that people can sign cannot be archived. Close it first.")
        )
    fresh.archived_at = now
    return _save_archived(fresh, ARCHIVE, actor)


@transaction.atomic
def unarchive(pledge: Pledge, *, actor: Any) -> Pledge:
    """Put an archived ``pledge`` back on the lists, log it, and return the reloaded pledge."""
    fresh = _locked(pledge)
    if fresh.archived_at is None:
        return fresh
    fresh.archived_at = None
    return _save_archived(fresh, UNARCHIVE, actor)


def _save_archived(pledge: Pledge, action: str, actor: Any) -> Pledge:
    pledge.save(update_fields=["archived_at"])
    log(instance=pledge, action=action, user=actor, uuid=uuid.uuid4())
    return pledge


DEFAULT_KIND: Final = "individual"
TITLE_CHARS: Final = 200
#: Wagtail's own action names in the log of admin changes.
LOG_CREATED: Final = "wagtail.create"
LOG_EDITED: Final = "wagtail.edit"


def needs_approval(pledge: Pledge, kind: str) -> bool:
    """Whether a new way to sign needs approval: if its kind does, or another way of that kind to sign the pledge."""
    same = SignerType.objects.filter(pledge=pledge, kind=kind, approval_required=True)
    return require_kind(kind).approval_required or same.exists()


def create_signer_type(pledge: Pledge, kind: str) -> SignerType:
    """Add a way to sign at the end, with the kind's default for approval. Raises ``UnknownKind``."""
    return SignerType.objects.create(
        pledge=pledge,
        kind=kind,
        approval_required=needs_approval(pledge, kind),
        position=SignerType.objects.filter(pledge=pledge).count(),
    )


def kinds_in_use(pledge: Pledge | None) -> list[SignerKind]:
    """Return the registered kinds that can sign ``pledge``; for a new pledge, the kind that it begins with."""
    types = SignerType.objects.filter(pledge=pledge) if pledge is not None and pledge.pk else SignerType.objects.none()
    slugs = set(types.values_list("kind", flat=True)) or {DEFAULT_KIND}
    return [kind for slug, kind in kinds().items() if slug in slugs]


@transaction.atomic
def create_pledge(title: str, *, state: PledgeState = PledgeState.OPEN, collection: Any = None) -> Pledge:
    """Create a pledge that individuals can sign, in ``collection`` or else in the root collection.

    ``title`` is cut to 200 characters.
    """
    options = {"collection": collection} if collection else {}
    pledge: Pledge = Pledge.objects.create(title=title[:TITLE_CHARS], state=state, **options)
    create_signer_type(pledge, DEFAULT_KIND)
    return pledge


def opens_on_publish(pledge: Pledge) -> bool:
    """Whether publishing a page opens ``pledge``.

    It does if the pledge is a draft without any published statement, was created together with its page, and nobody
    has changed its state; and if it was stopped only because its last page was unpublished.
    """
    if pledge.state not in {PledgeState.DRAFT, PledgeState.PAUSED}:
        return False
    return _is_new(pledge) or was_stopped_by_unpublishing(pledge)


def _is_new(pledge: Pledge) -> bool:
    if pledge.state != PledgeState.DRAFT or Statement.objects.filter(pledge=pledge).exists():
        return False
    return not _was_logged(pledge, LOG_CREATED, CHANGE_STATE)


def was_stopped_by_unpublishing(pledge: Pledge) -> bool:
    """Whether the last change of its state was made because its last page was unpublished."""
    changes = log_registry.get_logs_for_instance(pledge).filter(action=CHANGE_STATE)
    last = changes.order_by("-timestamp", "-pk").first()
    return last is not None and last.data.get("cause") == UNPUBLISHED


@transaction.atomic
def open_on_publish(pledge: Pledge, *, title: str, actor: Any = None) -> bool:
    """Open ``pledge`` if :func:`opens_on_publish`, and log it; return whether it was opened.

    The pledge got its title when its page was first saved, perhaps with an unfinished one, so it takes over ``title``
    when it opens for the first time, unless somebody has edited the pledge.
    """
    if not opens_on_publish(pledge):
        return False
    fresh = _locked(pledge)
    if not opens_on_publish(fresh):
        return False
    if not _was_logged(fresh, LOG_EDITED, CHANGE_STATE):
        fresh.title = title[:TITLE_CHARS]
    _follow_pages(fresh, PledgeState.OPEN, gettext("Its page was published."), actor=actor)
    pledge.state, pledge.title = fresh.state, fresh.title
    return True


@transaction.atomic
def stop_on_unpublish(pledge: Pledge) -> bool:
    """Stop signing of an open pledge that no live page shows any more, and log it; return whether it was open.

    It becomes a draft again if nobody has signed it, else it is paused: who signed can still confirm. Publishing a page
    opens it again. One whose closing time has passed stays as it is.
    """
    fresh = _locked(pledge)
    if fresh.state != PledgeState.OPEN or _closed_by_date(fresh, database_now()):
        return False
    state = PledgeState.PAUSED if has_signatures(fresh) else PledgeState.DRAFT
    _follow_pages(fresh, state, gettext("Its last page was unpublished."), cause=UNPUBLISHED)
    pledge.state = fresh.state
    return True


def _follow_pages(pledge: Pledge, state: PledgeState, reason: str, *, actor: Any = None, **data: str) -> None:
    """Set and log a state that follows from which pages are live; nobody has decided it."""
    before, pledge.state = pledge.state, state
    if state == PledgeState.OPEN:
        pledge.archived_at = None
    pledge.save(update_fields=["state", "title", "archived_at"])
    data |= {"before": str(before), "after": str(state), "reason": reason}
    log(instance=pledge, action=CHANGE_STATE, user=actor, uuid=uuid.uuid4(), data=data)


def _was_logged(pledge: Pledge, *actions: str) -> bool:
    return bool(log_registry.get_logs_for_instance(pledge).filter(action__in=actions).exists())
