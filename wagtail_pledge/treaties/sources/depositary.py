"""What a depositary writes above its table: how many, and of which treaty."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

_PARTIES: Final = re.compile(r"Parties\s*:\s*(\d{1,5})", re.ASCII)
_SIGNATORIES: Final = re.compile(r"Signatories\s*:\s*(\d{1,5})", re.ASCII)
MONTH_NAMES: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAY: Final = re.compile(rf"(\d{{1,2}}) ({'|'.join(MONTH_NAMES)}) (\d{{4}})", re.ASCII)


def published_counts(text: str) -> tuple[int | None, int | None]:
    """Return parties and signatories of "Signatories : 40. Parties : 60"; footnotes may follow.

    A treaty that is open to accession only has no signatories, and the header does not name them.
    """
    parties, signatories = _PARTIES.search(text), _SIGNATORIES.search(text)
    if parties is None:
        return None, None
    return int(parties[1]), int(signatories[1]) if signatories else 0


def concluded_on(text: str) -> dt.date | None:
    """Return the last day in "New York, 18 December 1990": of adoption, or of opening for signature."""
    days = _DAY.findall(text)
    if not days:
        return None
    day, month, year = days[-1]
    try:
        return dt.date(int(year), MONTH_NAMES.index(month) + 1, int(day))
    except ValueError:
        return None
