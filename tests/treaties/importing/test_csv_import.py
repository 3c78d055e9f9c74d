"""Importing: everything or nothing, said in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from hypothesis import HealthCheck, settings
from hypothesis import given as any_of
from hypothesis import strategies as st

from tests.treaties import treaty_data
from wagtail_pledge.treaties.enums import Act, EffectRule
from wagtail_pledge.treaties.errors import TreatyError
from wagtail_pledge.treaties.importing.reference_data import load_treaties
from wagtail_pledge.treaties.models import State, Treaty, TreatyAction
from wagtail_pledge.treaties.sources.base import UnreadableFile
from wagtail_pledge.treaties.sources.csv import COLUMNS, CsvSource
from wagtail_pledge.treaties.sources.registry import source_for, treaty_sources
from wagtail_pledge.treaties.states import Resolver, load_resolver
from wagtail_pledge.treaties.status import status_as_of

pytestmark = pytest.mark.django_db


def _snapshot() -> list[tuple[Any, ...]]:
    return list(TreatyAction.objects.order_by("pk").values_list()) + list(Treaty.objects.values_list())


@pytest.mark.requirement("TR2")
@pytest.mark.parametrize("entry", treaty_data.manifest(), ids=lambda entry: entry["file"])
def test_the_recount_of_every_list_is_the_published_one(entry: dict[str, str]) -> None:
    treaty_data.states()
    treaty = treaty_data.treaty(entry["treaty"])
    as_of = dt.date.fromisoformat(entry["as_of"])
    report = treaty_data.brought_in(treaty, treaty_data.content(entry["file"]), as_of)
    assert report.errors == ()
    found = status_as_of(treaty, as_of)
    counted = {
        "parties": found.parties,
        "signatories": found.signatories,
        "signed_only": found.signed_only,
        "former_parties": found.former_parties,
        "organizations": found.organizations,
    }
    assert counted == {name: int(entry[name]) for name in counted}
    assert {report.parties, int(entry["published_parties"] or found.parties)} == {found.parties}
    assert TreatyAction.objects.values("party").distinct().count() == int(entry["rows"])
    # Successions have no effect date: their effect is of the day of independence, which the list does not say
    rows = treaty_data.table(treaty_data.content(entry["file"]))
    dated = sum(state.consent is not None and state.consent.effect is not None for state in found.states)
    assert dated == sum(bool(row["in_force_date"]) for row in rows)


def test_a_second_import_changes_nothing() -> None:
    treaty = treaty_data.cmw()
    before = _snapshot()
    report = treaty_data.brought_in(treaty, treaty_data.content())
    assert (report.errors, report.changes, report.written) == ((), (), False)
    assert _snapshot() == before


def test_a_dry_run_says_everything_and_writes_nothing() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty()
    report = treaty_data.brought_in(treaty, treaty_data.content(), dry_run=True)
    assert (report.parties, report.signatories, report.signed_only) == (60, 40, 11)
    assert len(report.changes) == 100
    assert report.written is False
    assert TreatyAction.objects.count() == 0
    treaty.refresh_from_db()
    assert treaty.as_of is None


def test_the_number_of_queries_does_not_grow_with_the_list(django_assert_max_num_queries: Any) -> None:
    treaty_data.states()
    treaty = treaty_data.treaty()
    with django_assert_max_num_queries(12):
        treaty_data.brought_in(treaty, treaty_data.content())


def test_the_difference_is_said_in_words() -> None:
    treaty = treaty_data.cmw()
    rows = [row for row in treaty_data.table(treaty_data.content()) if row["iso_a3"] != "ALB"]
    for row in rows:
        if row["iso_a3"] == "ARM":
            row.update(action="ratification", action_date="2026-06-05", status="party")
        if row["iso_a3"] == "ARG":
            row["notes"] = "another note"
    rows.append(treaty_data.row("NPL", "Nepal", action="accession", action_date="2026-05-14", status="party"))
    report = treaty_data.brought_in(treaty, treaty_data.written(rows), dt.date(2026, 7, 1))
    assert list(report.diff()) == [
        "+1 ratification: Armenia (5 June 2026)",
        "+1 accession: Nepal (14 May 2026)",
        "−1 accession: Albania (5 June 2007)",  # noqa: RUF001
        "±1 signature: Argentina (10 August 2004: note)",
        "±1 ratification: Argentina (23 February 2007: note)",
    ]
    assert treaty.as_of == dt.date(2026, 7, 1)
    nepal = TreatyAction.objects.get(party__key="NPL")
    assert nepal.effect_date == dt.date(2026, 9, 1)


def _renamed(rows: list[dict[str, str]]) -> None:
    rows[3]["name"] = rows[3]["untc_name"] = "Azerbaidschan"


def _other_state(rows: list[dict[str, str]]) -> None:
    rows[3]["name"] = rows[3]["untc_name"] = "Armenia"


def _unknown_code(rows: list[dict[str, str]]) -> None:
    rows[3]["iso_a3"] = "XKX"


def _unknown_action(rows: list[dict[str, str]]) -> None:
    rows[3]["action"] = "adhesion"


def _act_of_signing(rows: list[dict[str, str]]) -> None:
    rows[3]["action"] = "signature"


def _bad_date(rows: list[dict[str, str]]) -> None:
    rows[3]["action_date"] = "1999-02-30"


def _no_date(rows: list[dict[str, str]]) -> None:
    rows[3]["action_date"] = ""


def _future(rows: list[dict[str, str]]) -> None:
    rows[3]["action_date"], rows[3]["in_force_date"] = "2026-02-04", ""


def _too_early(rows: list[dict[str, str]]) -> None:
    rows[3]["action_date"], rows[3]["in_force_date"] = "1990-12-17", ""


def _effect(rows: list[dict[str, str]]) -> None:
    rows[3]["in_force_date"] = "2003-08-01"


def _twice(rows: list[dict[str, str]]) -> None:
    rows.insert(4, dict(rows[3]))


def _wrong_status(rows: list[dict[str, str]]) -> None:
    rows[3]["status"] = "signatory"


def _new_status(rows: list[dict[str, str]]) -> None:
    rows[3]["status"] = "friend"


def _no_act(rows: list[dict[str, str]]) -> None:
    rows[3]["action"] = rows[3]["action_date"] = rows[3]["in_force_date"] = ""


def _padded(rows: list[dict[str, str]]) -> None:
    rows[3]["untc_name"] = "Azerbaijan" + "." * 200


def _long_source(rows: list[dict[str, str]]) -> None:
    rows[3]["sources"] = "x" * 251


def _confidence(rows: list[dict[str, str]]) -> None:
    rows[3]["confidence"] = "rumour"


@pytest.mark.parametrize(
    ("spoil", "code", "row", "words"),
    [
        (_renamed, "unknown_state", 5, "Azerbaidschan"),
        (_other_state, "contradicting_state", 5, "AZE"),
        (_unknown_code, "unknown_state", 5, "XKX"),
        (_unknown_action, "unknown_action", 5, "adhesion"),
        (_act_of_signing, "unknown_action", 5, "signature"),
        (_bad_date, "bad_date", 5, "1999-02-30"),
        (_no_date, "incomplete_act", 5, "accession"),
        (_future, "after_as_of", 5, "Azerbaijan"),
        (_too_early, "before_adoption", 5, "Azerbaijan"),
        (_effect, "effect_mismatch", 5, "1 August 2003"),
        (_twice, "repeated_state", 6, "row 5"),
        (_wrong_status, "status_mismatch", 5, "Azerbaijan"),
        (_new_status, "unknown_word", 5, "friend"),
        (_no_act, "no_act", 5, "AZE"),
        (_confidence, "unknown_word", 5, "rumour"),
        (_padded, "too_long", 5, "untc_name"),
        (_long_source, "too_long", 5, "sources"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_written(
    spoil: Callable[[list[dict[str, str]]], None], code: str, row: int, words: str
) -> None:
    treaty_data.states()
    treaty = treaty_data.treaty()
    before = _snapshot()
    rows = treaty_data.table(treaty_data.content())
    spoil(rows)
    report = treaty_data.brought_in(treaty, treaty_data.written(rows))
    assert [(line.code, line.row) for line in report.errors] == [(code, row)]
    assert words in str(report.errors[0])
    assert str(report.errors[0]).startswith(f"Row {row}: ")
    assert report.written is False
    assert _snapshot() == before


def test_every_wrong_row_is_named_at_once() -> None:
    treaty_data.states()
    rows = treaty_data.table(treaty_data.content())
    _renamed(rows)
    rows[7]["action"] = "adhesion"
    report = treaty_data.brought_in(treaty_data.treaty(), treaty_data.written(rows))
    assert [line.row for line in report.errors] == [5, 9]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(column: str) -> None:
    rows = treaty_data.table(treaty_data.content())
    kept = tuple(name for name in COLUMNS if name != column)
    parsed = CsvSource().parse(treaty_data.written(rows, kept), Resolver(by_key={}, by_name={}))
    assert [(line.code, line.row) for line in parsed.errors] == [("missing_column", 1)]
    assert column in parsed.errors[0].message


def test_unknown_and_repeated_columns_are_named() -> None:
    parsed = CsvSource().parse((",".join([*COLUMNS, "name", "extra"])).encode(), Resolver(by_key={}, by_name={}))
    assert {line.code for line in parsed.errors} == {"unknown_column", "repeated_column"}


def test_columns_may_stand_in_any_order_and_the_file_may_have_a_bom() -> None:
    treaty_data.states()
    data = treaty_data.written(treaty_data.table(treaty_data.content()), tuple(reversed(COLUMNS)))
    assert treaty_data.brought_in(treaty_data.treaty(), b"\xef\xbb\xbf" + data).errors == ()


def test_headings_alone_and_short_rows_are_errors() -> None:
    resolver = Resolver(by_key={}, by_name={})
    heading = ",".join(COLUMNS).encode()
    assert [line.code for line in CsvSource().parse(heading, resolver).errors] == ["no_rows"]
    assert [line.code for line in CsvSource().parse(heading + b"\nALB,AL", resolver).errors] == ["wrong_width"]
    assert CsvSource().parse(b"", resolver).errors[0].code == "missing_column"


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b'a,"b', b"a\x00b", b"x" * (10 * 1024 * 1024 + 1), b"a\n" * 2001])
def test_what_is_no_csv_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        CsvSource().parse(data, Resolver(by_key={}, by_name={}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@any_of(st.data())
def test_a_mutated_file_is_read_or_refused_but_never_half_written(data: st.DataObject) -> None:
    with transaction.atomic():
        if not State.objects.exists():
            treaty_data.states()
        treaty = Treaty.objects.filter(key="cmw").first() or treaty_data.treaty()
        content = bytearray(treaty_data.content())
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, len(content) - 1))
            content[place : place + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=4))
        try:
            report = treaty_data.brought_in(treaty, bytes(content))
        except TreatyError:
            assert TreatyAction.objects.count() == 0
        else:
            assert bool(report.errors) == (TreatyAction.objects.count() == 0)
        transaction.set_rollback(True)


def test_the_depositarys_own_count_must_agree() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty(published_on=treaty_data.CMW_DAY, published_parties=61, published_signatories=40)
    report = treaty_data.brought_in(treaty, treaty_data.content())
    assert [(line.code, line.row) for line in report.errors] == [("header_mismatch", 0)]
    assert "61" in str(report.errors[0])
    assert TreatyAction.objects.count() == 0


def test_an_older_list_does_not_undo_a_newer_one() -> None:
    treaty = treaty_data.cmw()
    before = _snapshot()
    report = treaty_data.brought_in(treaty, treaty_data.content(), treaty_data.CMW_DAY - dt.timedelta(days=1))
    assert [line.code for line in report.errors] == ["as_of_outdated"]
    future = treaty_data.brought_in(treaty, treaty_data.content(), treaty_data.TODAY.date() + dt.timedelta(days=1))
    assert [line.code for line in future.errors] == ["as_of_in_the_future"]
    assert _snapshot() == before


def test_a_file_that_knows_less_keeps_the_date_of_a_withdrawal() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("iccpr_op1")
    treaty_data.brought_in(treaty, treaty_data.content("status/iccpr_op1.csv"))
    dated = TreatyAction.objects.get(party__key="JAM", action=Act.WITHDRAWAL)
    dated.date = dt.date(1997, 10, 23)
    dated.save()
    report = treaty_data.brought_in(treaty, treaty_data.content("status/iccpr_op1.csv"))
    assert (report.errors, report.changes) == ((), ())
    dated.refresh_from_db()
    assert dated.date == dt.date(1997, 10, 23)


def test_the_database_refuses_what_the_importer_would() -> None:
    treaty = treaty_data.cmw()
    party = State.objects.get(key="NPL")
    with pytest.raises(IntegrityError), transaction.atomic():
        TreatyAction.objects.create(treaty=treaty, party=party, action=Act.ACCESSION, date=None)
    twice = {"treaty": treaty, "party": party, "action": Act.WITHDRAWAL, "date": None}
    TreatyAction.objects.create(**twice)
    with pytest.raises(IntegrityError), transaction.atomic():
        TreatyAction.objects.create(**twice)
    with pytest.raises(ProtectedError):
        treaty.delete()
    with pytest.raises(ProtectedError):
        State.objects.get(key="MEX").delete()


def test_sources_are_registered_by_setting(settings: Any) -> None:
    assert source_for("CMW.CSV", b"").name == "csv"
    with pytest.raises(UnreadableFile, match="xlsx"):
        source_for("cmw.xlsx", b"")
    settings.WAGTAIL_PLEDGE_TREATY_SOURCES = []
    assert treaty_sources() == {}


def test_the_example_treaties_load_again_and_again() -> None:
    assert len(load_treaties(treaty_data.DATA)) == 17
    cmw = next(treaty for treaty in load_treaties(treaty_data.DATA) if treaty.key == "cmw")
    assert Treaty.objects.count() == 17
    assert cmw.effect_rule == EffectRule.MONTH_AFTER_THREE_MONTHS
    assert (cmw.published_parties, cmw.published_signatories) == (60, 40)
    assert cmw.names.get(language="es").name == "la Convención sobre los Trabajadores Migratorios"
    stale = Treaty.objects.get(key="c189")
    assert (stale.published_on, stale.published_parties, stale.threshold) == (None, None, 2)


def test_the_command_imports_and_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    treaty_data.states()
    treaty_data.treaty()
    path = str(treaty_data.DATA / "cmw.csv")
    call_command("pledge_import_treaty", path, "--treaty", "cmw", "--as-of", "2026-02-03", "--dry-run")
    dry = capsys.readouterr().out
    assert "accessions: Albania (5 June 2007)" in dry
    assert "Dry run: nothing was written." in dry
    assert TreatyAction.objects.count() == 0
    call_command("pledge_import_treaty", path, "--treaty", "cmw", "--as-of", "2026-02-03")
    assert "cmw as of 3 February 2026: 60 parties, 40 signatories, 11 signed only." in capsys.readouterr().out
    call_command("pledge_import_treaty", path, "--treaty", "cmw")
    assert "No change." in capsys.readouterr().out


def test_the_command_takes_the_day_from_the_files_name() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("palermo")
    path = str(treaty_data.DATA / "status/palermo_tip__2014-01-27.csv")
    call_command("pledge_import_treaty", path, "--treaty", "palermo", verbosity=0)
    treaty.refresh_from_db()
    assert treaty.as_of == dt.date(2014, 1, 27)


def test_the_command_refuses_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    treaty_data.states()
    treaty_data.treaty()
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(treaty_data.content().replace(b"Azerbaijan", b"Azerbaidschan"))
    day = ("--as-of", "2026-02-03")
    with pytest.raises(CommandError, match="nothing was written"):
        call_command("pledge_import_treaty", str(wrong), "--treaty", "cmw", *day)
    assert "Row 5: No State is called “Azerbaidschan”." in capsys.readouterr().err
    for arguments, words in (
        ((str(wrong), "--treaty", "nothing", *day), "no treaty with the key"),
        ((str(tmp_path / "absent.csv"), "--treaty", "cmw", *day), "absent.csv"),
        ((str(wrong), "--treaty", "cmw", "--as-of", "soon"), "not a date"),
        ((str(wrong), "--treaty", "cmw"), "--as-of"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("pledge_import_treaty", *arguments)
    assert TreatyAction.objects.count() == 0


def test_the_resolver_asks_the_database_twice(django_assert_num_queries: Any) -> None:
    treaty_data.states()
    with django_assert_num_queries(2):
        load_resolver()
