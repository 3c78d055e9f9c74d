"""Builds the requests of visitors, as bytes. Import after ``django.setup()``."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Final

from benchmarks.load import request_bytes
from benchmarks.site import Endpoints
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.signing.services import CONFIRM, token_for
from wagtail_pledge.signing.stamps import issue_stamp

_NUMBERS: Final = itertools.count()
_TOKEN: Final = "a" * 32
#: The expected status of each kind of request, if not 200.
EXPECTED_STATUS: Final = {"sign": 303, "confirm": 303}


def new_signer() -> dict[str, str]:
    """Return the form data of a person who has not signed."""
    number = next(_NUMBERS)
    return {"name": f"Ana López {number}", "email": f"new{number}@example.org", "country": "US", "display": "hidden"}


def sign_data(endpoints: Endpoints, **values: str) -> dict[str, str]:
    """Return complete form data, with a stamp issued ten seconds ago."""
    stamp = issue_stamp(endpoints.sha256, dt.datetime.now(dt.UTC) - dt.timedelta(seconds=10))
    return {**new_signer(), "statement": endpoints.sha256, "stamp": stamp, **values}


def sign_request(endpoints: Endpoints, **values: str) -> bytes:
    """Return a POST request that signs."""
    return request_bytes(endpoints.sign, sign_data(endpoints, **values), headers="Origin: http://localhost\r\n")


def form_page_request(endpoints: Endpoints) -> bytes:
    """Return a POST request for the Wagtail form page."""
    data = {**new_signer(), "csrfmiddlewaretoken": _TOKEN}
    return request_bytes(endpoints.form_page, data, headers=f"Cookie: csrftoken={_TOKEN}\r\n")


def make_requests(endpoints: Endpoints, name: str, number: int) -> list[bytes]:
    """Return ``number`` requests of a kind. Each POST is of a new person."""
    posts: dict[str, Callable[[], bytes]] = {
        "sign": lambda: sign_request(endpoints),
        "form page": lambda: form_page_request(endpoints),
        "same statements": lambda: request_bytes("/bare/same/", new_signer()),
        "one insert": lambda: request_bytes("/bare/insert/", new_signer()),
    }
    pages = {
        "constant": "/bare/constant/",
        "count": endpoints.count,
        "pledge page": endpoints.page,
        "empty pledge page": endpoints.empty_page,
        "form page GET": endpoints.form_page,
    }
    if name in pages:
        return [request_bytes(pages[name])] * number
    return [posts[name]() for _number in range(number)]


def confirm_requests(limit: int) -> list[bytes]:
    """Return POST requests that confirm up to ``limit`` pending signatures, oldest first."""
    pending = get_signature_model()._default_manager.filter(state="pending").order_by("pk")[:limit]
    return [request_bytes(f"/pledge/confirm/{token_for(CONFIRM, signature)}/", {}) for signature in pending]
