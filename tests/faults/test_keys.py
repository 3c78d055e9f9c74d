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

PEOPLE = 4
#: Seconds between two people, so that there are not too many while a command runs.
PACE = 0.2


def _keys(*versions: int) -> dict[str, dict[str, str]]:
    """Return the keys of one deploy; the old token key stays listed to the end, so that links in mails stay valid."""
    listed = {purpose: {str(v): key_text(v) for v in versions} for purpose in ("dedup", "encryption")}
    tokens = {str(version): key_text(version) for version in range(1, max(versions) + 1)}
    return {**listed, "token": tokens, "seat": {"1": key_text(1)}}


class Traffic:
    """People who sign, and sign again, on any host."""

    def __init__(self, host: Site) -> None:
        self.host = host
        #: People, who send two forms each.
        self.people, self.wrong = 0, list[str]()
        self._numbers, self._stop, self._lock = itertools.count(), threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self._go_on) for _ in range(PEOPLE)]
        for thread in self.threads:
            thread.start()

    def _go_on(self) -> None:
        while not self._stop.wait(PACE):
            number = next(self._numbers)
            stamp = self.host.fetch_stamp()
            # The stamp was issued before a deploy and is submitted after it
            answers = [self.host.post(f"key{number}@example.org", stamp)]
            answers.append(self.host.post(f"key{number // 2}@example.org", self.host.fetch_stamp()))
            with self._lock:
                self.people += 1
                self.wrong += [f"{answer.status} {answer.seconds:.1f} s" for answer in answers if answer.status != 303]

    def wait_for_more(self, number: int = 15) -> None:
        """Return once ``number`` more have signed."""
        wanted = self.people + number
        assert wait_until(lambda: self.people >= wanted, 120), f"only {self.people} of {wanted}"

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


def _mailed(site: Site, settings: Settings, keys: Any) -> list[str]:
    """Return the confirmation links of all open forms that a worker with these keys would send."""
    settings.WAGTAIL_PLEDGE_KEYS = keys
    return [site.confirm_path(row) for row in site.open_submissions()]


def _confirm(host: Site, links: list[str]) -> int:
    """Confirm with links from mails; return how many forms became a signature.

    Of the forms of one mailbox one becomes a signature, and the others lead to it.
    """
    answers = [host.ask(link, {}) for link in links]
    assert [answer for answer in answers if answer.status != 303] == []
    return sum(answer.is_confirmation for answer in answers)


@pytest.mark.requirement("F16", "C9")
def test_a_rotation_by_deploys_causes_no_error(site: Site, settings: Settings) -> None:
    """New keys on every server, existing data re-encrypted, old keys removed; no request fails."""
    with ExitStack() as stack:
        fresh = stack.enter_context(site.fresh())
        hosts = [stack.enter_context(fresh.served(WAGTAIL_PLEDGE_KEYS=_keys(*v))) for v in ((1,), (1, 2), (2,))]
        traffic = Traffic(hosts[0])
        try:
            traffic.wait_for_more()
            old_links = _mailed(fresh, settings, _keys(1))
            traffic.host = hosts[1]
            traffic.wait_for_more()
            confirmed = _confirm(hosts[1], old_links)
            mixed_links = _mailed(fresh, settings, _keys(1, 2))
            while "Nothing changed" not in _command(hosts[1], "pledge_rekey", "--batch", "7"):
                pass
            traffic.host = hosts[2]
            traffic.wait_for_more()
            confirmed += _confirm(hosts[2], mixed_links)
            _command(hosts[2], "pledge_rekey", "--finish")
            traffic.wait_for_more()
        finally:
            traffic.end()
        assert traffic.wrong == []
        assert confirmed >= 30
        confirmed += _confirm(hosts[2], _mailed(fresh, settings, _keys(1, 2)))
        # Two forms a person, sealed and hashed with different keys, are one signature
        assert confirmed == traffic.people
        assert len(fresh.stored()) == 2 * traffic.people
        signatures = fresh.seeded["signatures"]
        assert fresh.number(f"SELECT count(*) FROM {signatures} WHERE state = 'confirmed'") == traffic.people
        assert fresh.number(f"SELECT count(*) FROM {signatures}") == traffic.people
        assert "System check identified no issues" in _command(hosts[2], "check", "--database", "default")


@pytest.mark.requirement("F16", "C9", "E17")
def test_no_server_starts_after_a_key_was_dropped_too_early(site: Site, settings: Settings) -> None:
    """It says how many rows need the key; with the key listed again it starts, and nobody has signed twice."""
    middleware = ["wagtail_pledge.middleware.StoredKeysMiddleware", *settings.MIDDLEWARE]
    with site.fresh() as fresh:
        with fresh.served(WAGTAIL_PLEDGE_KEYS=_keys(1), MIDDLEWARE=middleware) as host:
            for number in range(5):
                assert host.post(f"key{number}@example.org", host.fetch_stamp()).status == 303
            links = _mailed(fresh, settings, _keys(1))
            assert _confirm(host, links[:3]) == 3
        for what in ("5 submissions need", "3 signatures need"):
            refused = fresh.served(WAGTAIL_PLEDGE_KEYS=_keys(2), MIDDLEWARE=middleware)
            with pytest.raises(RuntimeError, match=rf"{what} the encryption key of version 1"), refused:
                pass
        with fresh.served(WAGTAIL_PLEDGE_KEYS=_keys(1, 2), MIDDLEWARE=middleware) as host:
            for number in range(5):
                assert host.post(f"key{number}@example.org", host.fetch_stamp()).status == 303
            links = _mailed(fresh, settings, _keys(1, 2))
            assert len(links) == 2 + 5
            # The two left over from before; the new forms of these and of the three others lead to a signature
            assert _confirm(host, links) == 2
        assert fresh.number(f"SELECT count(*) FROM {fresh.seeded['signatures']}") == 5
