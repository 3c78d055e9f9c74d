"""``PageCacheMiddleware``: which responses are cached, for how long, and for whom."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings
from wagtail.models import Locale, PageViewRestriction, Site

from tests.journey import sign
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from wagtail_pledge.caching import middleware
from wagtail_pledge.caching.circuit_breaker import CircuitBreaker
from wagtail_pledge.caching.middleware import clear_page_cache
from wagtail_pledge.core.db import database_now, utc_day
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, TreatyStatusPage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Tally
from wagtail_pledge.signing.services import change_state

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P3")]

THIS_MODULE = "tests.caching.test_middleware"


class BrokenCache(LocMemCache):
    """Cache backend that fails with an undocumented error."""

    def get_many(self, *_args: Any, **_options: Any) -> Any:
        raise RuntimeError

    add = set = get_many


def vary_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that varies the response per visitor, as the request's headers ask."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "X-Vary" in request.headers:
            response["Vary"] = request.headers["X-Vary"]
        if "X-Cookie" in request.headers:
            response.set_cookie("a", "b")
        if "X-Encoding" in request.headers:
            response["Content-Encoding"] = "gzip"
        return response

    return answer


@pytest.fixture(autouse=True)
def _with_cache(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MIDDLEWARE = [
        "wagtail_pledge.caching.middleware.PageCacheMiddleware",
        f"{THIS_MODULE}.vary_middleware",
        *settings.MIDDLEWARE,
    ]
    monkeypatch.setattr(middleware, "circuit", CircuitBreaker())


def get_cached(client: Client, path: str, queries: DjangoAssertNumQueries, **extra: Any) -> Any:
    """Get a page and assert that it comes from the cache: without a database query."""
    with queries(0):
        return client.get(path, **extra)


def max_age_of(response: Any) -> int:
    found = re.fullmatch(r"public, max-age=(\d+)|max-age=(\d+), public", response["Cache-Control"])
    assert found, response["Cache-Control"]
    return int(found[1] or found[2])


def entries() -> int:
    """Return the number of entries in the cache."""
    return len(caches["default"]._cache)


@pytest.fixture
def full_page(campaign: Any, individual: Any, organization: Any) -> Any:
    """Return a pledge page with a form, a treaty fact, progress and a goal."""
    treaty_data.cmw()
    blocks = [
        {"type": "progress", "value": {"heading": "So far", "pledge": ""}},
        {"type": "treaty_fact", "value": {"treaty": "cmw"}},
        {"type": "sign_form", "value": {"heading": "Sign", "text": "", "pledge": ""}},
        {"type": "rich_text", "value": "<p>Why it matters.</p>"},
        {"type": "sign_buttons", "value": {"heading": "Ways", "text": "", "pledge": ""}},
    ]
    campaign.pledge.goal = 1000
    campaign.pledge.save()
    campaign.body = PledgePage._meta.get_field("body").to_python(blocks)
    campaign.save_revision().publish()
    return campaign


def render_uncached(page: Any) -> tuple[int, str]:
    """Return the number of queries of the page when it is not cached, and its HTML."""
    Client().get(page.url)  # fill Wagtail's own caches
    clear_page_cache()
    with CaptureQueriesContext(connection) as captured:
        html = Client().get(page.url).content.decode()
    return len(captured), html


def test_number_of_queries_of_an_uncached_page_is_constant(full_page: Any) -> None:
    queries, html = render_uncached(full_page)
    assert queries <= 15
    assert all(text in html for text in ("So far", "States are party", 'name="email"', "Why it matters"))
    today = utc_day(database_now())
    Tally.objects.bulk_create(
        Tally(pledge=full_page.pledge, day=today - dt.timedelta(days=n), kind=kind, country=country, count=17)
        for n in range(40)
        for kind in ("individual", "organization")
        for country in ("US", "MX", "")
    )
    more, html = render_uncached(full_page)
    assert "4,080" in html
    assert more == queries


@pytest.mark.parametrize("path", ["/en/ratify/", "/en/ratify/individual/", "/en/campaigns/", "/en/status/"])
@pytest.mark.usefixtures("individual")
def test_a_cached_page_needs_no_query(
    client: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    publish(home(), TreatyStatusPage(title="Status", slug="status"))
    first = client.get(path)
    assert first.status_code == 200
    second = get_cached(Client(), path, django_assert_num_queries)
    assert second.content == first.content
    same = {name: value for name, value in first.items() if name != "Cache-Control"}
    assert {name: value for name, value in second.items() if name != "Cache-Control"} == same
    assert not second.cookies
    assert get_cached(client, path, django_assert_num_queries, QUERY_STRING="x=1").content == first.content
    with django_assert_num_queries(0):
        assert client.head(path).status_code == 200


@pytest.mark.parametrize(("max_age", "cache_seconds"), [(30, 15), (31, 15), (2, 1)])
def test_the_total_age_in_cache_and_browser_is_limited(
    client: Client, campaign: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, max_age: int, cache_seconds: int
) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_MAX_AGE = max_age
    seconds: list[Any] = []
    original_set = LocMemCache.set

    def recording_set(self: Any, key: str, value: Any, timeout: Any = None, **options: Any) -> None:
        seconds.append(timeout)
        original_set(self, key, value, timeout=timeout, **options)

    client.get("/en/")  # fill Wagtail's own caches
    monkeypatch.setattr(LocMemCache, "set", recording_set)
    assert max_age_of(client.get(campaign.url)) == max_age
    assert seconds[-1] == cache_seconds
    assert max_age_of(client.get(campaign.url)) == max_age - cache_seconds


@pytest.mark.parametrize("max_age", [0, 1])
def test_a_page_with_a_maximum_age_under_two_seconds_is_not_cached(
    client: Client, campaign: Any, settings: Settings, max_age: int
) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_MAX_AGE = max_age
    client.get(campaign.url)
    before = entries()
    answer = client.get(campaign.url)
    if max_age:
        assert max_age_of(answer) == max_age
    else:
        # It has a form stamp of its own
        assert answer["Cache-Control"] == "private, no-store"
    assert entries() == before


def test_a_page_is_not_cached_beyond_the_closing_time(client: Client, campaign: Any) -> None:
    campaign.pledge.closes_at = database_now() + dt.timedelta(seconds=8)
    campaign.pledge.save()
    first = max_age_of(client.get(campaign.url))
    assert 5 <= first <= 7
    assert max_age_of(client.get(campaign.url)) == first - first // 2


def test_a_conditional_request_gets_304(client: Client, campaign: Any) -> None:
    first = client.get(campaign.url)
    for _again in range(2):
        again = client.get(campaign.url, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
        assert "public" in again["Cache-Control"]
    assert client.get(campaign.url, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.requirement("C6")
def test_arbitrary_queries_and_hosts_do_not_fill_the_cache(client: Client, campaign: Any) -> None:
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    for page in (campaign, index):
        client.get(page.url)
    before = entries()
    for number in range(20):
        client.get(campaign.url, {"utm_source": number, f"x{number}": "", "src": number, "page": number})
        client.get(index.url, {"q": f"word {number}", "page": number})
        assert client.get(f"/en/nothing-{number}/").status_code == 404
        client.get(campaign.url, headers={"host": f"made-up-{number}.example"})
        client.get(campaign.url, headers={"host": "TESTSERVER" if number % 2 else "TestServer."})
    assert entries() == before


def test_search_queries_are_not_answered_from_the_cache(
    client: Client, campaign: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    searched = client.get(index.url, {"q": "Something else"})
    plain = client.get(index.url)
    assert b"Something else" in searched.content
    assert b"Something else" not in plain.content
    assert b"Something else" in client.get(index.url, {"q": "Something else"}).content
    assert get_cached(client, index.url, django_assert_num_queries, QUERY_STRING="src=friend").content == plain.content


def test_each_language_is_cached_separately(client: Client, campaign: Any) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    translated = campaign.copy_for_translation(spanish)
    translated.title = "Ratifiquen ya"
    translated.save_revision().publish()
    for _round in range(2):
        assert b"Ratify now" in client.get("/en/ratify/").content
        assert b"Ratifiquen ya" in client.get("/es/ratify/").content
        assert client.get("/ratify/", headers={"accept-language": "es"})["Location"] == "/es/ratify/"
        assert client.get("/ratify/", headers={"accept-language": "en"})["Location"] == "/en/ratify/"


@pytest.mark.requirement("C6")
def test_sites_do_not_share_cached_pages(client: Client, campaign: Any, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "other.example"]
    root = home().copy(update_attrs={"slug": "other-home", "title": "Other home"}, recursive=False)
    Site.objects.create(hostname="other.example", root_page=root)
    assert client.get("/en/ratify/", headers={"host": "localhost"}).status_code == 200
    assert client.get("/en/ratify/", headers={"host": "other.example"}).status_code == 404
    assert client.get("/en/ratify/", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/en/ratify/", headers={"host": "localhost:81"}).status_code == 200


def test_only_editors_get_the_userbar(client: Client, campaign: Any) -> None:
    editor = Client()
    editor.force_login(get_user_model()._default_manager.create_superuser("editor"))
    for _turn in range(2):
        assert b"wagtail-userbar" in editor.get(campaign.url).content
        assert b"userbar" not in client.get(campaign.url).content


def test_a_page_is_not_served_from_the_cache_once_it_requires_login(
    client: Client, campaign: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert client.get(campaign.url).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        PageViewRestriction.objects.create(page=campaign, restriction_type=PageViewRestriction.LOGIN)
    for _turn in range(2):
        assert client.get(campaign.url).status_code == 302


def test_a_request_with_an_authorization_header_bypasses_the_cache(client: Client, campaign: Any) -> None:
    for _turn in range(2):
        assert "private" in client.get(campaign.url, headers={"authorization": "Basic eDp5"})["Cache-Control"]
        assert "public" in client.get(campaign.url)["Cache-Control"]


@pytest.mark.parametrize("headers", [{"x-vary": "Cookie"}, {"x-vary": "*"}, {"x-cookie": "1"}, {"x-encoding": "1"}])
def test_a_response_varied_per_visitor_is_not_cached(client: Client, campaign: Any, headers: dict[str, str]) -> None:
    client.get(campaign.url, headers=headers)
    clear_page_cache()
    before = entries()
    client.get(campaign.url, headers=headers)
    assert entries() == before
    client.get(campaign.url, headers={"x-vary": "Accept-Language, Accept-Encoding"})
    assert entries() == before + 1


@pytest.mark.requirement("CP6")
def test_a_change_is_shown_at_once(
    client: Client, campaign: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert b"Add my name" in client.get(campaign.url).content
    with django_capture_on_commit_callbacks(execute=True):
        change_state(campaign.pledge, PledgeState.CLOSED, actor=None, reason="Done")
    assert b"Add my name" not in client.get(campaign.url).content
    campaign.refresh_from_db()
    campaign.title = "Another title"
    with django_capture_on_commit_callbacks(execute=True):
        campaign.save_revision().publish()
    assert b"Another title" in client.get(campaign.url).content


def test_a_page_that_changes_during_rendering_is_not_cached(
    client: Client, campaign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve = type(campaign).serve

    def slow(self: Any, request: HttpRequest) -> HttpResponse:
        response = serve(self, request).render()
        type(self).objects.update(title="The new title")
        clear_page_cache()
        return response

    client.get("/en/")
    with monkeypatch.context() as patched:
        patched.setattr(type(campaign), "serve", slow)
        assert b"The new title" not in client.get(campaign.url).content
    assert b"The new title" in client.get(campaign.url).content


@pytest.mark.requirement("C6", "SG1")
def test_a_cached_page_can_be_signed(client: Client, individual: Any, person: dict[str, str]) -> None:
    client.get(individual.url)
    assert sign(Client(), individual.url, **person).status_code == 303


@pytest.mark.requirement("A4", "F11")
@pytest.mark.parametrize("alias", ["broken", "no_such_alias"])
def test_pages_are_served_when_the_cache_fails(
    client: Client, campaign: Any, settings: Settings, caplog: pytest.LogCaptureFixture, alias: str
) -> None:
    settings.CACHES = {**settings.CACHES, "broken": {"BACKEND": f"{THIS_MODULE}.BrokenCache"}}
    settings.WAGTAIL_PLEDGE_PAGE_CACHE = alias
    with caplog.at_level(logging.WARNING):
        for _turn in range(4):
            assert client.get(campaign.url).status_code == 200
        clear_page_cache()
        change_state(campaign.pledge, PledgeState.CLOSED, actor=None, reason="Done")
    assert len([record for record in caplog.records if "cache is unavailable" in record.getMessage()]) == 1


def test_entries_of_another_version_are_ignored(client: Client, campaign: Any) -> None:
    client.get(campaign.url)
    for key in list(caches["default"]._cache):
        name = key.split(":", 2)[2]
        if name.startswith("wagtail_pledge.page."):
            cache.set(name, {"of": "another version"})
    assert b"Ratify now" in client.get(campaign.url).content


def test_errors_and_other_endpoints_are_not_cached(client: Client, campaign: Any) -> None:
    client.get(campaign.url)
    before = entries()
    root = f"/pledge/{campaign.pledge.uuid}"
    for path in ("/en/nothing/", f"{root}/count.json", f"{root}/stamp.json", "/pledge/health/", "/admin/login/"):
        client.get(path)
        client.post(path)
    assert entries() == before
