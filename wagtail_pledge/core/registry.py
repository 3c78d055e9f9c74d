"""What would have to point up goes through here: upper rooms register, lower rooms ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Generic, TypeVar

from wagtail_pledge.caching.local import read_once

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


@dataclass(slots=True)
class Providers:
    """Functions of higher layers that lower layers call. The higher layer sets them when Django starts."""

    #: ``(pledge, locale) -> absolute URL``, or ``""`` when no page shows the pledge. Set by ``campaigns``.
    pledge_url: Callable[[Any, str], str] | None = None
    #: ``(signature) -> MailWords``: what the pages say in the signer's mails. Set by ``campaigns``.
    mail_words: Callable[[Any], Any] | None = None
    #: ``(page, locale, limit) -> update pages of the page's campaign, newest first``. Set by ``campaigns``.
    updates_of_page: Callable[[Any, str, int], list[Any]] | None = None
    #: ``(pledge, locale, limit) -> update pages below its public page, newest first``. Set by ``campaigns``.
    updates_of_pledge: Callable[[Any, str, int], list[Any]] | None = None
    #: ``(user) -> collection`` for the pledge of a new page, ``None`` for the root. Set by ``admin``.
    collection_for_new_pledge: Callable[[Any], Any] | None = None
    #: ``(user) -> pledges`` that an editor may choose in a form. Set by ``admin``.
    choosable_pledges: Callable[[Any], Any] | None = None


providers: Final = Providers()

#: What the outbox can say: each domain registers its messages and renders them.
message_kinds: Final[Registry[Any]] = Registry("message kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerJob:
    """``run()`` returns how many things it did; a worker calls it at most once in ``every`` seconds."""

    run: Callable[[], int]
    every: float = 0


#: What the worker does.
worker_jobs: Final[Registry[WorkerJob]] = Registry("worker job")


def pledge_url(pledge: Any, locale: str) -> str:
    """Return the absolute public URL of ``pledge`` in ``locale``, or ``""`` when no page shows it."""
    provider = providers.pledge_url
    if provider is None:
        return ""
    return read_once(("pledge url", pledge.pk, locale), partial(provider, pledge, locale))


def collection_of_new_pledge(user: Any) -> Any:
    """Return the collection for a pledge that ``user`` starts, ``None`` where nobody knows better than the root."""
    provider = providers.collection_for_new_pledge
    return provider(user) if provider and user is not None else None


def updates_of_page(page: Any, locale: str, limit: int) -> list[Any]:
    """Return the newest public updates of the campaign that ``page`` belongs to, newest first."""
    return _updates(providers.updates_of_page, page, locale, limit)


def updates_of_pledge(pledge: Any, locale: str, limit: int) -> list[Any]:
    """Return the newest public updates of a pledge, newest first."""
    return _updates(providers.updates_of_pledge, pledge, locale, limit)


def _updates(provider: Callable[[Any, str, int], list[Any]] | None, subject: Any, locale: str, limit: int) -> list[Any]:
    if provider is None:
        return []
    key = ("updates", type(subject), subject.pk, locale, limit)
    return read_once(key, partial(provider, subject, locale, limit))
