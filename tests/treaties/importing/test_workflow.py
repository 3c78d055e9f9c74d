"""Workflow of an import: propose, apply or reject, undo, and the errors of each step."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import translation

from tests.treaties import depositary_files, treaty_data
from wagtail_pledge.treaties.enums import Act, EffectRule, ImportState
from wagtail_pledge.treaties.importing.serialization import dump_parsed, load_changes, load_parsed
from wagtail_pledge.treaties.importing.workflow import (
    FailedValidation,
    ImportNotPending,
    MissingDate,
    NewerImport,
    NotApplied,
    Proposal,
    StaleProposal,
    StatusChanged,
    apply_proposal,
    is_undoable,
    propose_import,
    reject_proposal,
    undo_import,
)
from wagtail_pledge.treaties.models import State, Treaty, TreatyAction, TreatyImport
from wagtail_pledge.treaties.signals import treaty_status_changed
from wagtail_pledge.treaties.sources.base import UnreadableFile
from wagtail_pledge.treaties.sources.registry import source_for
from wagtail_pledge.treaties.status import status_as_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("TR3")]

NEW_DAY = dt.date(2026, 11, 1)
NEPAL = treaty_data.row("NPL", "Nepal", action="accession", action_date="2026-05-14", status="party")


def dump() -> tuple[list[Any], list[Any]]:
    """Return all stored acts and treaties, without the time of their last change."""
    acts = TreatyAction.objects.order_by("pk").values_list()
    skipped = {"updated_at"}
    fields = [field.name for field in Treaty._meta.concrete_fields if field.name not in skipped]
    return list(acts), list(Treaty.objects.order_by("pk").values_list(*fields))


def cmw_page(*extra: dict[str, str], parties: int = 60, signatories: int = 40, as_of: dt.date = NEW_DAY) -> bytes:
    """Return the Convention's page with additional rows."""
    rows = [*treaty_data.table(treaty_data.content()), *extra]
    return depositary_files.page_for(Treaty.objects.get(key="cmw"), rows, as_of, parties, signatories)


def proposed(treaty: Treaty, content: bytes, name: str = "ViewDetails.html", **options: Any) -> Proposal:
    return propose_import(treaty, source_for(name, content), content=content, file_name=name, **options)


def waiting(treaty: Treaty, content: bytes, name: str = "ViewDetails.html", **options: Any) -> TreatyImport:
    proposal = proposed(treaty, content, name, **options)
    assert proposal.entry is not None, [str(line) for line in proposal.report.errors]
    return proposal.entry


def test_an_updated_page_proposes_one_accession_and_writes_nothing() -> None:
    treaty = treaty_data.cmw()
    before = dump()
    user = get_user_model().objects.create_user("editor")
    proposal = proposed(treaty, cmw_page(NEPAL, parties=61), user=user)
    assert list(proposal.report.diff()) == ["+1 accession: Nepal (14 May 2026)"]
    assert (proposal.report.parties, proposal.report.signatories) == (61, 40)
    assert dump() == before
    entry = proposal.entry
    assert entry is not None
    assert (entry.state, entry.source, entry.file_name, entry.as_of) == (
        ImportState.PROPOSED,
        "untc",
        "ViewDetails.html",
        NEW_DAY,
    )
    assert (entry.uploaded_by, len(entry.file_sha256), entry.counts["parties"]) == (user, 64, 61)


def test_applying_writes_the_changes_and_undoing_restores_every_row_and_date() -> None:
    treaty = treaty_data.cmw()
    before = dump()
    entry = waiting(treaty, cmw_page(NEPAL, parties=61))
    apply_proposal(entry)
    treaty.refresh_from_db()
    assert (treaty.as_of, treaty.published_parties, treaty.source) == (NEW_DAY, 61, "UNTC page of 2026-11-01")
    assert status_as_of(treaty).parties == 61
    nepal = TreatyAction.objects.get(party__key="NPL")
    assert (nepal.effect_date, nepal.named_as, nepal.source) == (
        dt.date(2026, 9, 1),
        "Nepal",
        "UNTC page of 2026-11-01",
    )
    assert is_undoable(entry)
    undo_import(entry)
    assert dump() == before
    entry.refresh_from_db()
    assert (entry.state, is_undoable(entry)) == (ImportState.UNDONE, False)


def test_undo_restores_removed_and_changed_rows_with_their_primary_keys() -> None:
    treaty = treaty_data.cmw()
    before = dump()
    rows = [row for row in treaty_data.table(treaty_data.content()) if row["iso_a3"] not in {"ALB", "AZE"}]
    rows[0]["notes"] = "another note"
    entry = waiting(treaty, treaty_data.written(rows), "cmw.csv", as_of=NEW_DAY)
    apply_proposal(entry)
    assert not TreatyAction.objects.filter(party__key="ALB").exists()
    undo_import(entry)
    assert dump() == before


def test_a_first_import_can_be_undone() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty()
    before = dump()
    entry = waiting(treaty, treaty_data.content(), "cmw.csv", as_of=treaty_data.CMW_DAY)
    apply_proposal(entry)
    assert TreatyAction.objects.count() == 100
    undo_import(entry)
    assert dump() == before


def test_only_the_newest_import_can_be_undone() -> None:
    treaty = treaty_data.cmw()
    start = dump()
    first = waiting(treaty, cmw_page(NEPAL, parties=61))
    apply_proposal(first)
    middle = dump()
    chad = treaty_data.row("ETH", "Ethiopia", action="accession", action_date="2026-06-14", status="party")
    second = waiting(treaty, cmw_page(NEPAL, chad, parties=62, as_of=NEW_DAY + dt.timedelta(days=1)))
    apply_proposal(second)
    end = dump()
    assert not is_undoable(first)
    with pytest.raises(NewerImport, match="newer import"):
        undo_import(first)
    first.refresh_from_db()
    assert (first.state, dump()) == (ImportState.APPLIED, end)
    undo_import(second)
    assert dump() == middle
    undo_import(first)
    assert dump() == start


def test_a_proposal_is_stale_after_the_status_has_changed() -> None:
    treaty = treaty_data.cmw()
    one = waiting(treaty, cmw_page(NEPAL, parties=61))
    other = waiting(treaty, cmw_page(NEPAL, parties=61))
    apply_proposal(one)
    after = dump()
    with pytest.raises(StaleProposal, match="has changed since"):
        apply_proposal(other)
    other.refresh_from_db()
    assert (other.state, dump()) == (ImportState.PROPOSED, after)


@pytest.mark.parametrize("decide", [apply_proposal, reject_proposal])
def test_a_rejected_proposal_is_final(decide: Any) -> None:
    entry = waiting(treaty_data.cmw(), cmw_page(NEPAL, parties=61))
    reject_proposal(entry)
    with pytest.raises(ImportNotPending, match="already"):
        decide(entry)
    with pytest.raises(NotApplied):
        undo_import(entry)


def test_a_proposal_is_stale_after_a_change_of_the_effect_rule_and_invalid_after_one_of_the_adoption() -> None:
    treaty = treaty_data.cmw()
    entry = waiting(treaty, cmw_page(NEPAL, parties=61))
    Treaty.objects.update(effect_rule=EffectRule.THIRTIETH_DAY)
    before = dump()
    with pytest.raises(StaleProposal):
        apply_proposal(entry)
    Treaty.objects.update(effect_rule=EffectRule.MONTH_AFTER_THREE_MONTHS, adopted_on=dt.date(1991, 1, 1))
    with pytest.raises(FailedValidation, match="treaty of 18 December 1990"):
        apply_proposal(entry)
    Treaty.objects.update(adopted_on=dt.date(1990, 12, 18))
    assert dump()[0] == before[0]
    apply_proposal(entry)


def test_an_import_cannot_be_undone_after_another_change() -> None:
    treaty = treaty_data.cmw()
    entry = waiting(treaty, cmw_page(NEPAL, parties=61))
    apply_proposal(entry)
    TreatyAction.objects.filter(party__key="NPL").update(note="typed in")
    after = dump()
    with pytest.raises(StatusChanged, match="changed after"):
        undo_import(entry)
    entry.refresh_from_db()
    assert (entry.state, dump()) == (ImportState.APPLIED, after)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: cmw_page(NEPAL), "header_mismatch"),
        (lambda: cmw_page(parties=61), "header_mismatch"),
        (lambda: cmw_page(signatories=41), "header_mismatch"),
        (lambda: cmw_page().replace(b"Albania", b"Albanistan"), "unknown_state"),
        (lambda: cmw_page().replace(b"18 December 1990", b"18 December 1979"), "wrong_treaty"),
        (lambda: cmw_page(as_of=dt.date(2026, 1, 1)), "as_of_outdated"),
        (lambda: cmw_page(as_of=dt.date(2027, 1, 1)), "as_of_in_the_future"),
        (lambda: cmw_page().replace(b"2007\x20a", b"2007 a").replace(b" 2007 a", b" 2027 a"), "after_as_of"),
    ],
)
def test_an_invalid_page_creates_no_import(content: Any, code: str) -> None:
    treaty = treaty_data.cmw()
    before = dump()
    proposal = proposed(treaty, content())
    assert code in {line.code for line in proposal.report.errors}
    assert proposal.entry is None
    assert (dump(), TreatyImport.objects.count()) == (before, 0)


def test_a_bracketed_row_is_a_withdrawal_without_a_date() -> None:
    treaty = treaty_data.cmw()
    rows = treaty_data.table(treaty_data.content())
    albania = next(row for row in rows if row["iso_a3"] == "ALB")
    albania["status"] = "former party"
    content = depositary_files.page_for(treaty, rows, NEW_DAY, 59, 40)
    entry = waiting(treaty, content)
    assert [str(change) for change in load_changes(entry.changes)] == ["Albania (not known)"]
    apply_proposal(entry)
    assert status_as_of(treaty).former_parties == 1


def test_a_given_status_date_must_be_that_of_the_file() -> None:
    treaty = treaty_data.cmw()
    proposal = proposed(treaty, cmw_page(), as_of=dt.date(2026, 10, 1))
    assert [line.code for line in proposal.report.errors] == ["as_of_contradicts"]
    with pytest.raises(MissingDate, match="does not show its date"):
        proposed(treaty, treaty_data.content(), "cmw.csv")


def test_a_page_without_changes_updates_the_status_date_and_can_be_undone() -> None:
    treaty = treaty_data.cmw()
    before = dump()
    entry = waiting(treaty, cmw_page())
    assert entry.changes == []
    apply_proposal(entry)
    treaty.refresh_from_db()
    assert treaty.as_of == NEW_DAY
    assert proposed(treaty, cmw_page()).entry is None
    undo_import(entry)
    assert dump() == before


def test_a_list_of_the_current_status_keeps_superseded_acts_and_former_states() -> None:
    treaty = treaty_data.cmw()
    czechoslovakia, albania = State.objects.get(key="CSK"), State.objects.get(key="ALB")
    own = {"treaty": treaty, "party": czechoslovakia}
    TreatyAction.objects.create(action=Act.SIGNATURE, date=dt.date(1991, 1, 1), **own)
    for act, date in ((Act.RATIFICATION, dt.date(1995, 1, 1)), (Act.WITHDRAWAL, dt.date(2001, 1, 1))):
        TreatyAction.objects.create(treaty=treaty, party=albania, action=act, date=date)
    proposal = proposed(treaty, cmw_page(NEPAL, parties=61))
    assert list(proposal.report.diff()) == ["+1 accession: Nepal (14 May 2026)"]


def test_a_record_adds_effect_dates_and_a_page_does_not_remove_them() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("protocol")
    entry = waiting(treaty, depositary_files.fixture("untc_record_en.html"), "record.html", as_of=NEW_DAY)
    apply_proposal(entry)
    bosnia = TreatyAction.objects.get(party__key="BIH")
    assert bosnia.effect_date == dt.date(1992, 3, 6)
    treaty.refresh_from_db()
    found = status_as_of(treaty)
    assert {state.key for state in found.states if state.status == "party"} == {"ARG", "BIH", "SLV", "TCD"}
    page = depositary_files.page_of(
        [
            treaty_data.row(
                "BIH", "Bosnia and Herzegovina", action="succession", action_date="1993-09-01", status="party"
            ),
            treaty_data.row(
                "ARG", "Argentina", signature_date="2004-08-10", action="ratification", action_date="2007-02-23"
            ),
        ],
        as_of=NEW_DAY + dt.timedelta(days=1),
        concluded="Rome, 1 May 1900",
        parties=2,
        signatories=1,
    )
    second = waiting(treaty, page)
    changes = load_changes(second.changes)
    assert {field for change in changes for field in change.fields} == {"has_declarations"}
    assert {change.party for change in changes if change.kind.name == "REMOVED"} == {"SLV", "TTO", "NLD", "TCD"}
    apply_proposal(second)
    bosnia.refresh_from_db()
    assert bosnia.effect_date == dt.date(1992, 3, 6)


def test_published_counts_include_organizations_even_if_the_treaty_does_not_count_them() -> None:
    treaty_data.states()
    treaty = treaty_data.treaty("crpd", counts_organizations=False, adopted_on=dt.date(2006, 12, 13))
    rows = treaty_data.table(treaty_data.content("status/crpd.csv"))
    entry = waiting(treaty, depositary_files.page_for(treaty, rows, NEW_DAY, 193, 164))
    apply_proposal(entry)
    treaty.refresh_from_db()
    assert status_as_of(treaty).parties == 192


@pytest.mark.parametrize(
    "name", ["untc_page.html", "mtdsg.xml", "untc_record_en.html", "normlex_en.html", "untreaties.csv"]
)
def test_a_stored_list_is_loaded_unchanged(name: str) -> None:
    treaty_data.states()
    parsed = depositary_files.read(name)
    assert load_parsed(dump_parsed(parsed)) == parsed


def test_the_changes_are_in_the_active_language() -> None:
    treaty = treaty_data.cmw()
    germany = treaty_data.row("DEU", "Germany", action="accession", action_date="2026-05-14", status="party")
    entry = waiting(treaty, cmw_page(germany, parties=61))
    with translation.override("es"):
        assert load_changes(entry.changes)[0].name == "Alemania"


def test_the_signal_is_sent_after_commit_with_treaty_and_changes(django_capture_on_commit_callbacks: Any) -> None:
    treaty = treaty_data.cmw()
    heard: list[tuple[str, list[str]]] = []

    def receiver(sender: Any, treaty: Treaty, changes: Any, **_kwargs: Any) -> None:
        heard.append((treaty.key, [f"{change.kind.value}{change.act}" for change in changes]))
        message = "a receiver that fails"
        raise RuntimeError(message)

    treaty_status_changed.connect(receiver)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            entry = waiting(treaty, cmw_page(NEPAL, parties=61))
        assert heard == []
        with django_capture_on_commit_callbacks(execute=True):
            apply_proposal(entry)
        with django_capture_on_commit_callbacks(execute=True):
            undo_import(entry)
        with django_capture_on_commit_callbacks(execute=True):
            apply_proposal(waiting(treaty, cmw_page()))
    finally:
        treaty_status_changed.disconnect(receiver)
    assert heard == [("cmw", ["+accession"]), ("cmw", ["−accession"])]  # noqa: RUF001


@pytest.mark.parametrize(
    ("name", "content"), [("a.html", b"tblgrid"), ("a.xml", b"<html>"), ("a.csv", b"\xff"), ("a.pdf", b"%PDF")]
)
def test_an_unreadable_file_is_rejected_and_nothing_is_stored(name: str, content: bytes) -> None:
    treaty = treaty_data.cmw()
    with pytest.raises(UnreadableFile):
        proposed(treaty, content, name)
    assert TreatyImport.objects.count() == 0


class TestCommand:
    def test_it_detects_the_source_and_its_import_can_be_undone(
        self, tmp_path: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        treaty_data.cmw()
        before = dump()
        page = tmp_path / "ViewDetails.aspx"
        page.write_bytes(cmw_page(NEPAL, parties=61))
        call_command("pledge_import_treaty", str(page), "--treaty", "cmw", "--dry-run")
        assert "+1 accession: Nepal (14 May 2026)" in capsys.readouterr().out
        assert (dump(), TreatyImport.objects.count()) == (before, 0)
        call_command("pledge_import_treaty", str(page), "--treaty", "cmw")
        assert "cmw as of 1 November 2026: 61 parties, 40 signatories, 11 signed only." in capsys.readouterr().out
        entry = TreatyImport.objects.get()
        assert (entry.state, entry.source, entry.uploaded_by) == (ImportState.APPLIED, "untc", None)
        call_command("pledge_import_treaty", "--treaty", "cmw", "--undo")
        assert "Undone: ViewDetails.aspx" in capsys.readouterr().out
        assert dump() == before
        with pytest.raises(CommandError, match="no import to undo"):
            call_command("pledge_import_treaty", "--treaty", "cmw", "--undo")

    def test_it_prints_what_it_leaves_out(self, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
        treaty_data.cmw()
        page = tmp_path / "ViewDetails.aspx"
        page.write_bytes(cmw_page(NEPAL, treaty_data.row("ETH", "Ethiopia", status="party"), parties=61))
        call_command("pledge_import_treaty", str(page), "--treaty", "cmw")
        assert "Note: Row 74: The row has neither a signature nor an act of consent." in capsys.readouterr().err
        assert TreatyImport.objects.get().state == ImportState.APPLIED

    def test_the_source_can_be_given(self, tmp_path: Any) -> None:
        treaty_data.cmw()
        page = tmp_path / "page.txt"
        page.write_bytes(cmw_page(NEPAL, parties=61))
        call_command("pledge_import_treaty", str(page), "--treaty", "cmw", "--source", "untc", verbosity=0)
        assert TreatyImport.objects.get().source == "untc"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("page.txt", "--treaty", "cmw", "--source", "mtdsg"), "xml"),
            (("page.txt", "--treaty", "cmw", "--source", "fax"), "fax"),
            (("--treaty", "cmw"), "FILE"),
        ],
        ids=["other source", "unknown source", "no file"],
    )
    def test_invalid_arguments_are_rejected(
        self, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
    ) -> None:
        treaty_data.cmw()
        (tmp_path / "page.txt").write_bytes(cmw_page(NEPAL, parties=61))
        monkeypatch.chdir(tmp_path)
        with pytest.raises(CommandError, match=message):
            call_command("pledge_import_treaty", *arguments)
