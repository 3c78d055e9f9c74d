"""The name on the website follows the row as it is when it changes, not as it was when it was read."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction

from tests.signing.conftest import organization, person, sign_as
from wagtail_pledge.signing.enums import Review
from wagtail_pledge.signing.models import SignerType, get_signature_model
from wagtail_pledge.signing.services import approve, confirm
from wagtail_pledge.signing.services.bulk_review import ReviewRule, invalidate, release
from wagtail_pledge.signing.services.pledges import create_pledge

pytestmark = pytest.mark.swappable

ALL = ReviewRule(country="US")


def stored(signature: Any) -> tuple[str, str]:
    row = get_signature_model()._default_manager.get(pk=signature.pk)
    return row.review, row.public_name


@pytest.mark.requirement("SG2", "SG7")
def test_a_hold_that_was_lifted_while_the_signer_confirmed_leaves_the_name_shown(person_type: SignerType) -> None:
    read_before = sign_as(person_type, person(name="Ana", display="name"), signals=["fast"])
    assert release(person_type.pledge, ALL, actor=None) == 1
    assert confirm(read_before, epoch=1)
    assert stored(read_before) == (Review.OK, "Ana")


@pytest.mark.requirement("SG2", "SG7")
def test_a_name_that_was_taken_out_while_the_signer_confirmed_is_not_shown(person_type: SignerType) -> None:
    read_before = sign_as(person_type, person(name="Ana", display="name"))
    assert invalidate(person_type.pledge, ALL, actor=None, reason="flood").count == 1
    assert confirm(read_before, epoch=1)
    assert stored(read_before) == (Review.INVALID, "")


@pytest.mark.requirement("SN4", "SG7")
@pytest.mark.parametrize("held", [True, False])
def test_an_approval_shows_the_name_by_the_verdict_of_that_moment(organization_type: SignerType, held: bool) -> None:
    read_before = sign_as(organization_type, organization(), signals=["fast"] if held else [])
    assert confirm(read_before, epoch=1)
    if held:
        release(organization_type.pledge, ALL, actor=None)
    else:
        invalidate(organization_type.pledge, ALL, actor=None, reason="flood")
    approve(read_before)
    assert stored(read_before) == ((Review.OK, "Casa del Pueblo") if held else (Review.INVALID, ""))


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # Within a transaction the activity stands still without this
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("SG2", "SG7")
def test_a_confirmation_that_waits_for_a_release_sees_what_it_did() -> None:
    signature = sign_as(
        create_pledge("Ratify").signer_types.get(), person(name="Ana", display="name"), signals=["fast"]
    )
    answers: list[bool] = []

    def press() -> None:
        try:
            answers.append(confirm(signature, epoch=1))
        finally:
            connection.close()

    button = threading.Thread(target=press)
    with transaction.atomic():
        assert release(signature.pledge, ALL, actor=None) == 1
        button.start()
        until = time.monotonic() + 20
        while not _somebody_waits():
            assert time.monotonic() < until, "the confirmation did not meet the release"
    button.join(timeout=20)
    assert answers == [True]
    assert stored(signature) == (Review.OK, "Ana")
