"""Listing of the campaigns below an index page: search, filter and pagination in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Prefetch, Sum
from django.db.models.functions import Now
from django.http import HttpRequest
from wagtail.images import get_image_model

from wagtail_pledge.blocks.states import NOT_YET, states_with_text
from wagtail_pledge.caching.headers import limit_max_age
from wagtail_pledge.campaigns.lookups import page_models_with_role
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.goals import next_goal
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.names import fold_name
from wagtail_pledge.signing.services import public_state, seconds_until_change

PER_PAGE: Final = 24
#: Characters of a search that are used; the rest is cut off.
MAX_SEARCH: Final = 80
#: Columns of the query that finds the campaigns, see ``entries_below``.
COLUMNS: Final = ("pk", "path", "title", "pledge__state", "pledge__opens_at", "pledge__closes_at", "db_now")


def state_labels() -> dict[str, Any]:
    """Return the state labels by value, as visitors see them: a draft pledge with a live page is "not yet open"."""
    return {PledgeState.OPEN.value: PledgeState.OPEN.label, **dict(states_with_text())}


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEntry:
    """A campaign in the list before its page is loaded: model, key, place in the tree, title and state."""

    model: Any
    pk: int
    path: str
    title: str
    state: str
    #: Seconds until the state changes by date; ``None`` if it does not.
    changes_in: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _PledgeDates:
    """The fields of a pledge that ``public_state`` and ``seconds_until_change`` read."""

    state: str
    opens_at: Any
    closes_at: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignListing:
    """One page of the listing, with its filter and pagination links.

    ``campaigns``: see :func:`campaign_cards`. ``states``: the filter's choices (``value``, ``label``, ``is_chosen``).
    ``match_count`` counts what the filter finds, ``total`` all campaigns; ``number`` is the page's of ``pages``.
    """

    campaigns: list[dict[str, Any]]
    states: list[dict[str, Any]]
    q: str
    is_filtered: bool
    match_count: int
    total: int
    number: int
    pages: int
    previous_url: str
    next_url: str


def entries_below(index: Any) -> list[CampaignEntry]:
    """Return the live campaigns directly below ``index`` in tree order; one query per page model.

    Pages with a view restriction of their own are left out, because shared caches may store the list. Restrictions of
    ``index`` and its ancestors apply to the list itself.
    """
    entries = []
    for model in page_models_with_role("pledge"):
        pages = model.objects.child_of(index).live().filter(pledge__isnull=False, view_restrictions__isnull=True)
        for pk, path, title, *dates, now in pages.annotate(db_now=Now()).order_by().values_list(*COLUMNS):
            pledge: Any = _PledgeDates(state=dates[0], opens_at=dates[1], closes_at=dates[2])
            state = public_state(pledge, now)
            entries.append(
                CampaignEntry(
                    model=model,
                    pk=pk,
                    path=path,
                    title=title,
                    state=NOT_YET if state == PledgeState.DRAFT else state,
                    changes_in=seconds_until_change(pledge, now),
                )
            )
    return sorted(entries, key=lambda entry: entry.path)


def campaign_listing(index: Any, request: HttpRequest) -> CampaignListing:
    """Return the listing for the query parameters ``state``, ``q`` and ``page``; invalid values are ignored."""
    entries = entries_below(index)
    for entry in entries:
        limit_max_age(request, entry.changes_in)
    labels = state_labels()
    state = request.GET.get("state", "")
    state = state if state in labels else ""
    q = request.GET.get("q", "")[:MAX_SEARCH].strip()
    matches = [entry for entry in _search(entries, q) if state in {"", entry.state}]
    pages = max(1, -(-len(matches) // PER_PAGE))
    number = page_number(request.GET.get("page", ""), pages)
    query = {name: value for name, value in (("state", state), ("q", q)) if value}
    return CampaignListing(
        campaigns=campaign_cards(matches[(number - 1) * PER_PAGE : number * PER_PAGE], request),
        states=[
            {"value": value, "label": label, "is_chosen": value == state}
            for value, label in labels.items()
            if value == state or any(entry.state == value for entry in entries)
        ],
        q=q,
        is_filtered=bool(query),
        match_count=len(matches),
        total=len(entries),
        number=number,
        pages=pages,
        previous_url=_page_url(query, number - 1) if number > 1 else "",
        next_url=_page_url(query, number + 1) if number < pages else "",
    )


def _search(entries: list[CampaignEntry], q: str) -> list[CampaignEntry]:
    """Return the entries whose title contains every word of ``q``; case and accents are ignored.

    Done in Python, because not every database can compare without accents.
    """
    words = fold_name(q).split()
    return [entry for entry in entries if all(word in fold_name(entry.title) for word in words)] if words else entries


def page_number(value: str, last: int) -> int:
    """Return ``value`` as a page number, clamped to 1 … ``last``; 1 if it is not a number."""
    if not (value.isascii() and value.removeprefix("-").isdigit()):
        return 1
    return max(1, min(int(value[:9]), last))


def _page_url(query: dict[str, str], number: int) -> str:
    return f"?{urlencode({**query, 'page': number} if number > 1 else query)}"


def _pages(entries: Iterable[CampaignEntry]) -> dict[tuple[Any, int], Any]:
    """Return the pages of ``entries`` by model and key, with images and renditions prefetched."""
    by_model: dict[Any, list[int]] = {}
    for entry in entries:
        by_model.setdefault(entry.model, []).append(entry.pk)
    # All renditions: Wagtail would generate one that is missing from the prefetched ones anew each time
    images = Prefetch("image", queryset=get_image_model().objects.prefetch_renditions())
    return {
        (model, page.pk): page
        for model, keys in by_model.items()
        for page in model.objects.filter(pk__in=keys).prefetch_related(images)
    }


def campaign_cards(entries: list[CampaignEntry], request: HttpRequest) -> list[dict[str, Any]]:
    """Return the template context of ``entries``, in their order.

    Each: ``page, url, pledge, state, state_label, total, goal, show`` (whether the count is shown).
    """
    pages, labels = _pages(entries), state_labels()
    pledges = Pledge.objects.annotate(total=Sum("tallies__count")).in_bulk([page.pledge_id for page in pages.values()])
    cards = []
    for entry in entries:
        page = pages.get((entry.model, entry.pk))
        if page is None or page.pledge_id not in pledges:  # deleted since ``entries_below``
            continue
        pledge = pledges[page.pledge_id]
        total = pledge.total or 0
        cards.append(
            {
                "page": page,
                "url": page.get_url(request),
                "pledge": pledge,
                "state": entry.state,
                "state_label": labels[entry.state],
                "total": total,
                "goal": next_goal(total, pledge.goal, pledge.goal_steps),
                "show": pledge.shows(total),
            }
        )
    return cards
