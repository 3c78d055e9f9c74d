"""One sequence in which the stranger does everything once."""

from __future__ import annotations

from typing import Final

from tests.campaigns.two_worlds.actions import (
    AskForLink,
    Correct,
    FollowLink,
    Look,
    OpenInbox,
    Owner,
    Resend,
    Sign,
    SignManyTimes,
    TypeCode,
    Wait,
)
from tests.campaigns.two_worlds.site import EVENT
from tests.campaigns.two_worlds.world import OWN

EVERYTHING: Final = (
    Owner("signs"),
    Wait(10),
    Owner("confirms"),
    Sign(OWN[0], how="form"),
    Sign(OWN[1], how="json", network=2),
    Sign(OWN[2], how="embed", network=0),
    Wait(10),
    OpenInbox(0),
    Resend(0),
    TypeCode(1, times=6),
    TypeCode(0, mail=0),
    Correct(2, OWN[1]),
    FollowLink(0, 0, press=True),
    Wait(16 * 60),
    FollowLink(1, 1, press=True),
    AskForLink(OWN[0]),
    SignManyTimes(6),
    Sign(OWN[0], source=EVENT),
    Wait(26 * 3600),
    Owner("withdraws"),
    Wait(10),
    Look(),
)
