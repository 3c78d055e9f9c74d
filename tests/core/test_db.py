"""Statements that the ORM cannot say, or says too slowly."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from wagtail_pledge.core.db import PreparedQuery
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.testing.factories import PledgeFactory

pytestmark = pytest.mark.django_db


def _of(*, uuid: UUID, locale: str, **_others: Any) -> Any:
    return Pledge.objects.filter(uuid=uuid, title__contains=locale).order_by("pk")


def _by(*, uuid: UUID, **_others: Any) -> Any:
    return Pledge.objects.filter(uuid=uuid)


@pytest.mark.requirement("P1")
def test_a_prepared_statement_finds_what_the_orm_finds(django_assert_num_queries: Any) -> None:
    pledges = [PledgeFactory(), PledgeFactory()]
    select = PreparedQuery(_by, {"uuid": UUID(int=1)})
    assert select.rows(uuid=uuid4()) == []
    for pledge in [*pledges, *pledges]:
        with django_assert_num_queries(1):
            found = select.rows(uuid=pledge.uuid)
        assert found == [pledge]
        fresh = Pledge.objects.get(pk=pledge.pk)
        assert {**vars(found[0]), "_state": None} == {**vars(fresh), "_state": None}


@pytest.mark.requirement("P1")
def test_a_prepared_statement_sees_what_has_changed_since() -> None:
    pledge = PledgeFactory()
    select = PreparedQuery(_by, {"uuid": UUID(int=1)})
    before = select.rows(uuid=pledge.uuid)[0].state
    Pledge.objects.filter(pk=pledge.pk).update(state="paused")
    assert (before, select.rows(uuid=pledge.uuid)[0].state) == ("open", "paused")


def test_a_prepared_statement_outlives_its_connection(transactional_db: None) -> None:
    pledge = PledgeFactory()
    select = PreparedQuery(_by, {"uuid": UUID(int=1)})
    assert select.rows(uuid=pledge.uuid) == [pledge]
    if connection.vendor == "postgresql":
        connection.close()
    assert select.rows(uuid=pledge.uuid) == [pledge]


def test_a_value_that_is_no_parameter_of_its_own_is_left_to_the_orm_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pledge = PledgeFactory(title="Ratify now")
    select = PreparedQuery(_of, {"uuid": UUID(int=1), "locale": "en"})
    assert select.rows(uuid=pledge.uuid, locale="ify") == [pledge]
    assert select.rows(uuid=pledge.uuid, locale="other") == []
    assert select.rows(uuid=uuid4(), locale="ify") == []
    (logged,) = [record for record in caplog.records if record.name == "wagtail_pledge.core.db"]
    assert "locale is not a parameter of the statement" in logged.getMessage()


def test_an_update_whose_value_is_no_parameter_is_left_to_the_orm_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one, other = PledgeFactory(title="Ratify now"), PledgeFactory(title="Ratify later")
    update = PreparedQuery(_of, {"uuid": UUID(int=1), "locale": "en"}, lambda *, state, **_others: {"state": state})
    assert update.update({"state": "paused"}, uuid=one.uuid, locale="now") == 1
    assert update.update({"state": "closed"}, uuid=other.uuid, locale="now") == 0
    assert update.update({"state": "closed"}, uuid=other.uuid, locale="later") == 1
    assert set(Pledge.objects.values_list("uuid", "state")) == {(one.uuid, "paused"), (other.uuid, "closed")}
    assert len([record for record in caplog.records if record.name == "wagtail_pledge.core.db"]) == 1


@pytest.mark.requirement("P5")
def test_a_prepared_update_changes_what_it_is_told_and_says_how_many() -> None:
    one, other = PledgeFactory(), PledgeFactory()
    update = PreparedQuery(_by, {"uuid": UUID(int=1)}, lambda *, state, **_others: {"state": state})
    assert update.update({"state": "paused"}, uuid=one.uuid) == 1
    assert update.update({"state": "paused"}, uuid=uuid4()) == 0
    assert update.update({"state": "closed"}, uuid=one.uuid) == 1
    assert set(Pledge.objects.values_list("uuid", "state")) == {(one.uuid, "closed"), (other.uuid, "open")}
