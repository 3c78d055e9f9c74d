"""The owner of the mailbox: the victim in one world, the hidden mailbox in the other. Nothing here is recorded."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, Final

from django.core import mail
from django.test import Client

from tests.campaigns.two_worlds.links import SAME_SITE, code_in, link_in, press
from tests.campaigns.two_worlds.site import Campaign

#: Two mailboxes of one mail domain. The stranger knows the first one, and nothing of the other.
VICTIM: Final = "ana@people.example"
HIDDEN: Final = "eva@people.example"
NAME: Final = "Ana María López"
#: By its place the owner recognizes the own form among those of others.
PLACE: Final = "Riverbend"
FORM: Final = {"name": NAME, "country": "US", "display": "name", "city": PLACE}


class Owner:
    """One mailbox that signs and acts on its mails. Each act returns whether it could be done."""

    def __init__(self, campaign: Campaign, address: str, network: str) -> None:
        self.address = address
        self._campaign = campaign
        self._client = Client(REMOTE_ADDR=network)
        self._ticket = ""
        self._manage = ""

    def copied(self) -> Owner:
        """Return a copy with the same cookies."""
        other = copy(self)
        other._client = copy(self._client)
        other._client.cookies = copy(self._client.cookies)
        return other

    def act(self, name: str) -> bool:
        """Do the act of that name."""
        acts: dict[str, Callable[[], bool]] = {
            "signs": self.signs,
            "corrects": self.corrects,
            "confirms": self.confirms,
            "types the code": self.types_code,
            "withdraws": self.withdraws,
            "says not me": self.says_not_me,
            "allows mail again": self.allows_mail_again,
            "asks for the link": self.asks_for_link,
        }
        return acts[name]()

    def _mails(self) -> list[Any]:
        return [message for message in reversed(mail.outbox) if message.to == [self.address]]

    def _post_form(self, address: str) -> str:
        sha256 = self._campaign.statements["individual"]
        stamp = self._client.get(self._campaign.url(f"stamp.json?statement={sha256}")).json()["stamp"]
        form = {**FORM, "email": address, "statement": sha256, "stamp": stamp}
        answer = self._client.post(self._campaign.sign["individual"], form, headers=SAME_SITE)
        return str(answer["Location"]) if answer.status_code == 303 else ""

    def signs(self) -> bool:
        """Send the form with the own address."""
        self._ticket = self._post_form(self.address)
        return bool(self._ticket)

    def corrects(self) -> bool:
        """Send the form with a mistyped address, and correct it."""
        local, _at, domain = self.address.partition("@")
        ticket = self._post_form(f"{local}{local}@{domain}")
        if not ticket:
            return False
        answer = self._client.post(ticket, {"email": self.address}, headers=SAME_SITE)
        self._ticket = str(answer["Location"]) if answer.status_code == 303 else ""
        return bool(self._ticket)

    def confirms(self) -> bool:
        """Open the confirm links, newest first, and press the button of the own submission."""
        return any(self._confirm_at(link_in(message, "confirm")) for message in self._mails())

    def _confirm_at(self, link: str) -> bool:
        if not link:
            return False
        page = self._client.get(link)
        # The details of the link's own submission come first
        if page.status_code != 200 or PLACE not in page.content.decode().partition("</dl>")[0]:
            return False
        pressed = press(self._client, link, page, {"display": FORM["display"]})
        if pressed is None or pressed.status_code != 303 or "/confirm/" not in pressed["Location"]:
            return False
        return self._is_thanked(pressed["Location"])

    def _is_thanked(self, path: str) -> bool:
        thanks = self._client.get(path)
        self._manage = link_in(_Body(thanks.content.decode()), "manage") or self._manage
        return "Thank you" in thanks.content.decode()

    def types_code(self) -> bool:
        """Type the codes of the mails on the own inbox page; where the right one does not confirm, press the button."""
        for message in self._mails() if self._ticket else ():
            if code := code_in(message):
                answer = self._client.post(self._ticket, {"code": code}, headers=SAME_SITE)
                if answer.status_code == 303 and "/confirm/" in answer["Location"]:
                    return self._is_thanked(answer["Location"]) or self._confirm_at(answer["Location"])
        return False

    def withdraws(self) -> bool:
        """Withdraw through the manage link of the newest mail that has one, else of the thank-you page."""
        links = [link_in(message, "manage") for message in self._mails()]
        link = next((each for each in links if each), self._manage)
        page = self._client.get(link) if link else None
        answer = self._client.post(link.partition("?")[0], {"action": "withdraw"}, headers=SAME_SITE) if page else None
        return answer is not None and answer.status_code == 303

    def says_not_me(self) -> bool:
        """Press the button behind the link "this was not me" of the newest mail that has one."""
        return self._press_at(next((found for message in self._mails() if (found := link_in(message, "not-me"))), ""))

    def allows_mail_again(self) -> bool:
        """Press the button behind the undo link, which the last mail has instead of a confirm link."""
        links = [link_in(message, "not-me") for message in self._mails() if not link_in(message, "confirm")]
        return self._press_at(next(filter(None, links), ""))

    def asks_for_link(self) -> bool:
        """Ask for the link to the own signature."""
        url = self._campaign.url("link/")
        return bool(self._client.post(url, {"email": self.address}, headers=SAME_SITE).status_code == 303)

    def _press_at(self, link: str) -> bool:
        page = self._client.get(link) if link else None
        pressed = press(self._client, link, page) if page is not None else None
        return pressed is not None and pressed.status_code == 303


class _Body:
    """A page as if it were a mail: links in it are absolute or begin with a slash."""

    def __init__(self, html: str) -> None:
        self.body = html.replace('"/pledge/', '"http://testserver/pledge/')


#: What an owner may do, in the order in which it usually happens.
ACTS: Final = (
    *("signs", "corrects", "confirms", "types the code", "withdraws"),
    *("says not me", "allows mail again", "asks for the link"),
)
