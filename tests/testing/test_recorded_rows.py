"""Pages from recorded rows are those that publishing makes."""

from __future__ import annotations

from typing import Any

import pytest
from django.forms.models import model_to_dict
from wagtail.signal_handlers import reference_index_auto_update_disabled

from tests.campaign_fixtures import _campaign, _individual, campaign, individual
from tests.conftest import without_indexes
from tests.projects.campaign import add_published, home
from tests.recorded_rows import Published
from wagtail_pledge.pages.models import PledgePage
from wagtail_pledge.signing.models import Statement

__all__ = ["campaign", "individual"]

pytestmark = pytest.mark.django_db


def values(page: Any) -> dict[str, Any]:
    """Return the values of a page that are the same each time."""
    new = {"id", "page_ptr", "pledge", "signer_type", "translation_key", "path", "url_path"}
    return {name: value for name, value in model_to_dict(page).items() if name not in new}


def test_a_page_from_rows_equals_a_published_one(campaign: Any, individual: Any, published: Published) -> None:
    individual.delete()
    campaign.delete()
    page = _campaign()
    again = _individual(page)
    for recorded, made in ((campaign, page), (individual, again)):
        assert recorded.title == made.title
        assert values(recorded).keys() == values(made).keys()
        assert values(recorded) == values(made)
    assert (
        Statement.objects.filter(pledge=page.pledge).count() == Statement.objects.filter(pledge=campaign.pledge).count()
    )


def test_caches_know_no_pledge_of_another_test(published: Published, recorded_pages: Any) -> None:
    assert published(_campaign).pledge.uuid != recorded_pages[_campaign].made.pledge.uuid


def test_the_next_page_gets_the_next_path(campaign: Any, individual: Any) -> None:
    other = add_published(home(), PledgePage(title="Another", slug="another", statement="<p>We call.</p>"))
    assert other.path > campaign.path
    assert individual.get_parent().pk == campaign.pk
    assert [page.pk for page in home().get_children()] == [campaign.pk, other.pk]


def test_where_the_rows_do_not_fit_the_page_is_published(published: Published, recorded_pages: Any) -> None:
    other = add_published(home(), PledgePage(title="Another", slug="another", statement="<p>We call.</p>"))
    assert not recorded_pages[_campaign].is_repeatable()
    made = published(_campaign)
    assert made.path > other.path
    assert made.pledge.pk != other.pledge.pk


def test_leaving_out_indexes_can_be_nested() -> None:
    """A test that asks for the first recorded page while it runs records the rows inside its own."""
    with without_indexes():
        pass
    assert reference_index_auto_update_disabled.value
