"""The public name is set from the row's current state, not from the state when it was read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.signing.conftest import organization, person, sign_as
from wagtail_pledge.signing.enums import Review
from wagtail_pledge.signing.models import SignerType, get_signature_model
from wagtail_pledge.signing.services import approve
from wagtail_pledge.signing.services.bulk_review import ReviewRule, invalidate, release

pytestmark = pytest.mark.swappable

ALL = ReviewRule(country="US")


def stored(signature: Any) -> tuple[str, str]:
    row = get_signature_model()._default_manager.get(pk=signature.pk)
    return row.review, row.public_name


@pytest.mark.requirement("SG2", "SG7")
def test_a_held_form_is_confirmed_without_a_name_and_shown_once_released(person_type: SignerType) -> None:
    signature = sign_as(person_type, person(name="Ana", display="name"), signals=["fast"])
    assert stored(signature) == (Review.NEEDS_REVIEW, "")
    assert release(person_type.pledge, ALL, actor=None) == 1
    assert stored(signature) == (Review.OK, "Ana")


@pytest.mark.requirement("SN4", "SG7")
@pytest.mark.parametrize("held", [True, False])
def test_approval_uses_the_review_state_at_that_time(organization_type: SignerType, held: bool) -> None:
    read_before = sign_as(organization_type, organization(), signals=["fast"] if held else [])
    if held:
        release(organization_type.pledge, ALL, actor=None)
    else:
        invalidate(organization_type.pledge, ALL, actor=None, reason="flood")
    approve(read_before)
    assert stored(read_before) == ((Review.OK, "Casa del Pueblo") if held else (Review.INVALID, ""))
