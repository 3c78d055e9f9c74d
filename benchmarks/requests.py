"""Requests of a visitor, as bytes. Import after Django is set up."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Final

from benchmarks.load import request_bytes
from benchmarks.site import Door
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services import CONFIRM, token_for
from wagtail_pledge.signing.stamps import issue_stamp

_NUMBERS: Final = itertools.count()
_TOKEN: Final = "a" * 32
#: What each kind of request answers when all is well; 200 where nothing is said.
EXPECTED: Final = {"sign": 303, "confirm": 303}


def person() -> dict[str, str]:
    """Return somebody who has not signed."""
    number = next(_NUMBERS)
    return {"name": f"Ana López {number}", "email": f"new{number}@example.org", "country": "US", "display": "hidden"}


def sign_data(door: Door, **values: str) -> dict[str, str]:
    """Return a complete form with a stamp that is ten seconds old."""
    stamp = issue_stamp(door.sha256, dt.datetime.now(dt.UTC) - dt.timedelta(seconds=10))
    return {**person(), "statement": door.sha256, "stamp": stamp, **values}


def sign_request(door: Door, **values: str) -> bytes:
    """Return the POST that signs."""
    return request_bytes(door.sign, sign_data(door, **values), headers="Origin: http://localhost\r\n")


def form_page_request(door: Door) -> bytes:
    """Return the POST of the Wagtail form page."""
    data = {**person(), "csrfmiddlewaretoken": _TOKEN}
    return request_bytes(door.form_page, data, headers=f"Cookie: csrftoken={_TOKEN}\r\n")


def prepare(door: Door, name: str, number: int) -> list[bytes]:
    """Return ``number`` requests of a kind, each of another visitor where that matters."""
    one: dict[str, Callable[[], bytes]] = {
        "sign": lambda: sign_request(door),
        "form page": lambda: form_page_request(door),
        "same statements": lambda: request_bytes("/bare/same/", person()),
        "one insert": lambda: request_bytes("/bare/insert/", person()),
    }
    same = {
        "constant": "/bare/constant/",
        "count": door.count,
        "pledge page": door.page,
        "empty pledge page": door.empty_page,
        "form page GET": door.form_page,
    }
    if name in same:
        return [request_bytes(same[name])] * number
    return [one[name]() for _number in range(number)]


def confirm_requests(limit: int) -> list[bytes]:
    """Return the POSTs that confirm up to ``limit`` pending signatures, oldest first."""
    found = get_signature_model()._default_manager.filter(state="pending").order_by("pk")[:limit]
    return [request_bytes(f"/pledge/confirm/{token_for(CONFIRM, made)}/", {}) for made in found]
