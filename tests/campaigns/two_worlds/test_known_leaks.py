"""Ways to learn who signed, or to decide what another person confirms, that a review found."""

from __future__ import annotations

from typing import Any, Final

import pytest
from django.core import mail

from tests.campaigns.two_worlds.actions import (
    AskForLink,
    Correct,
    FollowLink,
    Look,
    Owner,
    Sign,
    SignManyTimes,
    TypeCode,
    Wait,
)
from tests.campaigns.two_worlds.comparison import BEFORE, Comparison, history
from tests.campaigns.two_worlds.conftest import LIMITS
from tests.campaigns.two_worlds.links import code_in, link_in
from tests.campaigns.two_worlds.owner import HIDDEN, VICTIM
from tests.campaigns.two_worlds.site import EARLIER_SIGNERS, Beginning
from tests.campaigns.two_worlds.world import OWN, World
from wagtail_pledge.conf import PREFIX
from wagtail_pledge.signing.models import get_signature_model

pytestmark = [pytest.mark.requirement("B1", "SG4"), pytest.mark.long]

MINUTE: Final = 60
#: What the victim had done: nothing, or one of the usual sequences.
HISTORIES: Final = ((), *BEFORE)


def _mailed(address: str) -> list[Any]:
    return [message for message in mail.outbox if message.to == [address]]


def _total(world: World) -> int:
    answer = world.send("get", world.campaign.url("count.json"))
    return int(answer.json()["total"])


@pytest.mark.requirement("E1")
@pytest.mark.parametrize("how", ["form", "json", "embed"])
def test_correcting_the_victims_address_to_ones_own_tells_nothing(warm: Beginning, how: str) -> None:
    worlds = Comparison(warm)
    for acts in HISTORIES:
        for pause in ([], [Wait(10)]):
            steps = [*history(acts), Sign(VICTIM, how=how), *pause, Correct(0, OWN[0]), Wait(16 * MINUTE)]
            assert not worlds.difference([*steps, FollowLink(0, 0, press=True), Wait(MINUTE), Look()]), acts
            assert len(_mailed(OWN[0])) >= 1, acts


@pytest.mark.requirement("E2")
def test_two_addresses_under_one_stamp_tell_nothing(warm: Beginning) -> None:
    worlds = Comparison(warm)
    for acts in HISTORIES:
        for pause in ([], [Wait(10)]):
            steps = [*history(acts), Sign(VICTIM), *pause, Sign(OWN[0], stamp=0), Wait(16 * MINUTE)]
            assert not worlds.difference([*steps, FollowLink(0, 0, press=True), Wait(MINUTE), Look()]), acts
            assert len(_mailed(OWN[0])) >= 1, acts


@pytest.mark.requirement("E20", "SG5")
def test_asking_for_a_link_tells_nothing(warm: Beginning) -> None:
    """Each request takes a place of the network; after three, the stranger's own mail waits."""
    addresses = (VICTIM, "ana+1@people.example", OWN[1])
    worlds = Comparison(warm)
    for acts in HISTORIES:
        steps = [*history(acts), Sign(VICTIM, network=2), Wait(10), *(AskForLink(each) for each in addresses)]
        assert not worlds.difference([*steps, Wait(10), Sign(OWN[0]), Wait(10), Wait(11 * MINUTE), Look()]), acts
        assert len(_mailed(OWN[0])) == 1, acts


#: What a stranger sent before with the owner's address: published and subscribed, or held for review.
STRANGERS_FORMS: Final = (
    {"name": "Ana María López", "display": "name_place", "updates": "on"},
    {"name": "Cheap pills www.pills.example", "display": "name", "updates": "on"},
)


@pytest.mark.requirement("E3", "SG2")
@pytest.mark.parametrize("theirs", STRANGERS_FORMS)
@pytest.mark.parametrize("is_mailed_before", [True, False])
def test_the_owner_decides_what_is_confirmed(
    beginning: Beginning, theirs: dict[str, str], is_mailed_before: bool
) -> None:
    world = World(beginning, HIDDEN)
    campaign, sha256 = world.campaign, world.campaign.statements["individual"]
    for network, form in ((1, theirs), (0, {"name": "Ana María López", "display": "hidden"})):
        stamp = world.send("get", campaign.url(f"stamp.json?statement={sha256}")).json()["stamp"]
        data = {**form, "email": VICTIM, "country": "US", "statement": sha256, "stamp": stamp}
        assert world.send("post", campaign.sign["individual"], data, network=network).status_code == 303
        Wait(10, works=is_mailed_before or network == 0).run(world)
    Wait(16 * MINUTE).run(world)
    message = _mailed(VICTIM)[-1]
    link = link_in(message, "confirm")
    page = world.send("get", link)
    assert "Ana María López" in page.content.decode()
    assert world.press(link, page, chosen={"display": "hidden"}).status_code == 303
    Wait(26 * 60 * MINUTE).run(world)
    assert _total(world) == EARLIER_SIGNERS + 1
    signature = get_signature_model()._default_manager.latest("pk")
    assert (signature.email, signature.display, signature.public_name) == (VICTIM, "hidden", "")
    assert not signature.consent_updates
    assert not any("Ana María" in world.send("get", page).content.decode() for page in campaign.pages)


@pytest.mark.requirement("E4")
@pytest.mark.parametrize(
    "again",
    [
        [Correct(0, OWN[1]), Wait(16 * MINUTE), Sign(OWN[0], stamp=0), Wait(10)],
        [Correct(0, OWN[1]), Wait(10), Correct(1, OWN[0]), Wait(16 * MINUTE)],
        [Sign(OWN[0]), Wait(16 * MINUTE)],
        [Sign("Mallory@Attacker.Example", network=2), Wait(16 * MINUTE)],
    ],
    ids=["signed again", "corrected back", "another form", "another spelling"],
)
def test_five_tries_are_all(beginning: Beginning, again: list[Any]) -> None:
    """No code of the mailbox works any more on that day, whatever form or address it comes through."""
    world = World(beginning, HIDDEN).run([Sign(OWN[0]), Wait(10), TypeCode(0, times=5), *again])
    # The code of another mailbox that the form was moved to is for its own owner to use
    codes = {code for message in mail.outbox if message.to[0].casefold() == OWN[0] and (code := code_in(message))}
    assert codes
    answers = [
        world.send("post", ticket, {"code": code})["Location"] for ticket in world.tickets for code in sorted(codes)
    ]
    assert not [location for location in answers if "/confirm/" in location]


@pytest.mark.requirement("E5", "C5")
def test_one_network_cannot_have_many_mailboxes_mailed(beginning: Beginning, settings: Any) -> None:
    """Twenty in ten minutes; the others wait, and none is dropped."""
    for name in LIMITS:
        delattr(settings, PREFIX + name)
    world = World(beginning, HIDDEN).run([SignManyTimes(25), Wait(10)])
    assert len(mail.outbox) == 20
    world.run([Wait(9 * MINUTE)])
    assert len(mail.outbox) == 20
    world.run([Wait(2 * MINUTE)])
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox) == 25


@pytest.mark.requirement("E5", "C5")
def test_spellings_of_one_mailbox_share_its_mail_budget(beginning: Beginning) -> None:
    """Whatever the domain, and whatever the networks."""
    spellings = ["boss@unlisted.example", *(f"boss+{number}@unlisted.example" for number in range(5))]
    world = World(beginning, HIDDEN).run([Sign(each, network=number) for number, each in enumerate(spellings)])
    world.run([Wait(10), *[Wait(3600)] * 20])
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("act", ["confirms", "says not me"])
def test_a_form_takes_its_place_whatever_becomes_of_it(warm: Beginning, act: str) -> None:
    """The owner's act ends the stranger's form before the worker has seen it; three of a network are mailed at once."""
    steps = [*history(["signs"]), Sign(VICTIM), Owner(act), *(Sign(address) for address in OWN)]
    assert not Comparison(warm).difference([*steps, Wait(10), Wait(11 * MINUTE)])
    assert {message.to[0] for message in mail.outbox} >= set(OWN)


#: The owner ends the stranger's form that names the mailbox: by confirming the own one, or by stopping all mail.
ENDS: Final = (("signs", "confirms"), ("says not me",))


@pytest.mark.parametrize("acts", ENDS)
def test_a_ticket_cannot_be_prolonged_until_the_form_has_lost_its_data(warm: Beginning, acts: tuple[str, ...]) -> None:
    """Posting the same address again makes no new ticket: after a day, it would tell what the owner did."""
    again = [step for _half_hour in range(56) for step in (Wait(29 * MINUTE, works=False), Correct(-1, VICTIM))]
    steps = [Owner("signs"), Sign(VICTIM), Wait(10), *history(acts), *again, Wait(10), Correct(-1, OWN[0])]
    assert not Comparison(warm).difference([*steps, TypeCode(-1), Wait(16 * MINUTE)])


@pytest.mark.parametrize("acts", ENDS)
@pytest.mark.parametrize(("setting", "value"), [("STAMP_HOURS", 72), ("INBOX_TICKET_MINUTES", 72 * 60)])
def test_a_form_keeps_its_data_for_as_long_as_it_can_be_reached(
    warm: Beginning, settings: Any, acts: tuple[str, ...], setting: str, value: int
) -> None:
    """Whatever the settings: by the same form again, or by a ticket."""
    setattr(settings, PREFIX + setting, value)
    steps = [Owner("signs"), Sign(VICTIM), Wait(10), *history(acts), Wait(50 * 60 * MINUTE), Sign(VICTIM, stamp=0)]
    assert not Comparison(warm).difference([*steps, Correct(0, OWN[0]), Correct(1, OWN[0]), Wait(16 * MINUTE)])
    assert _mailed(OWN[0])
