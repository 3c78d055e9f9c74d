"""Every public view, and how the two worlds compare it. A view that is missing here fails a test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.campaigns.two_worlds.site import Campaign

#: Views of a pledge that anybody may read: what follows the pledge's UUID.
READ: Final = {
    "count": "count.json",
    "pledge": "pledge.json",
    "updates_atom": "updates.atom?lang=en",
    "embed": "embed/",
    "qr_svg": "qr.svg?lang=en",
    "qr_png": "qr.png?lang=en",
    "organizations": "organizations/?lang=en",
}
#: Views that anybody may read, whatever the pledge.
READ_ANYWHERE: Final = {"health": "/pledge/health/"}
#: Views that the stranger's actions use, by the class of the action.
ACTED_ON: Final = {
    "sign": "Sign",
    "stamp": "Sign",
    "inbox": "Correct, Resend, OpenInbox, TypeCode",
    "confirm": "FollowLink",
    "not_me": "FollowLink",
    "manage": "FollowLink",
    "link": "AskForLink",
}
#: Views that say nothing about signatures, or that need a token of the signer: why they are left out.
LEFT_OUT: Final = {
    "logo": "needs the manage token of an organization's signature",
    "colours": "a stylesheet with the colours of the site",
    "embed_script": "redirects to a static file",
    "treaty_status_json": "treaties, not signatures",
    "treaty_status_csv": "treaties, not signatures",
    "treaty_changes_atom": "treaties, not signatures",
}
#: The page types whose pages the campaign has, all of them read.
PAGES: Final = frozenset({"PledgeIndexPage", "PledgePage", "SignerTypePage", "UpdatePage"})
PAGES_LEFT_OUT: Final = {"TreatyStatusPage": "treaties, not signatures"}


def looked_at(campaign: Campaign) -> Iterator[str]:
    """Yield the URLs of everything that anybody may read."""
    yield from READ_ANYWHERE.values()
    yield from (campaign.url(rest) for rest in READ.values())
    yield from campaign.pages
