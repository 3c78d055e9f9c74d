"""Bulk approve and reject: the whole selection or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import DataError, IntegrityError
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.admin.conftest import Campaign
from tests.admin.responses import messages_of, outcome, text
from wagtail_pledge.admin import bulk_actions
from wagtail_pledge.signing.enums import Approval, MessageKind, Review
from wagtail_pledge.signing.models import OutboxMessage, get_signature_model
from wagtail_pledge.signing.services import approval
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SN4"), pytest.mark.swappable]

Login = Callable[[str], Client]
BACK = "/admin/pledge-signatures/?state=confirmed"


def url(action: str, *ids: Any, **query: str) -> str:
    meta = get_signature_model()._meta
    path = reverse("wagtail_bulk_action", args=[meta.app_label, meta.model_name, action])
    return f"{path}?{urlencode([*[('id', row) for row in ids], *query.items(), ('next', BACK)])}"


def approvals(*signatures: Any) -> list[str]:
    rows = get_signature_model().objects.in_bulk([signature.pk for signature in signatures])
    return [str(rows[signature.pk].approval) for signature in signatures]


@pytest.fixture
def second_signature(our_campaign: Campaign) -> Any:
    return SignatureFactory(pledge=our_campaign.pledge, kind="organization", organization="Second Union")


def test_confirmation_names_signers_to_users_with_the_view_permission(
    log_in: Login, our_campaign: Campaign, second_signature: Any
) -> None:
    page = text(log_in("moderator").get(url("approve", our_campaign.waiting.pk, second_signature.pk)))
    assert "Union of Ours" in page
    assert "Second Union" in page
    assert approvals(our_campaign.waiting, second_signature) == [Approval.WAITING] * 2


def test_confirmation_hides_names_without_the_view_permission(log_in: Login, our_campaign: Campaign) -> None:
    page = text(log_in("blind moderator").get(url("approve", our_campaign.waiting.pk)))
    assert "hidden" in page
    assert "Union of Ours" not in page


@pytest.mark.parametrize("review", Review.values)
def test_confirmation_says_which_will_not_count(
    log_in: Login, our_campaign: Campaign, second_signature: Any, review: str
) -> None:
    get_signature_model().objects.filter(pk=second_signature.pk).update(review=review)
    page = text(log_in("moderator").get(url("approve", our_campaign.waiting.pk, second_signature.pk)))
    is_held = review != Review.OK
    assert ("They will count within seconds." in page) is not is_held
    assert ("Those whose check is not OK will not count until it is." in page) is is_held
    assert (f"· {Review(review).label}" in page) is is_held


def test_approve_approves_and_logs_each_signature(log_in: Login, our_campaign: Campaign, second_signature: Any) -> None:
    client = log_in("moderator")
    answer = client.post(url("approve", our_campaign.waiting.pk, second_signature.pk))
    assert answer.url == BACK
    assert "2 signatures updated." in messages_of(answer)
    assert approvals(our_campaign.waiting, second_signature) == [Approval.APPROVED] * 2
    for signature in (our_campaign.waiting, second_signature):
        assert ModelLogEntry.objects.for_instance(signature).count() == 1
        history = client.get(reverse("wagtail_pledge_signatures:history", args=[signature.pk]))
        assert "Approve signature" in text(history)


def test_reject_notifies_each_signer(log_in: Login, our_campaign: Campaign, second_signature: Any) -> None:
    address = url("reject", our_campaign.waiting.pk, second_signature.pk)
    log_in("moderator").post(address, {"reason": "Unknown", "notify": "on"})
    notifications = OutboxMessage.objects.filter(kind=MessageKind.REJECTED)
    assert {message.signature_uuid for message in notifications} == {our_campaign.waiting.uuid, second_signature.uuid}


def test_reject_stores_one_reason_for_all(log_in: Login, our_campaign: Campaign, second_signature: Any) -> None:
    client = log_in("moderator")
    address = url("reject", our_campaign.waiting.pk, second_signature.pk)
    assert "Enter a reason." in text(client.post(address))
    assert approvals(our_campaign.waiting, second_signature) == [Approval.WAITING] * 2
    client.post(address, {"reason": "Not unions."})
    assert approvals(our_campaign.waiting, second_signature) == [Approval.REJECTED] * 2


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_a_signature_that_is_not_waiting_fails_the_whole_batch(
    log_in: Login, our_campaign: Campaign, action: str
) -> None:
    answer = log_in("moderator").post(
        url(action, our_campaign.waiting.pk, our_campaign.person.pk), {"reason": "Not unions."}
    )
    assert answer.url == BACK
    assert "Nothing was changed: 1 of the selected signatures is not waiting for this decision." in messages_of(answer)
    assert "decided" not in messages_of(answer)
    assert approvals(our_campaign.waiting, our_campaign.person) == [Approval.WAITING, Approval.NOT_NEEDED]
    assert not ModelLogEntry.objects.for_instance(our_campaign.waiting).exists()
    assert not OutboxMessage.objects.filter(kind__in=[MessageKind.APPROVED, MessageKind.REJECTED]).exists()


def test_an_error_in_one_row_rolls_back_the_whole_batch(
    log_in: Login, our_campaign: Campaign, second_signature: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = bulk_actions.approve

    def broken(signature: Any, **others: Any) -> None:
        # The rows are processed newest first, so this one is the last
        if signature.pk == our_campaign.waiting.pk:
            raise LookupError
        real(signature, **others)

    monkeypatch.setattr(bulk_actions, "approve", broken)
    client = log_in("moderator")
    with pytest.raises(LookupError):
        client.post(url("approve", our_campaign.waiting.pk, second_signature.pk))
    assert approvals(our_campaign.waiting, second_signature) == [Approval.WAITING] * 2


@pytest.mark.requirement("E9")
def test_a_long_text_in_one_row_does_not_stop_the_batch(log_in: Login, our_campaign: Campaign) -> None:
    names = ["First Union", "Anna " + "\ufb2c" * 115, "\ufdfa" * 120, "x" * 9_000, "Last Union"]
    waiting = [SignatureFactory(pledge=our_campaign.pledge, kind="organization", organization=name) for name in names]
    answer = log_in("moderator").post(url("approve", *(signature.pk for signature in waiting)))
    assert "5 signatures updated." in messages_of(answer)
    assert approvals(*waiting) == [Approval.APPROVED] * 5


@pytest.mark.requirement("E9")
@pytest.mark.parametrize("error", [DataError, IntegrityError, ValueError])
def test_a_row_that_the_database_refuses_is_skipped(
    log_in: Login,
    our_campaign: Campaign,
    second_signature: Any,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
) -> None:
    third = SignatureFactory(pledge=our_campaign.pledge, kind="organization", organization="Third Union")
    real = approval.record_event

    def refuse(signature: Any, *args: Any, **others: Any) -> None:
        real(signature, *args, **others)
        if signature.pk == second_signature.pk:
            raise error

    monkeypatch.setattr(approval, "record_event", refuse)
    rows, client = (our_campaign.waiting, second_signature, third), log_in("moderator")
    answer = client.post(url("approve", *(signature.pk for signature in rows)))
    assert "2 signatures updated. 1 could not be updated because of an error in its data." in messages_of(answer)
    assert approvals(*rows) == [Approval.APPROVED, Approval.WAITING, Approval.APPROVED]
    assert ModelLogEntry.objects.filter(action="wagtail_pledge.approve").count() == 2
    one = client.post(reverse("wagtail_pledge_signatures:approve", args=[second_signature.pk]))
    assert "Nothing was changed: the data of this signature has an error." in messages_of(one)
    assert approvals(second_signature) == [Approval.WAITING]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_row_of_another_campaign_fails_the_whole_batch(
    log_in: Login, our_campaign: Campaign, other_campaign: Campaign, method: str
) -> None:
    client = log_in("moderator")
    answer = getattr(client, method)(url("approve", our_campaign.waiting.pk, other_campaign.waiting.pk))
    assert answer.url == BACK
    assert "Nothing was changed" in messages_of(answer)
    assert approvals(our_campaign.waiting, other_campaign.waiting) == [Approval.WAITING] * 2


@pytest.mark.parametrize("wrong", ["999999", "-1", "0x1", "1e3", "²", "9" * 40, "", "all;drop"])
def test_an_invalid_id_fails_the_whole_batch(log_in: Login, our_campaign: Campaign, wrong: str) -> None:
    answer = log_in("moderator").post(url("approve", our_campaign.waiting.pk, wrong))
    assert "Nothing was changed" in messages_of(answer)
    assert approvals(our_campaign.waiting) == [Approval.WAITING]


@pytest.mark.parametrize(("role", "answer"), [("anonymous", "login"), ("editor", "denied"), ("viewer", "denied")])
def test_requests_without_the_permission_are_denied(
    log_in: Login, our_campaign: Campaign, role: str, answer: str
) -> None:
    assert outcome(log_in(role).post(url("approve", our_campaign.waiting.pk))) == answer
    assert approvals(our_campaign.waiting) == [Approval.WAITING]


def test_select_all_uses_the_filters_of_the_listing(
    log_in: Login, our_campaign: Campaign, other_campaign: Campaign, second_signature: Any
) -> None:
    client = log_in("moderator")
    client.post(url("approve", "all", pledge=str(our_campaign.pledge.pk), approval="waiting", kind="individual"))
    assert approvals(our_campaign.waiting, second_signature, other_campaign.waiting) == [Approval.WAITING] * 3
    client.post(url("approve", "all", approval="waiting"))
    assert approvals(our_campaign.waiting, second_signature, other_campaign.waiting) == [
        Approval.APPROVED,
        Approval.APPROVED,
        Approval.WAITING,
    ]


def test_select_all_with_another_campaigns_filter_does_nothing(
    log_in: Login, our_campaign: Campaign, other_campaign: Campaign
) -> None:
    log_in("moderator").post(url("approve", "all", pledge=str(other_campaign.pledge.pk)))
    assert approvals(our_campaign.waiting, other_campaign.waiting) == [Approval.WAITING] * 2


@pytest.mark.parametrize("ids", [(), ("all",)])
def test_too_many_or_no_rows_give_a_message(
    log_in: Login, our_campaign: Campaign, monkeypatch: pytest.MonkeyPatch, ids: tuple[str, ...]
) -> None:
    monkeypatch.setattr(bulk_actions, "MAX_BATCH", 1)
    answer = log_in("moderator").post(url("approve", *ids))
    assert ("Select no more than 1" if ids else "Select at least one") in messages_of(answer)
    assert approvals(our_campaign.waiting) == [Approval.WAITING]


@pytest.mark.parametrize("query", ["", "?next=https://evil.example/"])
def test_an_unsafe_next_url_falls_back_to_the_listing(log_in: Login, query: str) -> None:
    path = url("approve").split("?")[0]
    assert log_in("superuser").get(path + query).url == reverse("wagtail_pledge_signatures:index")
