"""The database's disk is full: nothing is acknowledged, the form keeps its values, and signing recovers."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests import postgres
from tests.faults.harness.site import Answer, Site


@contextlib.contextmanager
def _small_disk(directory: Path) -> Iterator[Path]:
    """Mount four megabytes of memory at ``directory``, owned by the account of PostgreSQL."""
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(directory)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk can't be mounted here: {done.stderr.strip()}")
    try:
        account = postgres._account()
        if account:
            os.chown(directory, account["user"], account["group"])
        yield directory
    finally:
        subprocess.run(["umount", str(directory)], check=True)


@contextlib.contextmanager
def _submissions_on(site: Site, disk: Path) -> Iterator[None]:
    """Move the only table that signing writes to a tablespace on ``disk``."""
    table = site.seeded["submissions"]
    with site.cluster.connect() as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
    with site.connect() as connection:
        connection.execute(f"ALTER TABLE {table} SET TABLESPACE small")
    try:
        yield
    finally:
        with site.connect() as connection:
            connection.execute(f"ALTER TABLE {table} SET TABLESPACE pg_default")
        with site.cluster.connect() as connection:
            connection.execute("CHECKPOINT")
            connection.execute("DROP TABLESPACE small")


def _fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    return filler


@pytest.mark.requirement("F04", "A1")
def test_a_full_disk_acknowledges_nothing_and_the_form_keeps_its_values(site: Site) -> None:
    acknowledged: set[UUID] = set()

    def sign(served: Site, number: int, stamp: str) -> Answer:
        answer = served.post(f"disk{number}@example.org", stamp)
        if answer.status == 303:
            acknowledged.add(answer.submission)
        return answer

    with contextlib.ExitStack() as stack:
        fresh = stack.enter_context(site.fresh())
        disk = stack.enter_context(_small_disk(site.cluster.directory / "disk"))
        stack.enter_context(_submissions_on(fresh, disk))
        served = stack.enter_context(fresh.served())
        assert sign(served, 0, served.stamp()).status == 303
        filler = _fill(disk)
        stamps = [served.stamp() for _ in range(150)]
        answers = [sign(served, number, stamp) for number, stamp in enumerate(stamps, 1)]
        refused = [number for number, answer in enumerate(answers) if answer.status != 303]
        assert {answers[number].status for number in refused} == {503}
        # The free space in partly filled blocks is soon used up
        assert len(refused) > 50
        assert set(refused[-20:]) == set(range(130, 150))
        for number in refused:
            answer = answers[number]
            assert answer.retry_after.isdigit()
            assert f"disk{number + 1}@example.org" in answer.body
            assert stamps[number] in answer.body
            assert answer.seconds <= 3
        assert served.stored() == acknowledged
        assert served.inconsistencies() == {}
        filler.unlink()
        again = [sign(served, number + 1, stamps[number]) for number in refused]
        assert {answer.status for answer in again} == {303}
        assert len(acknowledged) == 151
        assert served.stored() == acknowledged
        assert served.inconsistencies() == {}
