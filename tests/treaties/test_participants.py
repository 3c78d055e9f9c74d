"""Property-based tests of the parser of tables of participants."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given as any_of
from hypothesis import strategies as st

from wagtail_pledge.treaties.enums import CONSENTS, SIGNATURES, Act, ParticipantStatus
from wagtail_pledge.treaties.models import State
from wagtail_pledge.treaties.sources.participants import MONTHS, ParticipantRow, read_participants
from wagtail_pledge.treaties.states import Resolver, normalize_name

NAMES = ("Albania", "Chad", "Côte d'Ivoire", "Niger", "Nigeria", "Congo", "Democratic Republic of the Congo", "Mali")
RESOLVER = Resolver(
    by_key={}, by_name={normalize_name(name): State(key=f"S{number}", name=name) for number, name in enumerate(NAMES)}
)
KEYS = {name: f"S{number}" for number, name in enumerate(NAMES)}
SIGNING = {Act.SIGNATURE: "", Act.SUCCESSION_TO_SIGNATURE: "d"}
CONSENTING = {
    Act.RATIFICATION: "",
    Act.ACCEPTANCE: "A",
    Act.APPROVAL: "AA",
    Act.ACCESSION: "a",
    Act.SUCCESSION: "d",
    Act.FORMAL_CONFIRMATION: "c",
    Act.CONSENT_TO_BE_BOUND: "P",
    Act.DEFINITIVE_SIGNATURE: "s",
}
DAYS = st.dates(min_value=dt.date(1945, 1, 1), max_value=dt.date(2026, 1, 1))
SPACES = st.sampled_from((" ", "\t ", "\xa0", " \xa0\t"))


def _heading(codes: dict[Act, str], order: list[Act]) -> str:
    labels = {act: act.value.replace("_", " ").capitalize() for act in codes}
    return ", ".join(f"{labels[act]}({codes[act]})" if codes[act] else labels[act] for act in order)


@st.composite
def cells(draw: st.DrawFn, codes: dict[Act, str]) -> tuple[str, Act, dt.date, bool]:
    act, day, withdrawn, space = (
        draw(st.sampled_from(list(codes))), draw(DAYS), draw(st.booleans()), draw(SPACES),
    )  # fmt: skip
    code = f" {codes[act]}" if codes[act] else ""
    text = f"{day.day} {MONTHS[day.month - 1]}{space}{day.year}{code}{space}"
    return (f"[{text}]" if withdrawn else f"{space}{text}"), act, day, withdrawn


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    rows = {}
    for name in names:
        signature = draw(st.none() | cells(SIGNING))
        consent = draw(cells(CONSENTING) if signature is None else st.none() | cells(CONSENTING))
        rows[name] = (signature, consent)
    headings = [_heading(codes, draw(st.permutations(list(codes)))) for codes in (SIGNING, CONSENTING)]
    return {"rows": rows, "headings": headings, "order": draw(st.permutations([0, 1, 2]))}


def _acts(found: Any) -> set[tuple[Act, dt.date | None]]:
    _text, act, day, withdrawn = found
    undone = Act.WITHDRAWAL if act in CONSENTS else Act.WITHDRAWAL_OF_SIGNATURE
    return {(act, day)} | ({(undone, None)} if withdrawn else set())


def _status_on(signature: Any, consent: Any) -> ParticipantStatus:
    if consent:
        return ParticipantStatus.FORMER_PARTY if consent[3] else ParticipantStatus.PARTY
    return ParticipantStatus.NONE if signature[3] else ParticipantStatus.SIGNED_ONLY


@any_of(tables())
def test_a_generated_table_is_parsed_back_to_the_same_acts(table: dict[str, Any]) -> None:
    heading = ["Participant", *table["headings"]]
    rows = [
        [name, signature[0] if signature else "", consent[0] if consent else "\xa0"]
        for name, (signature, consent) in table["rows"].items()
    ]
    parsed = read_participants(
        [heading[place] for place in table["order"]],
        [
            ParticipantRow(number=number, cells=[row[place] for place in table["order"]])
            for number, row in enumerate(rows, start=2)
        ],
        RESOLVER,
        source="test",
    )
    assert parsed.errors == ()
    for name, (signature, consent) in table["rows"].items():
        own = {(record.action, record.date) for record in parsed.records if record.party == KEYS[name]}
        wanted = (_acts(signature) if signature else set()) | (_acts(consent) if consent else set())
        assert own == wanted
        assert parsed.expected[KEYS[name]][1] == _status_on(signature, consent)


@any_of(st.lists(st.lists(st.text(max_size=30), max_size=5), max_size=6), st.lists(st.text(max_size=40), max_size=5))
def test_any_cells_give_records_or_errors(rows: list[list[str]], heading: list[str]) -> None:
    numbered = [ParticipantRow(number=number, cells=row) for number, row in enumerate(rows, start=2)]
    for first in (heading, ["Participant", "Signature", "Accession(a)"]):
        parsed = read_participants(first, numbered, RESOLVER, source="test")
        assert parsed.errors or parsed.records
        assert all(record.action in SIGNATURES | CONSENTS | set(Act) for record in parsed.records)
