"""Helpers shared by the sources: row errors, checked cells, and the header texts of the UN's treaty pages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from wagtail_pledge.treaties.models import State, TreatyAction
from wagtail_pledge.treaties.sources.base import ErrorLine
from wagtail_pledge.treaties.states import Resolver

#: Maximum number of characters of a row that an error line quotes.
TEXT_CHARS: Final = 300


class RowError(Exception):
    """A row is invalid. ``code`` is a stable identifier, ``message`` a translated text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def line(self, row: int, cells: Iterable[str]) -> ErrorLine:
        """Return the error line for row number ``row`` with the text of its cells."""
        text = " | ".join(cells)[:TEXT_CHARS]
        return ErrorLine(row=row, code=self.code, message=self.message, text=text)


def find_state(resolver: Resolver, name: str) -> State:
    """Return the State of exactly that name. Raises :class:`RowError`; a name is never guessed."""
    state = resolver.resolve(name)
    if state is None:
        raise RowError("unknown_state", _("No State is called “%(name)s”.") % {"name": name[:TEXT_CHARS]})
    return state


def check_length(text: str, field: str, column: str) -> str:
    """Return ``text`` if it fits into the field ``field`` of ``TreatyAction``. Raises :class:`RowError`."""
    limit = getattr(TreatyAction._meta.get_field(field), "max_length", None)
    if limit is not None and len(text) > limit:
        message = _("The cell “%(column)s” has more than %(limit)d characters.")
        raise RowError("too_long", message % {"column": column, "limit": limit})
    return text


#: Maximum number of columns of a table, well above that of any depositary.
MAX_COLUMNS: Final = 100
#: Code of the error about a year such as "07", which spreadsheets write.
SHORT_YEAR: Final = "two_digit_year"
_SHORT_YEAR: Final = re.compile(r"\d{1,2}[ ./-](?:\d{1,2}|[A-Za-z]{3,9})[ ./-]\d{2}", re.ASCII)


def reject_short_year(text: str) -> None:
    """Raise :class:`RowError` for a date with a year of two digits."""
    if _SHORT_YEAR.fullmatch(text):
        message = _(
            "The year of “%(text)s” has two digits. Save the file with years of four digits and upload it again."
        )
        raise RowError(SHORT_YEAR, message % {"text": text[:100]})


def merge_short_years(errors: Iterable[ErrorLine]) -> tuple[ErrorLine, ...]:
    """Return the errors with only the first one about a year of two digits: one file has it in every date."""
    listed = list(errors)
    first = next((line for line in listed if line.code == SHORT_YEAR), None)
    return tuple(line for line in listed if line.code != SHORT_YEAR or line is first)


_PARTIES: Final = re.compile(r"Parties\s*:\s*(\d{1,5})", re.ASCII)
_SIGNATORIES: Final = re.compile(r"Signatories\s*:\s*(\d{1,5})", re.ASCII)
MONTH_NAMES: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAY: Final = re.compile(rf"(\d{{1,2}}) ({'|'.join(MONTH_NAMES)}) (\d{{4}})", re.ASCII)


def published_counts(text: str) -> tuple[int | None, int | None]:
    """Return (parties, signatories) from a text such as "Signatories : 40. Parties : 60"; footnotes may follow.

    For a treaty that is open to accession only, the header does not mention signatories: their number is then 0.
    Without a number of parties, both are ``None``.
    """
    parties, signatories = _PARTIES.search(text), _SIGNATORIES.search(text)
    if parties is None:
        return None, None
    return int(parties[1]), int(signatories[1]) if signatories else 0


def concluded_on(text: str) -> dt.date | None:
    """Return the last date in a text such as "New York, 18 December 1990", or ``None``.

    It is the date of adoption or of opening for signature.
    """
    days = _DAY.findall(text)
    if not days:
        return None
    day, month, year = days[-1]
    try:
        return dt.date(int(year), MONTH_NAMES.index(month) + 1, int(day))
    except ValueError:
        return None
