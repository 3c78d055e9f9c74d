"""Counts after the worker was away, and while signatures are confirmed or withdrawn during a recount."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from tests.signing.conftest import person, sign_as
from wagtail_pledge.signing.models import SignerType, Tally, WorkLease, get_signature_model
from wagtail_pledge.signing.services import counts_for, withdraw
from wagtail_pledge.signing.services.counts import progress_for_signer
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.worker import tallies
from wagtail_pledge.signing.worker.tallies import recount_all, recount_nightly, refresh_tallies

pytestmark = [pytest.mark.requirement("A8"), pytest.mark.swappable]


def _pass(**time: float) -> None:
    """Let time pass without a worker."""
    get_signature_model()._default_manager.update(confirmed_at=F("confirmed_at") - dt.timedelta(**time))
    WorkLease.objects.update(done_at=F("done_at") - dt.timedelta(**time))


@pytest.mark.parametrize("hours", [26, 24 * 9])
def test_who_confirmed_while_no_worker_ran_is_counted_by_the_first_refresh(
    person_type: SignerType, hours: int, caplog: pytest.LogCaptureFixture
) -> None:
    refresh_tallies()
    recount_nightly()
    sign_as(person_type, person())
    _pass(hours=hours)
    WorkLease.objects.filter(name=tallies.NIGHTLY).update(done_at=F("done_at") + dt.timedelta(hours=hours))
    refresh_tallies()
    assert counts_for(person_type.pledge).total == 1
    assert recount_all() == 0
    assert not caplog.records


def test_a_recount_after_days_without_a_worker_reports_nothing(
    person_type: SignerType, caplog: pytest.LogCaptureFixture
) -> None:
    refresh_tallies()
    sign_as(person_type, person())
    _pass(hours=26)
    assert recount_all() == 0
    assert counts_for(person_type.pledge).total == 1
    assert not caplog.records


def test_the_first_refresh_counts_what_was_there_before(person_type: SignerType) -> None:
    sign_as(person_type, person())
    _pass(days=40)
    assert not WorkLease.objects.exists()
    refresh_tallies()
    assert counts_for(person_type.pledge).total == 1


@pytest.mark.parametrize("recount", [refresh_tallies, recount_all])
def test_who_confirms_between_counting_and_the_end_of_the_recount_is_not_taken_for_counted(
    person_type: SignerType, monkeypatch: pytest.MonkeyPatch, recount: Any
) -> None:
    sign_as(person_type, person("first@example.org"))
    refresh_tallies()
    store, late = tallies.store_tallies, []

    def confirmed_meanwhile(*counted: Any) -> int:
        if not late:
            late.append(sign_as(person_type, person("late@example.org")))
        return store(*counted)

    monkeypatch.setattr(tallies, "store_tallies", confirmed_meanwhile)
    recount()
    counts = counts_for(person_type.pledge)
    assert (counts.total, counts.as_of <= late[0].confirmed_at) == (1, True)
    assert progress_for_signer(late[0]).total == 2
    # Nor may the next refresh begin after it, however late it runs
    get_signature_model()._default_manager.update(confirmed_at=F("confirmed_at") - dt.timedelta(days=2))
    Tally.objects.update(day=F("day") - dt.timedelta(days=2))
    WorkLease.objects.update(done_at=F("done_at") - dt.timedelta(days=2))
    refresh_tallies()
    assert counts_for(person_type.pledge).total == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_that_commits_during_a_recount_of_its_day_is_counted_afterwards() -> None:
    """Its day was marked already, by another withdrawal whose mark the recount has deleted."""
    signer_type = create_pledge("Ratify").signer_types.get()
    first, second = (sign_as(signer_type, person(f"p{number}@example.org")) for number in range(2))
    for signature in (first, second):
        signature.confirmed_at -= dt.timedelta(days=30)
        signature.save(update_fields=["confirmed_at"])
    recount_all()
    assert counts_for(signer_type.pledge).total == 2
    withdraw(first, epoch=1)
    is_withdrawn, may_commit = threading.Event(), threading.Event()

    def withdraw_slowly() -> None:
        try:
            with transaction.atomic():
                assert withdraw(second, epoch=1)
                is_withdrawn.set()
                assert may_commit.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=withdraw_slowly)
    thread.start()
    assert is_withdrawn.wait(30)
    refresh_tallies()
    may_commit.set()
    thread.join(30)
    refresh_tallies()
    assert counts_for(signer_type.pledge).total == 0
    assert recount_all() == 0
