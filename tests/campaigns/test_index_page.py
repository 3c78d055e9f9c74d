"""The index page of campaigns: contents, search, filter, pagination and number of queries."""

from __future__ import annotations

import datetime as dt
import gc
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Locale, PageViewRestriction

from tests.catalogues import english_in
from tests.projects.campaign import home, publish
from wagtail_pledge.campaigns.page_types.index_listing import MAX_SEARCH, PER_PAGE, page_number
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage
from wagtail_pledge.signing.models import Pledge, Tally

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP5")]

DAY = dt.timedelta(days=1)


@pytest.fixture
def index(db: None) -> PledgeIndexPage:
    made: PledgeIndexPage = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns", lead="All of them."))
    return made


def add(index: PledgeIndexPage, title: str, **ledger: Any) -> PledgePage:
    number = index.get_children().count()
    page: PledgePage = publish(index, PledgePage(title=title, slug=f"c{number}", statement="<p>x</p>"))
    Pledge.objects.filter(pk=page.pledge_id).update(**ledger)
    return page


def add_many(index: PledgeIndexPage, count: int) -> None:
    """Add many pages without revisions."""
    for number in range(count):
        index.add_child(instance=PledgePage(title=f"Call {number:03}", slug=f"m{number}", statement="<p>x</p>"))


def get_html(client: Client, index: PledgeIndexPage, **query: Any) -> str:
    answer = client.get(index.url, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def titles(html: str) -> list[str]:
    return re.findall(r'<h2><a href="[^"]+">([^<]*)</a></h2>', html)


def test_each_campaign_has_title_state_count_and_goal(client: Client, index: PledgeIndexPage) -> None:
    page = add(index, "Ratify", goal=5000, state="won")
    Tally.objects.create(pledge=page.pledge, day="2026-01-01", kind="individual", country="US", count=1200)
    Tally.objects.create(pledge=page.pledge, day="2026-01-02", kind="organization", country="US", count=34)
    html = get_html(client, index)
    assert titles(html) == ["Ratify"]
    assert page.url in html
    for text in ('<span class="pledge-chip pledge-chip--won">Won</span>', "1,234", "5,000", 'max="5000"'):
        assert text in html
    assert "<form" not in html


def test_an_open_campaign_with_a_deadline_names_its_last_day(client: Client, index: PledgeIndexPage) -> None:
    page = add(index, "Until")
    deadline = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + 5 * DAY
    Pledge.objects.filter(pk=page.pledge.pk).update(closes_at=deadline)
    last = (deadline - DAY).date()
    assert f"Open until {last.day} {last:%B %Y}." in client.get(index.url).content.decode()
    Pledge.objects.filter(pk=page.pledge.pk).update(state="paused")
    assert "Open until" not in client.get(index.url).content.decode()


def test_live_child_campaigns_are_listed_in_tree_order(client: Client, index) -> None:
    below = [add(index, title) for title in ("Zebra", "Apple", "Mango")]
    below[1].unpublish()
    publish(home(), PledgePage(title="Elsewhere", slug="elsewhere", statement="<p>x</p>"))
    index.add_child(instance=PledgeIndexPage(title="Archive", slug="archive"))
    assert titles(get_html(client, index)) == ["Zebra", "Mango"]


@pytest.mark.parametrize("kind", ["login", "password"])
def test_a_restricted_campaign_is_not_listed(client: Client, index, kind: str) -> None:
    hidden, _seen = add(index, "Hidden"), add(index, "Seen")
    PageViewRestriction.objects.create(page=hidden, restriction_type=kind, password="x")
    html = get_html(client, index)
    assert titles(html) == ["Seen"]
    assert "Hidden" not in html
    assert titles(get_html(client, index, q="hidden")) == []


def test_a_restricted_index_lists_its_campaigns_to_those_with_access(client: Client, index) -> None:
    add(index, "Among us")
    restriction = PageViewRestriction.objects.create(page=index, restriction_type="password", password="x")
    assert "Among us" not in client.get(index.url).content.decode()
    session = client.session
    session["passed_page_view_restrictions"] = [restriction.pk]
    session.save()
    assert titles(get_html(client, index)) == ["Among us"]


def test_campaigns_can_be_filtered_by_state(client: Client, index) -> None:
    now = timezone.now()
    for title, ledger in {
        "Draft": {"state": "draft"},
        "Later": {"state": "open", "opens_at": now + DAY},
        "Now": {"state": "open"},
        "Pause": {"state": "paused"},
        "Ended": {"state": "open", "closes_at": now - DAY},
        "Shut": {"state": "closed"},
        "Handed": {"state": "delivered"},
    }.items():
        add(index, title, **ledger)
    html = get_html(client, index)
    offered = re.findall(r'<option value="(\w*)"', html)
    assert offered == ["", "open", "not_yet", "paused", "closed", "delivered"]
    wanted = {
        "not_yet": ["Draft", "Later"],
        "open": ["Now"],
        "paused": ["Pause"],
        "closed": ["Ended", "Shut"],
        "delivered": ["Handed"],
        "won": [],
    }
    assert {state: titles(get_html(client, index, state=state)) for state in wanted} == wanted
    assert "Draft</span>" not in html
    closed = get_html(client, index, state="closed")
    assert '<option value="closed" selected>' in closed
    assert "2 of 7 campaigns" in closed


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ratify", ["Ratify now", "Ratífy Niño"]),
        ("NINO", ["Ratífy Niño"]),
        ("niño rat", ["Ratífy Niño"]),
        ("nothing", []),
        ("%", ["Ratify now", "Ratífy Niño", "Water"]),
        ("  ", ["Ratify now", "Ratífy Niño", "Water"]),
    ],
)
def test_search_ignores_case_and_accents(client: Client, index, q: str, found: list[str]) -> None:
    for title in ("Ratify now", "Ratífy Niño", "Water"):
        add(index, title)
    assert titles(get_html(client, index, q=q)) == found


def test_search_and_state_are_combined_and_kept_in_the_form(client: Client, index) -> None:
    add(index, "Water now")
    add(index, "Water then", state="closed")
    add(index, "Fire then", state="closed")
    html = get_html(client, index, q='water "', state="closed")
    assert titles(html) == ["Water then"]
    assert 'value="water &quot;"' in html


@pytest.mark.requirement("I59")
@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("", 1),
        ("1", 1),
        ("3", 3),
        ("4", 3),
        ("0", 1),
        ("-1", 1),
        ("1000000000", 3),
        ("9" * 5000, 3),
        ("-" + "9" * 5000, 1),
        ("--1", 1),
        ("1.5", 1),
        ("²", 1),
        ("٣", 1),
        ("x", 1),
        ("\x00", 1),
    ],
)
def test_a_bad_page_number_is_clamped(asked: str, number: int) -> None:
    assert page_number(asked, 3) == number


@pytest.mark.requirement("I59")
def test_pagination_keeps_the_filter(client: Client, index) -> None:
    add_many(index, PER_PAGE + 1)
    first = get_html(client, index, q="call", state="open")
    assert len(titles(first)) == PER_PAGE
    assert "Page 1 of 2" in first
    assert 'rel="next" href="?state=open&amp;q=call&amp;page=2"' in first
    assert 'rel="prev"' not in first
    for asked in ("2", "1000000000"):
        last = get_html(client, index, q="call", state="open", page=asked)
        assert titles(last) == [f"Call {PER_PAGE:03}"]
        assert 'rel="prev" href="?state=open&amp;q=call"' in last
        assert 'rel="next"' not in last
    assert titles(get_html(client, index, page="-1")) == titles(first)


@pytest.mark.requirement("I59")
@pytest.mark.parametrize(
    "query",
    [
        {"q": "é" * 10_000},
        {"q": "\x00' OR 1=1 --"},
        {"state": "won' OR"},
        {"state": "draft"},
        {"title__startswith": "R", "pledge__title": "x", "order": "email", "limit": "1000000"},
    ],
)
def test_invalid_parameters_are_ignored(client: Client, index, query: dict[str, str]) -> None:
    add(index, "Ratify")
    html = get_html(client, index, **query)
    assert titles(html) == ([] if "q" in query else ["Ratify"])
    assert len(re.findall("é", html)) <= MAX_SEARCH


def test_an_empty_list_has_a_message(client: Client, index) -> None:
    assert "There are no campaigns right now" in get_html(client, index)
    add(index, "Ratify")
    html = get_html(client, index, q="water")
    assert "No campaigns match your search" in html
    assert 'href="?"' in html


# Wagtail leaves the temporary file of a rendition to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.requirement("P3")
def test_the_number_of_queries_is_constant(client: Client, index) -> None:
    def picture(number: int) -> Any:
        file = get_test_image_file(filename=f"p{number}.png", size=(1280, 720))
        return get_image_model().objects.create(title=f"Picture {number}", file=file)

    def number_of_queries() -> int:
        get_html(client, index)  # creates renditions
        with CaptureQueriesContext(connection) as captured:
            html = get_html(client, index)
        assert html.count("pledge-campaigns__picture") == index.get_children().count()
        return len(captured)

    for number in range(6):
        page = add(index, f"Call {number}")
        PledgePage.objects.filter(pk=page.pk).update(image=picture(number))
        if number == 0:
            before = number_of_queries()
    assert number_of_queries() == before <= 15
    gc.collect()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_other_rendition_sizes_are_prefetched_too(index, rf: Any, django_assert_num_queries: Any) -> None:
    file = get_test_image_file(size=(1280, 720))
    picture = get_image_model().objects.create(title="March", file=file)
    PledgePage.objects.filter(pk=add(index, "Ratify").pk).update(image=picture)
    made = picture.get_rendition("width-300")
    (campaign,) = index.get_listing(rf.get("/")).campaigns
    with django_assert_num_queries(0):
        assert campaign["page"].image.get_rendition("width-300") == made
    gc.collect()


@pytest.mark.requirement("P3")
def test_the_page_is_cacheable(client: Client, index) -> None:
    add(index, "Ratify")
    answer = client.get(index.url, {"q": "rat"})
    assert answer["Cache-Control"] == "public, max-age=30"
    assert "cookie" not in answer.get("Vary", "").lower()
    assert not answer.cookies


def test_a_translated_index_lists_translated_campaigns_with_the_same_count(client: Client, index) -> None:
    page = add(index, "Ratify")
    Tally.objects.create(pledge=page.pledge, day="2026-01-01", kind="individual", country="US", count=77)
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    for original, title in ((index, "Campañas"), (page, "Ratifiquen")):
        copy = original.copy_for_translation(spanish)
        copy.title = title
        copy.lead = ""
        copy.save_revision().publish()
    html = get_html(client, index.get_translation(spanish))
    assert titles(html) == ["Ratifiquen"]
    assert "77" in html
    assert "Abierta" in html
    assert english_in(html) == []


@pytest.mark.requirement("CP8")
def test_minimum_count_and_goal_steps_apply_to_all_pages(client: Client, index: PledgeIndexPage) -> None:
    page = add(index, "Ratify")
    page.pledge.tallies.create(day="2026-02-03", kind="individual", country="US", count=1234)
    pages = (index.url, page.url)
    Pledge.objects.filter(pk=page.pledge_id).update(shown_from=1235, goal_steps="1000 5000")
    assert [("1,234" in client.get(url).content.decode()) for url in pages] == [False, False]
    Pledge.objects.filter(pk=page.pledge_id).update(shown_from=1234)
    for url in pages:
        html = client.get(url).content.decode()
        assert '<span class="pledge-number">1,234</span> signed' in html
        assert '<progress value="1234" max="5000"' in html
