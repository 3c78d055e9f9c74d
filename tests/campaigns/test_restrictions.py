"""View restrictions of pages: the same as Wagtail's, with one query less."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.models import Locale, Page, PageViewRestriction

from tests.projects.campaign import home
from wagtail_pledge.pages.models import PledgePage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P3")]


def restrict(page: Any) -> PageViewRestriction:
    made: PageViewRestriction = PageViewRestriction.objects.create(page=page, restriction_type="login")
    return made


def restrictions_of(page: Any) -> set[int]:
    """Return the page's restrictions, which equal those that Wagtail finds."""
    fresh = PledgePage.objects.get(pk=page.pk)
    known = {one.pk for one in fresh.get_view_restrictions()}
    assert known == {one.pk for one in Page.get_view_restrictions(PledgePage.objects.get(pk=page.pk))}
    return known


@pytest.fixture
def spanish() -> Locale:
    return Locale.objects.create(language_code="es")


def test_a_page_without_a_restriction_takes_one_query(
    campaign: Any, individual: Any, django_assert_num_queries: Any
) -> None:
    restrict(individual)
    with django_assert_num_queries(1):
        assert not campaign.get_view_restrictions()


def test_restrictions_of_the_page_and_its_ancestors_apply(campaign: Any, individual: Any) -> None:
    assert restrictions_of(campaign) == set()
    above = restrict(home())
    assert restrictions_of(campaign) == {above.pk}
    assert restrictions_of(campaign) | {restrict(campaign).pk} == restrictions_of(campaign)


def test_a_translation_does_not_share_the_restriction(client: Client, campaign: Any, spanish: Locale) -> None:
    translated = campaign.copy_for_translation(spanish, copy_parents=True)
    translated.save_revision().publish()
    restrict(campaign)
    assert restrictions_of(translated) == set()
    assert client.get(translated.url).status_code == 200
    assert client.get(campaign.url).status_code == 302


def test_an_alias_has_the_restrictions_of_its_source(client: Client, campaign: Any, spanish: Locale) -> None:
    alias = campaign.copy_for_translation(spanish, copy_parents=True, alias=True)
    assert client.get(alias.url).status_code == 200
    own = restrict(campaign)
    assert restrictions_of(alias) == {own.pk}
    assert client.get(alias.url).status_code == 302


def test_a_page_below_an_alias_has_the_restrictions_of_the_source(
    client: Client, campaign: Any, spanish: Locale
) -> None:
    translated = campaign.copy_for_translation(spanish, copy_parents=True)
    translated.save_revision().publish()
    above = restrict(home())
    assert restrictions_of(translated) == {above.pk}
    assert client.get(translated.url).status_code == 302
