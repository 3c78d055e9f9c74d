"""The mailbox's owner decides: what is confirmed is what the owner saw and pressed, whoever typed the address first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.signing.conftest import organization, pass_time, person, statement_to_sign, submission_of, submit_as
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import SubmissionEnd
from wagtail_pledge.signing.models import SignerType, Submission, get_signature_model
from wagtail_pledge.signing.services import confirm, submit
from wagtail_pledge.signing.services.offers import Offers, _others_query, chosen_offer, end_unsent, offers_for
from wagtail_pledge.signing.worker.mail import send_due

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E3"), pytest.mark.swappable]


def offers(submission: Submission) -> Offers:
    found = offers_for(submission_of(submission.pk), database_now())
    assert found is not None
    return found


def mailed(signer_type: SignerType, data: Any) -> Submission:
    """Send a form and its mail, whatever the budget says."""
    submission = submit_as(signer_type, data)
    Submission.objects.filter(pk=submission.pk).update(mailed_at=database_now())
    return submission_of(submission.pk)


@pytest.mark.parametrize("first_confirms", [True, False])
def test_the_confirmed_form_counts_whoever_was_first(person_type, first_confirms: bool) -> None:
    stranger = submit_as(person_type, person(name="Ana L.", display="name_place", consent_updates=True))
    owner = submit_as(person_type, person(name="Ana López", display="hidden"))
    chosen, other = (stranger, owner) if first_confirms else (owner, stranger)
    signature = confirm(submission_of(chosen.pk)).signature
    assert signature.name == ("Ana L." if first_confirms else "Ana López")
    assert submission_of(other.pk).end_reason == SubmissionEnd.SUPERSEDED
    assert confirm(submission_of(other.pk)).signature.pk == signature.pk
    assert get_signature_model()._default_manager.count() == 1


def test_display_and_updates_are_those_that_were_pressed(person_type) -> None:
    submission = submit_as(person_type, person(display="name_place", consent_updates=True))
    signature = confirm(submission, display="hidden", updates=False).signature
    assert (signature.display, signature.consent_display, signature.public_name) == ("hidden", False, "")
    assert signature.consent_updates is False


def test_a_held_form_of_a_stranger_does_not_hold_the_owners(person_type) -> None:
    submit_as(person_type, person(name="http://spam.example"), signals=["name_link"])
    owner = submit_as(person_type, person())
    send_due()
    assert confirm(submission_of(owner.pk)).signature.is_counted


def test_other_forms_of_the_same_typed_address_are_offered(person_type, organization_type) -> None:
    own = submit_as(person_type, person(name="Ana"))
    for number in range(7):
        submit_as(person_type, person(name=f"Ana {number}"))
    submit_as(person_type, person("ANA@example.org"))
    submit_as(person_type, person("b@example.org"))
    submit_as(organization_type, organization(email="ana@example.org"))
    mailed(person_type, person("c@example.org"))
    Submission.objects.filter(pk=own.pk).update(mailed_at=database_now())
    found = offers(own)
    assert [offer.payload.data.name for offer in found.others] == [f"Ana {number}" for number in (6, 5, 4, 3, 2)]
    assert found.more == 2
    assert found.do_differ


@pytest.mark.requirement("E3")
@pytest.mark.parametrize("address", ["ana@example.org", "ANA@example.org"])
def test_nothing_is_preselected_if_many_forms_hide_another_one(
    person_type: SignerType, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """A stranger sent so many that the owner's own is not among those that are read."""
    # The prepared statement would keep its limit for other tests
    compiled_anew = SimpleNamespace(rows=lambda **values: list(_others_query(**values)))
    monkeypatch.setattr("wagtail_pledge.signing.services.offers._FIND_OTHERS", compiled_anew)
    monkeypatch.setattr("wagtail_pledge.signing.services.offers._READ", 3)
    submit_as(person_type, person(display="hidden"))
    theirs = submit_as(person_type, person(display="name_place", consent_updates=True))
    for _number in range(2):
        submit_as(person_type, person(address, display="name_place", consent_updates=True))
    assert not offers(submit_as(person_type, person("eva@example.org", display="name_place"))).do_differ
    assert offers(theirs).do_differ
    submit_as(person_type, person(address, display="name_place", consent_updates=True))
    assert offers(theirs).do_differ
    monkeypatch.setattr("wagtail_pledge.signing.services.offers._READ", 200)
    assert offers(theirs).do_differ


@pytest.mark.parametrize(("changed", "differ"), [({}, False), ({"name": "B"}, True), ({"display": "name"}, True)])
def test_nothing_is_preselected_if_the_forms_differ(person_type, changed: dict[str, str], differ: bool) -> None:
    own = mailed(person_type, person())
    other = submit_as(person_type, person(**changed))
    Submission.objects.filter(pk=other.pk).update(used_at=database_now())
    found = offers(own)
    assert found.do_differ is differ
    assert (chosen_offer(found, "") is None) is differ
    assert chosen_offer(found, other.pk.hex).submission.pk == other.pk


def test_what_came_after_the_mail_shows_only_time_and_country_until_its_own_mail_is_used(person_type) -> None:
    own = mailed(person_type, person(name="Ana"))
    later = submit_as(person_type, person(name="Later Secret", details={"city": "Oakland"}))
    (offer,) = offers(own).others
    assert (offer.is_readable, offer.details, offer.country) == (False, [], "United States")
    assert chosen_offer(offers(own), later.pk.hex) is None
    Submission.objects.filter(pk=later.pk).update(used_at=database_now())
    (offer,) = offers(own).others
    assert ("City or town (optional)", "Oakland") in offer.details or any("Oakland" in pair for pair in offer.details)


def test_the_page_shows_every_value_and_no_choice(person_type) -> None:
    submission = submit_as(person_type, person(details={"city": "Oakland", "comment": "Because."}))
    values = [value for _label, value in offers(submission).own.details]
    assert {"Ana María López", "ana@example.org", "United States", "Oakland", "Because."} <= set(values)


def test_i_did_not_send_these_ends_the_ticked_ones_only(person_type) -> None:
    own = mailed(person_type, person())
    one, other = (submit_as(person_type, person(name=name)) for name in ("B", "C"))
    stranger = submit_as(person_type, person("b@example.org"))
    assert end_unsent(offers(own), [one.pk.hex, stranger.pk.hex, "0" * 32, "x"]) == 1
    assert submission_of(one.pk).end_reason == SubmissionEnd.NOT_ME
    assert [submission_of(row.pk).ended_at for row in (own, other, stranger)] == [None] * 3
    assert confirm(submission_of(one.pk)) is None


def test_other_seats_stay_open(organization_type) -> None:
    mine = submit_as(organization_type, organization("Casa"))
    other = submit_as(organization_type, organization("Otra Casa"))
    confirm(mine)
    assert submission_of(other.pk).ended_at is None
    assert confirm(submission_of(other.pk)).is_new


@pytest.mark.parametrize("end", ["ended", "moved", "expired", "emptied"])
def test_a_link_is_live_only_while_its_own_form_is_open(person_type, end: str) -> None:
    submission = submit_as(person_type, person())
    if end == "expired":
        pass_time(days=15)
    values: dict[str, dict[str, Any]] = {
        "ended": {"ended_at": database_now(), "end_reason": SubmissionEnd.LET_GO},
        "moved": {"moved_to": submission.pk},
        "emptied": {"payload": b""},
    }
    Submission.objects.filter(pk=submission.pk).update(**values.get(end, {}))
    assert offers_for(submission_of(submission.pk), database_now()) is None
    assert confirm(submission_of(submission.pk)) is None


def test_forms_for_different_texts_differ(person_type) -> None:
    own = mailed(person_type, person())
    statement = statement_to_sign(person_type, text="<p>Another text.</p>")
    submit(statement=statement, data=person())
    assert offers(own).do_differ


def test_what_is_ended_waits_for_a_confirmation_of_the_same_mailbox(person_type, monkeypatch) -> None:
    own, other = mailed(person_type, person()), submit_as(person_type, person(name="B"))
    locked: list[str] = []
    monkeypatch.setattr(
        "wagtail_pledge.signing.services.offers.lock_mailbox", lambda _p, address: locked.append(address)
    )
    assert end_unsent(offers(own), [other.pk.hex]) == 1
    assert locked == ["ana@example.org"]
