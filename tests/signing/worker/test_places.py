"""Who need not wait for a place of their network: forms of event links, raised limits, and what waits at closing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from wagtail.models import ModelLogEntry

from tests.signing.conftest import pass_time, person, statement_to_sign, submission_of
from wagtail_pledge.core.db import database_now, start_of_utc_day, utc_day
from wagtail_pledge.signing.enums import MailQueue, SubmissionEnd
from wagtail_pledge.signing.models import (
    EventLinkUse,
    NetworkPlace,
    NetworkRaise,
    PartnerLink,
    Pledge,
    SignerType,
    Submission,
)
from wagtail_pledge.signing.services import submit
from wagtail_pledge.signing.services.correction import correct_address
from wagtail_pledge.signing.services.event_links import end_event_link, make_event_link, raise_network
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.sources import registered_source
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.signing.worker.places import apply_raises, put_closing_first
from wagtail_pledge.signing.worker.queue import lease

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E5", "SG6"), pytest.mark.swappable]

NET = b"\x01" * 8
OTHER_NET = b"\x02" * 8


@pytest.fixture(autouse=True)
def _small_limits(settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_NETWORK_MAILS_PER_10_MINUTES = 3
    settings.WAGTAIL_PLEDGE_REMINDER_HOURS = 0


def crowd(signer_type: SignerType, size: int, prefix: str = "p", **more: Any) -> list[Submission]:
    statement = statement_to_sign(signer_type)
    receipts = [
        submit(statement=statement, data=person(f"{prefix}{n}@example.org"), **{"network_key": NET, **more})
        for n in range(size)
    ]
    return [submission_of(receipt.id) for receipt in receipts]


def send_all() -> list[str]:
    """Send what is due; return the first letters of the addresses, in the order of sending."""
    mail.outbox.clear()
    while send_due():
        pass
    return [message.to[0][0] for message in mail.outbox]


def event_link(pledge: Pledge, quota: int = 5, hours: float = 2) -> PartnerLink:
    ends_at = database_now() + dt.timedelta(hours=hours)
    return make_event_link(pledge, name="Town square", quota=quota, ends_at=ends_at, actor=None)


def test_forms_of_an_event_link_do_not_wait_until_its_quota_is_used_up(person_type: SignerType) -> None:
    link = event_link(person_type.pledge, quota=5)
    crowd(person_type, 3)
    assert len(send_all()) == 3
    crowd(person_type, 7, "e", source=link.slug)
    crowd(person_type, 1, "w")
    assert send_all() == ["e"] * 5
    assert EventLinkUse.objects.get().used == 5
    assert NetworkPlace.objects.count() == 3 + 2 + 1
    pass_time(minutes=11)
    assert sorted(send_all()) == ["e", "e", "w"]


@pytest.mark.parametrize("why", ["ended", "ended by hand", "of another pledge", "no event link", "forged"])
def test_only_a_running_link_of_the_pledge_helps(person_type: SignerType, why: str) -> None:
    pledge = create_pledge("Other") if why == "of another pledge" else person_type.pledge
    link = event_link(pledge)
    if why == "ended":
        PartnerLink.objects.update(ends_at=database_now() - dt.timedelta(seconds=1))
    elif why == "ended by hand":
        assert end_event_link(link, actor=None)
        assert not end_event_link(link, actor=None)
    elif why == "no event link":
        PartnerLink.objects.update(quota=None, ends_at=None)
    crowd(person_type, 3)
    assert len(send_all()) == 3
    crowd(person_type, 2, "e", source="event-guessed" if why == "forged" else link.slug)
    assert send_all() == []


def test_a_form_uses_up_the_quota_whatever_became_of_it_and_a_correction_too(person_type: SignerType) -> None:
    link = event_link(person_type.pledge, quota=3)
    (gone,) = crowd(person_type, 1, source=link.slug)
    Submission.objects.filter(pk=gone.pk).update(ended_at=database_now(), end_reason=SubmissionEnd.NOT_ME)
    receipt = submit(
        statement=statement_to_sign(person_type), data=person("b@example.org"), source=link.slug, network_key=NET
    )
    moved = correct_address(receipt.ticket, address="c@example.org", network_key=NET, now=database_now())
    assert moved is not None
    assert send_all() == ["c"]
    assert EventLinkUse.objects.get().used == 3
    assert not NetworkPlace.objects.exists()


def test_an_event_link_is_a_partner_link_with_a_random_code_and_is_logged(person_type: SignerType) -> None:
    pledge = person_type.pledge
    links = [event_link(pledge) for _ in range(2)]
    assert links[0].slug != links[1].slug
    assert registered_source(pledge, links[0].slug) == links[0].slug
    end_event_link(links[0], actor=None)
    assert registered_source(pledge, links[0].slug) == links[0].slug
    actions = list(ModelLogEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["wagtail_pledge.make_event_link"] * 2 + ["wagtail_pledge.end_event_link"]


def test_a_raised_limit_lets_what_waits_and_what_comes_of_this_pledge_and_network_go(person_type: SignerType) -> None:
    other_type = create_pledge("Other").signer_types.get()
    crowd(person_type, 8)
    crowd(other_type, 2, "o")
    crowd(person_type, 5, "n", network_key=OTHER_NET)
    assert sorted(send_all()) == ["n"] * 3 + ["p"] * 3
    waiting = Submission.objects.waiting_for_first_mail().filter(pledge=person_type.pledge, network_key=NET).first()
    assert raise_network(submission_of(waiting.pk), actor=None)
    assert not raise_network(submission_of(waiting.pk), actor=None)
    assert apply_raises() == 5
    assert apply_raises() == 0
    assert send_all() == ["p"] * 5
    crowd(person_type, 4, "l")
    crowd(other_type, 1, "o")
    assert send_all() == ["l"] * 4
    entry = ModelLogEntry.objects.get()
    assert (entry.action, entry.data["reference"]) == ("wagtail_pledge.raise_network", str(waiting.pk))
    assert NET.hex() not in str(entry.data)


def test_a_raised_limit_is_tenfold_and_ends_with_the_utc_day(person_type: SignerType) -> None:
    first = crowd(person_type, 45)[0]
    raise_network(first, actor=None)
    assert NetworkRaise.objects.get().until == start_of_utc_day(utc_day(database_now()) + dt.timedelta(days=1))
    apply_raises()
    assert len(send_all()) == 3 + 30
    NetworkRaise.objects.update(until=database_now())
    crowd(person_type, 1, "l")
    assert send_all() == []


def test_a_raise_moves_no_form_of_another_pledge_and_frees_no_place(person_type: SignerType) -> None:
    other_type = create_pledge("Other").signer_types.get()
    waiting = crowd(person_type, 6)[-1]
    (other,) = crowd(other_type, 1, "o")
    send_all()
    before = submission_of(other.pk).due_at
    raise_network(submission_of(waiting.pk), actor=None)
    apply_raises()
    assert submission_of(other.pk).due_at == before
    assert NetworkPlace.objects.filter(is_extra=False).count() == 7
    assert NetworkPlace.objects.filter(is_extra=True).count() == 3


def close(pledge: Pledge) -> None:
    Pledge.objects.filter(pk=pledge.pk).update(closes_at=database_now())


@pytest.mark.requirement("A11")
def test_what_waits_at_closing_goes_before_all_other_mail(person_type: SignerType) -> None:
    other_type = create_pledge("Other").signer_types.get()
    crowd(other_type, 3, "o", network_key=None)
    crowd(person_type, 3, "c", network_key=None)
    close(person_type.pledge)
    assert put_closing_first() == 3
    assert put_closing_first() == 0
    assert send_all() == ["c"] * 3 + ["o"] * 3


@pytest.mark.requirement("A11", "SG7")
def test_what_a_surge_holds_goes_first_too_once_the_pledge_has_closed(person_type: SignerType) -> None:
    (held,) = crowd(person_type, 1, "c", network_key=None)
    Submission.objects.update(queue=MailQueue.SURGE, screened_at=database_now())
    close(person_type.pledge)
    assert put_closing_first() == 1
    assert submission_of(held.pk).queue == MailQueue.CLOSING
    assert [one.pk for one in lease(Submission)] == [held.pk]


@pytest.mark.requirement("A11")
def test_what_waits_at_closing_gets_the_next_places_of_its_network(person_type: SignerType) -> None:
    other_type = create_pledge("Other").signer_types.get()
    crowd(other_type, 6, "o")
    crowd(person_type, 3, "c")
    assert send_all() == ["o"] * 3
    places = sorted(NetworkPlace.objects.values_list("at", flat=True))
    close(person_type.pledge)
    put_closing_first()
    assert put_closing_first() == 0
    assert sorted(NetworkPlace.objects.values_list("at", flat=True)) == places
    pass_time(minutes=10, seconds=1)
    assert send_all() == ["c"] * 3
    pass_time(minutes=10)
    assert send_all() == ["o"] * 3


@pytest.mark.requirement("A11", "B1")
def test_the_order_at_closing_does_not_depend_on_what_became_of_the_forms(person_type: SignerType) -> None:
    other_type = create_pledge("Other").signer_types.get()
    others = crowd(other_type, 6, "o")
    mine = crowd(person_type, 3, "c")
    send_all()
    Submission.objects.filter(pk=mine[0].pk).update(ended_at=database_now(), queue=MailQueue.NO_MAIL)
    ended = submission_of(mine[0].pk).due_at
    close(person_type.pledge)
    put_closing_first()
    assert submission_of(mine[0].pk).due_at == ended
    now = database_now()
    waits = [submission_of(one.pk).due_at - now > dt.timedelta(minutes=11) for one in others[3:]]
    assert waits == [True, True, True]
    assert all(submission_of(one.pk).due_at - now < dt.timedelta(minutes=11) for one in mine[1:])


@pytest.mark.requirement("A11")
def test_closed_long_ago_changes_nothing(person_type: SignerType) -> None:
    crowd(person_type, 1, network_key=None)
    Pledge.objects.update(closes_at=database_now() - dt.timedelta(hours=73))
    assert put_closing_first() == 0


@pytest.mark.requirement("A11")
def test_a_form_sent_in_time_is_mailed_up_to_three_days_after_closing_and_can_be_confirmed(
    person_type: SignerType,
) -> None:
    early, late = crowd(person_type, 1, "e", network_key=None), crowd(person_type, 1, "l", network_key=None)
    Submission.objects.update(submitted_at=database_now() - dt.timedelta(hours=80))
    Submission.objects.filter(pk=late[0].pk).update(due_at=database_now() + dt.timedelta(hours=40))
    Pledge.objects.update(closes_at=database_now() - dt.timedelta(hours=40))
    assert send_all() == ["e"]
    pass_time(hours=41)
    Pledge.objects.update(closes_at=database_now() - dt.timedelta(hours=81))
    assert send_all() == []
    assert submission_of(late[0].pk).last_code == "too_late"
    assert submission_of(early[0].pk).mailed_at is not None
