"""Places of networks in the mail: how many forms of one network are mailed at once, over all pledges.

Each form and each correction takes a place, whatever mailbox it names and whatever becomes of it, and nothing frees a
place early: so nobody learns from the places who has signed. A form with a solved proof of work takes none, nor does
one that came through an event link. Above the limits of its network, a form takes an extra place if a moderator has
raised them for its pledge.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Now

from wagtail_pledge.conf import get_setting
from wagtail_pledge.core.db import database_now, start_of_utc_day, utc_day, wait_for_lock
from wagtail_pledge.signing.enums import MailQueue
from wagtail_pledge.signing.models import LinkRequest, NetworkPlace, NetworkRaise, Pledge, Submission
from wagtail_pledge.signing.services.signing import LATEST_CONFIRMATION

#: A moderator raises the limits of a network to this multiple.
RAISED: Final = 10
_DAY: Final = dt.timedelta(days=1)
_LOCK: Final = "network places"
_BATCH: Final = 500

#: A network and the pledge for which its limits were raised, ``None`` for the network's own limits.
Account = tuple[bytes, int | None]


class _Accounts:
    """The places that were taken of some networks; the lock is held until the transaction ends."""

    def __init__(self, networks: Iterable[bytes], now: dt.datetime) -> None:
        wait_for_lock(_LOCK)
        self.now = now
        self.new: list[NetworkPlace] = []
        self._networks = list(networks)
        self._raised: set[Account] | None = None
        self._taken: dict[Account, list[dt.datetime]] = defaultdict(list)
        stored = NetworkPlace.objects.filter(network_key__in=self._networks, at__gt=now - _DAY).order_by("at")
        for key, pledge_id, is_extra, at in stored.values_list("network_key", "pledge_id", "is_extra", "at"):
            self._taken[bytes(key), pledge_id if is_extra else None].append(at)

    def take(self, job: Any) -> dt.datetime:
        """Return the place of ``job``: one of its network, else an extra one where the limits were raised."""
        network = bytes(job.network_key)
        at = next_place(self._taken[network, None], self.now)
        if at > self.now and (network, job.pledge_id) in self._raised_accounts():
            return self.take_extra(network, job.pledge_id, job.pk)
        self._add(NetworkPlace(network_key=network, at=at, pledge_id=job.pledge_id, job=job.pk), None)
        return at

    def take_extra(self, network: bytes, pledge_id: int, job: Any) -> dt.datetime:
        """Return an extra place for a job of a pledge for which the limits of ``network`` were raised."""
        at = next_place(self._taken[network, pledge_id], self.now, times=RAISED)
        place = NetworkPlace(network_key=network, at=at, pledge_id=pledge_id, job=job, is_extra=True)
        self._add(place, pledge_id)
        return at

    def _add(self, place: NetworkPlace, raised_for: int | None) -> None:
        self._taken[bytes(place.network_key), raised_for].append(place.at)
        self.new.append(place)

    def _raised_accounts(self) -> set[Account]:
        if self._raised is None:
            raised = NetworkRaise.objects.filter(network_key__in=self._networks, until__gt=self.now)
            self._raised = {(bytes(key), pk) for key, pk in raised.values_list("network_key", "pledge_id")}
        return self._raised


def take_places(jobs: Iterable[Any], now: dt.datetime) -> dict[Any, dt.datetime]:
    """Give each of ``jobs`` with a network a place, in their order; return {id: when its mail may leave}.

    Call it in a transaction. Jobs without a network may leave at once and are not in the result.
    """
    with_network = [job for job in jobs if job.network_key]
    if not with_network:
        return {}
    accounts = _Accounts({bytes(job.network_key) for job in with_network}, now)
    places = {job.pk: accounts.take(job) for job in with_network}
    NetworkPlace.objects.bulk_create(accounts.new)
    return places


def next_place(taken: list[dt.datetime], now: dt.datetime, *, times: int = 1) -> dt.datetime:
    """Return the earliest time after those of ``taken`` (sorted) that keeps all limits, raised to a multiple."""
    windows = (
        (times * get_setting("NETWORK_MAILS_PER_10_MINUTES"), dt.timedelta(minutes=10)),
        (times * get_setting("NETWORK_MAILS_PER_HOUR"), dt.timedelta(hours=1)),
    )
    earliest = [taken[-limit] + window for limit, window in windows if len(taken) >= limit]
    place = max([now, *taken[-1:], *earliest])
    today = sum(utc_day(at) == utc_day(place) for at in taken)
    per_day = times * get_setting("NETWORK_MAILS_PER_DAY")
    return start_of_utc_day(utc_day(place) + _DAY) if today >= per_day else place


def apply_raises() -> int:
    """Give the forms that waited when a moderator raised the limits of their network an extra place each.

    Their own places stay taken. Returns how many mails may leave earlier.
    """
    moved: list[tuple[Any, dt.datetime]] = []
    with transaction.atomic():
        new = list(NetworkRaise.objects.select_for_update().filter(applied_at__isnull=True).order_by("pk"))
        if not new:
            return 0
        now = database_now()
        accounts = _Accounts({bytes(one.network_key) for one in new}, now)
        for one in new:
            network = bytes(one.network_key)
            own = NetworkPlace.objects.filter(network_key=network, pledge_id=one.pledge_id, at__gt=now, is_extra=False)
            jobs = list(own.order_by("at", "pk").values_list("job", flat=True))
            moved += [(job, accounts.take_extra(network, one.pledge_id, job)) for job in jobs]
        NetworkPlace.objects.bulk_create(accounts.new)
        NetworkRaise.objects.filter(pk__in=[one.pk for one in new]).update(applied_at=Now())
    return _make_due(moved)


def put_closing_first() -> int:
    """Let what waits when its pledge closes go first: before all other mail, and in the places of its network.

    The places of a network stay the same ones; only who gets which changes, whatever became of the forms since.
    Returns how many mails go earlier or later.
    """
    now = database_now()
    ended = Pledge.objects.filter(closes_at__lte=now, closes_at__gt=now - LATEST_CONFIRMATION)
    closed = set(ended.values_list("pk", flat=True))
    if not closed:
        return 0
    changed = 0
    while put := _put_first(closed):
        changed += put
    with transaction.atomic():
        wait_for_lock(_LOCK)
        own = NetworkPlace.objects.filter(at__gt=now, is_extra=False)
        networks = {bytes(key) for key in own.filter(pledge_id__in=closed).values_list("network_key", flat=True)}
        places = own.filter(network_key__in=networks).order_by("network_key", "at", "pk")
        by_network: dict[bytes, list[NetworkPlace]] = defaultdict(list)
        for place in places:
            by_network[bytes(place.network_key)].append(place)
        swapped = [place for each in by_network.values() for place in _swap(each, closed)]
        NetworkPlace.objects.bulk_update(swapped, ["at"], batch_size=_BATCH)
    return changed + _make_due((place.job, place.at) for place in swapped)


def _put_first(closed: set[int]) -> int:
    """Let up to ``_BATCH`` forms of the ``closed`` pledges go before all other mail; return how many."""
    waiting = Submission.objects.waiting_for_first_turn().filter(pledge_id__in=closed)
    with transaction.atomic():
        # Rows that somebody else is changing are left for the next run: waiting for them could block both
        rows = waiting.exclude(queue=MailQueue.CLOSING).select_for_update(skip_locked=True)
        chosen = list(rows.values_list("pk", flat=True)[:_BATCH])
        return Submission.objects.filter(pk__in=chosen).update(queue=MailQueue.CLOSING)


def _swap(places: Sequence[NetworkPlace], closed: set[int]) -> list[NetworkPlace]:
    """Give the places of the ``closed`` pledges the first times of ``places`` (sorted); return those that changed."""
    times = [place.at for place in places]
    swapped = []
    for place, at in zip(sorted(places, key=lambda place: place.pledge_id not in closed), times, strict=True):
        if place.at != at:
            place.at = at
            swapped.append(place)
    return swapped


def _make_due(jobs: Iterable[tuple[Any, dt.datetime]]) -> int:
    """Set when the mail of each job may leave, unless it does not wait any more; return how many changed."""
    changed = 0
    for job, at in jobs:
        is_form: int = Submission.objects.waiting_for_first_turn().filter(pk=job).update(due_at=at)
        changed += is_form or LinkRequest.objects.filter(pk=job).update(due_at=at)
    return changed
