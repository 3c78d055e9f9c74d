"""All kinds of acts: withdrawn signatures, former States, several acts of one State, organizations."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from tests.treaties import treaty_data
from wagtail_pledge.treaties.enums import CONSENTS, SIGNATURES, UNDATED, Act, ParticipantStatus, StateKind, count_label
from wagtail_pledge.treaties.models import State, Treaty, TreatyAction
from wagtail_pledge.treaties.states import resolve
from wagtail_pledge.treaties.status import StateStatus, status_as_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("TR1")]


def _treaty() -> Treaty:
    treaty_data.states()
    return treaty_data.treaty("protocol", as_of=treaty_data.CMW_DAY)


def _acts(treaty: Treaty, key: str, *acts: tuple[Act, dt.date | None]) -> None:
    party = State.objects.get(key=key)
    for act, day in acts:
        TreatyAction.objects.create(treaty=treaty, party=party, action=act, date=day)


def _on(treaty: Treaty, key: str, day: dt.date) -> StateStatus | None:
    return status_as_of(treaty, day).find(key)


@pytest.mark.parametrize("act", list(Act))
def test_every_act_can_be_stored_and_has_count_labels(act: Act) -> None:
    treaty = _treaty()
    _acts(treaty, "FRA", (act, dt.date(2000, 1, 1)))
    assert TreatyAction.objects.get().get_action_display() == act.label
    assert count_label(act, 1).startswith("1 ")
    assert count_label(act, 1) != count_label(act, 2).replace("2", "1", 1)


@pytest.mark.parametrize("act", list(Act))
def test_only_a_withdrawal_may_have_no_date(act: Act) -> None:
    treaty = _treaty()
    if act in UNDATED:
        _acts(treaty, "FRA", (act, None))
        assert TreatyAction.objects.get().date is None
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            _acts(treaty, "FRA", (act, None))


def test_a_withdrawn_signature_is_no_longer_in_effect() -> None:
    treaty = _treaty()
    _acts(treaty, "FRA", (Act.SIGNATURE, dt.date(2000, 1, 1)), (Act.WITHDRAWAL_OF_SIGNATURE, dt.date(2004, 5, 6)))
    before, after = _on(treaty, "FRA", dt.date(2004, 5, 5)), _on(treaty, "FRA", dt.date(2004, 5, 6))
    assert before is not None
    assert after is not None
    assert (before.status, after.status, after.signature) == (
        ParticipantStatus.SIGNED_ONLY,
        ParticipantStatus.NONE,
        None,
    )
    assert status_as_of(treaty).signatories == 0
    _acts(treaty, "FRA", (Act.SIGNATURE, dt.date(2010, 1, 1)))
    again = _on(treaty, "FRA", dt.date(2010, 1, 1))
    assert again is not None
    assert again.signature is not None
    assert (again.status, again.signature.date) == (ParticipantStatus.SIGNED_ONLY, dt.date(2010, 1, 1))


def test_a_signature_withdrawn_on_an_unknown_date_is_unknown_before_the_data_date() -> None:
    treaty = _treaty()
    _acts(treaty, "FRA", (Act.SIGNATURE, dt.date(2000, 1, 1)), (Act.WITHDRAWAL_OF_SIGNATURE, None))
    past, now = _on(treaty, "FRA", dt.date(2001, 1, 1)), _on(treaty, "FRA", treaty_data.CMW_DAY)
    assert past is not None
    assert now is not None
    assert (past.status, now.status) == (ParticipantStatus.UNKNOWN, ParticipantStatus.NONE)


def test_a_former_state_counts_until_it_ceased_to_exist() -> None:
    treaty = _treaty()
    _acts(treaty, "CSK", (Act.SIGNATURE, dt.date(1970, 1, 1)), (Act.RATIFICATION, dt.date(1971, 1, 1)))
    last = status_as_of(treaty, dt.date(1992, 12, 31))
    assert (last.parties, last.signatories) == (1, 1)
    after = status_as_of(treaty, dt.date(1993, 1, 1))
    assert (after.parties, after.signatories, after.find("CSK")) == (0, 0, None)
    # A former State is not listed without an act, as it can no longer become a party
    assert _on(treaty, "DDR", dt.date(1980, 1, 1)) is None


def test_a_former_state_whose_end_is_disputed_is_unknown() -> None:
    treaty = _treaty()
    _acts(treaty, "YUG", (Act.RATIFICATION, dt.date(1971, 1, 1)))
    found = status_as_of(treaty, dt.date(1995, 1, 1))
    assert (found.parties, found.unknown) == (0, 1)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Czechoslovakia", "CSK"),
        ("République démocratique allemande", "DDR"),
        ("Cap-Vert", "CPV"),
        ("Bolivie", "BOL"),
        ("Fédération de Russie", "RUS"),
        ("Niger", "NER"),
        ("Nigéria", "NGA"),
        ("Dominique", "DMA"),
        ("République dominicaine", "DOM"),
        ("Iran (République islamique d’)", "IRN"),
    ],
)
def test_former_states_and_french_names_are_known(name: str, key: str) -> None:
    treaty_data.states()
    found = resolve(name)
    assert found is not None
    assert found.key == key


def test_former_states_have_their_own_kind() -> None:
    treaty_data.states()
    former = State.objects.filter(kind=StateKind.FORMER_STATE)
    assert set(former.values_list("key", flat=True)) == {"CSK", "DDR", "YMD", "YUG"}


def test_several_acts_of_one_state_are_all_kept() -> None:
    treaty = _treaty()
    _acts(
        treaty,
        "TTO",
        (Act.ACCESSION, dt.date(1980, 11, 14)),
        (Act.WITHDRAWAL, dt.date(1998, 8, 26)),
        (Act.ACCESSION, dt.date(1998, 8, 26)),
        (Act.WITHDRAWAL, dt.date(2000, 6, 27)),
    )
    days = [dt.date(1990, 1, 1), dt.date(1999, 1, 1), dt.date(2001, 1, 1)]
    found = [state.status for day in days if (state := _on(treaty, "TTO", day))]
    assert found == [ParticipantStatus.PARTY, ParticipantStatus.PARTY, ParticipantStatus.FORMER_PARTY]


def test_the_treatys_option_decides_whether_organizations_count() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("crpd")
    assert treaty_data.import_csv(treaty, treaty_data.content("status/crpd.csv")).errors == ()
    counting = status_as_of(treaty)
    treaty.counts_organizations = False
    leaving_out = status_as_of(treaty)
    assert (counting.parties, counting.organizations) == (193, 1)
    assert (leaving_out.parties, leaving_out.organizations) == (192, 0)
    assert leaving_out.signatories == counting.signatories - 1
    union = leaving_out.find("EU")
    assert union is not None
    assert union.status == ParticipantStatus.PARTY


def test_only_a_definitive_signature_is_both_signature_and_consent() -> None:
    assert {Act.DEFINITIVE_SIGNATURE} == SIGNATURES & CONSENTS
    assert not UNDATED & (SIGNATURES | CONSENTS)
