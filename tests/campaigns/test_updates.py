"""Updates: dated pages below a pledge page, listed by date, and hidden when restricted."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from wagtail.models import GroupPagePermission, Locale, PageViewRestriction

from tests.catalogues import english_in
from tests.projects.campaign import home, publish
from wagtail_pledge.campaigns.lookups import updates_for_page, updates_under
from wagtail_pledge.core.db import database_today
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, UpdatePage
from wagtail_pledge.signing.models import Pledge, Statement, Tally

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP11")]

DAY = dt.date(2026, 2, 3)


def add(parent: Any, title: str, day: dt.date | None = DAY, **values: Any) -> UpdatePage:
    page = UpdatePage(title=title, slug=title.lower().replace(" ", "-"), day=day, locale=parent.locale, **values)
    made: UpdatePage = publish(parent, page)
    return made


def put_block(page: PledgePage, **value: Any) -> None:
    page.refresh_from_db()
    page.body = PledgePage._meta.get_field("body").to_python([{"type": "updates", "value": value}])
    page.save_revision().publish()


def listed(html: str) -> list[str]:
    """Return the titles in the lists of updates in their order."""
    return [
        title
        for part in re.findall(r'<ol class="pledge-news">(.*?)</ol>', html, re.DOTALL)
        for title in re.findall(r"<h3><a [^>]*>(.*?)</a>", part)
    ]


@pytest.fixture
def update(campaign: PledgePage) -> UpdatePage:
    return add(campaign, "Hearing set", lead="The committee meets in March.")


def test_an_update_shows_date_lead_and_a_link_to_the_campaign(client: Client, campaign, individual, update) -> None:
    Tally.objects.create(pledge=campaign.pledge, day="2026-01-01", kind="individual", country="US", count=1234)
    html = client.get(update.url).content.decode()
    assert '<time datetime="2026-02-03">3 February 2026</time>' in html
    assert "The committee meets in March." in html
    assert f'<a href="{campaign.url}">Ratify now</a>' in html
    assert f'href="{campaign.url}#sign">Add my name</a>' in html
    assert "1,234" in html
    Pledge.objects.update(state="closed")
    closed = client.get(update.url).content.decode()
    assert "#sign" not in closed
    assert f'href="{campaign.url}">Back to the campaign</a>' in closed


@pytest.mark.requirement("X1")
def test_an_update_ends_in_a_way_to_sign_while_the_campaign_is_open(
    client: Client, campaign, individual, update
) -> None:
    link = f'<p><a class="pledge-button" href="{campaign.url}#sign">Add my name</a></p>'
    story = client.get(update.url).content.decode().partition('class="pledge-story"')[2]
    assert story.count(link) == 1
    Pledge.objects.update(state="closed")
    assert "#sign" not in client.get(update.url).content.decode()


def test_an_update_is_an_open_graph_article(client: Client, update) -> None:
    html = client.get(update.url).content.decode()
    assert '<meta property="og:type" content="article">' in html
    assert '<meta property="og:title" content="Hearing set">' in html
    assert '<meta property="og:description" content="The committee meets in March.">' in html
    assert '<meta property="article:published_time" content="2026-02-03">' in html
    assert f'<link rel="canonical" href="{update.full_url}">' in html


def test_other_pages_are_open_graph_websites(client: Client, campaign) -> None:
    assert '<meta property="og:type" content="website">' in client.get(campaign.url).content.decode()


def test_the_default_date_is_today(campaign) -> None:
    before = database_today()
    page = add(campaign, "Undated", day=None)
    assert page.day in {before, database_today()}


@pytest.mark.parametrize(("zone", "day"), [("America/Los_Angeles", 3), ("Europe/Madrid", 4)])
def test_the_default_date_depends_on_the_time_zone(monkeypatch: pytest.MonkeyPatch, zone: str, day: int) -> None:
    late = dt.datetime(2026, 2, 3, 23, 30, tzinfo=dt.UTC)
    monkeypatch.setattr("wagtail_pledge.core.db.database_now", lambda: late)
    with timezone.override(zone):
        page = UpdatePage(title="x")
        page.clean()
        assert page.day == dt.date(2026, 2, day)


def test_a_draft_without_a_date_can_be_saved(campaign) -> None:
    page = UpdatePage(title="Draft", slug="draft", live=False)
    campaign.add_child(instance=page)
    assert UpdatePage.objects.get().day is not None


@pytest.mark.requirement("P3")
def test_an_update_page_is_cacheable_with_a_constant_number_of_queries(client: Client, campaign, individual) -> None:
    page = add(campaign, "First")
    client.get(page.url)
    with CaptureQueriesContext(connection) as alone:
        response = client.get(page.url)
    assert response["Cache-Control"] == "public, max-age=30"
    assert not response.cookies
    assert len(alone) <= 15
    for number in range(6):
        add(campaign, f"Another {number}")
    with CaptureQueriesContext(connection) as beside_six:
        html = client.get(page.url).content.decode()
    assert len(beside_six) == len(alone)
    assert listed(html) == ["Another 5", "Another 4", "Another 3"]


def test_the_block_lists_the_newest_by_date(client: Client, campaign) -> None:
    for title, day in (("Second", 2), ("Fourth", 4), ("First", 1), ("Third", 3)):
        add(campaign, title, dt.date(2026, 3, day), lead=f"Lead {title}")
    put_block(campaign, heading="News", count=3, pledge="")
    html = client.get(campaign.url).content.decode()
    assert listed(html) == ["Fourth", "Third", "Second"]
    assert re.search(r"<h2>News</h2>", html)
    assert "Lead Fourth" in html
    assert "Lead First" not in html


@pytest.mark.requirement("P3")
def test_the_number_of_queries_of_the_block_is_constant(client: Client, campaign, individual) -> None:
    put_block(campaign, count=12)
    client.get(campaign.url)
    with CaptureQueriesContext(connection) as none:
        client.get(campaign.url)
    for number in range(8):
        add(campaign, f"Update {number}")
    with CaptureQueriesContext(connection) as eight:
        html = client.get(campaign.url).content.decode()
    assert len(listed(html)) == 8
    assert len(eight) == len(none) <= 15


def test_the_block_on_an_update_lists_the_other_updates(client: Client, campaign) -> None:
    add(campaign, "Old")
    page = add(campaign, "New")
    page.body = UpdatePage._meta.get_field("body").to_python([{"type": "updates", "value": {"count": 5}}])
    page.save_revision().publish()
    assert listed(client.get(page.url).content.decode()) == ["Old", "Old"]


def hide(page: UpdatePage, how: str) -> None:
    if how == "unpublished":
        page.unpublish()
    elif how == "draft":
        UpdatePage.objects.filter(pk=page.pk).update(live=False, first_published_at=None)
    else:
        PageViewRestriction.objects.create(page=page, restriction_type=how, password="x")


@pytest.mark.parametrize("how", ["unpublished", "draft", "login", "password", "groups"])
def test_hidden_updates_are_not_listed(client: Client, campaign, how: str) -> None:
    seen, hidden = add(campaign, "For all"), add(campaign, "For some")
    put_block(campaign, count=5)
    hide(hidden, how)
    assert listed(client.get(campaign.url).content.decode()) == ["For all"]
    assert listed(client.get(seen.url).content.decode()) == []
    answer = client.get(f"/pledge/{campaign.pledge.uuid}/pledge.json").json()
    assert [update["title"] for update in answer["updates"]] == ["For all"]
    assert "For some" not in client.get(hidden.url).content.decode()


def test_updates_of_a_restricted_campaign_are_listed_only_on_its_pages(client: Client, campaign) -> None:
    add(campaign, "Among us")
    put_block(campaign, count=5)
    PageViewRestriction.objects.create(page=campaign, restriction_type="login")
    other = publish(home(), PledgePage(title="Other", slug="other", statement="<p>Other.</p>"))
    put_block(other, count=5, pledge=str(campaign.pledge.uuid))
    assert listed(client.get(other.url).content.decode()) == []
    client.force_login(User.objects.create_user("member"))
    assert listed(client.get(campaign.url).content.decode()) == ["Among us"]
    assert listed(client.get(other.url).content.decode()) == []


def test_the_block_can_list_updates_of_another_campaign(client: Client, campaign) -> None:
    add(campaign, "From there")
    other = publish(home(), PledgePage(title="Other", slug="other", statement="<p>Other.</p>"))
    add(other, "From here")
    put_block(other, count=5, pledge=str(campaign.pledge.uuid))
    assert listed(client.get(other.url).content.decode()) == ["From there"]
    put_block(other, count=5, pledge="")
    assert listed(client.get(other.url).content.decode()) == ["From here"]


@pytest.mark.requirement("RE5")
def test_each_translation_has_its_own_updates(client: Client, campaign, update) -> None:
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    page = campaign.copy_for_translation(spanish)
    page.save_revision().publish()
    put_block(page, count=5)
    put_block(campaign, count=5)
    assert listed(client.get(page.url).content.decode()) == []
    translated = update.copy_for_translation(spanish)
    translated.title = "Hay fecha"
    translated.save_revision().publish()
    assert translated.get_parent().pk == page.pk
    assert translated.day == DAY
    assert listed(client.get(page.url).content.decode()) == ["Hay fecha"]
    assert listed(client.get(campaign.url).content.decode()) == ["Hearing set"]
    html = client.get(translated.url).content.decode()
    assert english_in(html) == []
    assert "3 de febrero de 2026" in html
    assert f'hreflang="en" href="{update.full_url}"' in html
    answer = client.get(f"/pledge/{campaign.pledge.uuid}/pledge.json").json()
    assert {(update["title"], update["language"]) for update in answer["updates"]} == {
        ("Hearing set", "en"),
        ("Hay fecha", "es"),
    }


@pytest.mark.parametrize(
    ("with_updates", "expected"), [(True, ["Adopted.", "Earlier", "Later"]), (False, ["Adopted."])]
)
def test_the_facts_timeline_can_include_updates(
    client: Client, campaign, with_updates: bool, expected: list[str]
) -> None:
    add(campaign, "Later", dt.date(2026, 3, 2))
    add(campaign, "Earlier", dt.date(2026, 3, 1))
    value = {"facts": [{"when": "1990", "text": "Adopted.", "source": ""}], "with_updates": with_updates}
    campaign.refresh_from_db()
    campaign.body = PledgePage._meta.get_field("body").to_python([{"type": "facts_timeline", "value": value}])
    campaign.save_revision().publish()
    html = client.get(campaign.url).content.decode()
    assert re.findall(r"</b>\s*<p>(?:<a [^>]*>)?([^<]*)", html) == expected


def test_publishing_an_update_creates_no_statement(campaign, individual) -> None:
    before = Statement.objects.count()
    assert add(campaign, "News").pledge == campaign.pledge
    assert Statement.objects.count() == before


def test_updates_can_only_be_created_below_a_pledge_page(campaign, individual) -> None:
    assert UpdatePage in campaign.allowed_subpage_models()
    index = publish(home(), PledgeIndexPage(title="All", slug="all"))
    for page in (home(), index, individual):
        assert not UpdatePage.can_create_at(page)


def test_a_page_without_a_campaign_has_no_updates() -> None:
    assert updates_for_page(home(), 5) == []
    assert updates_under([PledgePage(title="Unsaved")], 5) == []


def editor(*rights: str) -> User:
    group = Group.objects.create(name="Writers")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for codename in rights:
        right = Permission.objects.get(codename=codename, content_type__app_label="wagtailcore")
        GroupPagePermission.objects.create(group=group, page=home(), permission=right)
    user = User.objects.create_user("writer")
    user.groups.add(group)
    return user


@pytest.mark.requirement("ED3")
@pytest.mark.parametrize(
    ("rights", "adds", "publishes"),
    [((), False, False), (("add_page",), True, False), (("add_page", "publish_page"), True, True)],
)
def test_page_permissions_apply_to_updates(client: Client, campaign, rights, adds, publishes) -> None:
    client.force_login(editor(*rights))
    url = f"/admin/pages/add/wagtail_pledge_pages/updatepage/{campaign.pk}/"
    form = {"title": "By hand", "slug": "by-hand", "day": "", "lead": "", "body-count": "0", "action-publish": "1"}
    assert (client.get(url).status_code == 200) is adds
    client.post(url, form)
    found = UpdatePage.objects.all()
    assert [(page.title, page.live, page.day is not None) for page in found] == (
        [("By hand", publishes, True)] if adds else []
    )


@pytest.mark.requirement("CP7")
def test_an_unsaved_update_can_be_previewed(campaign, individual) -> None:
    page = UpdatePage(title="Coming", slug="coming", lead="Soon more.", locale=campaign.locale)
    page.set_url_path(campaign)
    page.path, page.depth = campaign.path + "0009", campaign.depth + 1
    response = page.make_preview_request()
    html = response.content.decode()
    assert "Soon more." in html
    assert f'<a href="{campaign.url}">Ratify now</a>' in html
    assert UpdatePage.objects.count() == 0


def test_a_list_of_updates_in_arabic() -> None:
    entry = {"title": "خبر", "lead": "", "day": DAY, "url": "/"}
    with translation.override("ar"):
        html = render_to_string("wagtail_pledge/includes/updates.html", {"updates": [entry]})
    assert 'datetime="2026-02-03"' in html
