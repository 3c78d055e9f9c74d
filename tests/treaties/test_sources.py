"""Each source reads files in the depositary's format and reports invalid rows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
from typing import Any

import pytest

from tests.treaties import depositary_files, treaty_data
from wagtail_pledge.treaties.display.facts import treaty_sentence
from wagtail_pledge.treaties.enums import Act, Confidence, ParticipantStatus
from wagtail_pledge.treaties.importing.apply import apply_import
from wagtail_pledge.treaties.sources.base import MAX_BYTES, ParsedStatus, UnreadableFile
from wagtail_pledge.treaties.sources.registry import source_for, treaty_sources
from wagtail_pledge.treaties.states import load_resolver
from wagtail_pledge.treaties.status import status_as_of

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
def test_every_format_is_recognised_by_its_content_and_read_without_errors(name: str, source: str) -> None:
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
    def test_the_header_contains_status_date_counts_and_conclusion(self) -> None:
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

    def test_tables_inside_tables_notes_comments_and_scripts_are_ignored(self) -> None:
        parsed = depositary_files.read("untc_page.html")
        assert {"CSK", "DDR", "TCD"}.isdisjoint(record.party for record in parsed.records)
        assert len(parsed.expected) == 13

    def test_footnotes_are_removed_and_links_mark_declarations(self) -> None:
        parsed = depositary_files.read("untc_page.html")
        named = {record.party: record for record in parsed.records}
        assert named["VEN"].named_as == "Venezuela (Bolivarian Republic of)"
        assert named["MNE"].named_as == "Montenegro"
        declared = {key for key, record in named.items() if record.has_declarations}
        assert declared == {"DZA", "LTU"}

    def test_columns_are_found_by_their_headings(self) -> None:
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
            ("5 Jun\t 2007", "5 Jun\t 07", "two_digit_year", 2),
            ("<td>Armenia<br></td>", "<td>Armenia</td><td></td>", "wrong_width", 4),
        ],
    )
    def test_an_invalid_row_is_reported_with_its_text(self, old: str, new: str, code: str, row: int) -> None:
        text = depositary_files.fixture("untc_page.html").decode().replace(old, new, 1)
        parsed = depositary_files.read("untc_page.html", text.encode())
        assert codes(parsed) == [(code, row)]
        assert parsed.errors[0].text

    def test_a_row_without_any_act_is_noted(self) -> None:
        text = depositary_files.fixture("untc_page.html").decode().replace("5 Jun\t 2007 a<br>", "<br>", 1)
        parsed = depositary_files.read("untc_page.html", text.encode())
        assert parsed.errors == ()
        assert [(line.code, line.row) for line in parsed.notes] == [("no_act", 2)]
        assert "Albania" in str(parsed.notes[0])
        assert "ALB" not in parsed.expected

    def test_a_code_that_the_heading_does_not_define_is_an_error(self) -> None:
        text = depositary_files.fixture("untc_page.html").decode().replace("Approval(AA), ", "", 1)
        assert codes(depositary_files.read("untc_page.html", text.encode())) == [("unknown_code", 11)]
        without = text.replace("Acceptance(A), ", "", 1).replace(">Ratification, ", ">", 1)
        assert {code for code, _row in codes(depositary_files.read("untc_page.html", without.encode()))} == {
            "unknown_code"
        }

    def test_a_page_without_date_or_counts_is_rejected(self) -> None:
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

    def test_a_page_without_exactly_one_table_of_participants_is_rejected(self) -> None:
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
    def test_every_list_gives_the_same_acts_as_a_page(self, entry: dict[str, str]) -> None:
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
    def test_element_names_in_any_case_footnotes_and_nested_tables(self) -> None:
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
    def test_document_types_and_entities_are_rejected(self, inserted: str) -> None:
        text = depositary_files.fixture("mtdsg.xml").decode("iso-8859-1").replace("?>\n", f"?>\n{inserted}\n", 1)
        with pytest.raises(UnreadableFile, match="document type"):
            depositary_files.read("mtdsg.xml", text.replace("Albania", "&x;").encode("iso-8859-1"))

    def test_a_document_type_hidden_by_an_encoding_is_rejected(self) -> None:
        text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE R [<!ENTITY x "y">]><R>&x;</R>'
        with pytest.raises(UnreadableFile):
            depositary_files.read("mtdsg.xml", text.encode("utf-16"))

    @pytest.mark.parametrize(
        ("content", "message"),
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
    def test_other_xml_and_invalid_files_are_rejected(self, content: bytes, message: str) -> None:
        with pytest.raises(UnreadableFile, match=message):
            depositary_files.read("mtdsg.xml", content)

    def test_a_file_without_counts_is_rejected(self) -> None:
        text = depositary_files.fixture("mtdsg.xml").replace(b"<Parties>5</Parties>", b"")
        assert codes(depositary_files.read("mtdsg.xml", text)) == [("no_counts", 0)]


class TestRecord:
    def test_every_act_has_its_effect_date(self) -> None:
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

    def test_csv_and_html_give_the_same_result(self) -> None:
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
    def test_an_invalid_row_is_reported(self, old: str, new: str, code: str, row: int) -> None:
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
    def test_invalid_rows_and_wrong_counts_are_reported(self, old: str, new: str, code: str, row: int) -> None:
        text = depositary_files.fixture("normlex_en.html").decode().replace(old, new, 1)
        assert codes(depositary_files.read("normlex_en.html", text.encode())) == [(code, row)]

    def test_the_published_count_may_exclude_denounced_ratifications(self) -> None:
        text = depositary_files.fixture("normlex_en.html").decode().replace("5 ratifications", "4 ratifications")
        assert depositary_files.read("normlex_en.html", text.encode()).errors == ()
        bare = text.replace("4 ratifications", "ratifications")
        assert codes(depositary_files.read("normlex_en.html", bare.encode())) == [("no_counts", 0)]


def test_a_table_without_brackets_has_medium_confidence() -> None:
    parsed = depositary_files.read("untreaties.csv")
    assert {record.confidence for record in parsed.records} == {Confidence.MEDIUM}
    assert acts(parsed, "ARG") == [(Act.SIGNATURE, DAY(2004, 8, 10)), (Act.RATIFICATION, DAY(2007, 2, 23))]
    assert acts(parsed, "MNE") == [(Act.SUCCESSION_TO_SIGNATURE, DAY(2006, 10, 23))]


#: Headings as in chapters of the depositary's status lists, each with rows and the acts that they contain.
CHAPTERS = {
    "protocol": (
        (
            'Participant,"Definitive signature of the Protocol, Acceptance of the Protocol, Succession to the'
            ' Convention and the Protocol","Accession to the Convention as amended(a), Succession to the Convention as'
            ' amended(d)"'
            "\nArgentina,11 Dec 1946,\nAlgeria,,31 Oct 1963 a\nBenin,,5 Dec 1961 d\n"
        ),
        {"ARG": Act.CONSENT_TO_BE_BOUND, "DZA": Act.ACCESSION, "BEN": Act.SUCCESSION},
    ),
    "participation": (
        (
            'Participant,"Definitive signature or participation in the Convention and the Protocol, Participation(P)",'
            '"Ratification of the Convention as amended, Accession to the Convention as amended(a)"\n'
            "Austria,16 Jul 1954,\nParaguay,27 Sep 2007 P,\nEthiopia,,21 Jan 1969\n"
        ),
        {"AUT": Act.CONSENT_TO_BE_BOUND, "PRY": Act.CONSENT_TO_BE_BOUND, "ETH": Act.RATIFICATION},
    ),
    "acceptance": (
        "Participant,Acceptance of the Protocol(A)\nAlgeria,8 Jun 2000 A\n",
        {"DZA": Act.ACCEPTANCE},
    ),
    "ad referendum": (
        (
            'Participant,"Signature, Signature ad referendum (s)",Confirmation of signature ad referendum(C),'
            '"Ratification, Acceptance(A), Accession(a)",Notification under article 21 (1)\n'
            "Bangladesh,,,18 Jul 1996 a,22 Dec 1992\nChina,13 Sep 1983 s,28 Mar 1984 C,,\n"
        ),
        {"BGD": Act.ACCESSION, "CHN": Act.SIGNATURE},
    ),
    "order": (
        'Participant,"Acceptance(A), Ratification"\nGermany,3 Jun 2013 A\nSamoa,25 Sep 2012\n',
        {"DEU": Act.ACCEPTANCE, "WSM": Act.RATIFICATION},
    ),
}


@pytest.mark.parametrize("name", CHAPTERS)
def test_headings_of_other_chapters_are_read(name: str) -> None:
    text, expected = CHAPTERS[name]
    parsed = depositary_files.read("list.csv", text.encode())
    assert parsed.errors == ()
    assert {record.party: record.action for record in parsed.records} == expected


@pytest.mark.parametrize(
    ("heading", "act"),
    [
        ("Ratification of the Convention or accession(a)", Act.CONSENT_TO_BE_BOUND),
        ("Ratification of the Treaty as amended or Accession to the Treaty (a)", Act.CONSENT_TO_BE_BOUND),
        ("Accession to the Convention or its Protocol(a)", Act.ACCESSION),
        ("Signature of the Protocol or ratification(a)", None),
        ("Signature or ratification(a)", None),
    ],
)
def test_of_several_acts_in_a_heading_none_is_guessed(heading: str, act: Act | None) -> None:
    parsed = depositary_files.read("list.csv", f"Participant,Signature,{heading}\nChad,,5 Jun 2007 a\n".encode())
    assert codes(parsed) == ([] if act else [("unknown_code", 2)])
    assert [record.action for record in parsed.records] == ([act] if act else [])


def test_columns_about_other_things_are_noted() -> None:
    parsed = depositary_files.read("list.csv", CHAPTERS["ad referendum"][0].encode())
    assert [line.code for line in parsed.notes] == ["unread_column", "unread_column"]
    assert "Notification under article 21 (1)" in str(parsed.notes[1])
    unknown = depositary_files.read("list.csv", b"Participant,Signature,Deposit\nChad,,5 Jun 2007\n")
    assert codes(unknown) == [("unknown_code", 2)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_that_a_spreadsheet_saved_is_read(encoding: str, delimiter: str) -> None:
    heading = delimiter.join(("Participant", "Signature", '"Ratification, Accession(a)"'))
    text = f"{heading}\r\nCôte d'Ivoire{delimiter}{delimiter}5-Jun-2007 a\r\n"
    parsed = depositary_files.read("list.csv", text.encode(encoding))
    assert parsed.errors == ()
    assert acts(parsed, "CIV") == [(Act.ACCESSION, DAY(2007, 6, 5))]


def test_a_first_heading_of_two_lines_does_not_hide_the_delimiter() -> None:
    parsed = depositary_files.read("list.csv", b'"Participant\n(State)";Signature;Accession(a)\nChad;;5 Jun 2007 a\n')
    assert parsed.errors == ()
    assert acts(parsed, "TCD") == [(Act.ACCESSION, DAY(2007, 6, 5))]


@pytest.mark.requirement("TR3")
@pytest.mark.parametrize("first", ["sep=;\r\n", "SEP=;\n", '"sep=;"\r\n'])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_excels_separator_line_is_skipped_and_obeyed(first: str, encoding: str) -> None:
    text = "Participant;Signature;Accession(a)\nMali;5 Jun 1999;\nAtlantis, Lower;;5 Jun 2007 a\n"
    parsed = depositary_files.read("list.csv", (first + text).encode(encoding))
    assert [(record.party, record.row) for record in parsed.records] == [("MLI", 3)]
    # The numbers of the rows are those of the file
    assert [(line.code, line.row) for line in parsed.errors] == [("unknown_state", 4)]
    semicolons = treaty_data.written(treaty_data.table(treaty_data.content())).decode()
    own = depositary_files.read("cmw.csv", f"sep=,\n{semicolons}".encode())
    assert own.errors == ()


@pytest.mark.requirement("TR3")
def test_a_file_without_rows_and_one_without_acts_are_told_apart() -> None:
    heading = "Participant,Signature,Accession(a)\n"
    for name, text in (("list.csv", heading), ("list.csv", f"sep=,\n{heading}")):
        (line,) = depositary_files.read(name, text.encode()).errors
        assert (line.code, line.message) == ("no_rows", "The file has headings only, no rows.")
    (line,) = depositary_files.read("list.csv", f"{heading}Mali,,\n".encode()).errors
    assert (line.code, line.message) == ("no_rows", "No row has a signature or an act of consent.")


def test_the_packages_own_csv_with_semicolons_is_read() -> None:
    rows = treaty_data.table(treaty_data.content())
    plain = treaty_data.written(rows)
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows(csv.reader(io.StringIO(plain.decode())))
    for content in (buffer.getvalue().encode(), buffer.getvalue().encode("utf-16")):
        parsed = depositary_files.read("cmw.csv", content)
        assert parsed.errors == ()
        assert parsed.records == depositary_files.read("cmw.csv", plain).records


@pytest.mark.parametrize(
    "text",
    [
        "Participant,Signature,Accession(a)\nChad,,5-Jun-07 a\nMali,5 Jun 99,\nNiger,,5 Jun 03 a\n",
        "Participant,Action,Date,Effect\nChad,Accession,05/06/07,\nMali,Accession,05/06/08,\n",
    ],
)
def test_years_of_two_digits_are_one_line(text: str) -> None:
    content = text.replace("Date,Effect", "Date of Notification/Deposit,Date of Effect").encode()
    parsed = depositary_files.read("list.csv", content)
    assert codes(parsed) == [("two_digit_year", 2)]
    assert "four digits" in str(parsed.errors[0])


@pytest.mark.parametrize("first", ["Participant", "iso_a3", "Participant,Action,Date,Effect"])
def test_a_heading_of_twenty_thousand_columns_is_one_line(first: str) -> None:
    content = ",".join((first, *(f"column {number}" for number in range(20_000)))).encode() + b"\nChad\n"
    began = time.process_time()
    with pytest.raises(UnreadableFile, match="more than 100 columns"):
        depositary_files.read("list.csv", content)
    page = b"".join(b"<td>column %d</td>" % number for number in range(20_000))
    parsed = depositary_files.read(
        "list.html", b'<table id="x_tblgrid"><tr><td>Participant</td>' + page + b"</tr></table>"
    )
    assert codes(parsed)[0] == ("too_many_columns", 1)
    assert time.process_time() - began < 5


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
def test_ten_megabytes_of_garbage_are_rejected_within_seconds(name: str, seed: bytes) -> None:
    content = (b"<table id=tblgrid>" + seed * (MAX_BYTES // max(len(seed), 1)))[:MAX_BYTES]
    began = time.process_time()
    source = treaty_sources()[name]
    try:
        source.can_read("list.html", content)
        parsed = source.parse(content, load_resolver())
    except UnreadableFile:
        pass
    else:
        assert parsed.errors
    # CPU time, so that other processes do not count. Quadratic time would be hours; a slow machine needs a few seconds
    assert time.process_time() - began < 30


@pytest.mark.parametrize("name", list(treaty_sources()))
def test_a_larger_file_is_rejected_before_parsing(name: str) -> None:
    with pytest.raises(UnreadableFile, match="10 MB"):
        treaty_sources()[name].parse(b"<?xml version='1.0'?>" + b" " * MAX_BYTES, load_resolver())


def test_territories_and_organizations_are_participants() -> None:
    content = (
        "Participant,Signature,Accession(a)\nBritish Virgin Islands,,5 Jun 2007 a\nAndean Community,,24 Jan 2008 a\n"
        "European Community,,24 Jan 2008 a\nHong Kong,5 Jun 2007,\nMexico,,5 Jun 2007 a\n"
    )
    parsed = depositary_files.read("list.csv", content.encode())
    assert parsed.errors == ()
    assert [record.party for record in parsed.records] == ["VGB", "ANDEAN", "EU", "HKG", "MEX"]
    treaty = treaty_data.treaty("bank")
    assert apply_import(treaty, parsed, as_of=treaty_data.CMW_DAY).errors == ()
    status = status_as_of(treaty)
    assert (status.parties, status.organizations, status.territories, status.signed_only) == (4, 2, 1, 1)
    # Only those that have acted are listed: most treaties are not open to them
    assert status.find("GRL") is None
    assert status.neither == 197 - 1
    assert "1 State is party to the bank; 2 organizations are party as well; 1 territory is party as well" in (
        treaty_sentence(status, "the bank")
    )
