"""Concurrent invalidation and withdrawal of the same signatures on PostgreSQL."""

from __future__ import annotations

import pytest
from django.db.models import Count

from tests.signing.conftest import person, sign_as
from tests.signing.test_concurrency import together
from wagtail_pledge.signing.enums import EventKind, Review, SignatureState
from wagtail_pledge.signing.models import SignatureEvent, get_signature_model
from wagtail_pledge.signing.services import withdraw
from wagtail_pledge.signing.services.bulk_review import InvalidationBatch, ReviewRule, invalidate
from wagtail_pledge.signing.services.pledges import create_pledge

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

SIGNERS = 12
STAFF = 6


@pytest.mark.requirement("SG7", "A6")
def test_each_signature_is_invalidated_once_during_concurrent_withdrawals() -> None:
    signer_type = create_pledge("Ratify").signer_types.get()
    signed = [
        sign_as(signer_type, person(email=f"p{n}@flood.example"), signals=["fast"] if n % 2 else [])
        for n in range(SIGNERS)
    ]

    def act(number: int) -> object:
        if number < SIGNERS:
            return withdraw(signed[number], epoch=1)
        return invalidate(signer_type.pledge, ReviewRule(domain="flood.example"), actor=None, reason="flood")

    answers = together(act, SIGNERS + STAFF)
    assert answers[:SIGNERS] == [True] * SIGNERS
    batches = [answer for answer in answers[SIGNERS:] if isinstance(answer, InvalidationBatch)]
    assert len(batches) == STAFF
    assert sum(batch.count for batch in batches) == SIGNERS
    ended = get_signature_model()._default_manager.filter(state=SignatureState.WITHDRAWN, review=Review.INVALID)
    assert ended.count() == SIGNERS
    per_signature = SignatureEvent.objects.filter(kind=EventKind.INVALIDATED).values("signature_uuid")
    assert set(per_signature.annotate(n=Count("pk")).values_list("n", flat=True).order_by()) == {1}
