"""Providers that higher layers register so that lower layers need not import them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Generic, TypeVar

from wagtail_pledge.caching.local import memoize_per_request

T = TypeVar("T")


@dataclass
class Registry(Generic[T]):
    """Entries by name. Registering a name again replaces its entry, so that a site can override it.

    ``entry_name`` describes an entry in error messages.
    """

    entry_name: str
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
            message = f"No {self.entry_name} is registered as {name!r} (known: {known})"
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
    #: ``(signature) -> MailTexts``: the texts that editors entered for the signer's mails. Set by ``campaigns``.
    mail_texts: Callable[[Any], Any] | None = None
    #: ``(page, locale, limit)`` -> update pages of the page's campaign, newest first. Set by ``campaigns``.
    updates_of_page: Callable[[Any, str, int], list[Any]] | None = None
    #: ``(pledge, locale, limit)`` -> update pages below its public page, newest first. Set by ``campaigns``.
    updates_of_pledge: Callable[[Any, str, int], list[Any]] | None = None
    #: ``(user)`` -> collection for the pledge of a new page, ``None`` for the root collection. Set by ``admin``.
    collection_for_new_pledge: Callable[[Any], Any] | None = None
    #: ``(user)`` -> pledges that a user may choose in a form. Set by ``admin``.
    choosable_pledges: Callable[[Any], Any] | None = None
    #: ``("pledge", "treaty" or "state")`` -> form widget that chooses one by its UUID or key. Set by ``admin``.
    key_chooser: Callable[[str], Any] | None = None
    #: ``(request)`` -> the 503 response if the database is unavailable; no query. Set by ``campaigns``.
    unavailable_page: Callable[[Any], Any] | None = None


providers: Final = Providers()

#: Renderers of mails by message kind: ``(kind, MailSubject) -> MailContent``.
message_kinds: Final[Registry[Any]] = Registry("message kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerJob:
    """A job of the worker. ``run()`` returns how many items it processed; a worker calls it once per ``interval``
    seconds at most.
    """

    run: Callable[[], int]
    interval: float = 0


#: Jobs that ``pledge_worker`` runs.
worker_jobs: Final[Registry[WorkerJob]] = Registry("worker job")


def pledge_url(pledge: Any, locale: str) -> str:
    """Return the absolute public URL of ``pledge`` in ``locale``, or ``""`` when no page shows it."""
    provider = providers.pledge_url
    if provider is None:
        return ""
    return memoize_per_request(("pledge url", pledge.pk, locale), partial(provider, pledge, locale))


def collection_of_new_pledge(user: Any) -> Any:
    """Return the collection for a pledge that ``user`` creates, ``None`` for the root collection."""
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
    return memoize_per_request(key, partial(provider, subject, locale, limit))
