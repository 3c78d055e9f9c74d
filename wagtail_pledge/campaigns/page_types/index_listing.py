"""The campaigns below an index page: searched, filtered, a page of them at a time, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Prefetch, Sum
from django.db.models.functions import Now
from django.http import HttpRequest
from wagtail.images import get_image_model

from wagtail_pledge.blocks.states import NOT_YET, worded_states
from wagtail_pledge.caching.headers import change_in
from wagtail_pledge.campaigns.lookups import models_showing
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.goals import shown_goal
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.names import folded
from wagtail_pledge.signing.services import seconds_to_change, shown_state

PER_PAGE: Final = 24
#: Letters of a search that count.
MAX_SEARCH: Final = 80
COLUMNS: Final = ("pk", "path", "title", "pledge__state", "pledge__opens_at", "pledge__closes_at", "db_now")


def state_labels() -> dict[str, Any]:
    """Return the visitor's words for the states of a live page: a draft is not yet open to them."""
    return {PledgeState.OPEN.value: PledgeState.OPEN.label, **dict(worded_states())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One campaign before anything but its place, title and state is read."""

    model: Any
    pk: int
    path: str
    title: str
    state: str
    changes_in: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ledger:
    """What ``shown_state`` and ``seconds_to_change`` look at."""

    state: str
    opens_at: Any
    closes_at: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of campaigns, the filter, the way on.

    Each campaign: ``page, url, pledge, state, state_label, total, goal, show``.
    """

    campaigns: list[dict[str, Any]]
    states: list[dict[str, Any]]
    q: str
    is_used: bool
    found: int
    total: int
    number: int
    pages: int
    previous_url: str
    next_url: str


def entries_below(index: Any) -> list[Entry]:
    """Return the live campaigns directly below ``index`` in tree order; one query a page model.

    What has a restriction of its own is left out: anybody may keep the list. What holds for ``index`` holds for all.
    """
    entries = []
    for model in models_showing("pledge"):
        pages = model.objects.child_of(index).live().filter(pledge__isnull=False, view_restrictions__isnull=True)
        for pk, path, title, *dates, now in pages.annotate(db_now=Now()).order_by().values_list(*COLUMNS):
            ledger: Any = _Ledger(state=dates[0], opens_at=dates[1], closes_at=dates[2])
            state = shown_state(ledger, now)
            shown = NOT_YET if state == PledgeState.DRAFT else state
            change = seconds_to_change(ledger, now)
            entries.append(Entry(model=model, pk=pk, path=path, title=title, state=shown, changes_in=change))
    return sorted(entries, key=lambda entry: entry.path)


def campaign_listing(index: Any, request: HttpRequest) -> Listing:
    """Return what ``request`` asks for with ``state``, ``q`` and ``page``; what makes no sense is left out."""
    entries = entries_below(index)
    for entry in entries:
        change_in(request, entry.changes_in)
    labels = state_labels()
    state = request.GET.get("state", "")
    state = state if state in labels else ""
    q = request.GET.get("q", "")[:MAX_SEARCH].strip()
    found = [entry for entry in _searched(entries, q) if state in {"", entry.state}]
    pages = max(1, -(-len(found) // PER_PAGE))
    number = page_number(request.GET.get("page", ""), pages)
    kept = {name: value for name, value in (("state", state), ("q", q)) if value}
    return Listing(
        campaigns=cards(found[(number - 1) * PER_PAGE : number * PER_PAGE], request),
        states=[
            {"value": value, "label": label, "is_chosen": value == state}
            for value, label in labels.items()
            if value == state or any(entry.state == value for entry in entries)
        ],
        q=q,
        is_used=bool(kept),
        found=len(found),
        total=len(entries),
        number=number,
        pages=pages,
        previous_url=_page_url(kept, number - 1) if number > 1 else "",
        next_url=_page_url(kept, number + 1) if number < pages else "",
    )


def _searched(entries: list[Entry], q: str) -> list[Entry]:
    """Return those in whose title each word of ``q`` occurs, whatever its case and accents: not every database can."""
    words = folded(q).split()
    return [entry for entry in entries if all(word in folded(entry.title) for word in words)] if words else entries


def page_number(asked: str, last: int) -> int:
    """Return the page that was asked for, the first or last one where there is no such page."""
    if not (asked.isascii() and asked.removeprefix("-").isdigit()):
        return 1
    return max(1, min(int(asked[:9]), last))


def _page_url(kept: dict[str, str], number: int) -> str:
    query = {**kept, "page": number} if number > 1 else kept
    return f"?{urlencode(query)}"


def _pages(entries: Iterable[Entry]) -> dict[tuple[Any, int], Any]:
    """Return the pages of ``entries`` by model and key, each with its picture."""
    by_model: dict[Any, list[int]] = {}
    for entry in entries:
        by_model.setdefault(entry.model, []).append(entry.pk)
    # All sizes: Wagtail would make another one that a site's template asks for anew each time
    pictures = Prefetch("image", queryset=get_image_model().objects.prefetch_renditions())
    return {
        (model, page.pk): page
        for model, keys in by_model.items()
        for page in model.objects.filter(pk__in=keys).prefetch_related(pictures)
    }


def cards(entries: list[Entry], request: HttpRequest) -> list[dict[str, Any]]:
    """Return what the template shows of ``entries``, in their order."""
    pages, labels = _pages(entries), state_labels()
    ledgers = Pledge.objects.annotate(total=Sum("tallies__count")).in_bulk([page.pledge_id for page in pages.values()])
    shown = []
    for entry in entries:
        page = pages.get((entry.model, entry.pk))
        if page is None or page.pledge_id not in ledgers:  # gone since it was listed
            continue
        pledge = ledgers[page.pledge_id]
        total = pledge.total or 0
        shown.append(
            {
                "page": page,
                "url": page.get_url(request),
                "pledge": pledge,
                "state": entry.state,
                "state_label": labels[entry.state],
                "total": total,
                "goal": shown_goal(total, pledge.goal, pledge.goal_steps),
                "show": pledge.shows(total),
            }
        )
    return shown
