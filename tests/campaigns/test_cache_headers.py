"""``Cache-Control`` of pages: who may cache them, and for how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import Client, RequestFactory
from pytest_django import Settings
from wagtail.models import PageViewRestriction

from tests.forms import sign_form_in
from tests.projects.campaign import home, publish
from wagtail_pledge.caching.headers import with_cache_headers
from wagtail_pledge.core.db import database_now
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, TreatyStatusPage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P4")]


#: Keys of the fixture ``pages``.
PAGES = ("index", "pledge", "signer type", "treaty", "embed")


@pytest.fixture
def pages(campaign: Any, individual: Any) -> dict[str, str]:
    """Return the paths of one public page of each type and of the embedded form."""
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    campaign.move(index, pos="last-child")
    campaign, individual = (type(page).objects.get(pk=page.pk) for page in (campaign, individual))
    treaty = publish(home(), TreatyStatusPage(title="Status", slug="status"))
    paths = {"index": index.url, "pledge": campaign.url, "signer type": individual.url, "treaty": treaty.url}
    return {**paths, "embed": f"/pledge/{campaign.pledge.uuid}/embed/"}


def directives(response: Any) -> set[str]:
    return set(response["Cache-Control"].split(", "))


def assert_not_shared(response: Any) -> None:
    assert {"private", "no-store"} <= directives(response)
    assert "public" not in directives(response)


def stamp_in(response: Any) -> str:
    return str(sign_form_in(response.content).data["stamp"])


@pytest.mark.requirement("SG1", "X1")
@pytest.mark.parametrize("name", ["pledge", "signer type"])
def test_a_page_that_no_cache_stores_has_a_stamp_of_its_own(
    client: Client, pages: dict[str, str], person: dict[str, str], settings: Settings, name: str
) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_MAX_AGE = 0
    first, second = (client.get(pages[name]) for _ in range(2))
    assert_not_shared(first)
    assert stamp_in(first) != stamp_in(second)
    form = sign_form_in(first.content)
    assert client.post(form.action, form.filled(**person)).status_code == 303


@pytest.mark.requirement("SG1", "X1")
def test_a_page_for_a_logged_in_user_has_a_stamp(client: Client, pages: dict[str, str]) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "anything"
    response = client.get(pages["pledge"])
    assert_not_shared(response)
    assert stamp_in(response)


@pytest.mark.requirement("SG1", "X1")
@pytest.mark.parametrize("name", ["pledge", "signer type"])
def test_a_page_that_caches_store_has_no_stamp_and_the_form_one_visible_step_more(
    client: Client, pages: dict[str, str], person: dict[str, str], name: str
) -> None:
    response = client.get(pages[name])
    assert stamp_in(response) == ""
    assert "public" in response["Cache-Control"]
    form = sign_form_in(response.content)
    again = client.post(form.action, form.filled(**person))
    assert again.status_code == 200
    assert_not_shared(again)
    assert "Your form is not sent yet. Check it, then select the button once more." in again.content.decode()
    form = sign_form_in(again.content)
    assert client.post(form.action, form.data).status_code == 303


def change_dates(page: Any, **dates: dt.timedelta) -> None:
    """Set date fields of the pledge relative to now."""
    now = database_now()
    for name, delta in dates.items():
        setattr(page.pledge, name, now + delta)
    page.pledge.save()


@pytest.mark.parametrize("name", PAGES)
def test_public_pages_are_public_for_the_configured_time(
    client: Client, pages: dict[str, str], settings: Settings, name: str
) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_MAX_AGE = 45
    response = client.get(pages[name])
    assert response.status_code == 200
    assert directives(response) == {"public", "max-age=45"}
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies
    assert directives(client.head(pages[name])) == {"public", "max-age=45"}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_a_logged_in_user_are_private(client: Client, pages: dict[str, str], name: str) -> None:
    client.force_login(get_user_model()._default_manager.create_superuser("editor"))
    response = client.get(pages[name])
    assert_not_shared(response)
    assert (b"wagtail-userbar" in response.content) == (name != "embed")
    client.logout()
    response = client.get(pages[name])
    assert "public" in directives(response)
    assert b"userbar" not in response.content


def test_any_session_cookie_makes_the_page_private(client: Client, pages: dict[str, str], settings: Settings) -> None:
    settings.SESSION_COOKIE_NAME = "visit"
    client.cookies["visit"] = "long-gone"
    assert_not_shared(client.get(pages["pledge"]))
    client.cookies.clear()
    client.cookies["sessionid"] = "of another application"
    assert "public" in directives(client.get(pages["pledge"]))


@pytest.mark.parametrize("name", PAGES)
def test_pages_behind_http_authentication_are_private(client: Client, pages: dict[str, str], name: str) -> None:
    assert_not_shared(client.get(pages[name], headers={"authorization": "Basic eDp5"}))


@pytest.mark.parametrize("kind", ["password", "login"])
@pytest.mark.parametrize("path", ["/en/ratify/", "/en/ratify/individual/"])
@pytest.mark.usefixtures("individual")
def test_a_restricted_page_is_private(client: Client, campaign: Any, path: str, kind: str) -> None:
    restriction = PageViewRestriction.objects.create(page=campaign, restriction_type=kind, password="x")
    without_access = client.get(campaign.url)
    assert "public" not in without_access.get("Cache-Control", "")
    assert without_access.status_code == (200 if kind == "password" else 302)
    if kind == "login":
        client.force_login(get_user_model()._default_manager.create_user("reader"))
    else:
        session = client.session
        session["passed_page_view_restrictions"] = [restriction.pk]
        session.save()
    response = client.get(path)
    assert b"We call on" in response.content
    assert_not_shared(response)


@pytest.mark.parametrize("mode", ["", "errors", "check_inbox", "thank_you", "closed"])
@pytest.mark.parametrize("fixture", ["campaign", "individual"])
def test_previews_are_private(request: pytest.FixtureRequest, individual: Any, fixture: str, mode: str) -> None:
    response = request.getfixturevalue(fixture).make_preview_request(preview_mode=mode)
    assert response.status_code == 200
    assert "private" in directives(response)
    assert "public" not in directives(response)


@pytest.mark.requirement("C6")
@pytest.mark.parametrize("name", PAGES)
def test_responses_to_post_are_private(client: Client, pages: dict[str, str], name: str) -> None:
    response = client.post(pages[name])
    assert response.status_code == 405
    assert "public" not in response.get("Cache-Control", "")


@pytest.mark.requirement("C6")
def test_a_form_shown_again_is_private(client: Client, pages: dict[str, str]) -> None:
    form = sign_form_in(client.get(pages["pledge"]).content)
    form_page = client.post(form.action, form.data)
    assert directives(form_page) == {"private", "no-store"}


@pytest.mark.parametrize("name", ["index", "pledge", "signer type", "embed"])
@pytest.mark.parametrize("moment", ["opens_at", "closes_at"])
def test_max_age_ends_when_the_pledge_opens_or_closes(
    client: Client, pages: dict[str, str], campaign: Any, name: str, moment: str
) -> None:
    change_dates(campaign, **{moment: dt.timedelta(seconds=20)})
    (age,) = directives(client.get(pages[name])) - {"public"}
    assert 10 <= int(age.removeprefix("max-age=")) < 20
    change_dates(campaign, **{moment: dt.timedelta(seconds=-20)})
    assert directives(client.get(pages[name])) == {"public", "max-age=30"}
    change_dates(campaign, **{moment: dt.timedelta(hours=1)})
    assert directives(client.get(pages[name])) == {"public", "max-age=30"}


def test_the_earlier_of_two_dates_limits_the_max_age(client: Client, pages: dict[str, str], campaign: Any) -> None:
    change_dates(campaign, opens_at=dt.timedelta(seconds=0.9), closes_at=dt.timedelta(seconds=25))
    other = publish(home(), PledgePage(title="Other", slug="other", statement="<p>x</p>"))
    assert directives(client.get(pages["pledge"])) == {"public", "max-age=0"}
    assert directives(client.get(other.url)) == {"public", "max-age=30"}


@pytest.fixture
def render_with_headers(rf: RequestFactory) -> Callable[..., Any]:
    """Return a function that renders a template of the site with ``with_cache_headers``."""

    def make(template: str = "hello", **headers: str) -> Any:
        request = rf.get("/")
        request.session = SessionStore()
        response = TemplateResponse(request, engines["django"].from_string(template), headers=headers)
        return with_cache_headers(request, response).render()

    return make


def test_a_template_that_uses_the_csrf_token_or_the_session_is_private(
    render_with_headers: Callable[..., Any],
) -> None:
    assert directives(render_with_headers()) == {"public", "max-age=30"}
    assert_not_shared(render_with_headers("{% csrf_token %}"))
    assert_not_shared(render_with_headers("{{ request.session.keys }}"))


def test_a_site_can_set_cache_control_itself(render_with_headers: Callable[..., Any]) -> None:
    assert directives(render_with_headers(**{"Cache-Control": "max-age=5"})) == {"max-age=5"}
    assert_not_shared(render_with_headers("{% csrf_token %}", **{"Cache-Control": "private, no-store"}))


def test_redirects_and_responses_with_cookies_are_private(rf: RequestFactory) -> None:
    assert_not_shared(with_cache_headers(rf.get("/"), HttpResponse(status=302)))
    cookie = HttpResponse()
    cookie.set_cookie("a", "b")
    assert_not_shared(with_cache_headers(rf.get("/"), cookie))
    assert directives(with_cache_headers(rf.get("/"), HttpResponse())) == {"public", "max-age=30"}
    assert settings.SESSION_COOKIE_NAME == "sessionid"


@pytest.mark.parametrize("name", ["sign_form", "sign_buttons"])
def test_max_age_ends_when_the_campaign_of_a_block_closes(client: Client, campaign: Any, name: str) -> None:
    other = publish(home(), PledgePage(title="Other", slug="other", statement="<p>Do.</p>"))
    campaign.body = [(name, {"heading": "Help them too", "pledge": str(other.pledge.uuid)})]
    campaign.save_revision().publish()
    assert directives(client.get(campaign.url)) == {"public", "max-age=30"}
    change_dates(other, closes_at=dt.timedelta(seconds=20))
    (age,) = directives(client.get(campaign.url)) - {"public"}
    assert 10 <= int(age.removeprefix("max-age=")) < 20
    change_dates(other, closes_at=dt.timedelta(seconds=-20))
    page = client.get(campaign.url)
    assert directives(page) == {"public", "max-age=30"}
    assert f'href="{other.full_url}"' in page.content.decode()
