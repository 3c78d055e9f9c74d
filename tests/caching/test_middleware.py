"""Pages from the shipped cache: the same for everybody, no query, no longer than they may, never another site's."""

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

HERE = "tests.caching.test_middleware"


class Away(LocMemCache):
    """A cache that fails in a way that no backend documents."""

    def get_many(self, *_args: Any, **_options: Any) -> Any:
        raise RuntimeError

    add = set = get_many


def vary_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Stand for middleware that gives each visitor something else."""

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
        f"{HERE}.vary_middleware",
        *settings.MIDDLEWARE,
    ]
    monkeypatch.setattr(middleware, "circuit", CircuitBreaker())


def is_kept(client: Client, path: str, queries: DjangoAssertNumQueries, **extra: Any) -> Any:
    """Ask for a page and see that nothing but the cache is asked for it."""
    with queries(0):
        return client.get(path, **extra)


def age_of(response: Any) -> int:
    found = re.fullmatch(r"public, max-age=(\d+)|max-age=(\d+), public", response["Cache-Control"])
    assert found, response["Cache-Control"]
    return int(found[1] or found[2])


def entries() -> int:
    """How many things the cache holds."""
    return len(caches["default"]._cache)


@pytest.fixture
def full(campaign: Any, individual: Any, organization: Any) -> Any:
    """A pledge page with everything: form, treaty fact, progress, a goal, questions and answers."""
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


def cold(page: Any) -> tuple[int, str]:
    """Return how many queries the page costs that is made anew, and the page."""
    Client().get(page.url)  # what Wagtail keeps for an hour
    clear_page_cache()
    with CaptureQueriesContext(connection) as captured:
        html = Client().get(page.url).content.decode()
    return len(captured), html


def test_a_full_page_is_cheap_however_many_have_signed(full: Any) -> None:
    queries, html = cold(full)
    assert queries <= 15
    assert all(words in html for words in ("So far", "States are party", 'name="email"', "Why it matters"))
    today = utc_day(database_now())
    Tally.objects.bulk_create(
        Tally(pledge=full.pledge, day=today - dt.timedelta(days=n), kind=kind, country=country, count=17)
        for n in range(40)
        for kind in ("individual", "organization")
        for country in ("US", "MX", "")
    )
    more, html = cold(full)
    assert "4,080" in html
    assert more == queries


def test_the_second_visitor_gets_every_page_without_a_query(
    client: Client, campaign: Any, individual: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    treaty = publish(home(), TreatyStatusPage(title="Status", slug="status"))
    for page in (campaign, individual, index, treaty):
        first = client.get(page.url)
        second = is_kept(Client(), page.url, django_assert_num_queries)
        assert second.content == first.content
        same = {name: value for name, value in first.items() if name != "Cache-Control"}
        assert {name: value for name, value in second.items() if name != "Cache-Control"} == same
        assert not second.cookies
        assert is_kept(client, page.url, django_assert_num_queries, QUERY_STRING="x=1").content == first.content
        with django_assert_num_queries(0):
            assert client.head(page.url).status_code == 200


@pytest.mark.parametrize(("most", "here"), [(30, 15), (31, 15), (2, 1)])
def test_here_and_with_the_reader_a_page_is_not_kept_for_longer_than_it_may(
    client: Client, campaign: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, most: int, here: int
) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_MAX_AGE = most
    seconds: list[Any] = []
    own = LocMemCache.set

    def watched(self: Any, key: str, value: Any, timeout: Any = None, **options: Any) -> None:
        seconds.append(timeout)
        own(self, key, value, timeout=timeout, **options)

    client.get("/en/")  # what Wagtail keeps
    monkeypatch.setattr(LocMemCache, "set", watched)
    assert age_of(client.get(campaign.url)) == most
    assert seconds[-1] == here
    assert age_of(client.get(campaign.url)) == most - here


@pytest.mark.parametrize("most", [0, 1])
def test_a_page_that_may_hardly_be_kept_is_not(client: Client, campaign: Any, settings: Settings, most: int) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_MAX_AGE = most
    client.get(campaign.url)
    before = entries()
    assert age_of(client.get(campaign.url)) == most
    assert entries() == before


def test_a_page_that_closes_soon_is_not_kept_beyond(client: Client, campaign: Any) -> None:
    campaign.pledge.closes_at = database_now() + dt.timedelta(seconds=8)
    campaign.pledge.save()
    first = age_of(client.get(campaign.url))
    assert 5 <= first <= 7
    assert age_of(client.get(campaign.url)) == first - first // 2


def test_who_has_the_page_is_told_so(client: Client, campaign: Any) -> None:
    first = client.get(campaign.url)
    for _again in range(2):
        again = client.get(campaign.url, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
        assert "public" in again["Cache-Control"]
    assert client.get(campaign.url, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.requirement("C6")
def test_addresses_that_people_make_up_do_not_fill_the_cache(client: Client, campaign: Any) -> None:
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    for page in (campaign, index):
        client.get(page.url)
    before = entries()
    for number in range(20):
        client.get(campaign.url, {"utm_source": number, f"x{number}": "", "src": number, "page": number})
        client.get(index.url, {"q": f"word {number}", "page": number})
        assert client.get(f"/en/nothing-{number}/").status_code == 404
        client.get(campaign.url, headers={"host": f"made-up-{number}.example"})
        client.get(campaign.url, headers={"host": "LOCALHOST" if number % 2 else "LocalHost"})
    assert entries() == before


def test_what_was_asked_for_in_the_address_is_answered(
    client: Client, campaign: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    searched = client.get(index.url, {"q": "Something else"})
    plain = client.get(index.url)
    assert b"Something else" in searched.content
    assert b"Something else" not in plain.content
    assert b"Something else" in client.get(index.url, {"q": "Something else"}).content
    assert is_kept(client, index.url, django_assert_num_queries, QUERY_STRING="src=friend").content == plain.content


def test_each_language_and_host_and_scheme_has_its_own(client: Client, campaign: Any) -> None:
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
def test_no_site_gets_another_sites_page(client: Client, campaign: Any, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "other.example"]
    root = home().copy(update_attrs={"slug": "other-home", "title": "Other home"}, recursive=False)
    Site.objects.create(hostname="other.example", root_page=root)
    assert client.get("/en/ratify/", headers={"host": "localhost"}).status_code == 200
    assert client.get("/en/ratify/", headers={"host": "other.example"}).status_code == 404
    assert client.get("/en/ratify/", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/en/ratify/", headers={"host": "localhost:81"}).status_code == 200


def test_an_editor_always_gets_the_page_with_the_bar_and_nobody_else_does(client: Client, campaign: Any) -> None:
    editor = Client()
    editor.force_login(get_user_model()._default_manager.create_superuser("editor"))
    for _turn in range(2):
        assert b"wagtail-userbar" in editor.get(campaign.url).content
        assert b"userbar" not in client.get(campaign.url).content


def test_a_page_behind_a_log_in_is_never_in_it(
    client: Client, campaign: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert client.get(campaign.url).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        PageViewRestriction.objects.create(page=campaign, restriction_type=PageViewRestriction.LOGIN)
    for _turn in range(2):
        assert client.get(campaign.url).status_code == 302


def test_a_log_in_of_the_server_goes_past_it(client: Client, campaign: Any) -> None:
    for _turn in range(2):
        assert "private" in client.get(campaign.url, headers={"authorization": "Basic eDp5"})["Cache-Control"]
        assert "public" in client.get(campaign.url)["Cache-Control"]


@pytest.mark.parametrize("headers", [{"x-vary": "Cookie"}, {"x-vary": "*"}, {"x-cookie": "1"}, {"x-encoding": "1"}])
def test_what_the_site_makes_somebodys_is_not_kept(client: Client, campaign: Any, headers: dict[str, str]) -> None:
    client.get(campaign.url, headers=headers)
    clear_page_cache()
    before = entries()
    client.get(campaign.url, headers=headers)
    assert entries() == before
    client.get(campaign.url, headers={"x-vary": "Accept-Language, Accept-Encoding"})
    assert entries() == before + 1


@pytest.mark.requirement("CP6")
def test_what_changed_shows_at_once(
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


def test_a_page_that_changes_while_it_is_made_is_not_kept(
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
def test_who_got_the_page_from_the_cache_can_sign(client: Client, individual: Any, person: dict[str, str]) -> None:
    client.get(individual.url)
    assert sign(Client(), individual.url, **person).status_code == 303


@pytest.mark.requirement("A4", "F11")
@pytest.mark.parametrize("alias", ["away", "no_such_alias"])
def test_a_cache_that_fails_loses_nothing(
    client: Client, campaign: Any, settings: Settings, caplog: pytest.LogCaptureFixture, alias: str
) -> None:
    settings.CACHES = {**settings.CACHES, "away": {"BACKEND": f"{HERE}.Away"}}
    settings.WAGTAIL_PLEDGE_PAGE_CACHE = alias
    with caplog.at_level(logging.WARNING):
        for _turn in range(4):
            assert client.get(campaign.url).status_code == 200
        clear_page_cache()
        change_state(campaign.pledge, PledgeState.CLOSED, actor=None, reason="Done")
    assert len([record for record in caplog.records if "cache is unavailable" in record.getMessage()]) == 1


def test_what_another_version_has_kept_is_made_anew(client: Client, campaign: Any) -> None:
    client.get(campaign.url)
    for key in list(caches["default"]._cache):
        name = key.split(":", 2)[2]
        if name.startswith("wagtail_pledge.page."):
            cache.set(name, {"of": "another version"})
    assert b"Ratify now" in client.get(campaign.url).content


def test_errors_and_what_is_no_page_of_ours_are_not_kept(client: Client, campaign: Any) -> None:
    client.get(campaign.url)
    before = entries()
    root = f"/pledge/{campaign.pledge.uuid}"
    for path in ("/en/nothing/", f"{root}/count.json", f"{root}/stamp.json", "/pledge/health/", "/admin/login/"):
        client.get(path)
        client.post(path)
    assert entries() == before
