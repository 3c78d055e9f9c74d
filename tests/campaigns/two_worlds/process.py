"""What a process of the site remembers apart from the database.

Each world begins in a process that remembers nothing. The stranger's requests are answered by one process; the owner's
requests and the worker's jobs run in others, so how often an owner had to try is nothing that the stranger's process
could remember.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.cache import cache

from wagtail_pledge.api.pledges import cached_responses
from wagtail_pledge.caching.local import TTLCache
from wagtail_pledge.campaigns.theme import stylesheet_urls
from wagtail_pledge.signing.abuse import networks
from wagtail_pledge.signing.abuse.flood import FloodGuard, guard
from wagtail_pledge.signing.services import statement_cache
from wagtail_pledge.signing.worker import tasks

#: Every cache of the package with a time limit. One that is missing here fails a test.
CACHES: Final[tuple[TTLCache[Any], ...]] = (
    cached_responses,
    stylesheet_urls,
    statement_cache._cache,
    guard._proofs,
    tasks._woken,
)
_MEMORIES: Final[tuple[dict[Any, Any], ...]] = (
    *(each._entries for each in CACHES),
    guard._times,
    networks._day_keys,
)


def forget() -> None:
    """Forget everything, Django's cache included, as a process that was just started."""
    cache.clear()
    for memory in _MEMORIES:
        memory.clear()


@contextmanager
def another_process() -> Iterator[None]:
    """Run the block as another process that was just started; afterwards this one remembers what it did before.

    Django's cache, which processes may share, is empty before and after.
    """
    kept = [dict(memory) for memory in _MEMORIES]
    forget()
    try:
        yield
    finally:
        forget()
        for memory, content in zip(_MEMORIES, kept, strict=True):
            memory.update(content)


def caches_in_the_package() -> Iterator[TTLCache[Any]]:
    """Yield the caches that modules of the package have."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("wagtail_pledge"):
            continue
        for value in vars(module).values():
            if isinstance(value, TTLCache):
                yield value
            elif isinstance(value, FloodGuard):
                yield value._proofs
