"""Forms that wait for confirmation, in the admin: only for users who may see contact data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.models import Collection, ModelLogEntry

from tests.admin.conftest import Campaign, MakeUser
from tests.admin.responses import messages_of, outcome, text
from wagtail_pledge.admin.permissions import PledgePermission
from wagtail_pledge.admin.views.submissions import mail_fate
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import HeldFor, MailQueue, Review, SubmissionEnd
from wagtail_pledge.signing.models import NetworkRaise, Pledge, Submission, get_signature_model
from wagtail_pledge.signing.services import confirm
from wagtail_pledge.signing.worker.mail import send_due
from wagtail_pledge.testing.factories import SubmissionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("ED2", "B5"), pytest.mark.swappable]

Login = Callable[[str], Client]
#: Makes a user, given ``make_user`` and the two campaigns.
MakeWho = Callable[[MakeUser, Campaign, Campaign], Any]
INDEX = "wagtail_pledge_submissions:index"
#: All that can be done with one, the last ends it.
ACTS = ("resend", "raise_network", "let_go")
ADDRESS = "rosa@gmail.com"


def waiting(campaign: Campaign, **values: Any) -> Submission:
    made: Submission = SubmissionFactory(pledge=campaign.pledge, **{"name": "Rosa Ruiz", **values})
    return made


def test_the_listing_shows_the_open_ones_of_own_campaigns(
    log_in: Login, our_campaign: Campaign, other_campaign: Campaign
) -> None:
    waiting(our_campaign, name="Rosa Ours")
    waiting(other_campaign, name="Rosa Theirs")
    waiting(our_campaign, name="Rosa Ended", ended_at=database_now())
    page = text(log_in("moderator").get(reverse(INDEX)))
    assert "Waiting for confirmation" in page
    assert "Submissions" not in page
    assert "Rosa Ours" in page
    assert "Queued" in page
    assert "Rosa Theirs" not in page
    assert "Rosa Ended" not in page


def in_collection(*rights: PledgePermission) -> MakeWho:
    return lambda make_user, ours, _theirs: make_user("one", ours.collection, *rights)


def elsewhere(*rights: PledgePermission) -> MakeWho:
    return lambda make_user, _ours, theirs: make_user("one", theirs.collection, *rights)


def with_model_permissions(make_user: MakeUser, _ours: Campaign, _theirs: Campaign) -> Any:
    """Django's permissions on the models, which Wagtail's form for groups does not offer."""
    user = make_user("one")
    models = ContentType.objects.get_for_models(Pledge, Submission, get_signature_model()).values()
    user.groups.get().permissions.add(*Permission.objects.filter(content_type__in=models))
    return user


def outside_the_admin(make_user: MakeUser, ours: Campaign, theirs: Campaign) -> Any:
    user = in_collection(*PledgePermission)(make_user, ours, theirs)
    user.groups.get().permissions.clear()
    return user


def in_a_sibling_and_below(make_user: MakeUser, ours: Campaign, _theirs: Campaign) -> Any:
    user = make_user("one", ours.collection.add_child(name="Below"), PledgePermission.CONTACT)
    sibling = Collection.get_first_root_node().add_child(name="Sibling")
    user.groups.add(*make_user("two", sibling, *PledgePermission).groups.all())
    return user


BLIND = tuple(right for right in PledgePermission if right is not PledgePermission.CONTACT)
#: Everybody who may not see forms that wait for confirmation; ``None`` is somebody who is not logged in.
NOT_ALLOWED: dict[str, MakeWho] = {
    "nobody": lambda _make_user, _ours, _theirs: None,
    "a page editor": lambda make_user, _ours, _theirs: make_user("one"),
    **{f"only {right}": in_collection(right) for right in BLIND},
    "everything but contact data": in_collection(*BLIND),
    "contact data of another campaign": elsewhere(PledgePermission.CONTACT),
    "everything in another collection": elsewhere(*PledgePermission),
    "contact data below and beside": in_a_sibling_and_below,
    "permissions on the models": with_model_permissions,
    "no access to the admin": outside_the_admin,
}


def client_of(user: Any) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def visit_all(client: Client, submission: Submission) -> str:
    """Return all that the views show of ``submission``: found by another spelling too, and after all actions."""
    shown = [
        client.get(reverse(INDEX), follow=True),
        client.get(reverse(INDEX), {"address": "r.osa@gmail.com"}, follow=True),
        client.get(reverse(f"{INDEX}_results"), follow=True),
        client.get(reverse("wagtail_pledge_submissions:inspect", args=[submission.pk]), follow=True),
        client.get(reverse("wagtailadmin_home"), follow=True),
        *(client.post(reverse(f"wagtail_pledge_submissions:{act}", args=[submission.pk]), follow=True) for act in ACTS),
    ]
    return " ".join(map(text, shown))


@pytest.mark.parametrize("who", NOT_ALLOWED)
def test_who_may_not_see_contact_data_sees_and_does_nothing(
    our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser, who: str
) -> None:
    submission = waiting(our_campaign, email=ADDRESS, network_key=b"a campus")
    client = client_of(NOT_ALLOWED[who](make_user, our_campaign, other_campaign))
    found = visit_all(client, submission)
    assert "Rosa" not in found
    assert ADDRESS not in found
    submission.refresh_from_db()
    assert (submission.resends, submission.ended_at) == (0, None)
    assert not NetworkRaise.objects.exists()
    assert not ModelLogEntry.objects.exists()


@pytest.mark.parametrize("who", [who for who in NOT_ALLOWED if "another" not in who and "below" not in who])
def test_the_menu_leads_there_only_with_the_right(
    our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser, who: str
) -> None:
    client = client_of(NOT_ALLOWED[who](make_user, our_campaign, other_campaign))
    assert reverse(INDEX) not in text(client.get(reverse("wagtailadmin_home"), follow=True))


@pytest.mark.parametrize("above", [False, True])
def test_the_right_to_contact_data_alone_is_enough(our_campaign: Campaign, make_user: MakeUser, above: bool) -> None:
    submission = waiting(our_campaign, email=ADDRESS, network_key=b"a campus")
    place = our_campaign.collection.get_parent() if above else our_campaign.collection
    client = client_of(make_user("one", place, PledgePermission.CONTACT))
    assert reverse(INDEX) in text(client.get(reverse("wagtailadmin_home")))
    found = visit_all(client, submission)
    assert "Rosa" in found
    assert ADDRESS in found
    submission.refresh_from_db()
    assert (submission.resends, submission.end_reason) == (1, SubmissionEnd.LET_GO)
    # Which networks are mailed first is for moderators
    assert not NetworkRaise.objects.exists()


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        *(({"end_reason": end}, str(end.label)) for end in SubmissionEnd),
        ({"moved_to": uuid4()}, "Its address was corrected"),
        # Its data is deleted, the row is a stub
        ({"end_reason": SubmissionEnd.LET_GO, "payload": b""}, "Removed by staff"),
    ],
)
def test_one_that_can_not_be_confirmed_any_more_has_no_page_and_the_message_says_why(
    log_in: Login, our_campaign: Campaign, columns: dict[str, Any], why: str
) -> None:
    submission = waiting(our_campaign, ended_at=None if "moved_to" in columns else database_now())
    Submission.objects.filter(pk=submission.pk).update(**columns)
    client = log_in("moderator")
    assert "Rosa" not in text(client.get(reverse(INDEX)))
    answers = [
        client.get(reverse("wagtail_pledge_submissions:inspect", args=[submission.pk])),
        *(client.post(reverse(f"wagtail_pledge_submissions:{act}", args=[submission.pk])) for act in ACTS),
    ]
    for answer in answers:
        assert (answer.status_code, answer.url) == (302, reverse(INDEX))
        assert f"This form does not wait any more: {why}." in messages_of(answer)
    submission.refresh_from_db()
    assert (submission.resends, submission.end_reason) == (0, columns.get("end_reason", ""))
    assert not NetworkRaise.objects.exists()
    assert not ModelLogEntry.objects.exists()


@pytest.mark.parametrize("who", NOT_ALLOWED)
def test_who_may_not_see_contact_data_does_not_learn_how_one_ended(
    our_campaign: Campaign, other_campaign: Campaign, make_user: MakeUser, who: str
) -> None:
    submission = waiting(our_campaign, ended_at=database_now(), end_reason=SubmissionEnd.LET_GO)
    client = client_of(NOT_ALLOWED[who](make_user, our_campaign, other_campaign))
    url = reverse("wagtail_pledge_submissions:inspect", args=[submission.pk])
    unknown = reverse("wagtail_pledge_submissions:inspect", args=[uuid4()])
    assert outcome(client.get(url)) == outcome(client.get(unknown)) != "ok"
    assert "does not wait" not in visit_all(client, submission)


@pytest.mark.parametrize("act", ACTS)
def test_acting_needs_a_post(log_in: Login, our_campaign: Campaign, act: str) -> None:
    submission = waiting(our_campaign)
    url = reverse(f"wagtail_pledge_submissions:{act}", args=[submission.pk])
    assert log_in("moderator").get(url).status_code == 405
    submission.refresh_from_db()
    assert (submission.resends, submission.ended_at) == (0, None)


@pytest.mark.parametrize(
    ("typed", "found"), [("ab@gmail.com", True), ("A.B+x@googlemail.com", True), ("b@gmail.com", False), ("ab", False)]
)
def test_an_address_is_found_exactly_in_any_spelling(
    log_in: Login, our_campaign: Campaign, typed: str, found: bool
) -> None:
    waiting(our_campaign, email="ab@gmail.com")
    page = text(log_in("moderator").get(reverse(INDEX), {"address": typed}))
    assert ("Rosa Ruiz" in page) is found


def test_the_page_of_one_shows_what_was_sent_and_what_became_of_its_mail(log_in: Login, our_campaign: Campaign) -> None:
    submission = waiting(our_campaign, email="rosa@example.org", details={"city": "Oakland"})
    send_due()
    page = text(log_in("moderator").get(reverse("wagtail_pledge_submissions:inspect", args=[submission.pk])))
    for shown in ("rosa@example.org", "Oakland", "This is not a signature yet", "Send the email again"):
        assert shown in page
    submission.refresh_from_db()
    for moment in (submission.submitted_at, submission.mailed_at):
        assert date_format(timezone.localtime(moment), "DATETIME_FORMAT") in page
        assert str(moment) not in page


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({"last_code": "budget"}, "Limit of emails to this address"),
        ({"last_code": "suppressed", "queue": MailQueue.NO_MAIL}, "The recipient has stopped our emails"),
        ({"last_code": "451 4.7.1"}, "Queued (451 4.7.1)"),
        ({"last_code": "550 5.1.1", "queue": MailQueue.NO_MAIL}, "Not sent (550 5.1.1)"),
    ],
)
def test_the_listing_says_why_a_mail_was_not_sent(
    log_in: Login, our_campaign: Campaign, columns: dict[str, Any], shown: str
) -> None:
    waiting(our_campaign, **columns)
    assert shown in text(log_in("moderator").get(reverse(INDEX)))


@pytest.mark.parametrize("code", HeldFor.values)
def test_the_page_of_one_says_in_words_why_it_needs_review(log_in: Login, our_campaign: Campaign, code: str) -> None:
    submission = waiting(our_campaign, review=Review.NEEDS_REVIEW, review_reason=code)
    page = text(log_in("moderator").get(reverse("wagtail_pledge_submissions:inspect", args=[submission.pk])))
    assert str(HeldFor(code).label) in page
    assert f"<dd>{code}</dd>" not in page


def test_the_mail_can_be_sent_again(log_in: Login, our_campaign: Campaign) -> None:
    submission = waiting(our_campaign)
    send_due()
    log_in("moderator").post(reverse("wagtail_pledge_submissions:resend", args=[submission.pk]))
    send_due()
    assert len(mail.outbox) == 2
    assert ModelLogEntry.objects.get().data == {"reference": str(submission.pk)}


def test_one_that_is_let_go_can_not_be_confirmed(log_in: Login, our_campaign: Campaign) -> None:
    submission = waiting(our_campaign)
    log_in("moderator").post(reverse("wagtail_pledge_submissions:let_go", args=[submission.pk]))
    submission.refresh_from_db()
    assert submission.end_reason == SubmissionEnd.LET_GO
    assert confirm(submission) is None
    assert ModelLogEntry.objects.get().action == "wagtail_pledge.let_go"


@pytest.mark.parametrize(
    ("columns", "is_mailed", "shown"),
    [
        ({}, False, "Queued"),
        ({"last_code": "budget"}, False, "Queued (Limit of emails to this address)"),
        ({"last_code": "451"}, False, "Queued (451)"),
        ({"queue": MailQueue.NO_MAIL}, False, "Not sent (–)"),
        ({"queue": MailQueue.NO_MAIL, "last_code": "550"}, False, "Not sent (550)"),
        (
            {"queue": MailQueue.NO_MAIL, "last_code": "suppressed"},
            False,
            "Not sent (The recipient has stopped our emails)",
        ),
        (
            {"queue": MailQueue.NO_MAIL, "last_code": "ended"},
            False,
            "Not sent (The form was already confirmed or withdrawn)",
        ),
        ({"queue": MailQueue.REMINDERS}, True, "Sent"),
        ({"queue": MailQueue.REMINDERS, "last_code": "451"}, True, "Sent"),
        ({"queue": MailQueue.SIGNERS}, True, "Sent; queued again"),
        (
            {"queue": MailQueue.SIGNERS, "last_code": "budget"},
            True,
            "Sent; queued again (Limit of emails to this address)",
        ),
        ({"queue": MailQueue.NO_MAIL}, True, "Sent"),
        (
            {"queue": MailQueue.NO_MAIL, "last_code": "budget"},
            True,
            "Sent; not sent again (Limit of emails to this address)",
        ),
    ],
)
def test_what_became_of_the_mail(our_campaign: Campaign, columns: dict[str, Any], is_mailed: bool, shown: str) -> None:
    mailed_at = database_now() if is_mailed else None
    assert mail_fate(waiting(our_campaign, mailed_at=mailed_at, **columns)) == shown


def inspect_pledge(client: Client, campaign: Campaign) -> Any:
    return client.get(reverse("wagtail_pledge_pledges:inspect", args=[campaign.pledge.pk]))


def test_the_campaigns_page_counts_the_open_ones_of_it(
    log_in: Login, our_campaign: Campaign, other_campaign: Campaign
) -> None:
    for campaign in (our_campaign, our_campaign, other_campaign):
        waiting(campaign)
    waiting(our_campaign, ended_at=database_now())
    waiting(our_campaign, moved_to=uuid4())
    client = log_in("moderator")
    page = text(inspect_pledge(client, our_campaign))
    assert "2 forms wait for their mailboxes" in " ".join(page.split())
    url = f"{reverse(INDEX)}?pledge={our_campaign.pledge.pk}"
    assert f'href="{url}"' in page
    assert len(client.get(url).context["object_list"]) == 2


@pytest.mark.parametrize("role", ["viewer", "blind moderator"])
def test_the_campaigns_page_counts_nothing_without_the_right_to_contact_data(
    log_in: Login, our_campaign: Campaign, role: str
) -> None:
    waiting(our_campaign)
    answer = inspect_pledge(log_in(role), our_campaign)
    assert answer.status_code == 200
    assert answer.context["waiting"] is None
    assert "Waiting for confirmation" not in text(answer)
