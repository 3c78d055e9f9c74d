"""What would have to point up goes through here: upper rooms register, lower rooms ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Generic, TypeVar

from wagtail_pledge.core.reads import read_once

T = TypeVar("T")


@dataclass
class Registry(Generic[T]):
    """Named entries; registering a name twice replaces the entry, so a site can override ours."""

    what: str
    _entries: dict[str, T] = field(default_factory=dict)

    def register(self, name: str, entry: T) -> None:
        """Add or replace ``name``."""
        self._entries[name] = entry

    def get(self, name: str) -> T | None:
        """Return the entry, or ``None`` if nothing is registered under ``name``."""
        return self._entries.get(name)

    def __getitem__(self, name: str) -> T:
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(sorted(self._entries)) or "none"
            message = f"No {self.what} is registered as {name!r} (known: {known})"
            raise KeyError(message) from None

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(sorted(self._entries.items()))

    def __contains__(self, name: object) -> bool:
        return name in self._entries


#: ``provider(pledge, locale) -> absolute URL or ""``; the campaigns room registers ``"page"``.
pledge_urls: Final[Registry[Callable[[Any, str], str]]] = Registry("pledge URL provider")
#: ``provider(shown, locale, limit) -> update pages, newest first``; the campaigns room registers ``"page"`` (``shown``
#: is the page that somebody reads) and ``"pledge"`` (of its public page in ``locale``).
update_finders: Final[Registry[Callable[[Any, str, int], list[Any]]]] = Registry("finder of updates")
#: ``chooser(user) -> collection, or None`` for the root: where the pledge of a user's new page belongs, so that its
#: author keeps it in hand; the admin room registers ``"rights"``.
pledge_collections: Final[Registry[Callable[[Any], Any]]] = Registry("chooser of collections")
#: ``provider(user) -> pledges that this editor may choose in a form``; the admin room registers ``"editor"``.
pledge_choosers: Final[Registry[Callable[[Any], Any]]] = Registry("chooser of pledges")
#: What the outbox can say: each domain registers its messages and renders them.
message_kinds: Final[Registry[Any]] = Registry("message kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerJob:
    """``run()`` returns how many things it did; a worker calls it at most once in ``every`` seconds."""

    run: Callable[[], int]
    every: float = 0


#: What the worker does.
worker_jobs: Final[Registry[WorkerJob]] = Registry("worker job")
#: Each domain's retention rules.
retention: Final[Registry[Any]] = Registry("retention rule")


def pledge_url(pledge: Any, locale: str) -> str:
    """Return the absolute public URL of ``pledge`` in ``locale``, or ``""`` when no page shows it."""
    provider = pledge_urls.get("page")
    if provider is None:
        return ""
    return read_once(("pledge url", pledge.pk, locale), partial(provider, pledge, locale))


def collection_of_new_pledge(user: Any) -> Any:
    """Return the collection for a pledge that ``user`` starts, ``None`` where nobody knows better than the root."""
    chooser = pledge_collections.get("rights")
    return chooser(user) if chooser and user is not None else None


def updates_of(what: str, shown: Any, locale: str, limit: int) -> list[Any]:
    """Return the newest updates of a campaign that anybody who sees its page may see, newest first."""
    provider = update_finders.get(what)
    if provider is None:
        return []
    return read_once(("updates", what, shown.pk, locale, limit), partial(provider, shown, locale, limit))
