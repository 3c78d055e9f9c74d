"""What caches keep is thrown away when a page, a pledge or a treaty changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings
from wagtail.contrib.frontend_cache.backends import BaseBackend
from wagtail.models import Locale, PageViewRestriction

from tests.journey import confirm, sign, work
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from wagtail_pledge.campaigns.cache_invalidation import purge
from wagtail_pledge.core.db import database_now
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, TreatyStatusPage, UpdatePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services import approve, change_state, reject
from wagtail_pledge.signing.services.switches import set_surge
from wagtail_pledge.treaties.signals import send_status_changed

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P4")]

HOST = "http://localhost"


class FakeFront(BaseBackend):
    """A front-end cache that remembers what it was asked to throw away."""

    purged: ClassVar[list[str]] = []
    works: ClassVar[bool] = True

    def purge_batch(self, urls: list[str]) -> None:
        if not self.works:
            raise OSError
        self.purged.extend(urls)


@pytest.fixture
def front(settings: Settings) -> Iterator[type[FakeFront]]:
    settings.WAGTAILFRONTENDCACHE = {"default": {"BACKEND": "tests.campaigns.test_cache_invalidation.FakeFront"}}
    # Wagtail would ask for every page in every language
    settings.WAGTAILFRONTENDCACHE_LANGUAGES = []
    FakeFront.purged, FakeFront.works = [], True
    yield FakeFront
    FakeFront.works = True


@pytest.fixture
def site(campaign: Any, individual: Any) -> dict[str, Any]:
    """A campaign in two languages below an index, a treaty page that leads to it, and another campaign."""
    spanish = Locale.objects.create(language_code="es")
    home().copy_for_translation(spanish).save_revision().publish()
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    index.copy_for_translation(spanish).save_revision().publish()
    campaign.move(index, pos="last-child")
    campaign, individual = (type(page).objects.get(pk=page.pk) for page in (campaign, individual))
    campaign.copy_for_translation(spanish).save_revision().publish()
    treaty = publish(home(), TreatyStatusPage(title="Status", slug="status", campaign=campaign.pledge))
    other = publish(home(), PledgePage(title="Other", slug="other", statement="<p>x</p>"))
    return {"index": index, "campaign": campaign, "individual": individual, "treaty": treaty, "other": other}


@pytest.fixture
def thrown_away(
    front: type[FakeFront], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Callable[[Callable[[], Any]], set[str]]:
    """``thrown_away(act)``: the paths that a front-end cache was asked to forget."""

    def look(act: Callable[[], Any]) -> set[str]:
        front.purged.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        assert all(url.startswith(HOST) for url in front.purged)
        assert len(front.purged) == len(set(front.purged))
        return {url.removeprefix(HOST) for url in front.purged}

    return look


def shown(pledge: Any, *codes: str) -> set[str]:
    """The addresses of the pledge's data."""
    root = f"/pledge/{pledge.uuid}"
    by_language = {
        f"{root}/{name}{end}" for name in ("embed/", "updates.atom") for end in ("", *map("?lang={}".format, codes))
    }
    return {f"{root}/count.json", f"{root}/pledge.json"} | by_language


def around(site: dict[str, Any]) -> set[str]:
    """Everything that shows the campaign of ``site``."""
    paths = {"/en/campaigns/", "/es/campaigns/", "/en/campaigns/ratify/", "/es/campaigns/ratify/"}
    return paths | {"/en/campaigns/ratify/individual/", "/en/status/"} | shown(site["campaign"].pledge, "en", "es")


def test_publishing_throws_away_everything_that_shows_the_pledge(site: dict[str, Any], thrown_away: Any) -> None:
    for name in ("campaign", "individual"):
        assert thrown_away(lambda name=name: site[name].save_revision().publish()) == around(site)
    assert thrown_away(site["treaty"].save_revision().publish) == {"/en/status/"}
    assert thrown_away(site["index"].save_revision().publish) == {"/en/campaigns/"}
    assert thrown_away(home().save_revision().publish) == set()


@pytest.mark.requirement("CP11")
def test_an_update_throws_away_what_may_list_it(site: dict[str, Any], thrown_away: Any) -> None:
    parent = type(site["campaign"]).objects.get(pk=site["campaign"].pk)
    first = publish(parent, UpdatePage(title="First", slug="first"))
    update = UpdatePage(title="Second", slug="second")
    added = thrown_away(lambda: publish(parent, update))
    assert added == around(site) | {f"{parent.url}{slug}/" for slug in ("first", "second")}
    pause = lambda: change_state(parent.pledge, PledgeState.PAUSED, actor=None, reason="Rest")  # noqa: E731
    with_updates = thrown_away(pause)
    assert with_updates == added
    hidden = thrown_away(lambda: PageViewRestriction.objects.create(page=first, restriction_type="login"))
    assert hidden == {first.url}


def test_what_staff_decide_about_an_organization_throws_its_names_away(
    client: Client, organization: Any, site: dict[str, Any], thrown_away: Any
) -> None:
    page = type(organization).objects.get(pk=organization.pk)
    about = {"organization": "Casa", "website": "", "city": "", "role": "director", "authorized": "on"}
    person = {"name": "Luis Mora", "email": "luis@casa.example", "country": "US", **about}
    assert sign(client, page.url, **person).status_code == 303
    work()
    assert confirm(client, "luis@casa.example").status_code == 303
    (signature,) = get_signature_model()._default_manager.all()
    everything = around(site) | {page.url}
    assert thrown_away(lambda: approve(signature)) == everything
    assert thrown_away(lambda: reject(signature, reason="No answer")) == everything


def test_a_draft_throws_nothing_away(site: dict[str, Any], thrown_away: Any) -> None:
    assert thrown_away(site["campaign"].save_revision) == set()


def test_unpublishing_and_deleting_throw_away_the_page_too(site: dict[str, Any], thrown_away: Any) -> None:
    assert thrown_away(site["individual"].unpublish) == around(site)
    assert thrown_away(site["other"].delete) >= {"/en/other/"}


def test_a_moved_page_is_thrown_away_with_what_shows_it(site: dict[str, Any], thrown_away: Any) -> None:
    assert thrown_away(lambda: site["other"].move(site["index"], pos="last-child")) >= {
        "/en/campaigns/",
        "/en/campaigns/other/",
    }


@pytest.mark.requirement("CP6")
def test_a_change_of_state_throws_away_everything_that_shows_the_pledge(site: dict[str, Any], thrown_away: Any) -> None:
    pledge = site["campaign"].pledge
    close = lambda: change_state(pledge, PledgeState.CLOSED, actor=None, reason="Done")  # noqa: E731
    assert thrown_away(close) == around(site)
    pledge.refresh_from_db()
    pledge.goal = 500
    assert thrown_away(pledge.save) == around(site)
    other = site["other"].pledge
    other.closes_at = database_now() + dt.timedelta(days=1)
    assert thrown_away(other.save) == {"/en/other/"} | shown(other, "en")


def test_a_surge_throws_away_what_shows_the_pledges_in_it(site: dict[str, Any], thrown_away: Any) -> None:
    mine, other = site["campaign"].pledge, site["other"].pledge
    assert thrown_away(lambda: set_surge(on=True, pledge=other)) == {"/en/other/"} | shown(other, "en")
    assert thrown_away(lambda: set_surge(on=True)) == around(site) | {"/en/other/"} | shown(other, "en")
    change_state(other, PledgeState.CLOSED, actor=None, reason="Done")
    assert thrown_away(lambda: set_surge(on=False)) == around(site)
    assert mine.pk != other.pk


def test_what_is_put_behind_a_log_in_is_thrown_away_with_all_below(site: dict[str, Any], thrown_away: Any) -> None:
    made = PageViewRestriction(page=site["index"], restriction_type=PageViewRestriction.LOGIN)
    below = {"/en/campaigns/", "/en/campaigns/ratify/", "/en/campaigns/ratify/individual/"}
    assert thrown_away(made.save) == below
    assert thrown_away(made.delete) == below


def test_a_treaty_whose_status_changes_throws_away_the_treaty_pages(site: dict[str, Any], thrown_away: Any) -> None:
    change: Any = object()
    assert thrown_away(lambda: send_status_changed(treaty_data.treaty(), [change])) == {"/en/status/"}


def test_what_did_not_happen_throws_nothing_away(site: dict[str, Any], thrown_away: Any) -> None:
    def fail() -> None:
        with transaction.atomic():
            site["campaign"].pledge.save()
            transaction.set_rollback(True)

    assert thrown_away(fail) == set()


def test_a_front_end_cache_that_fails_changes_nothing_else(
    site: dict[str, Any], front: type[FakeFront], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    front.works = False
    with django_capture_on_commit_callbacks(execute=True):
        change_state(site["campaign"].pledge, PledgeState.CLOSED, actor=None, reason="Done")
    site["campaign"].pledge.refresh_from_db()
    assert site["campaign"].pledge.state == PledgeState.CLOSED


def test_without_a_front_end_cache_nothing_is_looked_for(
    site: dict[str, Any], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        purge([site["campaign"]], [site["campaign"].pledge])
