"""Status of a treaty on any day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given as any_of
from hypothesis import strategies as st

from tests.treaties import treaty_data
from wagtail_pledge.treaties import status
from wagtail_pledge.treaties.enums import CONSENTS, SIGNATURES, Act, EffectRule, ParticipantStatus
from wagtail_pledge.treaties.errors import BeforeAdoption, FutureDate, InvalidDate, NoTreatyData
from wagtail_pledge.treaties.models import State, Treaty, TreatyAction
from wagtail_pledge.treaties.status import DatedAct, parse_day, state_status, status_as_of, summarize

TODAY = treaty_data.TODAY.date()


def _acts(treaty: Treaty, key: str, *acts: tuple[Act, dt.date | None]) -> None:
    party = State.objects.get(key=key)
    for act, day in acts:
        TreatyAction.objects.create(treaty=treaty, party=party, action=act, date=day)


def _status_on(treaty: Treaty, key: str, day: dt.date) -> ParticipantStatus:
    found = status_as_of(treaty, day).find(key)
    assert found is not None
    return found.status


@pytest.mark.django_db
@pytest.mark.requirement("TR2")
def test_the_convention_today_and_on_18_december_2016(django_assert_num_queries: Any) -> None:
    treaty = treaty_data.cmw()
    with django_assert_num_queries(1):
        now = status_as_of(treaty)
    assert (now.parties, now.signatories, now.signed_only, now.in_force_for) == (60, 40, 11, 60)
    assert (now.as_of, now.data_as_of, now.known_until) == (TODAY, treaty_data.CMW_DAY, treaty_data.CMW_DAY)
    assert now.neither == 197 - 60 - 11
    then = status_as_of(treaty, dt.date(2016, 12, 18))
    assert (then.parties, then.signatories, then.signed_only) == (49, 38, 17)
    assert then.known_until == dt.date(2016, 12, 18)


@pytest.mark.django_db
@pytest.mark.requirement("TR2", "P3")
def test_a_status_is_calculated_once_for_the_same_rows(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In each process and language, until an act, the name of a State or a rule of the treaty changes."""
    treaty = treaty_data.cmw()
    calculated = []
    monkeypatch.setattr(status, "summarize", lambda *about: calculated.append(1) or summarize(*about))
    status._snapshot.cache_clear()
    with django_assert_num_queries(2):
        assert status_as_of(treaty) is status_as_of(treaty)
    assert len(calculated) == 1
    with translation.override("es"):
        assert status_as_of(treaty).find("DEU").name == "Alemania"
    assert status_as_of(treaty).find("DEU").name == "Germany"
    assert len(calculated) == 2
    _acts(treaty, "USA", (Act.ACCESSION, dt.date(2026, 1, 2)))
    assert status_as_of(treaty).parties == 61
    State.objects.filter(key="USA").update(name="United States")
    assert status_as_of(treaty).find("USA").name == "United States"
    treaty.effect_rule = EffectRule.UNKNOWN
    assert status_as_of(treaty).in_force_for is None
    assert len(calculated) == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "parties", "signed_only", "bound"),
    [
        (dt.date(1990, 12, 18), 0, 0, 0),
        (dt.date(2003, 3, 13), 19, None, 0),
        (dt.date(2003, 3, 14), 21, None, 0),
        (dt.date(2003, 6, 30), None, None, 0),
        (dt.date(2003, 7, 1), None, None, 21),
    ],
)
def test_entry_into_force(day: dt.date, parties: int | None, signed_only: int | None, bound: int) -> None:
    found = status_as_of(treaty_data.cmw(), day)
    assert found.in_force_for == bound
    assert parties in {None, found.parties}
    assert signed_only in {None, found.signed_only}


@pytest.mark.django_db
def test_the_counts_equal_those_of_the_file_on_every_tested_day() -> None:
    treaty = treaty_data.cmw()
    rows = treaty_data.table(treaty_data.content())
    for day in treaty_data.days(dt.date(1990, 12, 18), treaty_data.CMW_DAY, 61):
        iso = day.isoformat()
        parties = {row["iso_a3"] for row in rows if row["action_date"] and row["action_date"] <= iso}
        signed = {row["iso_a3"] for row in rows if row["signature_date"] and row["signature_date"] <= iso}
        found = status_as_of(treaty, day)
        assert (found.parties, found.signatories, found.signed_only) == (
            len(parties),
            len(signed),
            len(signed - parties),
        )


@pytest.mark.django_db
def test_a_day_without_status_raises_an_error_with_a_message() -> None:
    treaty = treaty_data.cmw()
    with pytest.raises(BeforeAdoption, match="adopted on 18 December 1990") as before:
        status_as_of(treaty, dt.date(1990, 12, 17))
    with pytest.raises(FutureDate, match="24 November 2026") as future:
        status_as_of(treaty, TODAY + dt.timedelta(days=1))
    with pytest.raises(NoTreatyData, match="No status data"):
        status_as_of(treaty_data.treaty("empty"))
    assert (before.value.code, future.value.code) == ("before_adoption", "in_the_future")


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2016-13-01", "2016-02-30", "20161218", "2016-W50-7", "٢٠١٦-١٢-١٨", "\x00"]
)
def test_only_iso_dates_are_accepted(text: str) -> None:
    with pytest.raises(InvalidDate):
        parse_day(text)


@pytest.mark.django_db
def test_a_withdrawal_with_a_date_counts_from_that_day() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("protocol", as_of=treaty_data.CMW_DAY)
    _acts(treaty, "FRA", (Act.SIGNATURE, dt.date(1970, 1, 1)), (Act.RATIFICATION, dt.date(1971, 1, 1)))
    _acts(treaty, "FRA", (Act.WITHDRAWAL, dt.date(1998, 5, 26)))
    assert _status_on(treaty, "FRA", dt.date(1970, 6, 1)) == ParticipantStatus.SIGNED_ONLY
    assert _status_on(treaty, "FRA", dt.date(1998, 5, 25)) == ParticipantStatus.PARTY
    assert _status_on(treaty, "FRA", dt.date(1998, 5, 26)) == ParticipantStatus.FORMER_PARTY
    found = status_as_of(treaty)
    assert (found.parties, found.signatories, found.signed_only, found.former_parties) == (0, 1, 0, 1)
    _acts(treaty, "FRA", (Act.ACCESSION, dt.date(2001, 1, 1)))
    assert _status_on(treaty, "FRA", TODAY) == ParticipantStatus.PARTY


@pytest.mark.django_db
def test_withdrawal_and_accession_on_the_same_day_keep_the_state_a_party() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("protocol", as_of=treaty_data.CMW_DAY)
    day = dt.date(1998, 5, 26)
    _acts(treaty, "TTO", (Act.ACCESSION, dt.date(1980, 11, 14)), (Act.WITHDRAWAL, day))
    assert _status_on(treaty, "TTO", day) == ParticipantStatus.FORMER_PARTY
    _acts(treaty, "TTO", (Act.ACCESSION, day))
    assert _status_on(treaty, "TTO", day) == ParticipantStatus.PARTY


@pytest.mark.django_db
def test_a_withdrawal_takes_effect_on_its_effect_date() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("protocol", as_of=treaty_data.CMW_DAY)
    _acts(treaty, "JAM", (Act.RATIFICATION, dt.date(1975, 10, 3)))
    state = State.objects.get(key="JAM")
    left = {"date": dt.date(1997, 10, 23), "effect_date": dt.date(1998, 1, 23)}
    TreatyAction.objects.create(treaty=treaty, party=state, action=Act.WITHDRAWAL, **left)
    assert _status_on(treaty, "JAM", dt.date(1998, 1, 22)) == ParticipantStatus.PARTY
    assert _status_on(treaty, "JAM", dt.date(1998, 1, 23)) == ParticipantStatus.FORMER_PARTY


@pytest.mark.django_db
def test_a_withdrawal_without_a_date_makes_earlier_days_unknown() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("iccpr_op1")
    assert treaty_data.import_csv(treaty, treaty_data.content("status/iccpr_op1.csv")).errors == ()
    assert _status_on(treaty, "JAM", dt.date(1966, 12, 18)) == ParticipantStatus.NONE
    assert _status_on(treaty, "JAM", dt.date(1970, 1, 1)) == ParticipantStatus.SIGNED_ONLY
    assert _status_on(treaty, "JAM", dt.date(1990, 1, 1)) == ParticipantStatus.UNKNOWN
    assert _status_on(treaty, "JAM", treaty_data.CMW_DAY) == ParticipantStatus.FORMER_PARTY
    assert _status_on(treaty, "JAM", TODAY) == ParticipantStatus.FORMER_PARTY
    past = status_as_of(treaty, dt.date(2020, 1, 1))
    assert (past.unknown, past.former_parties) == (3, 0)


@pytest.mark.django_db
def test_in_force_for_is_unknown_without_a_rule_or_with_one_missing_date() -> None:
    treaty = treaty_data.cmw()
    treaty.effect_rule = EffectRule.UNKNOWN
    assert status_as_of(treaty).in_force_for is None
    treaty.effect_rule = EffectRule.MONTH_AFTER_THREE_MONTHS
    TreatyAction.objects.filter(treaty=treaty, party__key="MEX", action=Act.RATIFICATION).update(effect_date=None)
    assert status_as_of(treaty).in_force_for is None
    assert status_as_of(treaty, dt.date(1999, 1, 1)).in_force_for == 0


@pytest.mark.django_db
def test_an_organization_is_counted_as_a_party_and_listed() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("crpd")
    assert treaty_data.import_csv(treaty, treaty_data.content("status/crpd.csv")).errors == ()
    found = status_as_of(treaty)
    assert (found.parties, found.organizations) == (193, 1)
    union = found.find("EU")
    assert union is not None
    assert (union.is_organization, union.iso3, union.status) == (True, "", ParticipantStatus.PARTY)
    assert status_as_of(treaty, dt.date(2007, 1, 1)).find("EU") is None


@pytest.mark.django_db
def test_a_definitive_signature_binds_and_provisional_application_does_not() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("att", as_of=treaty_data.CMW_DAY)
    _acts(treaty, "AUT", (Act.PROVISIONAL_APPLICATION, dt.date(2013, 6, 3)))
    _acts(treaty, "CHE", (Act.DEFINITIVE_SIGNATURE, dt.date(2013, 6, 3)))
    found = status_as_of(treaty)
    assert (found.parties, found.signatories, found.signed_only) == (1, 1, 0)
    assert _status_on(treaty, "AUT", TODAY) == ParticipantStatus.NONE


_DAYS = st.dates(min_value=dt.date(1991, 1, 1), max_value=dt.date(2026, 2, 3))
_ACT = st.builds(lambda kind, date: DatedAct(kind=kind, date=date), st.sampled_from(list(Act)), _DAYS)
_UNDATED = st.just(DatedAct(kind=Act.WITHDRAWAL, date=None))


@any_of(st.lists(st.lists(st.one_of(_ACT, _UNDATED), max_size=5), max_size=12), _DAYS)
def test_the_counts_of_any_history_are_consistent(histories: list[list[DatedAct]], day: dt.date) -> None:
    states = [
        state_status(
            State(key=f"S{number}", name=f"State {number}"),
            [act for act in acts if act.date is None or act.date <= day],
            day,
            treaty_data.CMW_DAY,
        )
        for number, acts in enumerate(histories)
    ]
    found = summarize(Treaty(key="any"), day, treaty_data.CMW_DAY, states)
    counts = [found.parties, found.signed_only, found.former_parties, found.unknown, found.neither]
    assert min(counts) >= 0
    assert sum(counts) == len(histories)
    assert found.signed_only <= found.signatories
    for state in states:
        assert (state.status == ParticipantStatus.PARTY) <= (state.consent is not None)
        assert state.consent is None or state.consent.kind in CONSENTS
        assert state.signature is None or state.signature.kind in SIGNATURES


@any_of(st.lists(_ACT.filter(lambda act: act.kind != Act.WITHDRAWAL), max_size=6), _DAYS, _DAYS)
def test_without_withdrawals_a_party_stays_a_party(acts: list[DatedAct], one: dt.date, other: dt.date) -> None:
    state = State(key="S", name="S")

    def on(day: dt.date) -> ParticipantStatus:
        done = [act for act in acts if act.date is not None and act.date <= day]
        return state_status(state, done, day, treaty_data.CMW_DAY).status

    earlier, later = sorted((one, other))
    assert on(earlier) != ParticipantStatus.PARTY or on(later) == ParticipantStatus.PARTY
