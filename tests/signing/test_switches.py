"""Switches, and jobs that run once per period."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.signing.conftest import person, sign_as
from wagtail_pledge.core.registry import WorkerJob
from wagtail_pledge.management.commands.pledge_worker import JobSchedule
from wagtail_pledge.signing.models import SignerType, Switch, Tally, WorkLease, get_signature_model
from wagtail_pledge.signing.services.switches import (
    AUTOMATIC,
    MAIL_QUALITY,
    UnknownSwitch,
    is_on,
    set_switch,
    surge_start_times,
)
from wagtail_pledge.signing.worker.tallies import LEASE_FREE, NIGHTLY, TALLIES, recount_nightly, refresh_tallies


def switches(*arguments: str) -> str:
    out = StringIO()
    call_command("pledge_switch", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.requirement("OP4")
def test_the_command_sets_and_shows_switches(db: None) -> None:
    assert switches().split() == ["signing", "runs", "mail", "runs", "surge", "off"]
    assert "mail       PAUSED since" in switches("mail", "on", "--reason", "wrong sender")
    assert is_on("mail")
    assert not is_on("signing")
    assert "wrong sender" in switches()
    switches("mail", "off")
    assert not is_on("mail")


@pytest.mark.requirement("SG7")
def test_the_command_sets_a_surge_for_one_pledge_or_all(person_type: SignerType) -> None:
    pledge = person_type.pledge
    output = switches("surge", "on", "--pledge", str(pledge.uuid), "--reason", "bots")
    assert "surge      off" in output
    assert f"surge      ON since {timezone.now():%Y}" in output
    assert f"bots  for {pledge.uuid}" in output
    assert set(surge_start_times({pledge.pk})) == {pledge.pk}
    assert str(pledge.uuid) not in switches("surge", "off", "--pledge", str(pledge.uuid))
    assert surge_start_times({pledge.pk}) == {}
    switches("surge", "on")
    assert set(surge_start_times({pledge.pk})) == {pledge.pk}


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize(("is_on", "output"), [(True, "ON (automatic)"), (False, "detected (not on)")])
def test_the_command_shows_an_automatic_surge_of_all_pledges(db: None, is_on: bool, output: str) -> None:
    Switch.objects.create(name=MAIL_QUALITY, is_on=is_on, reason="612 of 1000 unconfirmed")
    lines = [line for line in switches().splitlines() if line.startswith("surge")]
    assert lines == [f"surge      {output} since {timezone.now():%Y-%m-%d %H:%M} UTC  612 of 1000 unconfirmed"]


@pytest.mark.requirement("SG7")
def test_the_command_shows_an_automatic_surge_of_one_pledge(person_type: SignerType) -> None:
    Switch.objects.create(name=f"{AUTOMATIC}{person_type.pledge.pk}", is_on=True, reason="612 in an hour")
    output = switches()
    assert "surge      off\n" not in output
    assert "surge      off, except for single pledges\n" in output
    assert f"612 in an hour  for {person_type.pledge.uuid}" in output


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize(
    ("name", "pledge", "why"), [("mail", "0" * 32, "is for surge only"), ("surge", "0" * 32, "There is no pledge")]
)
def test_a_surge_requires_an_existing_pledge(db: None, name: str, pledge: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        switches(name, "on", "--pledge", pledge)


@pytest.mark.requirement("OP4")
def test_an_unknown_switch_is_rejected(db: None) -> None:
    with pytest.raises(UnknownSwitch, match="signing, mail, surge"):
        set_switch("everything", on=True)
    with pytest.raises(CommandError):
        switches("everything", "on")


def _sign_yesterday(signer_type: SignerType) -> None:
    """Leave a signature of yesterday that no tally counts although the worker ran since: a wrong tally."""
    sign_as(signer_type, person())
    refresh_tallies()
    get_signature_model()._default_manager.update(confirmed_at=timezone.now() - dt.timedelta(days=1))


@pytest.mark.requirement("A8", "F14")
def test_the_nightly_recount_runs_once_a_day(person_type: SignerType, caplog: pytest.LogCaptureFixture) -> None:
    _sign_yesterday(person_type)
    assert recount_nightly() == 1
    Tally.objects.update(count=5)
    assert recount_nightly() == 0
    assert Tally.objects.get().count == 5
    WorkLease.objects.filter(name=NIGHTLY).update(done_at=timezone.now() - dt.timedelta(days=1))
    caplog.clear()
    assert recount_nightly() == 1
    assert Tally.objects.get().count == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.requirement("F14")
def test_a_worker_that_runs_the_nightly_job_excludes_others_until_its_lease_ends(person_type: SignerType) -> None:
    _sign_yesterday(person_type)
    soon = timezone.now() + dt.timedelta(minutes=30)
    WorkLease.objects.create(name=NIGHTLY, until=soon)
    assert recount_nightly() == 0
    WorkLease.objects.filter(name=NIGHTLY).update(until=timezone.now() - dt.timedelta(seconds=1))
    assert recount_nightly() == 1


@pytest.mark.requirement("F14")
def test_a_nightly_job_that_found_the_tallies_locked_runs_again(
    person_type: SignerType, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sign_yesterday(person_type)
    with monkeypatch.context() as patched:
        patched.setattr("wagtail_pledge.signing.worker.tallies._recount_if_free", lambda: None)
        assert recount_nightly() == 0
    lease = WorkLease.objects.exclude(name=TALLIES).get()
    assert (lease.done_at, lease.until) == (None, LEASE_FREE)
    assert recount_nightly() == 1


def test_a_periodic_job_runs_once_per_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("wagtail_pledge.management.commands.pledge_worker.time.monotonic", lambda: clock[0])
    schedule, rare, always = JobSchedule(), WorkerJob(run=lambda: 0, interval=60), WorkerJob(run=lambda: 0)
    assert schedule.is_due("rare", rare)
    clock[0] += 59
    assert not schedule.is_due("rare", rare)
    assert schedule.is_due("always", always)
    clock[0] += 1
    assert schedule.is_due("rare", rare)
