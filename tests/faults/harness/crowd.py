"""Many people who sign and confirm at the same time, and try again while they get no answer or a 503."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

from tests.faults.harness.site import Answer, Site
from tests.waiting import wait_until

CLIENTS: Final = 8
#: Seconds after which somebody who got a 503 sends the form again.
PAUSE: Final = 0.2


class Crowd:
    """People in threads, until ``stop``. Each signs and confirms once, and repeats what was not acknowledged."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        #: What was acknowledged: the ids of stored forms, and of those that were confirmed.
        self.signed: list[UUID] = []
        self.confirmed: list[UUID] = []
        #: Confirmations that were answered, but not with the thank-you page.
        self.denied: list[UUID] = []
        self.answers: list[Answer] = []
        self._numbers = itertools.count()
        self._deadline = time.monotonic() + 3600
        self.threads = [threading.Thread(target=self._go_on) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Let nobody else start, and wait for the others."""
        self._deadline = time.monotonic()
        for thread in self.threads:
            thread.join(60)

    def acknowledge(self, number: int) -> None:
        """Wait until ``number`` more signatures are confirmed."""
        wanted = len(self.confirmed) + number
        assert wait_until(lambda: len(self.confirmed) >= wanted, 120), f"{len(self.confirmed)} of {wanted}"

    def wait_for_refusal(self) -> None:
        """Wait until one more request gets a 503."""
        known = len(self.refused)
        assert wait_until(lambda: len(self.refused) > known, 60), "nobody was refused"

    @property
    def refused(self) -> list[Answer]:
        """Return the 503 responses."""
        return [answer for answer in self.answers if answer.status == 503]

    @property
    def statuses(self) -> set[int]:
        """Return the statuses of all responses, 0 for a broken connection."""
        return {answer.status for answer in self.answers}

    def verify(self, site: Site | None = None) -> None:
        """Assert that nothing acknowledged is lost, doubled or incomplete in the database (of ``site``)."""
        where = site or self.site
        assert not set(self.signed) - where.stored()
        assert not set(self.confirmed) - where.confirmed()
        assert not self.denied
        assert where.inconsistencies() == {}

    def _go_on(self) -> None:
        while time.monotonic() < self._deadline:
            stamp, email = self.site.stamp(), f"{self.name}{next(self._numbers)}@example.org"
            if (signed := self._repeat(partial(self.site.post, email, stamp))) is None:
                continue
            row = signed.submission
            self.signed.append(row)
            if (answer := self._repeat(partial(self.site.confirm, row))) is not None:
                (self.confirmed if answer.is_confirmation else self.denied).append(row)

    def _repeat(self, send: Callable[[], Answer]) -> Answer | None:
        """Send a form until it is accepted, and record every response; ``None`` if it is not, or time runs out."""
        while time.monotonic() < self._deadline:
            answer = send()
            self.answers.append(answer)
            if answer.status == 303:
                return answer
            if answer.status not in {0, 503}:
                break
            time.sleep(PAUSE)
        return None
