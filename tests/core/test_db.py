"""Prepared queries: SQL compiled once from an ORM query."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Length
from django.db.models.signals import post_save

from wagtail_pledge.core.db import PreparedQuery, insert
from wagtail_pledge.signing.models import NetworkDayKey, Pledge
from wagtail_pledge.testing.factories import PledgeFactory

pytestmark = pytest.mark.django_db


def _by_uuid_and_title(*, uuid: UUID, locale: str, **_others: Any) -> Any:
    return Pledge.objects.filter(uuid=uuid, title__contains=locale).order_by("pk")


def _by_uuid(*, uuid: UUID, **_others: Any) -> Any:
    return Pledge.objects.filter(uuid=uuid)


@pytest.mark.requirement("P1")
def test_a_prepared_query_returns_what_the_orm_returns(django_assert_num_queries: Any) -> None:
    pledges = [PledgeFactory(), PledgeFactory()]
    select = PreparedQuery(_by_uuid, {"uuid": UUID(int=1)})
    assert select.rows(uuid=uuid4()) == []
    for pledge in [*pledges, *pledges]:
        with django_assert_num_queries(1):
            found = select.rows(uuid=pledge.uuid)
        assert found == [pledge]
        fresh = Pledge.objects.get(pk=pledge.pk)
        assert {**vars(found[0]), "_state": None} == {**vars(fresh), "_state": None}


@pytest.mark.requirement("P1")
def test_a_prepared_query_returns_current_values() -> None:
    pledge = PledgeFactory()
    select = PreparedQuery(_by_uuid, {"uuid": UUID(int=1)})
    before = select.rows(uuid=pledge.uuid)[0].state
    Pledge.objects.filter(pk=pledge.pk).update(state="paused")
    assert (before, select.rows(uuid=pledge.uuid)[0].state) == ("open", "paused")


def test_a_prepared_query_works_after_reconnecting(transactional_db: None) -> None:
    pledge = PledgeFactory()
    select = PreparedQuery(_by_uuid, {"uuid": UUID(int=1)})
    assert select.rows(uuid=pledge.uuid) == [pledge]
    if connection.vendor == "postgresql":
        connection.close()
    assert select.rows(uuid=pledge.uuid) == [pledge]


def test_a_query_that_cannot_be_prepared_uses_the_orm_and_logs_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pledge = PledgeFactory(title="Ratify now")
    select = PreparedQuery(_by_uuid_and_title, {"uuid": UUID(int=1), "locale": "en"})
    assert select.rows(uuid=pledge.uuid, locale="ify") == [pledge]
    assert select.rows(uuid=pledge.uuid, locale="other") == []
    assert select.rows(uuid=uuid4(), locale="ify") == []
    (logged,) = [record for record in caplog.records if record.name == "wagtail_pledge.core.db"]
    assert "locale is not a parameter of the statement" in logged.getMessage()


def test_an_update_that_cannot_be_prepared_uses_the_orm_and_logs_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one, other = PledgeFactory(title="Ratify now"), PledgeFactory(title="Ratify later")
    update = PreparedQuery(
        _by_uuid_and_title, {"uuid": UUID(int=1), "locale": "en"}, lambda *, state, **_others: {"state": state}
    )
    assert update.update({"state": "paused"}, uuid=one.uuid, locale="now") == 1
    assert update.update({"state": "closed"}, uuid=other.uuid, locale="now") == 0
    assert update.update({"state": "closed"}, uuid=other.uuid, locale="later") == 1
    assert set(Pledge.objects.values_list("uuid", "state")) == {(one.uuid, "paused"), (other.uuid, "closed")}
    assert len([record for record in caplog.records if record.name == "wagtail_pledge.core.db"]) == 1


@pytest.mark.requirement("P5")
def test_a_prepared_update_returns_the_number_of_rows() -> None:
    one, other = PledgeFactory(), PledgeFactory()
    update = PreparedQuery(_by_uuid, {"uuid": UUID(int=1)}, lambda *, state, **_others: {"state": state})
    assert update.update({"state": "paused"}, uuid=one.uuid) == 1
    assert update.update({"state": "paused"}, uuid=uuid4()) == 0
    assert update.update({"state": "closed"}, uuid=one.uuid) == 1
    assert set(Pledge.objects.values_list("uuid", "state")) == {(one.uuid, "closed"), (other.uuid, "open")}


def _titles(*, uuid: UUID) -> Any:
    return Pledge.objects.filter(uuid=uuid).values("title").annotate(length=Length("title"))


@pytest.mark.requirement("P3")
def test_a_prepared_query_returns_dicts_of_values() -> None:
    select = PreparedQuery(_titles, {"uuid": UUID(int=1)})
    for pledge in (PledgeFactory(title="Ratify"), PledgeFactory(title="Now")):
        assert select.rows(uuid=pledge.uuid) == [{"title": pledge.title, "length": len(pledge.title)}]


def _by_key(*, key: bytes, after: int) -> Any:
    return NetworkDayKey.objects.filter(key=key, pk__gt=after)


@pytest.mark.requirement("P5")
def test_bytes_may_vary_in_a_prepared_query(caplog: pytest.LogCaptureFixture) -> None:
    keys = [bytes([number]) * 32 for number in (1, 2)]
    days = [NetworkDayKey.objects.create(day=dt.date(2026, 1, number), key=keys[number - 1]) for number in (1, 2)]
    select = PreparedQuery(_by_key, {"key": b"\xff" * 32, "after": 2_147_483_001})
    assert [select.rows(key=key, after=0) for key in (*keys, b"")] == [[days[0]], [days[1]], []]
    assert not caplog.records


def test_insert_sends_post_save_and_refuses_a_conflict() -> None:
    saved: list[Any] = []

    def note(instance: Any, created: bool, **_kwargs: Any) -> None:
        saved.append((instance.day, created))

    post_save.connect(note, sender=NetworkDayKey)
    try:
        insert(NetworkDayKey(day=dt.date(2026, 1, 1), key=b"1" * 32))
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(NetworkDayKey(day=dt.date(2026, 1, 1), key=b"2" * 32))
    finally:
        post_save.disconnect(note, sender=NetworkDayKey)
    assert saved == [(dt.date(2026, 1, 1), True)]
    assert bytes(NetworkDayKey.objects.get().key) == b"1" * 32
