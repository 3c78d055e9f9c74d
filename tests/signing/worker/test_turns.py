"""Turns of forms in the mail queue: each takes as long as a mail, and comes whatever the owner of the mailbox did.

Else the time between two mails to a stranger's mailboxes would tell what became of a form between them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest
from django.core import mail as django_mail
from pytest_django import Settings

from tests.signing.conftest import pass_time, person, statement_to_sign, submission_of, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import MailQueue, PledgeState, SubmissionEnd
from wagtail_pledge.signing.models import SignerType, Submission
from wagtail_pledge.signing.services import confirm, resend_mail, submit
from wagtail_pledge.signing.services.confirming import end_columns
from wagtail_pledge.signing.services.offers import end_unsent, offers_for
from wagtail_pledge.signing.services.pledges import change_state
from wagtail_pledge.signing.services.submissions import Receipt
from wagtail_pledge.signing.services.suppression import stop_mail, suppress
from wagtail_pledge.signing.worker import mail
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.places import put_closing_first
from wagtail_pledge.signing.worker.retention import delete_expired_submissions

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("B1", "SG4"), pytest.mark.swappable]

NET: Final = b"\x01" * 8
ADDRESS: Final = "ana@example.org"


@pytest.fixture
def own(person_type: SignerType) -> Submission:
    """A form that the owner of the mailbox has sent, and that was mailed a day ago."""
    submission = submit_as(person_type, person(ADDRESS))
    assert send_due() == 1
    pass_time(hours=30)
    send_due()
    django_mail.outbox.clear()
    return submission_of(submission.pk)


def _deny(own: Submission, theirs: UUID) -> None:
    offers = offers_for(submission_of(own.pk), database_now())
    assert offers is not None
    assert end_unsent(offers, [theirs.hex]) == 1


#: Those of the forms that are compared: of two mailboxes of the stranger, and between them that of the owner.
TURNS: Final = ["own 1", "theirs", "own 2"]
Act = Callable[[Submission, UUID], Any]
#: What the owner does before the stranger's form is sent, while it waits for a place, and once it was mailed.
BEFORE: Final[dict[str, Act]] = {
    "had signed": lambda own, _theirs: confirm(submission_of(own.pk)),
    "had stopped our mails": lambda _own, _theirs: suppress(ADDRESS),
}
DURING: Final[dict[str, Act]] = {
    "signs": lambda own, _theirs: confirm(submission_of(own.pk)),
    "says not me": lambda own, _theirs: stop_mail(own, ADDRESS),
    "ends it": _deny,
    "staff end it": lambda _own, theirs: Submission.objects.filter(pk=theirs).update(
        **end_columns(SubmissionEnd.LET_GO)
    ),
}
AFTER: Final[dict[str, Act]] = {
    **DURING,
    "confirms it": lambda _own, theirs: confirm(submission_of(theirs)),
    "says not me by its link": lambda _own, theirs: stop_mail(submission_of(theirs), ADDRESS),
}
WHENS: Final = [
    *(("before", BEFORE[act], act) for act in BEFORE),
    *(("unscreened", DURING[act], act) for act in DURING),
    *(("waiting", DURING[act], act) for act in DURING),
    *(("mailed", AFTER[act], act) for act in AFTER),
    ("never", DURING["signs"], "does nothing"),
]
AGAIN: Final = [one for one in WHENS if one[0] in {"before", "mailed", "never"}]
IDS: Final = [f"{act} ({when})" for when, _act, act in WHENS]


#: What has happened to the forms until a time, and how long it takes until the next one.
TIMES: Final[tuple[tuple[str, dict[str, float]], ...]] = (
    ("unscreened", {"seconds": 10}),
    ("waiting", {"minutes": 5}),
    ("closing", {"minutes": 26}),
    ("turn", {"hours": 12}),
    ("mailed", {"hours": 13}),
    ("reminder", {"hours": 36}),
    ("end", {"hours": 24}),
)


class Turns:
    """Records the turns of the stranger's forms, by time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[UUID, str] = {}
        self.steps: list[list[str]] = []
        deliver = mail._deliver_at_constant_pace

        def recorded(batch: Any, job: Any, connection: Any) -> Any:
            if job.pk in self.names:
                self.steps[-1].append(self.names[job.pk])
            return deliver(batch, job, connection)

        monkeypatch.setattr(mail, "_deliver_at_constant_pace", recorded)
        monkeypatch.setattr(mail.time, "sleep", lambda _seconds: None)

    def work(self) -> None:
        self.steps.append([])
        put_closing_first()
        delete_expired_submissions()
        while send_due():
            pass


Play = Callable[..., list[list[str]]]


@pytest.fixture
def play(person_type: SignerType, own: Submission, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Return a function: the stranger's forms take their turns while the owner acts at a time."""
    settings.WAGTAIL_PLEDGE_NETWORK_MAILS_PER_10_MINUTES = 1
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 24
    statement = statement_to_sign(person_type)

    def send(address: str) -> Receipt:
        receipt = submit(statement=statement, data=person(address, name="Somebody"), network_key=NET)
        pass_time(seconds=1)
        return receipt

    def playing(when: str, act: Act, *, closes: bool = False, resends: bool = False) -> list[list[str]]:
        turns = Turns(monkeypatch)
        if when == "before":
            act(own, UUID(int=0))
            send_due()
            pass_time(hours=48)
        send("first@stranger.example")
        send_due()
        sent = [send(address) for address in ("one@stranger.example", ADDRESS, "two@stranger.example")]
        turns.names = {one.id: name for one, name in zip(sent, ("own 1", "theirs", "own 2"), strict=True)}
        for moment, time in TIMES:
            if when == moment:
                act(own, sent[1].id)
            if moment == "mailed" and resends:
                resend_mail(sent[1].ticket)
            if moment == "closing" and closes:
                change_state(person_type.pledge, PledgeState.CLOSED, actor=None, reason="It is over")
            turns.work()
            pass_time(**time)
        return turns.steps

    return playing


@pytest.mark.parametrize(("when", "act"), [one[:2] for one in WHENS], ids=IDS)
def test_a_form_takes_its_turns_whatever_the_owner_does(play: Play, when: str, act: Act) -> None:
    steps = play(when, act)
    # The last mail to a mailbox whose owner has stopped our mails
    last = ["theirs"] if act is AFTER["says not me by its link"] else []
    assert steps == [[], [], [], TURNS, last, TURNS, []]


@pytest.mark.parametrize(("when", "act"), [one[:2] for one in AGAIN], ids=[one[2] for one in AGAIN])
def test_one_that_is_asked_for_again_has_no_turn_for_a_reminder(play: Play, when: str, act: Act) -> None:
    assert play(when, act, resends=True) == [[], [], [], TURNS, ["theirs"], ["own 1", "own 2"], []]


@pytest.mark.parametrize("act", DURING.values(), ids=DURING)
def test_what_waits_at_closing_takes_its_turns_too(play: Play, act: Act) -> None:
    assert play("waiting", act, closes=True) == [[], [], [], TURNS, [], TURNS, []]


def test_no_mail_about_a_form_that_ended_while_it_waited(play: Play) -> None:
    play("waiting", DURING["ends it"])
    assert ADDRESS not in {address for message in django_mail.outbox for address in message.to}
    row = Submission.objects.get(seat__isnull=False, end_reason=SubmissionEnd.NOT_ME)
    assert row.queue == MailQueue.NO_MAIL


@pytest.mark.requirement("E6")
def test_an_ended_form_loses_its_data_in_time_though_its_turn_comes_later(play: Play, settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 72
    steps = play("mailed", AFTER["ends it"])
    row = Submission.objects.get(end_reason=SubmissionEnd.NOT_ME)
    assert (bytes(row.payload), row.network_key, row.queue) == (b"", None, MailQueue.REMINDERS)
    assert [step.count("theirs") for step in steps] == [0, 0, 0, 1, 0, 0, 0]
    while send_due():
        pass
    assert Submission.objects.get(pk=row.pk).queue == MailQueue.NO_MAIL
