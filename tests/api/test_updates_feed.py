"""The updates of a campaign as a feed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, PageViewRestriction, Site

from tests.campaign_fixtures import campaign
from tests.projects.campaign import home, publish
from wagtail_pledge.pages.models import UpdatePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge

__all__ = ["campaign"]

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP11")]

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def add(parent: Any, title: str, day: int) -> Any:
    page = UpdatePage(
        title=title, slug=title.lower(), day=dt.date(2026, 2, day), lead="One & two", locale=parent.locale
    )
    return publish(parent, page)


def feed(client: Client, page: Any, query: str = "", **headers: str) -> Any:
    return client.get(f"/pledge/{page.pledge.uuid}/updates.atom{query}", headers=headers)


def titles(answer: Any) -> list[str | None]:
    return [title.text for title in ET.fromstring(answer.content).findall("a:entry/a:title", ATOM)]


def test_it_lists_updates_newest_first(client: Client, campaign: Any) -> None:
    add(campaign, "First", 1)
    newest = add(campaign, "Second", 2)
    answer = feed(client, campaign, **{"Accept-Language": "es"})
    root = ET.fromstring(answer.content)
    assert titles(answer) == ["Second", "First"]
    assert [root.findtext(f"a:{name}", namespaces=ATOM) for name in ("title",)] == ["Ratify now: updates"]
    entry = root.find("a:entry", ATOM)
    assert entry is not None
    assert entry.find("a:link", ATOM).attrib["href"] == newest.full_url  # type: ignore[union-attr]
    assert entry.findtext("a:published", namespaces=ATOM) == "2026-02-02T00:00:00+00:00"
    assert entry.findtext("a:summary", namespaces=ATOM) == "One & two"
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert {"public", "max-age=300"} == set(answer["Cache-Control"].split(", "))
    assert "Vary" not in answer.headers
    assert not answer.cookies


def test_an_entry_keeps_its_name_when_its_address_changes(client: Client, campaign: Any) -> None:
    page = add(campaign, "Moved", 1)
    before = ET.fromstring(feed(client, campaign).content).findtext("a:entry/a:id", namespaces=ATOM)
    page.slug = "elsewhere"
    page.save_revision().publish()
    after = ET.fromstring(feed(client, campaign).content)
    assert after.findtext("a:entry/a:id", namespaces=ATOM) == before
    assert after.find("a:entry/a:link", ATOM).attrib["href"].endswith("/elsewhere/")  # type: ignore[union-attr]


def test_asking_again_costs_a_304_until_something_changes(client: Client, campaign: Any) -> None:
    add(campaign, "First", 1)
    etag = feed(client, campaign)["ETag"]
    again = feed(client, campaign, **{"If-None-Match": etag})
    assert (again.status_code, again.content, again["Access-Control-Allow-Origin"]) == (304, b"", "*")
    add(campaign, "Second", 2)
    assert feed(client, campaign, **{"If-None-Match": etag}).status_code == 200


@pytest.mark.requirement("RE5")
def test_each_language_has_its_own(client: Client, campaign: Any) -> None:
    add(campaign, "English", 1)
    assert feed(client, campaign, "?lang=es").status_code == 404
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    page = campaign.copy_for_translation(spanish)
    page.save_revision().publish()
    assert titles(feed(client, page, "?lang=es")) == []
    add(page, "Castellano", 2)
    assert titles(feed(client, page, "?lang=es")) == ["Castellano"]
    assert titles(feed(client, campaign, "?lang=xx")) == ["English"]


def test_what_nobody_may_see_is_in_no_feed(client: Client, campaign: Any) -> None:
    hidden, draft = add(campaign, "Hidden", 1), add(campaign, "Draft", 2)
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    draft.unpublish()
    assert titles(feed(client, campaign)) == []
    PageViewRestriction.objects.create(page=campaign, restriction_type="login")
    assert feed(client, campaign).status_code == 404
    PageViewRestriction.objects.all().delete()
    Pledge.objects.update(state=PledgeState.DRAFT)
    assert feed(client, campaign).status_code == 404
    assert client.get(f"/pledge/{uuid.uuid4()}/updates.atom").status_code == 404
    assert client.post(f"/pledge/{campaign.pledge.uuid}/updates.atom").status_code == 405


def test_it_costs_the_same_however_many_there_are(client: Client, campaign: Any) -> None:
    Site.get_site_root_paths()
    add(campaign, "First", 1)
    feed(client, campaign)
    with CaptureQueriesContext(connection) as one:
        feed(client, campaign)
    for day in range(2, 8):
        add(campaign, f"Day{day}", day)
    feed(client, campaign)
    with CaptureQueriesContext(connection) as seven:
        assert len(titles(feed(client, campaign))) == 7
    assert len(seven) == len(one) <= 5


def test_an_update_names_the_feed(client: Client, campaign: Any) -> None:
    html = client.get(add(campaign, "First", 1).url).content.decode()
    assert f'title="Ratify now: updates" href="/pledge/{campaign.pledge.uuid}/updates.atom?lang=en"' in html
