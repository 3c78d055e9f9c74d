"""Each reason for which the checks hold a form has words for the admin, and a row in the guide."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from wagtail_pledge.signing.abuse import signals
from wagtail_pledge.signing.enums import HeldFor, held_for_label
from wagtail_pledge.signing.worker import rate_limits, screening

pytestmark = pytest.mark.requirement("C1")

GUIDE: Final = Path(__file__).resolve().parents[3] / "docs" / "howto" / "abuse.md"


def codes_in_guide() -> set[str]:
    """Return the codes in the first column of the table of reasons."""
    table = GUIDE.read_text(encoding="utf-8").partition("| Reason | What was detected |")[2].partition("\n\n")[0]
    return {code for row in table.splitlines()[1:] for code in re.findall(r"`(\w+)`", row.split("|")[1])}


def codes_in_code() -> set[str]:
    """Return the codes of the rate limits and of a surge, and those in the documentation of ``abuse_signals``."""
    listed = (signals.abuse_signals.__doc__ or "").partition("Codes:")[2]
    return {*rate_limits._SETTINGS, screening.SURGE, *re.findall(r"``(\w+)``", listed)}


def test_each_reason_has_words_and_is_in_the_guide() -> None:
    assert set(HeldFor.values) == codes_in_guide() == codes_in_code()


def test_a_reason_that_is_no_code_stays_as_it_is() -> None:
    assert held_for_label("surge") == HeldFor.SURGE.label
    assert held_for_label("restored 0a1b2c") == "restored 0a1b2c"
    assert held_for_label("") == ""
