"""One world: its clock, its owner and its stranger, and the record of what the stranger sees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any, Final, Protocol

from django.core import mail
from django.test import Client

from tests.campaigns.two_worlds.links import SAME_SITE, press
from tests.campaigns.two_worlds.observation import Normaliser, recorded_statements
from tests.campaigns.two_worlds.owner import Owner
from tests.campaigns.two_worlds.process import another_process
from tests.campaigns.two_worlds.site import Beginning, Campaign
from tests.campaigns.two_worlds.worker import Worker

#: The stranger's mailboxes: one of the victim's mail domain, and one at a large provider.
OWN: Final = ("mallory@attacker.example", "mallory@people.example", "m.allory@gmail.com")
#: Networks that the stranger uses: the victim's own, and two others.
NETWORKS: Final = ("victim's", "first", "second")


_ADDRESSES: Final = tuple(f"20.0.{index}.7" for index in range(len(NETWORKS)))


def _clients() -> list[Client]:
    return [Client(REMOTE_ADDR=each) for each in _ADDRESSES]


class Action(Protocol):
    """A step that is the same in both worlds."""

    def run(self, world: World) -> None:
        """Do it."""


class World:
    """A world from its beginning. ``could``: what the victim could do in the other world, act by act."""

    def __init__(self, beginning: Beginning, address: str, could: Sequence[bool] | None = None) -> None:
        beginning.restore()
        self.campaign: Campaign = beginning.campaign
        self.clock = beginning.clock
        self.worker = Worker()
        self.trace: list[str] = []
        #: The stranger's inbox pages, stamps by kind, and mails.
        self.tickets: list[str] = []
        self.stamps: list[tuple[str, str]] = []
        self.mails: list[Any] = []
        self.could: list[bool] = []
        self._allowed: Iterator[bool] | None = None if could is None else iter(could)
        self._normaliser = Normaliser()
        self._read = 0
        self._acts = 0
        self._clients = _clients()
        self.owner = Owner(self.campaign, address, _ADDRESSES[0])

    def send(self, method: str, url: str, data: Any = None, *, network: int = 1, **options: Any) -> Any:
        """Send a request of the stranger and record everything about it."""
        client = self._clients[network % len(self._clients)]
        headers = {} if method == "get" else SAME_SITE
        with recorded_statements() as statements:
            response = getattr(client, method)(url, data, headers=headers, **options)
        self.trace.append(self._normaliser.response(f"{method.upper()} {url}", response, statements))
        return response

    def press(self, url: str, page: Any, network: int = 1, chosen: Mapping[str, str] | None = None) -> Any:
        """Press the button of a page, with ``chosen`` values for those fields that it has."""
        return press(_Recorder(self, network), url, page, chosen)

    def follow(self, response: Any, network: int = 1) -> None:
        """Follow a redirect as a browser does; remember the inbox page that it leads to."""
        location = response.get("Location", "") if response is not None else ""
        if location.startswith("/pledge/inbox/"):
            self.remember(location)
        if location.startswith("/pledge/"):
            self.send("get", location, network=network)

    def remember(self, inbox: str) -> None:
        """Remember an inbox page by its URL without a query, except that of an embedded form."""
        path, _mark, query = inbox.partition("?")
        kept = "&".join(part for part in query.split("&") if part.startswith("embed="))
        ticket = f"{path}?{kept}" if kept else path
        if ticket not in self.tickets:
            self.tickets.append(ticket)

    def owner_acts(self, name: str) -> None:
        """Let the owner act, in the second world only if the victim could in the first."""
        self._acts += 1
        with another_process():
            if self._allowed is not None and not next(self._allowed):
                return
            done = self.owner.act(name)
        self.could.append(done)
        assert done or self._allowed is None, f"the hidden mailbox could not do what the victim could: {name}"

    def read_mail(self) -> None:
        """Record the mails that have reached the stranger since the last step."""
        arrived = mail.outbox[self._read :]
        self._read = len(mail.outbox)
        for message in arrived:
            if message.to[0].casefold() in OWN:
                self.mails.append(message)
                self.trace.append(self._normaliser.mail(message))

    @property
    def times(self) -> tuple[dt.datetime, float]:
        """The wall clock and the monotonic clock at the end of the last step."""
        return self._times

    def copied(self, could: Sequence[bool] | None, later: float) -> World:
        """Return a copy that continues when the monotonic clock is ``later``. The stranger has done nothing so far."""
        other = copy(self)
        other.trace, other.could = self.trace[:], self.could[:]
        other.tickets, other.stamps, other.mails = [], [], []
        other.worker, other.owner = self.worker.copied(later), self.owner.copied()
        other._allowed = None if could is None else iter(could[self._acts :])
        other._normaliser = Normaliser()
        other._clients = _clients()
        return other

    def run(self, actions: Sequence[Action], first: int = 0) -> World:
        """Run the actions, one second apart; ``first`` is the number of the first one."""
        for number, action in enumerate(actions, first):
            self.trace.append(f"{number}: {action}")
            action.run(self)
            self.read_mail()
            self.clock.move(1)
        self._times = self.clock.now, self.clock.monotonic
        return self


class _Recorder:
    """Sends a page's form through the world, so that it is recorded."""

    def __init__(self, world: World, network: int) -> None:
        self._world, self._network = world, network

    def post(self, url: str, data: dict[str, str], **_options: Any) -> Any:
        """Post and record."""
        return self._world.send("post", url, data, network=self._network)
