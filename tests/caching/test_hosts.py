"""``PageCacheMiddleware``: all spellings of a host share a cached page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from tests.caching.test_middleware import entries, get_cached
from wagtail_pledge.caching import middleware
from wagtail_pledge.caching.circuit_breaker import CircuitBreaker

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P3")]


@pytest.fixture(autouse=True)
def _with_cache(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MIDDLEWARE = ["wagtail_pledge.caching.middleware.PageCacheMiddleware", *settings.MIDDLEWARE]
    monkeypatch.setattr(middleware, "circuit", CircuitBreaker())


@pytest.mark.requirement("E19")
@pytest.mark.parametrize("port", ["", ":80", ":0080"])
@pytest.mark.parametrize("dot", ["", "."])
@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "LocalHost"])
def test_all_spellings_of_a_host_share_a_cached_page(
    client: Client,
    campaign: Any,
    settings: Settings,
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    dot: str,
    port: str,
) -> None:
    first = client.get(campaign.url, headers={"host": f"{name}{dot}{port}"})
    assert b"//localhost/" in first.content
    assert name == "localhost" or name.encode() not in first.content
    plain = get_cached(client, campaign.url, django_assert_num_queries, headers={"host": "localhost"})
    again = get_cached(client, campaign.url, django_assert_num_queries, headers={"host": f"{name}{dot}{port}"})
    assert first.content == plain.content == again.content
    for other in ("localhost:8080", "localhost:443"):
        assert client.get(campaign.url, headers={"host": other}).status_code == 200
    forwarded = {"host": "127.0.0.1", "x-forwarded-host": f"{name}{dot}{port}"}
    settings.USE_X_FORWARDED_HOST = True
    assert get_cached(client, campaign.url, django_assert_num_queries, headers=forwarded).content == first.content


@pytest.mark.requirement("E19")
def test_the_default_port_of_https_is_that_of_https(
    client: Client, campaign: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(campaign.url, secure=True, headers={"host": "Localhost:443"})
    get_cached(client, campaign.url, django_assert_num_queries, secure=True, headers={"host": "localhost"})
    before = entries()
    client.get(campaign.url, secure=True, headers={"host": "localhost:80"})
    assert entries() == before + 1


@pytest.mark.requirement("E19")
def test_the_host_of_a_form_is_left_as_it_was_sent() -> None:
    """The origin check compares it with the Origin header."""
    hosts = []
    answer = middleware.PageCacheMiddleware(lambda request: hosts.append(request.get_host()))
    answer(RequestFactory().post("/en/", headers={"host": "LocalHost.:80"}))
    assert hosts == ["LocalHost.:80"]
