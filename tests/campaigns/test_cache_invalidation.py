"""Front-end caches are purged when a page, a pledge or a treaty changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings
from wagtail.contrib.frontend_cache.backends import BaseBackend
from wagtail.models import Locale, PageViewRestriction

from tests.decisions import translate
from tests.journey import confirm, sign, work
from tests.projects.campaign import home, publish
from tests.treaties import treaty_data
from wagtail_pledge.campaigns.cache_invalidation import purge
from wagtail_pledge.core.db import database_now
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, TreatyStatusPage, UpdatePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services import approve, change_state, reject
from wagtail_pledge.signing.services.switches import MAIL, SIGNING, set_surge, set_switch
from wagtail_pledge.testing.factories import (
    DecisionStageFactory,
    EvidenceFactory,
    PledgeRecipientFactory,
    RecipientFactory,
)
from wagtail_pledge.treaties.models import State, StateAlias, TreatyDeclaration, TreatyName
from wagtail_pledge.treaties.signals import send_status_changed

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P4")]

HOST = "http://localhost"


class FakeFrontendCache(BaseBackend):
    """Front-end cache backend that records the purged URLs."""

    purged: ClassVar[list[str]] = []
    works: ClassVar[bool] = True

    def purge_batch(self, urls: list[str]) -> None:
        if not self.works:
            raise OSError
        self.purged.extend(urls)


@pytest.fixture
def fake_frontend_cache(settings: Settings) -> Iterator[type[FakeFrontendCache]]:
    settings.WAGTAILFRONTENDCACHE = {
        "default": {"BACKEND": "tests.campaigns.test_cache_invalidation.FakeFrontendCache"}
    }
    # Wagtail would purge every page in every language
    settings.WAGTAILFRONTENDCACHE_LANGUAGES = []
    FakeFrontendCache.purged, FakeFrontendCache.works = [], True
    yield FakeFrontendCache
    FakeFrontendCache.works = True


@pytest.fixture
def site(campaign: Any, individual: Any) -> dict[str, Any]:
    """Return a campaign in two languages below an index, a treaty page that links to it, and another campaign."""
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
def purged_by(
    fake_frontend_cache: type[FakeFrontendCache], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Callable[[Callable[[], Any]], set[str]]:
    """Return a function that runs an action and returns the purged paths."""

    def run(action: Callable[[], Any]) -> set[str]:
        fake_frontend_cache.purged.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action()
        assert all(url.startswith(HOST) for url in fake_frontend_cache.purged)
        assert len(fake_frontend_cache.purged) == len(set(fake_frontend_cache.purged))
        return {url.removeprefix(HOST) for url in fake_frontend_cache.purged}

    return run


def data_paths(pledge: Any, *codes: str) -> set[str]:
    """Return the paths of the pledge's data."""
    root = f"/pledge/{pledge.uuid}"
    by_language = {
        f"{root}/{name}{end}"
        for name in ("embed/", "updates.atom", "organizations/")
        for end in ("", *map("?lang={}".format, codes))
    }
    return {f"{root}/count.json", f"{root}/pledge.json"} | by_language


def paths_of(site: dict[str, Any]) -> set[str]:
    """Return all paths that show the campaign of ``site``."""
    paths = {"/en/campaigns/", "/es/campaigns/", "/en/campaigns/ratify/", "/es/campaigns/ratify/"}
    return paths | {"/en/campaigns/ratify/individual/", "/en/status/"} | data_paths(site["campaign"].pledge, "en", "es")


@pytest.mark.parametrize("name", ["campaign", "individual"])
def test_publishing_purges_everything_that_shows_the_pledge(site: dict[str, Any], purged_by: Any, name: str) -> None:
    assert purged_by(site[name].save_revision().publish) == paths_of(site)


def test_publishing_other_pages_purges_only_these(site: dict[str, Any], purged_by: Any) -> None:
    assert purged_by(site["treaty"].save_revision().publish) == {"/en/status/"}
    assert purged_by(site["index"].save_revision().publish) == {"/en/campaigns/"}
    assert purged_by(home().save_revision().publish) == set()


@pytest.mark.requirement("CP11")
def test_an_update_purges_the_pages_that_list_it(site: dict[str, Any], purged_by: Any) -> None:
    parent = type(site["campaign"]).objects.get(pk=site["campaign"].pk)
    first = publish(parent, UpdatePage(title="First", slug="first"))
    update = UpdatePage(title="Second", slug="second")
    added = purged_by(lambda: publish(parent, update))
    assert added == paths_of(site) | {f"{parent.url}{slug}/" for slug in ("first", "second")}
    pause = lambda: change_state(parent.pledge, PledgeState.PAUSED, actor=None, reason="Rest")  # noqa: E731
    with_updates = purged_by(pause)
    assert with_updates == added
    hidden = purged_by(lambda: PageViewRestriction.objects.create(page=first, restriction_type="login"))
    assert hidden == {first.url}


def test_approving_and_rejecting_an_organization_purge_the_campaign(
    client: Client, organization: Any, site: dict[str, Any], purged_by: Any
) -> None:
    page = type(organization).objects.get(pk=organization.pk)
    about = {"organization": "Casa", "website": "", "city": "", "role": "director", "authorized": "on"}
    person = {"name": "Luis Mora", "email": "luis@casa.example", "country": "US", **about}
    assert sign(client, page.url, **person).status_code == 303
    work()
    assert confirm(client, "luis@casa.example").status_code == 303
    (signature,) = get_signature_model()._default_manager.all()
    everything = paths_of(site) | {page.url}
    assert purged_by(lambda: approve(signature)) == everything
    assert purged_by(lambda: reject(signature, reason="No answer")) == everything


@pytest.mark.requirement("DL1")
def test_changes_of_who_decides_purge_the_campaigns_that_show_it(site: dict[str, Any], purged_by: Any) -> None:
    everything = paths_of(site)
    unused = RecipientFactory()
    assert purged_by(unused.save) == set()
    urged = PledgeRecipientFactory(pledge=site["campaign"].pledge)
    stage = DecisionStageFactory(pledge=site["campaign"].pledge, recipient=RecipientFactory())
    evidence = EvidenceFactory(stage=stage)
    rows = [urged, urged.recipient, stage, stage.recipient, evidence]
    for row in rows:
        assert purged_by(row.save) == everything, row
    texts = {"office": "El Senado"}, {"name": "La votación"}, {"text": "Sucedió."}
    for row, values in zip((urged.recipient, stage, evidence), texts, strict=True):
        assert purged_by(partial(translate, row, **values)) == everything, row
        assert purged_by(type(row).objects.get(pk=row.pk).translations.get().delete) == everything, row
    for row in (evidence, stage, urged):
        assert purged_by(row.delete) == everything, row


def test_saving_a_draft_purges_nothing(site: dict[str, Any], purged_by: Any) -> None:
    assert purged_by(site["campaign"].save_revision) == set()


def test_unpublishing_and_deleting_purge_the_page_too(site: dict[str, Any], purged_by: Any) -> None:
    assert purged_by(site["individual"].unpublish) == paths_of(site)
    assert purged_by(site["other"].delete) >= {"/en/other/"}


def test_moving_a_page_purges_it_and_the_index(site: dict[str, Any], purged_by: Any) -> None:
    assert purged_by(lambda: site["other"].move(site["index"], pos="last-child")) >= {
        "/en/campaigns/",
        "/en/campaigns/other/",
    }


@pytest.mark.requirement("CP6")
def test_a_change_of_the_pledge_purges_everything_that_shows_it(site: dict[str, Any], purged_by: Any) -> None:
    pledge = site["campaign"].pledge
    close = lambda: change_state(pledge, PledgeState.CLOSED, actor=None, reason="Done")  # noqa: E731
    assert purged_by(close) == paths_of(site)
    pledge.refresh_from_db()
    pledge.goal = 500
    assert purged_by(pledge.save) == paths_of(site)
    other = site["other"].pledge
    other.closes_at = database_now() + dt.timedelta(days=1)
    assert purged_by(other.save) == {"/en/other/"} | data_paths(other, "en")


def test_a_surge_purges_what_shows_its_pledges(site: dict[str, Any], purged_by: Any) -> None:
    mine, other = site["campaign"].pledge, site["other"].pledge
    assert purged_by(lambda: set_surge(on=True, pledge=other)) == {"/en/other/"} | data_paths(other, "en")
    assert purged_by(lambda: set_surge(on=True)) == paths_of(site) | {"/en/other/"} | data_paths(other, "en")
    change_state(other, PledgeState.CLOSED, actor=None, reason="Done")
    assert purged_by(lambda: set_surge(on=False)) == paths_of(site)
    assert mine.pk != other.pk


@pytest.mark.requirement("OP4")
def test_a_pause_of_signing_purges_the_pages_with_a_form(site: dict[str, Any], purged_by: Any) -> None:
    everything = paths_of(site) | {"/en/other/"} | data_paths(site["other"].pledge, "en")
    for on in (True, False):
        assert purged_by(lambda on=on: set_switch(SIGNING, on=on)) == everything
    assert purged_by(lambda: set_switch(MAIL, on=True)) == set()


def test_a_restriction_purges_the_page_and_its_descendants(site: dict[str, Any], purged_by: Any) -> None:
    made = PageViewRestriction(page=site["index"], restriction_type=PageViewRestriction.LOGIN)
    below = {"/en/campaigns/", "/en/campaigns/ratify/", "/en/campaigns/ratify/individual/"}
    assert purged_by(made.save) == below
    assert purged_by(made.delete) == below


def test_a_change_of_treaty_status_purges_the_treaty_pages(site: dict[str, Any], purged_by: Any) -> None:
    change: Any = object()
    assert purged_by(lambda: send_status_changed(treaty_data.treaty(), [change])) == {"/en/status/"}


@pytest.mark.requirement("TR2")
def test_what_editors_change_about_treaties_purges_the_treaty_pages(site: dict[str, Any], purged_by: Any) -> None:
    treaty, state = treaty_data.treaty(), State.objects.create(key="XXA", name="Exland")
    rows = [
        state,
        TreatyName(treaty=treaty, language="fr", name="la Convention", title="Convention"),
        TreatyDeclaration(treaty=treaty, party=state, kind="acceptance", article="77"),
        StateAlias(state=state, name="Exlandia", normalized="exlandia"),
    ]
    for row in rows:
        assert purged_by(row.save) == {"/en/status/"}, row
    for row in reversed(rows):
        assert purged_by(row.delete) == {"/en/status/"}, row


def test_a_rolled_back_change_purges_nothing(site: dict[str, Any], purged_by: Any) -> None:
    def fail() -> None:
        with transaction.atomic():
            site["campaign"].pledge.save()
            transaction.set_rollback(True)

    assert purged_by(fail) == set()


def test_a_failing_front_end_cache_does_not_stop_the_change(
    site: dict[str, Any],
    fake_frontend_cache: type[FakeFrontendCache],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    fake_frontend_cache.works = False
    with django_capture_on_commit_callbacks(execute=True):
        change_state(site["campaign"].pledge, PledgeState.CLOSED, actor=None, reason="Done")
    site["campaign"].pledge.refresh_from_db()
    assert site["campaign"].pledge.state == PledgeState.CLOSED


def test_without_a_front_end_cache_no_query_is_made(
    site: dict[str, Any], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        purge([site["campaign"]], [site["campaign"].pledge])
