"""Key rotation while people sign and confirm: each step is a deploy, with processes that have different keys."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from contextlib import ExitStack
from typing import Any

import pytest
from pytest_django import Settings

from tests.core.test_crypto import key_text
from tests.databases import ROOT
from tests.faults.harness.site import Site
from tests.waiting import wait_until
from wagtail_pledge.core.crypto import TokenSubject, make_token

PEOPLE = 4


def _keys(*versions: int) -> dict[str, dict[str, str]]:
    """Return the keys of one deploy; the old token key stays listed to the end, so that links in mails stay valid."""
    listed = {purpose: {str(v): key_text(v) for v in versions} for purpose in ("dedup", "encryption")}
    tokens = {str(version): key_text(version) for version in range(1, max(versions) + 1)}
    return {**listed, "token": tokens, "seat": {"1": key_text(1)}}


class Traffic:
    """People who sign, sign again and confirm on any host."""

    def __init__(self, host: Site) -> None:
        self.host = host
        self.signed, self.wrong = 0, list[str]()
        self._numbers, self._stop, self._lock = itertools.count(), threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self._go_on) for _ in range(PEOPLE)]
        for thread in self.threads:
            thread.start()

    def _go_on(self) -> None:
        while not self._stop.is_set():
            number = next(self._numbers)
            stamp = self.host.fetch_stamp()
            # The stamp was issued before a deploy and is submitted after it
            answers = [self.host.post(f"key{number}@example.org", stamp)]
            answers.append(self.host.post(f"key{number // 2}@example.org", self.host.fetch_stamp()))
            with self._lock:
                self.signed += 1
                self.wrong += [str(answer.status) for answer in answers if answer.status != 303]

    def wait_for_more(self, number: int = 15) -> None:
        """Return once ``number`` more have signed."""
        wanted = self.signed + number
        assert wait_until(lambda: self.signed >= wanted, 120), f"only {self.signed} of {wanted}"

    def end(self) -> None:
        """Wait until everybody has finished."""
        self._stop.set()
        for thread in self.threads:
            thread.join(30)


def _command(site: Site, *arguments: str) -> str:
    command = [sys.executable, "-m", "django", *arguments]
    done = subprocess.run(command, env=site.environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _links(site: Site, settings: Settings, keys: Any) -> list[str]:
    """Return the confirmation links that a worker with these keys would send."""
    settings.WAGTAIL_PLEDGE_KEYS = keys
    rows = site.rows(f"SELECT pledge_id, uuid FROM {site.seeded['signatures']} WHERE state = 'pending' ORDER BY id")
    subjects = [TokenSubject(pledge_id=pledge_id, uuid=uuid, epoch=1) for pledge_id, uuid in rows]
    return [f"/pledge/confirm/{make_token('confirm', subject)}/" for subject in subjects]


@pytest.mark.requirement("F16", "C9")
def test_a_rotation_by_deploys_causes_no_error(site: Site, settings: Settings) -> None:
    """New keys on every server, existing data re-encrypted, old keys removed; no request fails."""
    with ExitStack() as stack:
        fresh = stack.enter_context(site.fresh())
        hosts = [stack.enter_context(fresh.served(WAGTAIL_PLEDGE_KEYS=_keys(*v))) for v in ((1,), (1, 2), (2,))]
        traffic = Traffic(hosts[0])
        try:
            traffic.wait_for_more()
            old_links = _links(fresh, settings, _keys(1))
            traffic.host = hosts[1]
            traffic.wait_for_more()
            assert [hosts[1].ask(link, {}).status for link in old_links] == [303] * len(old_links)
            mixed_links = _links(fresh, settings, _keys(1, 2))
            while "Nothing changed" not in _command(hosts[1], "pledge_rekey", "--batch", "7"):
                pass
            traffic.host = hosts[2]
            traffic.wait_for_more()
            assert [hosts[2].ask(link, {}).status for link in mixed_links] == [303] * len(mixed_links)
            _command(hosts[2], "pledge_rekey", "--finish")
            traffic.wait_for_more()
        finally:
            traffic.end()
        assert traffic.wrong == []
        signatures = fresh.seeded["signatures"]
        linked = len(old_links) + len(mixed_links)
        assert linked >= 30
        assert fresh.number(f"SELECT count(*) FROM {signatures} WHERE state = 'confirmed'") == linked
        # Everybody signed twice, with different keys; a mailbox that signs again is one row
        assert fresh.number(f"SELECT count(*) FROM {signatures}") == traffic.signed
        assert "System check identified no issues" in _command(hosts[2], "check", "--database", "default")
