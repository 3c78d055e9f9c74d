"""The campaign that both worlds begin with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.core import mail
from django.core.management import call_command

from tests.campaigns.two_worlds.clock import START, Clock
from tests.campaigns.two_worlds.database import Snapshot, take_snapshot
from tests.campaigns.two_worlds.process import another_process, forget
from tests.projects.campaign import home, publish
from wagtail_pledge.pages.models import PledgeIndexPage, PledgePage, SignerTypePage, UpdatePage
from wagtail_pledge.signing.models import EmbedOrigin, PartnerLink, Statement
from wagtail_pledge.testing.factories import SignatureFactory

KINDS: Final = ("individual", "organization")
#: One more makes a group large enough to be broken out in public figures.
EARLIER_SIGNERS: Final = 9
#: Code of an event link, and how many forms may come through it without waiting.
EVENT: Final = "event-square"
EVENT_QUOTA: Final = 2
_BODY: Final = [
    {"type": "recent_signers", "value": {"heading": "They signed", "pledge": "", "limit": 12}},
    {"type": "organizations", "value": {"heading": "They joined", "pledge": "", "limit": 60}},
    {"type": "progress", "value": {"heading": "How many", "pledge": ""}},
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """URLs of the published campaign."""

    pledge: str
    #: By kind: where its form is posted to, and the digest of its statement.
    sign: dict[str, str]
    statements: dict[str, str]
    pages: tuple[str, ...]

    def url(self, rest: str) -> str:
        """Return a URL of the pledge."""
        return f"/pledge/{self.pledge}/{rest}"


def _publish() -> Campaign:
    index = publish(home(), PledgeIndexPage(title="Campaigns", slug="campaigns"))
    page = PledgePage(title="Ratify now", slug="ratify", statement="<p>We call on you to ratify.</p>", body=_BODY)
    campaign = publish(index, page)
    ways = {kind: publish(campaign, SignerTypePage(title=kind, slug=kind, kind=kind)) for kind in KINDS}
    update = publish(campaign, UpdatePage(title="News", slug="news", day=dt.date(2027, 3, 1)))
    pledge = campaign.pledge
    EmbedOrigin.objects.create(pledge=pledge, origin="https://partner.example")
    ends_at = START + dt.timedelta(days=2)
    PartnerLink.objects.create(pledge=pledge, slug=EVENT, name="Square", quota=EVENT_QUOTA, ends_at=ends_at)
    for number in range(EARLIER_SIGNERS):
        SignatureFactory(pledge=pledge, name=f"Earlier Signer {number}", display="name", country="US")
    newest = Statement.objects.order_by("number")
    return Campaign(
        pledge=str(pledge.uuid),
        sign={kind: f"/pledge/{pledge.uuid}/sign/{way.signer_type.uuid}/" for kind, way in ways.items()},
        statements={each.signer_type.kind: each.sha256 for each in newest.filter(pledge=pledge)},
        pages=tuple(str(each.url) for each in (index, campaign, *ways.values(), update)),
    )


class Beginning:
    """The rows and the time at which each world begins."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        clock.set(START - dt.timedelta(days=2))
        self.campaign = _publish()
        with another_process():
            call_command("pledge_worker", "--once", verbosity=0)
        self._snapshot: Snapshot = take_snapshot()

    def restore(self, rows: Snapshot | None = None, now: dt.datetime = START) -> None:
        """Bring rows, clocks and mail back, and forget what this process remembers; by default to the beginning."""
        (rows or self._snapshot).restore()
        self.clock.set(now)
        mail.outbox = []
        forget()
