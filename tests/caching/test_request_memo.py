"""Per-request memoisation: one read per request, and a new one for the next."""

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
    """Return the values of two reads of one key and one read of another."""
    return HttpResponse(" ".join(str(memoize_per_request(key, lambda: next(numbers))) for key in ("a", "a", "b")))


@with_request_cache
def failing_view(_request: HttpRequest) -> HttpResponse:
    memoize_per_request("a", lambda: next(numbers))
    raise RuntimeError


urlpatterns = [path("", view), path("broken/", failing_view)]


@pytest.fixture
def read_values(client: Client, settings: Any) -> Callable[..., list[int]]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []

    def read(method: str = "get") -> list[int]:
        return [int(number) for number in getattr(client, method)("/").content.split()]

    return read


def test_a_value_is_read_once_per_request(read_values: Callable[..., list[int]]) -> None:
    first, same, other = read_values()
    assert first == same != other
    assert min(read_values()) > other


def test_an_unsafe_method_reads_each_time(read_values: Callable[..., list[int]]) -> None:
    assert len(set(read_values("post"))) == 3


def test_nothing_is_memoised_outside_a_request(read_values: Callable[..., list[int]]) -> None:
    read_values()
    assert memoize_per_request("a", lambda: "new") == "new"
    assert memoize_per_request("a", lambda: "newer") == "newer"


def test_nothing_is_memoised_after_a_request_that_fails(read_values: Callable[..., list[int]], client: Client) -> None:
    with pytest.raises(RuntimeError):
        client.get("/broken/")
    assert memoize_per_request("a", lambda: "new") == "new"


def test_nested_uses_of_one_request_share_its_values() -> None:
    request = RequestFactory().get("/")
    with use_request_cache(request):
        assert memoize_per_request("a", lambda: "first") == "first"
    with use_request_cache(request), use_request_cache(None):
        assert memoize_per_request("a", lambda: "second") == "first"
    with use_request_cache(RequestFactory().get("/")):
        assert memoize_per_request("a", lambda: "other") == "other"


class NumberBlock(RequestCacheMixin, blocks.CharBlock):  # type: ignore[misc]
    """Block that renders the memoised value of one key."""

    def render_basic(self, value: Any, context: Any = None) -> str:
        return str(memoize_per_request("number", lambda: next(numbers)))


def test_blocks_on_a_custom_page_share_the_requests_values() -> None:
    block, request = NumberBlock(), RequestFactory().get("/")
    first = block.render("", context={"request": request})
    assert block.render("", context={"request": request}) == first
    assert block.render("", context={"request": RequestFactory().get("/")}) != first
    assert block.render("") != block.render("")
    assert block.render("", context={}) != block.render("", context={})
