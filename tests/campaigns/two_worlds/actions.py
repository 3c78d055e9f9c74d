"""What happens in a world: the stranger's public actions, the owner's acts, and time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from tests.campaigns.two_worlds.links import code_in, links_in
from tests.campaigns.two_worlds.owner import NAME, VICTIM
from tests.campaigns.two_worlds.public_views import looked_at
from tests.campaigns.two_worlds.world import OWN, World
from tests.forms import sign_form_in
from wagtail_pledge.signing.models import Pledge

#: Addresses that the stranger types: the victim's in several spellings, and the own ones.
ADDRESSES: Final = (VICTIM, "Ana@People.Example", "ana+1@people.example", *OWN)
#: The victim's name, the stranger's own, and one that is held for review.
NAMES: Final = (NAME, "Mallory Moss", "Cheap pills www.pills.example")


def _letters(number: int) -> str:
    """Return a word for a number: addresses that differ in a number only have a limit of their own."""
    return "filler" + "abcdefghij"[number // 10] + "abcdefghij"[number % 10]


EXTRA: Final = {
    "individual": {"display": "name"},
    "organization": {"organization": "House of Mallory", "role": "Chair", "authorized": "on", "display": "name"},
}


def _pick(values: list[Any], index: int) -> Any:
    return values[index % len(values)] if values else None


@dataclass(frozen=True)
class Owner:
    """The owner of the mailbox does something."""

    act: str

    def run(self, world: World) -> None:
        """Do it."""
        world.owner_acts(self.act)


@dataclass(frozen=True)
class Sign:
    """Send a form: with a stamp of its own or an earlier one, by browser, JSON, or embedded in another website."""

    address: str
    name: str = NAMES[1]
    kind: str = "individual"
    how: str = "form"
    network: int = 1
    stamp: int | None = None
    source: str = ""

    def run(self, world: World) -> None:
        """Send it and open the page that follows."""
        kind, stamp = self._stamp(world)
        url = world.campaign.sign[kind]
        sha256 = world.campaign.statements[kind]
        form = {**EXTRA[kind], "name": self.name, "email": self.address, "country": "US"}
        form |= {"statement": sha256, "stamp": stamp, "source": self.source}
        if self.how == "json":
            answer = world.send("post", url, json.dumps(form), network=self.network, content_type="application/json")
            if answer.status_code == 202:
                world.remember(answer.json()["inbox"])
            return
        if self.how == "embed":
            frame = world.send("get", world.campaign.url(f"embed/?kind={kind}"), network=self.network)
            if b"data-stamp-url" not in frame.content:
                return  # a closed campaign has no form; the frame was compared
            url = sign_form_in(frame.content).action
        world.follow(world.send("post", url, form, network=self.network), self.network)

    def _stamp(self, world: World) -> tuple[str, str]:
        earlier: tuple[str, str] | None = _pick(world.stamps, self.stamp) if self.stamp is not None else None
        if earlier is not None:
            return earlier
        sha256 = world.campaign.statements[self.kind]
        answer = world.send("get", world.campaign.url(f"stamp.json?statement={sha256}"), network=self.network)
        world.stamps.append((self.kind, answer.json()["stamp"]))
        return world.stamps[-1]


@dataclass(frozen=True)
class Correct:
    """Correct the address on an inbox page."""

    ticket: int
    address: str
    network: int = 1

    def run(self, world: World) -> None:
        """Post the address and open the page that follows."""
        if ticket := _pick(world.tickets, self.ticket):
            world.follow(world.send("post", ticket, {"email": self.address}, network=self.network), self.network)


@dataclass(frozen=True)
class Resend:
    """Ask for the mail again on an inbox page."""

    ticket: int

    def run(self, world: World) -> None:
        """Press the button and open the page that follows."""
        if ticket := _pick(world.tickets, self.ticket):
            world.follow(world.send("post", ticket, {}))


@dataclass(frozen=True)
class OpenInbox:
    """Open an inbox page again."""

    ticket: int

    def run(self, world: World) -> None:
        """Open it."""
        if ticket := _pick(world.tickets, self.ticket):
            world.send("get", ticket)


@dataclass(frozen=True)
class TypeCode:
    """Type a code on an inbox page: that of one of the stranger's mails, or a guess."""

    ticket: int
    mail: int | None = None
    times: int = 1

    def run(self, world: World) -> None:
        """Post it, and open the page that follows."""
        ticket, message = _pick(world.tickets, self.ticket), _pick(world.mails, self.mail or 0)
        code = code_in(message) if self.mail is not None and message is not None else ""
        for _time in range(self.times if ticket else 0):
            world.follow(world.send("post", ticket, {"code": code or "000000"}))


@dataclass(frozen=True)
class FollowLink:
    """Follow a link of a mail to the stranger (confirm, not me, manage, …), and press the button there."""

    mail: int
    link: int
    press: bool

    def run(self, world: World) -> None:
        """Open the page; press its first button and open the page that follows."""
        links = links_in(_pick(world.mails, self.mail)) if world.mails else []
        if url := _pick(links, self.link):
            page = world.send("get", url)
            if self.press:
                world.follow(world.press(url, page))


@dataclass(frozen=True)
class AskForLink:
    """Ask for the manage link of an address."""

    address: str
    network: int = 1

    def run(self, world: World) -> None:
        """Open the page and send the address."""
        url = world.campaign.url("link/")
        page = world.send("get", url, network=self.network)
        if page.status_code == 200:
            world.follow(world.send("post", url, {"email": self.address}, network=self.network), self.network)


@dataclass(frozen=True)
class SignManyTimes:
    """Send several forms of invented mailboxes from one network, to use up what the network may do."""

    number: int
    network: int = 1

    def run(self, world: World) -> None:
        """Send them with one new stamp each."""
        for number in range(self.number):
            Sign(f"filler{number}@attacker.example", name=f"Filler {number}", how="json", network=self.network).run(
                world
            )


@dataclass(frozen=True)
class SendGarbage:
    """Send more requests than a process takes from one network in a minute."""

    network: int = 1
    number: int = 16

    def run(self, world: World) -> None:
        """Send empty forms."""
        for _number in range(self.number):
            world.send("post", world.campaign.sign["individual"], {}, network=self.network)


@dataclass(frozen=True)
class Close:
    """The campaign closes."""

    def run(self, world: World) -> None:
        """Set its closing time."""
        Pledge.objects.filter(uuid=world.campaign.pledge, closes_at=None).update(closes_at=world.clock.now)


@dataclass(frozen=True)
class Wait:
    """Let time pass, and let the worker run."""

    seconds: int
    works: bool = True

    def run(self, world: World) -> None:
        """Move the clocks."""
        world.clock.move(self.seconds)
        if self.works:
            world.worker.work()


@dataclass(frozen=True)
class Look:
    """Read all public data."""

    def run(self, world: World) -> None:
        """Fetch each public view."""
        for url in looked_at(world.campaign):
            world.send("get", url)
