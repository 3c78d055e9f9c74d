"""Event links and raised limits in the admin: for moderators, in the history, and the notice of late mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.admin.conftest import Campaign, MakeUser
from tests.admin.responses import messages_of, outcome, text
from wagtail_pledge.admin.permissions import PledgePermission
from wagtail_pledge.signing.models import EventLinkUse, NetworkRaise, PartnerLink, Submission, Switch
from wagtail_pledge.signing.services.event_links import make_event_link
from wagtail_pledge.testing.factories import SubmissionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("ED3", "E5"), pytest.mark.swappable]

Login = Callable[[str], Client]
NET = b"\x01" * 8


def address(campaign: Campaign) -> str:
    return reverse("wagtail_pledge_pledges:event_links", args=[campaign.pledge.pk])


def values(**changed: Any) -> dict[str, Any]:
    ends_at = timezone.localtime() + dt.timedelta(hours=8)
    return {"name": "Town square", "quota": "200", "ends_at": ends_at.strftime("%Y-%m-%d %H:%M"), **changed}


def test_a_moderator_makes_a_link_and_ends_it(log_in: Login, our_campaign: Campaign) -> None:
    client, url = log_in("moderator"), address(our_campaign)
    assert client.post(url, values()).status_code == 302
    link = PartnerLink.objects.get()
    assert (link.pledge, link.name, link.quota) == (our_campaign.pledge, "Town square", 200)
    EventLinkUse.objects.create(link=link, used=7)
    page = text(client.get(url))
    for shown in ("Town square", f"?source={link.slug}", "7 of 200", "End now"):
        assert shown in page
    client.post(url, {"end": link.slug})
    link.refresh_from_db()
    assert link.ends_at is not None
    assert link.ends_at <= timezone.now()
    assert "End now" not in text(client.get(url))
    made, ended = ModelLogEntry.objects.order_by("pk")
    assert (made.action, made.data["quota"]) == ("wagtail_pledge.make_event_link", 200)
    assert (ended.action, ended.user.username) == ("wagtail_pledge.end_event_link", "moderator")
    history = text(log_in("manager").get(reverse("wagtail_pledge_pledges:history", args=[our_campaign.pledge.pk])))
    assert "Make event link: Town square, 200 forms" in history
    assert "End event link: Town square" in history


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"quota": "0"},
        {"quota": "5001"},
        {"ends_at": "2020-01-01 10:00"},
        {"ends_at": (timezone.now() + dt.timedelta(days=40)).strftime("%Y-%m-%d %H:%M")},
    ],
)
def test_a_link_needs_a_name_a_quota_and_an_end(log_in: Login, our_campaign: Campaign, changed: dict[str, str]) -> None:
    assert log_in("moderator").post(address(our_campaign), values(**changed)).status_code == 422
    assert not PartnerLink.objects.exists()


@pytest.mark.parametrize(("role", "expected"), [("viewer", "denied"), ("foreign manager", "absent")])
def test_nobody_else_makes_or_ends_one(log_in: Login, our_campaign: Campaign, role: str, expected: str) -> None:
    ends_at = timezone.now() + dt.timedelta(hours=1)
    link = make_event_link(our_campaign.pledge, name="A", quota=1, ends_at=ends_at, actor=None)
    client = log_in(role)
    for data in (values(), {"end": link.slug}):
        assert outcome(client.post(address(our_campaign), data)) == expected
    assert list(PartnerLink.objects.values_list("ends_at", flat=True)) == [ends_at]


def test_a_link_of_another_campaign_cannot_be_ended(
    log_in: Login, our_campaign: Campaign, other_campaign: Campaign
) -> None:
    ends_at = timezone.now() + dt.timedelta(hours=1)
    link = make_event_link(other_campaign.pledge, name="A", quota=1, ends_at=ends_at, actor=None)
    log_in("moderator").post(address(our_campaign), {"end": link.slug})
    link.refresh_from_db()
    assert link.ends_at == ends_at


def test_editing_the_campaign_keeps_the_quota(log_in: Login, our_campaign: Campaign) -> None:
    ends_at = timezone.now() + dt.timedelta(hours=1)
    make_event_link(our_campaign.pledge, name="A", quota=9, ends_at=ends_at, actor=None)
    client, url = log_in("manager"), reverse("wagtail_pledge_pledges:edit", args=[our_campaign.pledge.pk])
    form = client.get(url).context["form"]
    data = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    for relation, formset in form.formsets.items():
        for field in formset.management_form:
            data[field.html_name] = field.value()
        for child in formset.initial_forms:
            data |= {child.add_prefix(name): child[name].value() or "" for name in child.fields}
        assert relation
    assert client.post(url, {**data, "title": "New title", "quota": "1"}).status_code == 302
    link = PartnerLink.objects.get()
    assert (link.pledge.title, link.quota, link.ends_at) == ("New title", 9, ends_at)


def waiting(campaign: Campaign) -> Submission:
    submission: Submission = SubmissionFactory(pledge=campaign.pledge, network_key=NET)
    return submission


def test_a_moderator_raises_the_limits_of_a_network(log_in: Login, our_campaign: Campaign) -> None:
    submission, client = waiting(our_campaign), log_in("moderator")
    waiting(our_campaign)
    page = text(client.get(reverse("wagtail_pledge_submissions:inspect", args=[submission.pk])))
    for shown in ("Let the forms of this network go first", "Forms of this network that wait", "Email may leave at"):
        assert shown in page
    url = reverse("wagtail_pledge_submissions:raise_network", args=[submission.pk])
    assert "will leave within a minute" in messages_of(client.post(url))
    assert NetworkRaise.objects.get().pledge == our_campaign.pledge
    assert "already raised" in messages_of(client.post(url))
    entry = ModelLogEntry.objects.get()
    assert (entry.action, entry.user.username) == ("wagtail_pledge.raise_network", "moderator")


def test_raising_needs_the_right_to_moderate(our_campaign: Campaign, make_user: MakeUser) -> None:
    submission, client = waiting(our_campaign), Client()
    client.force_login(make_user("reader", our_campaign.collection, PledgePermission.VIEW, PledgePermission.CONTACT))
    inspect = client.get(reverse("wagtail_pledge_submissions:inspect", args=[submission.pk]))
    assert "Let the forms of this network go first" not in text(inspect)
    url = reverse("wagtail_pledge_submissions:raise_network", args=[submission.pk])
    assert outcome(client.post(url)) == "denied"
    assert not NetworkRaise.objects.exists()


@pytest.mark.parametrize(
    ("role", "is_shown", "has_link"),
    [("moderator", True, True), ("viewer", True, False), ("foreign manager", False, False)],
)
def test_late_mail_is_shown_on_the_first_page(
    log_in: Login, our_campaign: Campaign, role: str, is_shown: bool, has_link: bool
) -> None:
    waiting(our_campaign)
    Submission.objects.update(created_at=timezone.now() - dt.timedelta(hours=2))
    client, url = log_in(role), reverse("wagtailadmin_home")
    assert "Emails are late" not in text(client.get(url))
    Switch.objects.create(name=f"late:{our_campaign.pledge.pk}")
    page = text(client.get(url))
    assert ("1 form has waited for its email for more than an hour" in page) is is_shown
    assert (f"pledge-submissions/?pledge={our_campaign.pledge.pk}" in page) is has_link


def test_counts_are_made_again_if_the_time_zone_changes(log_in: Login, our_campaign: Campaign) -> None:
    our_campaign.pledge.tallies.create(day="2026-01-05", kind="individual", country="US", count=3)
    client, url = log_in("manager"), reverse("wagtail_pledge_pledges:edit", args=[our_campaign.pledge.pk])
    form = client.get(url).context["form"]
    data = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    for formset in form.formsets.values():
        data |= {field.html_name: field.value() for field in formset.management_form}
    dirty = our_campaign.pledge._meta.apps.get_model("wagtail_pledge", "DirtyDay").objects
    dirty.all().delete()
    assert client.post(url, {**data, "title": "Same zone"}).status_code == 302
    assert not dirty.exists()
    assert client.post(url, {**data, "time_zone": "America/New_York"}).status_code == 302
    assert sorted(str(day) for day in dirty.values_list("day", flat=True)) == ["2026-01-04", "2026-01-05", "2026-01-06"]
