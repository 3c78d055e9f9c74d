"""What a page reads once, and when it is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from wagtail import blocks

from wagtail_pledge.blocks.base import RequestCacheMixin
from wagtail_pledge.caching.local import memoize_per_request, use_request_cache, with_request_cache

numbers: Iterator[int] = count()


@with_request_cache
def view(_request: HttpRequest) -> HttpResponse:
    """Answer with what two places read under one key, and a third under another."""
    return HttpResponse(" ".join(str(memoize_per_request(key, lambda: next(numbers))) for key in ("a", "a", "b")))


@with_request_cache
def broken(_request: HttpRequest) -> HttpResponse:
    memoize_per_request("a", lambda: next(numbers))
    raise RuntimeError


urlpatterns = [path("", view), path("broken/", broken)]


@pytest.fixture
def ask(client: Client, settings: Any) -> Callable[..., list[int]]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []

    def asked(method: str = "get") -> list[int]:
        return [int(number) for number in getattr(client, method)("/").content.split()]

    return asked


def test_one_request_reads_a_thing_once_and_the_next_anew(ask: Callable[..., list[int]]) -> None:
    first, same, other = ask()
    assert first == same != other
    assert min(ask()) > other


def test_what_may_change_something_reads_each_time(ask: Callable[..., list[int]]) -> None:
    assert len(set(ask("post"))) == 3


def test_nothing_is_kept_outside_a_request(ask: Callable[..., list[int]]) -> None:
    ask()
    assert memoize_per_request("a", lambda: "new") == "new"
    assert memoize_per_request("a", lambda: "newer") == "newer"


def test_a_request_that_fails_leaves_nothing(ask: Callable[..., list[int]], client: Client) -> None:
    with pytest.raises(RuntimeError):
        client.get("/broken/")
    assert memoize_per_request("a", lambda: "new") == "new"


def test_everything_that_is_made_for_one_request_shares_what_was_read() -> None:
    request = RequestFactory().get("/")
    with use_request_cache(request):
        assert memoize_per_request("a", lambda: "first") == "first"
    with use_request_cache(request), use_request_cache(None):
        assert memoize_per_request("a", lambda: "second") == "first"
    with use_request_cache(RequestFactory().get("/")):
        assert memoize_per_request("a", lambda: "other") == "other"


class NumberBlock(RequestCacheMixin, blocks.CharBlock):  # type: ignore[misc]
    """Shows what is read under one key."""

    def render_basic(self, value: Any, context: Any = None) -> str:
        return str(memoize_per_request("number", lambda: next(numbers)))


def test_blocks_on_a_page_of_the_sites_own_share_what_was_read() -> None:
    block, request = NumberBlock(), RequestFactory().get("/")
    first = block.render("", context={"request": request})
    assert block.render("", context={"request": request}) == first
    assert block.render("", context={"request": RequestFactory().get("/")}) != first
    assert block.render("") != block.render("")
    assert block.render("", context={}) != block.render("", context={})
