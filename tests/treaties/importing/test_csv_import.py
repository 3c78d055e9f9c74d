"""Imports of the package's CSV format: all rows or none, with messages."""

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
def test_the_counts_of_every_list_are_the_published_ones(entry: dict[str, str]) -> None:
    treaty_data.states()
    treaty = treaty_data.treaty(entry["treaty"])
    as_of = dt.date.fromisoformat(entry["as_of"])
    report = treaty_data.import_csv(treaty, treaty_data.content(entry["file"]), as_of)
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
    # Successions have no effect date: they take effect on the day of independence, which is not in the list
    rows = treaty_data.table(treaty_data.content(entry["file"]))
    dated = sum(state.consent is not None and state.consent.effect is not None for state in found.states)
    assert dated == sum(bool(row["in_force_date"]) for row in rows)


def test_a_second_import_changes_nothing() -> None:
    treaty = treaty_data.cmw()
    before = _snapshot()
    report = treaty_data.import_csv(treaty, treaty_data.content())
    assert (report.errors, report.changes, report.written) == ((), (), False)
    assert _snapshot() == before


def test_a_dry_run_reports_everything_and_writes_nothing() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty()
    report = treaty_data.import_csv(treaty, treaty_data.content(), dry_run=True)
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
        treaty_data.import_csv(treaty, treaty_data.content())


def test_the_report_lists_the_changes() -> None:
    treaty = treaty_data.cmw()
    rows = [row for row in treaty_data.table(treaty_data.content()) if row["iso_a3"] != "ALB"]
    for row in rows:
        if row["iso_a3"] == "ARM":
            row.update(action="ratification", action_date="2026-06-05", status="party")
        if row["iso_a3"] == "ARG":
            row["notes"] = "another note"
    rows.append(treaty_data.row("NPL", "Nepal", action="accession", action_date="2026-05-14", status="party"))
    report = treaty_data.import_csv(treaty, treaty_data.written(rows), dt.date(2026, 7, 1))
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


def _misspell_name(rows: list[dict[str, str]]) -> None:
    rows[3]["name"] = rows[3]["untc_name"] = "Azerbaidschan"


def _set_other_state(rows: list[dict[str, str]]) -> None:
    rows[3]["name"] = rows[3]["untc_name"] = "Armenia"


def _set_unknown_code(rows: list[dict[str, str]]) -> None:
    rows[3]["iso_a3"] = "XKX"


def _set_unknown_action(rows: list[dict[str, str]]) -> None:
    rows[3]["action"] = "adhesion"


def _set_signature_as_action(rows: list[dict[str, str]]) -> None:
    rows[3]["action"] = "signature"


def _set_invalid_date(rows: list[dict[str, str]]) -> None:
    rows[3]["action_date"] = "1999-02-30"


def _remove_date(rows: list[dict[str, str]]) -> None:
    rows[3]["action_date"] = ""


def _set_date_after_as_of(rows: list[dict[str, str]]) -> None:
    rows[3]["action_date"], rows[3]["in_force_date"] = "2026-02-04", ""


def _set_date_before_adoption(rows: list[dict[str, str]]) -> None:
    rows[3]["action_date"], rows[3]["in_force_date"] = "1990-12-17", ""


def _set_wrong_effect_date(rows: list[dict[str, str]]) -> None:
    rows[3]["in_force_date"] = "2003-08-01"


def _repeat_row(rows: list[dict[str, str]]) -> None:
    rows.insert(4, dict(rows[3]))


def _set_wrong_status(rows: list[dict[str, str]]) -> None:
    rows[3]["status"] = "signatory"


def _set_unknown_status(rows: list[dict[str, str]]) -> None:
    rows[3]["status"] = "friend"


def _remove_act(rows: list[dict[str, str]]) -> None:
    rows[3]["action"] = rows[3]["action_date"] = rows[3]["in_force_date"] = ""


def _set_long_name(rows: list[dict[str, str]]) -> None:
    rows[3]["untc_name"] = "Azerbaijan" + "." * 200


def _set_long_source(rows: list[dict[str, str]]) -> None:
    rows[3]["sources"] = "x" * 251


def _set_unknown_confidence(rows: list[dict[str, str]]) -> None:
    rows[3]["confidence"] = "rumour"


@pytest.mark.parametrize(
    ("change", "code", "row", "message"),
    [
        (_misspell_name, "unknown_state", 5, "Azerbaidschan"),
        (_set_other_state, "contradicting_state", 5, "AZE"),
        (_set_unknown_code, "unknown_state", 5, "XKX"),
        (_set_unknown_action, "unknown_action", 5, "adhesion"),
        (_set_signature_as_action, "unknown_action", 5, "signature"),
        (_set_invalid_date, "bad_date", 5, "1999-02-30"),
        (_remove_date, "incomplete_act", 5, "accession"),
        (_set_date_after_as_of, "after_as_of", 5, "Azerbaijan"),
        (_set_date_before_adoption, "before_adoption", 5, "Azerbaijan"),
        (_set_wrong_effect_date, "effect_mismatch", 5, "1 August 2003"),
        (_repeat_row, "repeated_state", 6, "row 5"),
        (_set_wrong_status, "status_mismatch", 5, "Azerbaijan"),
        (_set_unknown_status, "unknown_word", 5, "friend"),
        (_remove_act, "no_act", 5, "AZE"),
        (_set_unknown_confidence, "unknown_word", 5, "rumour"),
        (_set_long_name, "too_long", 5, "untc_name"),
        (_set_long_source, "too_long", 5, "sources"),
    ],
)
def test_an_invalid_row_is_reported_and_nothing_is_written(
    change: Callable[[list[dict[str, str]]], None], code: str, row: int, message: str
) -> None:
    treaty_data.states()
    treaty = treaty_data.treaty()
    before = _snapshot()
    rows = treaty_data.table(treaty_data.content())
    change(rows)
    report = treaty_data.import_csv(treaty, treaty_data.written(rows))
    assert [(line.code, line.row) for line in report.errors] == [(code, row)]
    assert message in str(report.errors[0])
    assert str(report.errors[0]).startswith(f"Row {row}: ")
    assert report.written is False
    assert _snapshot() == before


def test_all_invalid_rows_are_reported_together() -> None:
    treaty_data.states()
    rows = treaty_data.table(treaty_data.content())
    _misspell_name(rows)
    rows[7]["action"] = "adhesion"
    report = treaty_data.import_csv(treaty_data.treaty(), treaty_data.written(rows))
    assert [line.row for line in report.errors] == [5, 9]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_reported(column: str) -> None:
    rows = treaty_data.table(treaty_data.content())
    kept = tuple(name for name in COLUMNS if name != column)
    parsed = CsvSource().parse(treaty_data.written(rows, kept), Resolver(by_key={}, by_name={}))
    assert [(line.code, line.row) for line in parsed.errors] == [("missing_column", 1)]
    assert column in parsed.errors[0].message


def test_unknown_and_repeated_columns_are_reported() -> None:
    parsed = CsvSource().parse((",".join([*COLUMNS, "name", "extra"])).encode(), Resolver(by_key={}, by_name={}))
    assert {line.code for line in parsed.errors} == {"unknown_column", "repeated_column"}


def test_columns_may_be_in_any_order_and_the_file_may_have_a_bom() -> None:
    treaty_data.states()
    data = treaty_data.written(treaty_data.table(treaty_data.content()), tuple(reversed(COLUMNS)))
    assert treaty_data.import_csv(treaty_data.treaty(), b"\xef\xbb\xbf" + data).errors == ()


def test_headings_alone_and_short_rows_are_errors() -> None:
    resolver = Resolver(by_key={}, by_name={})
    heading = ",".join(COLUMNS).encode()
    assert [line.code for line in CsvSource().parse(heading, resolver).errors] == ["no_rows"]
    assert [line.code for line in CsvSource().parse(heading + b"\nALB,AL", resolver).errors] == ["wrong_width"]
    assert CsvSource().parse(b"", resolver).errors[0].code == "missing_column"


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b'a,"b', b"a\x00b", b"x" * (10 * 1024 * 1024 + 1), b"a\n" * 2001])
def test_an_invalid_csv_file_is_rejected(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        CsvSource().parse(data, Resolver(by_key={}, by_name={}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@any_of(st.data())
def test_a_mutated_file_is_imported_or_rejected_as_a_whole(data: st.DataObject) -> None:
    with transaction.atomic():
        if not State.objects.exists():
            treaty_data.states()
        treaty = Treaty.objects.filter(key="cmw").first() or treaty_data.treaty()
        content = bytearray(treaty_data.content())
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, len(content) - 1))
            content[place : place + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=4))
        try:
            report = treaty_data.import_csv(treaty, bytes(content))
        except TreatyError:
            assert TreatyAction.objects.count() == 0
        else:
            assert bool(report.errors) == (TreatyAction.objects.count() == 0)
        transaction.set_rollback(True)


def test_the_counts_must_equal_the_depositarys_published_counts() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty(published_on=treaty_data.CMW_DAY, published_parties=61, published_signatories=40)
    report = treaty_data.import_csv(treaty, treaty_data.content())
    assert [(line.code, line.row) for line in report.errors] == [("header_mismatch", 0)]
    assert "61" in str(report.errors[0])
    assert TreatyAction.objects.count() == 0


def test_an_older_list_does_not_undo_a_newer_one() -> None:
    treaty = treaty_data.cmw()
    before = _snapshot()
    report = treaty_data.import_csv(treaty, treaty_data.content(), treaty_data.CMW_DAY - dt.timedelta(days=1))
    assert [line.code for line in report.errors] == ["as_of_outdated"]
    future = treaty_data.import_csv(treaty, treaty_data.content(), treaty_data.TODAY.date() + dt.timedelta(days=1))
    assert [line.code for line in future.errors] == ["as_of_in_the_future"]
    assert _snapshot() == before


def test_a_list_without_the_date_of_a_withdrawal_keeps_the_stored_date() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("iccpr_op1")
    treaty_data.import_csv(treaty, treaty_data.content("status/iccpr_op1.csv"))
    dated = TreatyAction.objects.get(party__key="JAM", action=Act.WITHDRAWAL)
    dated.date = dt.date(1997, 10, 23)
    dated.save()
    report = treaty_data.import_csv(treaty, treaty_data.content("status/iccpr_op1.csv"))
    assert (report.errors, report.changes) == ((), ())
    dated.refresh_from_db()
    assert dated.date == dt.date(1997, 10, 23)


def test_database_constraints_reject_invalid_acts() -> None:
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


def test_the_example_treaties_can_be_loaded_repeatedly() -> None:
    assert len(load_treaties(treaty_data.DATA)) == 17
    cmw = next(treaty for treaty in load_treaties(treaty_data.DATA) if treaty.key == "cmw")
    assert Treaty.objects.count() == 17
    assert cmw.effect_rule == EffectRule.MONTH_AFTER_THREE_MONTHS
    assert (cmw.published_parties, cmw.published_signatories) == (60, 40)
    assert cmw.names.get(language="es").name == "la Convención sobre los Trabajadores Migratorios"
    stale = Treaty.objects.get(key="c189")
    assert (stale.published_on, stale.published_parties, stale.threshold) == (None, None, 2)


def test_the_command_imports_and_prints_a_report(capsys: pytest.CaptureFixture[str]) -> None:
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


def test_the_command_takes_the_status_date_from_the_file_name() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("palermo")
    path = str(treaty_data.DATA / "status/palermo_tip__2014-01-27.csv")
    call_command("pledge_import_treaty", path, "--treaty", "palermo", verbosity=0)
    treaty.refresh_from_db()
    assert treaty.as_of == dt.date(2014, 1, 27)


def test_the_command_prints_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    treaty_data.states()
    treaty_data.treaty()
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(treaty_data.content().replace(b"Azerbaijan", b"Azerbaidschan"))
    day = ("--as-of", "2026-02-03")
    with pytest.raises(CommandError, match="nothing was written"):
        call_command("pledge_import_treaty", str(wrong), "--treaty", "cmw", *day)
    assert "Row 5: No State is called “Azerbaidschan”." in capsys.readouterr().err
    assert TreatyAction.objects.count() == 0


@pytest.mark.parametrize(
    ("file", "arguments", "message"),
    [
        ("cmw.csv", ("--treaty", "nothing", "--as-of", "2026-02-03"), "no treaty with the key"),
        ("absent.csv", ("--treaty", "cmw", "--as-of", "2026-02-03"), "absent.csv"),
        ("cmw.csv", ("--treaty", "cmw", "--as-of", "soon"), "not a date"),
        ("cmw.csv", ("--treaty", "cmw"), "--as-of"),
    ],
    ids=["unknown treaty", "missing file", "invalid date", "no date"],
)
def test_the_command_rejects_invalid_arguments(
    tmp_path: Path, file: str, arguments: tuple[str, ...], message: str
) -> None:
    treaty_data.states()
    treaty_data.treaty()
    (tmp_path / "cmw.csv").write_bytes(treaty_data.content())
    with pytest.raises(CommandError, match=message):
        call_command("pledge_import_treaty", str(tmp_path / file), *arguments)
    assert TreatyAction.objects.count() == 0


def test_the_resolver_needs_two_queries(django_assert_num_queries: Any) -> None:
    treaty_data.states()
    with django_assert_num_queries(2):
        load_resolver()
