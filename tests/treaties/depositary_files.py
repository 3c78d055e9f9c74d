"""Files as depositaries publish them: synthetic fixtures in the real grammar, and pages made from the data files."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from wagtail_pledge.treaties.models import Treaty
from wagtail_pledge.treaties.sources.base import ParsedStatus
from wagtail_pledge.treaties.sources.participants import MONTHS
from wagtail_pledge.treaties.sources.registry import source_for
from wagtail_pledge.treaties.states import load_resolver

FIXTURES: Final = Path(__file__).parent / "fixtures"
PREFIX: Final = "ctl00_ctl00_ContentPlaceHolder1_ContentPlaceHolderInnerPage_"
CODES: Final = {
    "": "",
    "ratification": "",
    "accession": " a",
    "succession": " d",
    "acceptance": " A",
    "approval": " AA",
    "formal confirmation": " c",
}
HEADINGS: Final = (
    "Participant",
    "Signature, Succession to signature(d)",
    "Ratification, Acceptance(A), Approval(AA), Accession(a), Succession(d), Formal confirmation(c)",
)


def fixture(name: str) -> bytes:
    """Return a file as it is uploaded."""
    return (FIXTURES / name).read_bytes()


def read(name: str, content: bytes | None = None) -> ParsedStatus:
    """Parse a fixture, or ``content`` under its name, with the source that finds itself able to."""
    data = fixture(name) if content is None else content
    return source_for(name, data).parse(data, load_resolver())


def day(iso: str, code: str = "") -> str:
    """Return a cell of the depositary's table, with its tab and no-break space."""
    if not iso:
        return "&nbsp;"
    date = dt.date.fromisoformat(iso)
    return f" &nbsp;{date.day} {MONTHS[date.month - 1]}\t {date.year}{code}<br>"


def page_of(rows: Iterable[dict[str, str]], *, as_of: dt.date, concluded: str, parties: int, signatories: int) -> bytes:
    """Return the United Nations page that says what ``rows`` of the package's CSV say."""
    body = "".join(_row(row) for row in rows)
    heading = "".join(f'<td valign="bottom">{cell}<br></td>' for cell in HEADINGS)
    counts = f"Signatories : {signatories}. Parties : {parties}"
    text = (
        f'<html><body><div id="{PREFIX}div3">STATUS AS AT : {as_of:%d-%m-%Y} 10:16:18 EDT</div>'
        f'<span id="{PREFIX}rptTreaty_ctl00_tcText">{concluded}</span>'
        f'<span id="{PREFIX}rptStatus_ctl00_tcText">{counts}</span>'
        f'<table id="{PREFIX}tblgrid"><tr class="thead-one">{heading}</tr>{body}</table></body></html>'
    )
    return text.encode()


def page_for(treaty: Treaty, rows: Iterable[dict[str, str]], as_of: dt.date, parties: int, signatories: int) -> bytes:
    """Return a page about ``treaty``."""
    assert treaty.adopted_on
    concluded = f"New York, {treaty.adopted_on.day} {treaty.adopted_on:%B %Y}"
    return page_of(rows, as_of=as_of, concluded=concluded, parties=parties, signatories=signatories)


def _row(row: dict[str, str]) -> str:
    name = html.escape(row["untc_name"] or row["name"], quote=False)
    if row["declarations"] == "yes":
        name = f"<A href='#EndDec' onclick='return ShowDeclarationsNew(getInnerText(this),\"\",\"_en\");'>{name}</A>"
    signature = day(row["signature_date"], " d" if row["signature_type"] == "succession" else "")
    consent = day(row["action_date"], CODES[row["action"]])
    if row["status"] == "former party":
        consent = f"[{consent.removeprefix(' &nbsp;').removesuffix('<br>')}]<br>"
    return f'<tr class="trBWhite"><td>{name}<br></td><td>{signature}</td><td>{consent}</td></tr>\n'
