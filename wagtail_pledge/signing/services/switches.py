"""Kill switches and the surge switch: rows, so that every process sees them at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Now

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.managers import PledgeQuerySet
from wagtail_pledge.signing.models import Pledge, Switch

#: Nobody can sign; what was signed can be confirmed and withdrawn.
SIGNING: Final = "signing"
#: No mail leaves; what is due waits.
MAIL: Final = "mail"
#: What is signed without a proof of work is held.
SURGE: Final = "surge"
SWITCHES: Final = (SIGNING, MAIL, SURGE)


class UnknownSwitch(PledgeError):
    """There is no such switch."""

    def __init__(self, name: str) -> None:
        super().__init__("unknown_switch", f"There is no switch {name!r}; there are: {', '.join(SWITCHES)}")


def turn(name: str, *, on: bool, reason: str = "", actor: Any = None, of: int | None = None) -> None:
    """Turn a switch on (the work pauses) or off; ``of`` is the id of the one pledge that is meant.

    Raises :class:`UnknownSwitch`.
    """
    if name not in SWITCHES:
        raise UnknownSwitch(name)
    now = {"is_on": on, "reason": reason[:200], "actor": actor}
    row = name if of is None else f"{name}:{of}"
    Switch.objects.update_or_create(name=row, defaults={**now, "changed_at": Now()})


def is_on(name: str) -> bool:
    """Whether the switch ``name`` holds; one query."""
    return Switch.objects.filter(name=name, is_on=True).exists()


def switch_holds(name: str) -> Any:
    """Return an ``EXISTS`` for a query that is made anyway."""
    return Exists(Switch.objects.filter(name=name, is_on=True))


#: Which rows are the worker's.
AUTOMATIC: Final = "auto:"
BY_HAND: Final = f"{SURGE}:"
#: The worker's for every pledge: much of the mail is not answered or not taken.
DOUBT: Final = "auto"


def turn_surge(*, on: bool, pledge: Pledge | None = None, reason: str = "", actor: Any = None) -> None:
    """Begin or end a surge by hand: of one pledge, or of all. One that began by itself ends by itself."""
    turn(SURGE, on=on, reason=reason, actor=actor, of=pledge.pk if pledge else None)


def surge_holds(pledge_id: str) -> Any:
    """Return an ``EXISTS`` for a query that is made anyway; ``pledge_id`` names the outer column."""
    of_pledge = Cast(OuterRef(pledge_id), CharField())
    names = [Value(SURGE), Value(DOUBT), *(Concat(Value(prefix), of_pledge) for prefix in (BY_HAND, AUTOMATIC))]
    return Exists(Switch.objects.filter(is_on=True, name__in=names))


def surges_since(pledge_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return since when each of the pledges is in a surge, without those that are not; one query."""
    names = {SURGE, DOUBT, *(f"{prefix}{pk}" for prefix in (BY_HAND, AUTOMATIC) for pk in pledge_ids)}
    begun = dict(Switch.objects.filter(is_on=True, name__in=names).values_list("name", "changed_at"))
    found = {}
    for pk in pledge_ids:
        since = [begun[name] for name in (SURGE, DOUBT, f"{BY_HAND}{pk}", f"{AUTOMATIC}{pk}") if name in begun]
        if since:
            found[pk] = min(since)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """A pledge in a surge, or in a rush that nothing ``holds`` for; ``is_doubt``: because of the mail."""

    pledge: Pledge
    since: dt.datetime
    holds: bool
    is_doubt: bool = False


def is_mail_doubted() -> bool:
    """Whether much of the mail is not answered or not taken, so that mailboxes get less of it; one query."""
    return Switch.objects.filter(name=DOUBT).exists()


def noticed_surges(pledges: PledgeQuerySet) -> list[Surge]:
    """Return the surges and rushes of ``pledges``; one query while there are none, else two."""
    rows = list(Switch.objects.filter(Q(name__startswith=DOUBT) | Q(name__startswith=SURGE, is_on=True)))
    if not rows:
        return []
    by_pledge: dict[str, list[Switch]] = defaultdict(list)
    for row in rows:
        by_pledge[row.name.rpartition(":")[2]].append(row)
    for_all = [*by_pledge.pop(SURGE, []), *by_pledge.pop(DOUBT, [])]
    meant = pledges.filter(state=PledgeState.OPEN) if for_all else pledges.filter(pk__in=[int(pk) for pk in by_pledge])
    found = [(pledge, [*for_all, *by_pledge.get(str(pledge.pk), [])]) for pledge in meant.order_by("title", "pk")]
    return [
        Surge(
            pledge=pledge,
            since=min(row.changed_at for row in own),
            holds=any(row.is_on for row in own),
            is_doubt=any(row.name == DOUBT for row in own),
        )
        for pledge, own in found
        if own
    ]
