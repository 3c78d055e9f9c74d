"""Each source reads the real grammar, and names what it can't read."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest

from tests.treaties import depositary_files, treaty_data
from wagtail_pledge.treaties.enums import Act, Confidence, ParticipantStatus
from wagtail_pledge.treaties.sources.base import MAX_BYTES, ParsedStatus, UnreadableFile
from wagtail_pledge.treaties.sources.registry import source_for, treaty_sources
from wagtail_pledge.treaties.states import load_resolver

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("TR3")]

FILES = {
    "untc_page.html": "untc",
    "untc_columns.html": "untc",
    "mtdsg.xml": "mtdsg",
    "untc_record_en.html": "untc-record",
    "untc_record_fr.html": "untc-record",
    "untc_record.csv": "untc-record",
    "normlex_en.html": "normlex",
    "normlex_fr.html": "normlex",
    "untreaties.csv": "untreaties",
}
DAY = dt.date


@pytest.fixture(autouse=True)
def _states(db: None) -> None:
    treaty_data.states()


def acts(parsed: ParsedStatus, key: str) -> list[tuple[Act, dt.date | None]]:
    return [(record.action, record.date) for record in parsed.records if record.party == key]


def codes(parsed: ParsedStatus) -> list[tuple[str, int]]:
    return [(line.code, line.row) for line in parsed.errors]


@pytest.mark.parametrize(("name", "source"), FILES.items())
def test_every_format_is_recognised_by_its_content_and_read_whole(name: str, source: str) -> None:
    content = depositary_files.fixture(name)
    found = source_for(name, content)
    assert found.name == source
    assert str(found.label)
    parsed = found.parse(content, load_resolver())
    assert parsed.errors == ()
    assert parsed.records


def test_the_packages_own_csv_is_still_recognised() -> None:
    assert source_for("cmw.csv", treaty_data.content()).name == "csv"
    assert list(treaty_sources()) == ["untc", "mtdsg", "untc-record", "normlex", "untreaties", "csv"]


class TestUntcPage:
    def test_the_header_gives_day_counts_and_conclusion(self) -> None:
        parsed = depositary_files.read("untc_page.html")
        assert parsed.as_of == DAY(2026, 10, 12)
        assert (parsed.published_parties, parsed.published_signatories) == (9, 5)
        assert parsed.concluded_on == DAY(2000, 12, 18)
        assert parsed.origin == "UNTC page of 2026-10-12"

    def test_codes_are_case_sensitive_and_brackets_mean_withdrawn(self) -> None:
        parsed = depositary_files.read("untc_page.html")
        assert acts(parsed, "ALB") == [(Act.ACCESSION, DAY(2007, 6, 5))]
        assert acts(parsed, "FIN") == [(Act.ACCEPTANCE, DAY(2016, 5, 11))]
        assert acts(parsed, "JPN") == [(Act.APPROVAL, DAY(2014, 1, 15))]
        assert acts(parsed, "EU")[1] == (Act.FORMAL_CONFIRMATION, DAY(2010, 12, 23))
        assert acts(parsed, "BHS") == [(Act.SUCCESSION, DAY(2008, 9, 30))]
        assert acts(parsed, "MNE") == [(Act.SUCCESSION_TO_SIGNATURE, DAY(2006, 10, 23))]
        assert acts(parsed, "EST") == [(Act.ACCESSION, DAY(2004, 5, 12)), (Act.WITHDRAWAL, None)]
        assert acts(parsed, "LTU") == [
            (Act.SIGNATURE, DAY(2001, 2, 26)),
            (Act.RATIFICATION, DAY(2003, 5, 12)),
            (Act.WITHDRAWAL, None),
            (Act.WITHDRAWAL_OF_SIGNATURE, None),
        ]
        assert parsed.expected["LTU"] == (9, ParticipantStatus.FORMER_PARTY)

    def test_tables_inside_tables_notes_comments_and_scripts_are_not_looked_at(self) -> None:
        parsed = depositary_files.read("untc_page.html")
        assert {"CSK", "DDR", "TCD"}.isdisjoint(record.party for record in parsed.records)
        assert len(parsed.expected) == 13

    def test_footnotes_go_as_elements_and_declarations_are_links(self) -> None:
        parsed = depositary_files.read("untc_page.html")
        named = {record.party: record for record in parsed.records}
        assert named["VEN"].named_as == "Venezuela (Bolivarian Republic of)"
        assert named["MNE"].named_as == "Montenegro"
        declared = {key for key, record in named.items() if record.has_declarations}
        assert declared == {"DZA", "LTU"}

    def test_columns_are_found_by_their_words(self) -> None:
        parsed = depositary_files.read("untc_columns.html")
        assert acts(parsed, "AUT") == [
            (Act.SIGNATURE, DAY(2013, 6, 3)),
            (Act.PROVISIONAL_APPLICATION, DAY(2014, 6, 3)),
            (Act.CONSENT_TO_BE_BOUND, DAY(2014, 6, 3)),
        ]
        assert acts(parsed, "TCD") == [(Act.ACCESSION, DAY(2015, 7, 4))]
        assert acts(parsed, "MLI") == [(Act.DEFINITIVE_SIGNATURE, DAY(2016, 8, 5))]

    @pytest.mark.parametrize(
        ("old", "new", "code", "row"),
        [
            ("Albania<br>", "Albanistan<br>", "unknown_state", 2),
            ("Ghana<br>", "Albania<br>", "repeated_state", 10),
            ("2007 a<br>", "2007 x<br>", "unknown_code", 2),
            ("2007 a<br>", "2007 s<br>", "unknown_code", 2),
            ("2007 a<br>", "2007 p<br>", "unknown_code", 2),
            ("2007 a<br>", "2007 aA<br>", "unknown_code", 2),
            ("5 Jun\t 2007", "31 Jun\t 2007", "bad_date", 2),
            ("5 Jun\t 2007", "5 jun\t 2007", "bad_date", 2),
            ("5 Jun\t 2007", "5 June\t 2007", "bad_date", 2),
            ("[12 May\t 2004 a]", "[12 May\t 2004 a", "bad_date", 6),
            ("5 Jun\t 2007 a<br>", "<br>", "no_act", 2),
            ("<td>Armenia<br></td>", "<td>Armenia</td><td></td>", "wrong_width", 4),
        ],
    )
    def test_a_row_that_cant_be_read_is_named_with_its_text(self, old: str, new: str, code: str, row: int) -> None:
        text = depositary_files.fixture("untc_page.html").decode().replace(old, new, 1)
        parsed = depositary_files.read("untc_page.html", text.encode())
        assert codes(parsed) == [(code, row)]
        assert parsed.errors[0].text

    def test_a_code_that_the_heading_does_not_define_is_unknown(self) -> None:
        text = depositary_files.fixture("untc_page.html").decode().replace("Approval(AA), ", "", 1)
        assert codes(depositary_files.read("untc_page.html", text.encode())) == [("unknown_code", 11)]
        without = text.replace("Acceptance(A), ", "", 1).replace(">Ratification, ", ">", 1)
        assert {code for code, _row in codes(depositary_files.read("untc_page.html", without.encode()))} == {
            "unknown_code"
        }

    def test_a_page_without_its_day_or_counts_is_refused(self) -> None:
        text = depositary_files.fixture("untc_page.html").decode()
        assert codes(depositary_files.read("untc_page.html", text.replace("STATUS AS AT", "AS AT").encode())) == [
            ("no_day", 0)
        ]
        bare = text.replace("Signatories : 5. Parties : 9", "None")
        assert codes(depositary_files.read("untc_page.html", bare.encode())) == [("no_counts", 0)]
        wrong_day = text.replace("12-10-2026", "31-02-2026")
        assert codes(depositary_files.read("untc_page.html", wrong_day.encode())) == [("no_day", 0)]

    def test_a_page_open_to_accession_only_has_no_signatories(self) -> None:
        text = (
            depositary_files.fixture("untc_page.html")
            .decode()
            .replace("Signatories : 5. Parties : 9", "Parties : 9. 1 , 2")
        )
        parsed = depositary_files.read("untc_page.html", text.encode())
        assert (parsed.published_parties, parsed.published_signatories) == (9, 0)

    def test_two_tables_of_participants_or_none_are_refused(self) -> None:
        text = depositary_files.fixture("untc_columns.html").decode()
        twice = text.replace("</body>", '<table id="x_tblgrid"><tr><td>Participant</td></tr></table></body>')
        with pytest.raises(UnreadableFile, match="more than one"):
            depositary_files.read("untc_columns.html", twice.encode())
        with pytest.raises(UnreadableFile, match="no table"):
            treaty_sources()["untc"].parse(b"<html><body>Maintenance</body></html>", load_resolver())
        empty = '<table id="x_tblgrid"></table>'
        with pytest.raises(UnreadableFile, match="empty"):
            depositary_files.read("untc_columns.html", empty.encode())
        strange = '<table id="x_tblgrid"><tr><td>Country</td><td>When</td></tr></table>'
        assert codes(depositary_files.read("untc_columns.html", strange.encode()))[0] == ("unknown_heading", 1)

    @pytest.mark.parametrize("entry", treaty_data.manifest(), ids=lambda entry: entry["file"])
    def test_every_list_reads_the_same_as_a_page(self, entry: dict[str, str]) -> None:
        rows = treaty_data.table(treaty_data.content(entry["file"]))
        as_of = DAY.fromisoformat(entry["as_of"])
        content = depositary_files.page_of(rows, as_of=as_of, concluded="Rome, 1 May 1900", parties=0, signatories=0)
        page, own = (
            depositary_files.read("list.html", content),
            depositary_files.read("list.csv", treaty_data.content(entry["file"])),
        )
        assert page.errors == own.errors == ()
        assert _stated(page) == _stated(own)


def _stated(parsed: ParsedStatus) -> set[tuple[Any, ...]]:
    return {(record.party, record.action, record.date, bool(record.has_declarations)) for record in parsed.records}


class TestXml:
    def test_names_of_elements_in_any_case_footnotes_and_nested_tables(self) -> None:
        parsed = depositary_files.read("mtdsg.xml")
        assert list(parsed.expected) == ["ALB", "CIV", "EST", "GHA", "MNE", "TUR", "KNA"]
        assert (parsed.published_parties, parsed.published_signatories) == (5, 3)
        assert parsed.concluded_on == DAY(2000, 12, 18)
        assert acts(parsed, "EST") == [(Act.ACCESSION, DAY(2004, 5, 12)), (Act.WITHDRAWAL, None)]
        named = {record.party: record.named_as for record in parsed.records}
        assert (named["GHA"], named["MNE"], named["CIV"]) == ("Ghana", "Montenegro", "Côte d'Ivoire")
        assert parsed.as_of is None

    @pytest.mark.parametrize(
        "inserted",
        [
            '<!DOCTYPE Report [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            '<!DOCTYPE Report [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
            '<!DOCTYPE Report SYSTEM "https://example.org/report.dtd">',
            "<!DOCTYPE Report>",
            '<!DOCTYPE Report [<!ENTITY % p SYSTEM "https://example.org/p.dtd"> %p;]>',
        ],
    )
    def test_document_types_and_entities_are_refused(self, inserted: str) -> None:
        text = depositary_files.fixture("mtdsg.xml").decode("iso-8859-1").replace("?>\n", f"?>\n{inserted}\n", 1)
        with pytest.raises(UnreadableFile, match="document type"):
            depositary_files.read("mtdsg.xml", text.replace("Albania", "&x;").encode("iso-8859-1"))

    def test_a_document_type_hidden_by_an_encoding_is_refused(self) -> None:
        text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE R [<!ENTITY x "y">]><R>&x;</R>'
        with pytest.raises(UnreadableFile):
            depositary_files.read("mtdsg.xml", text.encode("utf-16"))

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"<html><body>Under maintenance</body></html>", "<\\?xml"),
            (b"", "<\\?xml"),
            (b'<?xml version="1.0"?><Report>', "can’t be read"),
            (b'<?xml version="1.0"?><Report>&undeclared;</Report>', "can’t be read"),
            (b'<?xml version="1.0" encoding="klingon"?><Report/>', "can’t be read"),
            (b'<?xml version="1.0"?><Report/>', "no table"),
            (b'<?xml version="1.0"?>' + b"<a>" * 100 + b"</a>" * 100, "too deeply"),
        ],
    )
    def test_what_is_no_report_is_refused(self, content: bytes, words: str) -> None:
        with pytest.raises(UnreadableFile, match=words):
            depositary_files.read("mtdsg.xml", content)

    def test_a_report_without_counts_is_refused(self) -> None:
        text = depositary_files.fixture("mtdsg.xml").replace(b"<Parties>5</Parties>", b"")
        assert codes(depositary_files.read("mtdsg.xml", text)) == [("no_counts", 0)]


class TestRecord:
    def test_every_act_with_its_day_of_effect(self) -> None:
        parsed = depositary_files.read("untc_record_en.html")
        trinidad = [(record.action, record.date, record.effect) for record in parsed.records if record.party == "TTO"]
        assert trinidad == [
            (Act.ACCESSION, DAY(1980, 11, 14), DAY(1981, 2, 14)),
            (Act.WITHDRAWAL, DAY(1998, 5, 26), DAY(1998, 8, 26)),
            (Act.ACCESSION, DAY(1998, 5, 26), DAY(1998, 8, 26)),
            (Act.WITHDRAWAL, DAY(2000, 3, 27), DAY(2000, 6, 27)),
        ]
        bosnia = next(record for record in parsed.records if record.party == "BIH")
        assert (bosnia.date, bosnia.effect) == (DAY(1993, 9, 1), DAY(1992, 3, 6))
        assert acts(parsed, "NLD") == [
            (Act.SIGNATURE, DAY(2004, 2, 1)),
            (Act.WITHDRAWAL_OF_SIGNATURE, DAY(2005, 4, 3)),
        ]
        assert acts(parsed, "MEX") == []
        assert parsed.is_history

    def test_csv_and_html_say_the_same(self) -> None:
        assert depositary_files.read("untc_record.csv").records == depositary_files.read("untc_record_en.html").records

    def test_french_acts_and_names(self) -> None:
        parsed = depositary_files.read("untc_record_fr.html")
        assert acts(parsed, "CPV") == [(Act.ACCESSION, DAY(1997, 9, 16))]
        assert acts(parsed, "BOL") == [(Act.ACCESSION, DAY(2000, 10, 16))]
        assert acts(parsed, "MNE") == [(Act.SUCCESSION_TO_SIGNATURE, DAY(2006, 10, 23))]

    @pytest.mark.parametrize(
        ("old", "new", "code", "row"),
        [
            ("<td>Argentina</td><td>Ratification", "<td>Argentinia</td><td>Ratification", "unknown_state", 3),
            ("<td>Ratification</td>", "<td>Ratifikation</td>", "unknown_action", 3),
            ("23/02/2007", "30/02/2007", "bad_date", 3),
            ("23/02/2007", "2007-02-23", "bad_date", 3),
            ("23/02/2007", "", "incomplete_act", 3),
            ("01/06/2007", "soon", "bad_date", 3),
        ],
    )
    def test_a_row_that_cant_be_read_is_named(self, old: str, new: str, code: str, row: int) -> None:
        text = depositary_files.fixture("untc_record_en.html").decode().replace(old, new, 1)
        assert codes(depositary_files.read("untc_record_en.html", text.encode())) == [(code, row)]


class TestNormlex:
    def test_every_row_is_a_ratification(self) -> None:
        parsed = depositary_files.read("normlex_en.html")
        assert {record.action for record in parsed.records} == {Act.RATIFICATION, Act.WITHDRAWAL}
        assert list(parsed.expected) == ["DZA", "BHS", "BRA", "COG", "TZA"]
        assert acts(parsed, "BRA") == [(Act.RATIFICATION, DAY(1995, 1, 5)), (Act.WITHDRAWAL, DAY(1996, 11, 20))]
        congo = next(record for record in parsed.records if record.party == "COG")
        assert (congo.date, congo.effect) == (DAY(2023, 10, 26), DAY(2024, 10, 26))

    def test_french(self) -> None:
        parsed = depositary_files.read("normlex_fr.html")
        assert acts(parsed, "NOR") == [(Act.RATIFICATION, DAY(1955, 2, 17))]
        assert acts(parsed, "DZA") == [(Act.RATIFICATION, DAY(1962, 10, 19))]

    @pytest.mark.parametrize(
        ("old", "new", "code", "row"),
        [
            ("<td>Bahamas", "<td>Bahama", "unknown_state", 3),
            ("<td>Bahamas", "<td>Bahamas and more", "unknown_state", 3),
            ("<td>Bahamas", "<td>Algeria", "repeated_state", 3),
            ("25 May 1976", "1976", "bad_date", 3),
            ("Denounced on 20 Nov 1996", "Denounced on some day", "bad_date", 4),
            ("Denounced on 20 Nov 1996", "Suspended", "unknown_word", 4),
            ("5 ratifications", "7 ratifications", "header_mismatch", 0),
            ("Denounced: 1", "Denounced: 2", "header_mismatch", 0),
        ],
    )
    def test_what_cant_be_read_or_counted_is_named(self, old: str, new: str, code: str, row: int) -> None:
        text = depositary_files.fixture("normlex_en.html").decode().replace(old, new, 1)
        assert codes(depositary_files.read("normlex_en.html", text.encode())) == [(code, row)]

    def test_the_count_may_leave_out_the_denounced(self) -> None:
        text = depositary_files.fixture("normlex_en.html").decode().replace("5 ratifications", "4 ratifications")
        assert depositary_files.read("normlex_en.html", text.encode()).errors == ()
        bare = text.replace("4 ratifications", "ratifications")
        assert codes(depositary_files.read("normlex_en.html", bare.encode())) == [("no_counts", 0)]


def test_a_table_that_lost_its_brackets_is_of_medium_confidence() -> None:
    parsed = depositary_files.read("untreaties.csv")
    assert {record.confidence for record in parsed.records} == {Confidence.MEDIUM}
    assert acts(parsed, "ARG") == [(Act.SIGNATURE, DAY(2004, 8, 10)), (Act.RATIFICATION, DAY(2007, 2, 23))]
    assert acts(parsed, "MNE") == [(Act.SUCCESSION_TO_SIGNATURE, DAY(2006, 10, 23))]


GARBAGE = {
    "nothing": b"",
    "tags": b"<",
    "open tags": b"<a ",
    "comments": b"<!--",
    "declarations": b"<![CDATA[",
    "closing": b"</",
    "tables": b"<table id=tblgrid>",
    "cells": b"<table id=tblgrid><tr><td>",
    "names": b"<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ids": b"<td id ",
    "entities": b"&#38;&",
    "superscript": b"<sup>",
    "xml": b"<?xml version='1.0'?><participants><table>",
    "text": b"Participant,",
    "quotes": b'"',
}


@pytest.mark.parametrize("seed", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("name", list(treaty_sources()))
def test_ten_megabytes_of_garbage_are_refused_soon(name: str, seed: bytes) -> None:
    content = (b"<table id=tblgrid>" + seed * (MAX_BYTES // max(len(seed), 1)))[:MAX_BYTES]
    began = time.perf_counter()
    source = treaty_sources()[name]
    try:
        source.can_read("list.html", content)
        parsed = source.parse(content, load_resolver())
    except UnreadableFile:
        pass
    else:
        assert parsed.errors
    # Quadratic time would be hours; a slow machine needs a few seconds
    assert time.perf_counter() - began < 30


@pytest.mark.parametrize("name", list(treaty_sources()))
def test_a_larger_file_is_refused_before_it_is_read(name: str) -> None:
    with pytest.raises(UnreadableFile, match="10 MB"):
        treaty_sources()[name].parse(b"<?xml version='1.0'?>" + b" " * MAX_BYTES, load_resolver())
