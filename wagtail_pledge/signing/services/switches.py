"""Kill switches for signing and mail, and the surge switch.

They are rows in the database, so that every process sees a change at once. During a surge (an unusual rush of
signatures), signatures without a proof of work are held for review. Rows for one pledge have its id in their name.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, Count, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Now

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.managers import PledgeQuerySet
from wagtail_pledge.signing.models import Pledge, Submission, Switch

#: While on, nobody can sign; confirming and withdrawing still work.
SIGNING: Final = "signing"
#: While on, no mail is sent; queued messages wait.
MAIL: Final = "mail"
#: While on, signatures without a proof of work are held for review.
SURGE: Final = "surge"
SWITCHES: Final = (SIGNING, MAIL, SURGE)


class UnknownSwitch(PledgeError):
    """The name is not one of ``SWITCHES``."""

    def __init__(self, name: str) -> None:
        super().__init__("unknown_switch", f"There is no switch {name!r}; there are: {', '.join(SWITCHES)}")


def set_switch(name: str, *, on: bool, reason: str = "", actor: Any = None, of: int | None = None) -> None:
    """Turn a switch on or off; ``name`` is one of ``SWITCHES``, ``of`` the id of a pledge (``None``: all pledges).

    ``reason`` is cut to 200 characters. Raises :class:`UnknownSwitch`.
    """
    if name not in SWITCHES:
        raise UnknownSwitch(name)
    values = {"is_on": on, "reason": reason[:200], "actor": actor}
    row = name if of is None else f"{name}:{of}"
    Switch.objects.update_or_create(name=row, defaults={**values, "changed_at": Now()})


def is_on(name: str) -> bool:
    """Whether the switch ``name`` is on for all pledges; one query."""
    return Switch.objects.filter(name=name, is_on=True).exists()


def switch_exists(name: str) -> Any:
    """Return an ``EXISTS`` expression for another query: whether the switch ``name`` is on."""
    return Exists(Switch.objects.filter(name=name, is_on=True))


#: Prefix of the rows that the worker sets for one pledge, before its id; ``MANUAL`` is that of staff's rows.
AUTOMATIC: Final = "auto:"
MANUAL: Final = f"{SURGE}:"
#: Row that the worker sets for all pledges while many mails are not answered or are rejected.
MAIL_QUALITY: Final = "auto"
#: Row that the worker sets while mail is paused or late; ``changed_at`` is since when. It switches nothing.
MAIL_DELAY: Final = "delay"
#: Prefix of the rows that the worker sets for a pledge whose forms wait too long for their mail. They switch nothing.
LATE_MAIL: Final = "late:"


def set_surge(*, on: bool, pledge: Pledge | None = None, reason: str = "", actor: Any = None) -> None:
    """Start or end a surge by hand, for one pledge or for all.

    It does not end a surge that the worker started; the worker ends that one.
    """
    set_switch(SURGE, on=on, reason=reason, actor=actor, of=pledge.pk if pledge else None)


def surge_exists(pledge_id: str) -> Any:
    """Return an ``EXISTS`` expression: whether the pledge in the outer column ``pledge_id`` is in a surge."""
    of_pledge = Cast(OuterRef(pledge_id), CharField())
    names = [Value(SURGE), Value(MAIL_QUALITY), *(Concat(Value(prefix), of_pledge) for prefix in (MANUAL, AUTOMATIC))]
    return Exists(Switch.objects.filter(is_on=True, name__in=names))


def surge_start_times(pledge_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return {pledge id: start of its surge} for those pledges that are in a surge; one query."""
    names = {SURGE, MAIL_QUALITY, *(f"{prefix}{pk}" for prefix in (MANUAL, AUTOMATIC) for pk in pledge_ids)}
    started = dict(Switch.objects.filter(is_on=True, name__in=names).values_list("name", "changed_at"))
    start_times = {}
    for pk in pledge_ids:
        times = [
            started[name] for name in (SURGE, MAIL_QUALITY, f"{MANUAL}{pk}", f"{AUTOMATIC}{pk}") if name in started
        ]
        if times:
            start_times[pk] = min(times)
    return start_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """A pledge in a surge or rush.

    ``holds`` is whether signatures without a proof of work are held for review (a surge); otherwise the worker only
    noticed a rush. ``is_mail_quality``: because many mails are not answered or are rejected.
    """

    pledge: Pledge
    since: dt.datetime
    holds: bool
    is_mail_quality: bool = False


def is_mail_quality_low() -> bool:
    """Whether many mails are not answered or are rejected, so that mailboxes get fewer mails; one query."""
    return Switch.objects.filter(name=MAIL_QUALITY).exists()


def current_surges(pledges: PledgeQuerySet) -> list[Surge]:
    """Return the surges and rushes of ``pledges``, sorted by title; one query if there are none, else two."""
    rows = list(Switch.objects.filter(Q(name__startswith=MAIL_QUALITY) | Q(name__startswith=SURGE, is_on=True)))
    if not rows:
        return []
    by_pledge: dict[str, list[Switch]] = defaultdict(list)
    for row in rows:
        by_pledge[row.name.rpartition(":")[2]].append(row)
    for_all = [*by_pledge.pop(SURGE, []), *by_pledge.pop(MAIL_QUALITY, [])]
    affected = (
        pledges.filter(state=PledgeState.OPEN) if for_all else pledges.filter(pk__in=[int(pk) for pk in by_pledge])
    )
    surges = [(pledge, [*for_all, *by_pledge.get(str(pledge.pk), [])]) for pledge in affected.order_by("title", "pk")]
    return [
        Surge(
            pledge=pledge,
            since=min(row.changed_at for row in switches),
            holds=any(row.is_on for row in switches),
            is_mail_quality=any(row.name == MAIL_QUALITY for row in switches),
        )
        for pledge, switches in surges
        if switches
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateMail:
    """A pledge of which ``number`` forms have waited for their first mail for more than an hour, because of us."""

    pledge: Pledge
    since: dt.datetime
    number: int


def current_late_mail(pledges: PledgeQuerySet) -> list[LateMail]:
    """Return the alarms of late mail of ``pledges``, sorted by title; one query if there are none, else three."""
    rows = Switch.objects.filter(name__startswith=LATE_MAIL).values_list("name", "changed_at")
    since = {int(name.removeprefix(LATE_MAIL)): at for name, at in rows}
    if not since:
        return []
    late = Submission.objects.delayed_by_us().filter(pledge_id__in=since).order_by().values_list("pledge_id")
    numbers = dict(late.annotate(n=Count("pk")))
    affected = pledges.filter(pk__in=numbers).order_by("title", "pk") if numbers else []
    return [LateMail(pledge=one, since=since[one.pk], number=numbers[one.pk]) for one in affected]
