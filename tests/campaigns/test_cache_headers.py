"""Who may keep a page, and for how long."""

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
from wagtail_pledge.caching.headers import shared
from wagtail_pledge.core.db import database_now
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, TreatyStatusPage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P4")]


@pytest.fixture
def pages(campaign: Any, individual: Any) -> dict[str, str]:
    """The paths of one public page of each type, and of the form for frames."""
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    campaign.move(index, pos="last-child")
    campaign, individual = (type(page).objects.get(pk=page.pk) for page in (campaign, individual))
    treaty = publish(home(), TreatyStatusPage(title="Status", slug="status"))
    paths = {"index": index.url, "pledge": campaign.url, "signer type": individual.url, "treaty": treaty.url}
    return {**paths, "embed": f"/pledge/{campaign.pledge.uuid}/embed/"}


def directives(response: Any) -> set[str]:
    return set(response["Cache-Control"].split(", "))


def assert_for_nobody_else(response: Any) -> None:
    assert {"private", "no-store"} <= directives(response)
    assert "public" not in directives(response)


def change_dates(page: Any, **dates: dt.timedelta) -> None:
    """Set the dates of the pledge so long from now."""
    now = database_now()
    for name, delta in dates.items():
        setattr(page.pledge, name, now + delta)
    page.pledge.save()


def test_every_public_page_may_be_kept_by_anybody_for_the_set_time(
    client: Client, pages: dict[str, str], settings: Settings
) -> None:
    settings.WAGTAIL_PLEDGE_PAGE_MAX_AGE = 45
    for path in pages.values():
        response = client.get(path)
        assert response.status_code == 200
        assert directives(response) == {"public", "max-age=45"}
        assert "Cookie" not in response.get("Vary", "")
        assert not response.cookies
        assert directives(client.head(path)) == {"public", "max-age=45"}


def test_what_somebody_gets_who_is_logged_in_is_kept_by_nobody(client: Client, pages: dict[str, str]) -> None:
    client.force_login(get_user_model()._default_manager.create_superuser("editor"))
    for name, path in pages.items():
        response = client.get(path)
        assert_for_nobody_else(response)
        assert (b"wagtail-userbar" in response.content) == (name != "embed")
    client.logout()
    for path in pages.values():
        response = client.get(path)
        assert "public" in directives(response)
        assert b"userbar" not in response.content


def test_a_session_cookie_of_any_name_and_worth_counts(
    client: Client, pages: dict[str, str], settings: Settings
) -> None:
    settings.SESSION_COOKIE_NAME = "visit"
    client.cookies["visit"] = "long-gone"
    assert_for_nobody_else(client.get(pages["pledge"]))
    client.cookies.clear()
    client.cookies["sessionid"] = "of another application"
    assert "public" in directives(client.get(pages["pledge"]))


def test_a_site_behind_a_log_in_of_the_server_is_kept_by_nobody(client: Client, pages: dict[str, str]) -> None:
    for path in pages.values():
        assert_for_nobody_else(client.get(path, headers={"authorization": "Basic eDp5"}))


@pytest.mark.parametrize("kind", ["password", "login"])
def test_a_page_behind_a_restriction_is_kept_by_nobody(
    client: Client, campaign: Any, individual: Any, kind: str
) -> None:
    made = PageViewRestriction.objects.create(page=campaign, restriction_type=kind, password="x")
    refused = client.get(campaign.url)
    assert "public" not in refused.get("Cache-Control", "")
    assert refused.status_code == (200 if kind == "password" else 302)
    if kind == "login":
        client.force_login(get_user_model()._default_manager.create_user("reader"))
    else:
        session = client.session
        session["passed_page_view_restrictions"] = [made.pk]
        session.save()
    for page in (campaign, individual):
        response = client.get(page.url)
        assert b"We call on" in response.content
        assert_for_nobody_else(response)


@pytest.mark.parametrize("mode", ["", "errors", "check_inbox", "thank_you", "closed"])
def test_previews_are_kept_by_nobody(campaign: Any, individual: Any, mode: str) -> None:
    for page in (campaign, individual):
        response = page.make_preview_request(preview_mode=mode)
        assert response.status_code == 200
        assert "private" in directives(response)
        assert "public" not in directives(response)


@pytest.mark.requirement("C6")
def test_what_was_sent_is_kept_by_nobody(client: Client, pages: dict[str, str]) -> None:
    for path in pages.values():
        response = client.post(path)
        assert response.status_code == 405
        assert "public" not in response.get("Cache-Control", "")
    form = sign_form_in(client.get(pages["pledge"]).content)
    given_back = client.post(form.action, form.data)
    assert directives(given_back) == {"private", "no-store"}


@pytest.mark.parametrize("name", ["index", "pledge", "signer type", "embed"])
@pytest.mark.parametrize("moment", ["opens_at", "closes_at"])
def test_no_page_is_kept_beyond_the_moment_the_pledge_opens_or_closes(
    client: Client, pages: dict[str, str], campaign: Any, name: str, moment: str
) -> None:
    change_dates(campaign, **{moment: dt.timedelta(seconds=20)})
    (age,) = directives(client.get(pages[name])) - {"public"}
    assert 10 <= int(age.removeprefix("max-age=")) < 20
    change_dates(campaign, **{moment: dt.timedelta(seconds=-20)})
    assert directives(client.get(pages[name])) == {"public", "max-age=30"}
    change_dates(campaign, **{moment: dt.timedelta(hours=1)})
    assert directives(client.get(pages[name])) == {"public", "max-age=30"}


def test_of_two_moments_the_first_counts(client: Client, pages: dict[str, str], campaign: Any) -> None:
    change_dates(campaign, opens_at=dt.timedelta(seconds=0.9), closes_at=dt.timedelta(seconds=25))
    other = publish(home(), PledgePage(title="Other", slug="other", statement="<p>x</p>"))
    assert directives(client.get(pages["pledge"])) == {"public", "max-age=0"}
    assert directives(client.get(other.url)) == {"public", "max-age=30"}


@pytest.fixture
def answer(rf: RequestFactory) -> Callable[..., Any]:
    """``answer(template)``: what ``shared`` makes of a site's template."""

    def make(template: str = "hello", **headers: str) -> Any:
        request = rf.get("/")
        request.session = SessionStore()
        response = TemplateResponse(request, engines["django"].from_string(template), headers=headers)
        return shared(request, response).render()

    return make


def test_a_template_of_the_site_that_needs_a_cookie_or_the_session_is_kept_by_nobody(
    answer: Callable[..., Any],
) -> None:
    assert directives(answer()) == {"public", "max-age=30"}
    assert_for_nobody_else(answer("{% csrf_token %}"))
    assert_for_nobody_else(answer("{{ request.session.keys }}"))


def test_a_site_may_say_itself_how_long(answer: Callable[..., Any]) -> None:
    assert directives(answer(**{"Cache-Control": "max-age=5"})) == {"max-age=5"}
    assert_for_nobody_else(answer("{% csrf_token %}", **{"Cache-Control": "private, no-store"}))


def test_what_is_no_page_or_brings_a_cookie_is_kept_by_nobody(rf: RequestFactory) -> None:
    assert_for_nobody_else(shared(rf.get("/"), HttpResponse(status=302)))
    cookie = HttpResponse()
    cookie.set_cookie("a", "b")
    assert_for_nobody_else(shared(rf.get("/"), cookie))
    assert directives(shared(rf.get("/"), HttpResponse())) == {"public", "max-age=30"}
    assert settings.SESSION_COOKIE_NAME == "sessionid"


@pytest.mark.parametrize("name", ["sign_form", "sign_buttons"])
def test_no_page_is_kept_beyond_the_moment_a_campaign_that_a_block_shows_closes(
    client: Client, campaign: Any, name: str
) -> None:
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
