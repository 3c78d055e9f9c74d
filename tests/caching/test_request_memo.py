"""What a page reads once, and when it is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from wagtail_pledge.caching.local import read_once

numbers: Iterator[int] = count()


def view(_request: HttpRequest) -> HttpResponse:
    """Answer with what two places read under one key, and a third under another."""
    return HttpResponse(" ".join(str(read_once(key, lambda: next(numbers))) for key in ("a", "a", "b")))


def broken(_request: HttpRequest) -> HttpResponse:
    read_once("a", lambda: next(numbers))
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
    assert read_once("a", lambda: "new") == "new"
    assert read_once("a", lambda: "newer") == "newer"


def test_a_request_that_fails_leaves_nothing(ask: Callable[..., list[int]], client: Client) -> None:
    with pytest.raises(RuntimeError):
        client.get("/broken/")
    assert read_once("a", lambda: "new") == "new"
