"""Random sequences of actions."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from tests.campaigns.two_worlds.actions import (
    ADDRESSES,
    NAMES,
    AskForLink,
    Close,
    Correct,
    FollowLink,
    Look,
    OpenInbox,
    Owner,
    Resend,
    SendGarbage,
    Sign,
    SignManyTimes,
    TypeCode,
    Wait,
)
from tests.campaigns.two_worlds.comparison import BEFORE, history
from tests.campaigns.two_worlds.owner import ACTS
from tests.campaigns.two_worlds.site import EVENT, KINDS
from tests.campaigns.two_worlds.world import NETWORKS

#: Around the limits: the mail budget (15 minutes), the ticket (30 minutes), the day, the confirm link (14 days).
PAUSES: Final = (10, 16 * 60, 31 * 60, 3700, 25 * 3600, 3 * 86400, 14 * 86400, 15 * 86400)
_number = st.integers(0, 3)
_network = st.integers(0, len(NETWORKS) - 1)
_address = st.sampled_from(ADDRESSES)
_signs = st.builds(
    Sign,
    address=_address,
    name=st.sampled_from(NAMES),
    kind=st.sampled_from(KINDS),
    how=st.sampled_from(("form", "form", "json", "embed")),
    network=_network,
    stamp=st.none() | _number,
    source=st.sampled_from(("", "", EVENT)),
)
_often = st.one_of(
    _signs,
    st.builds(Correct, ticket=_number, address=_address, network=_network),
    st.builds(FollowLink, mail=_number, link=_number, press=st.booleans()),
    st.builds(Wait, seconds=st.sampled_from(PAUSES), works=st.booleans()),
)
_others = st.one_of(
    st.builds(Owner, act=st.sampled_from(ACTS)),
    st.builds(Resend, ticket=_number),
    st.builds(OpenInbox, ticket=_number),
    st.builds(TypeCode, ticket=_number, mail=st.none() | _number, times=st.sampled_from((1, 1, 6))),
    st.builds(AskForLink, address=_address, network=_network),
    st.builds(Look),
    st.builds(SignManyTimes, number=st.integers(2, 6), network=_network),
)
_seldom = st.builds(SendGarbage, network=_network) | st.builds(Close)
_action = st.integers(0, 24).flatmap(lambda n: _seldom if n == 24 else _others if n % 3 == 2 else _often)


def _whole(before: tuple[str, ...], random: list[Any]) -> list[Any]:
    """Return the owner's first acts with the worker in between, the random actions, and a look at everything."""
    return [*history(before), *random, Wait(26 * 3600), Look()]


def sequences() -> st.SearchStrategy[list[Any]]:
    """Return the strategy of sequences."""
    return st.builds(_whole, st.sampled_from(BEFORE), st.lists(_action, min_size=1, max_size=10))
