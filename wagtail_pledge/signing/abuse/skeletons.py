"""What a text looks like at a glance, whatever alphabet its letters come from (after UTS #39)."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).with_name("data")


def data_lines(name: str) -> list[str]:
    """Return the lines of one of our data files, without comments."""
    return [line for line in (DATA / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]


_ROWS: Final = [line.split() for line in data_lines("drawn_like.txt")]
#: Other capital -> the ASCII capital that it is drawn like; their small letters may look nothing like each other.
_CAPITALS: Final = {ord(other): plain for plain, others in _ROWS for other in others if plain.isupper()}
#: Other letter -> the ASCII letter that it is drawn like; an i and an l look alike in many fonts.
_SMALL: Final = {ord(other): plain for plain, others in _ROWS for other in others if plain.islower()} | {ord("i"): "l"}


def skeleton(text: str) -> str:
    """Return what ``text`` looks like: equal skeletons look alike. No case, no marks."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return bare.translate(_CAPITALS).casefold().translate(_SMALL).replace("rn", "m").replace("vv", "w")


def name_skeleton(name: str) -> str:
    """Return what a name looks like, without spaces and punctuation."""
    return "".join(filter(str.isalnum, skeleton(name)))
