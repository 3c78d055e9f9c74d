"""Builds the requests of visitors, as bytes. Import after ``django.setup()``."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.apps import apps

from benchmarks.load import forwarded_for, request_bytes
from benchmarks.site import Endpoints
from wagtail_pledge.signing.models import Submission
from wagtail_pledge.signing.services import CONFIRM, token_for
from wagtail_pledge.signing.stamps import issue_stamp

_NUMBERS: Final = itertools.count()
_TOKEN: Final = "a" * 32
#: The expected status of each kind of request, if not 200.
EXPECTED_STATUS: Final = {"sign": 303, "confirm": 303}
#: The model that each kind of POST stores one row of.
STORED: Final = {
    **dict.fromkeys(("sign", "same row", "form and same row"), "wagtail_pledge.Submission"),
    **dict.fromkeys(("confirm", "same confirm"), "wagtail_pledge.SignatureEvent"),
    "one insert": "baselines.BareRow",
    "form page": "wagtailforms.FormSubmission",
}


def stored_rows(name: str) -> int:
    """Return how many rows there are of what a kind of POST stores; 0 for a kind of GET."""
    model: Any = apps.get_model(STORED[name]) if name in STORED else None
    return int(model._default_manager.count()) if model is not None else 0


def _post(path: str, data: dict[str, str], headers: str = "") -> bytes:
    return request_bytes(path, data, headers=f"X-Forwarded-For: {forwarded_for()}\r\n{headers}")


def new_signer() -> dict[str, str]:
    """Return the form data of a person who has not signed."""
    number = next(_NUMBERS)
    return {"name": f"Ana López {number}", "email": f"new{number}@example.org", "country": "US", "display": "hidden"}


def sign_data(endpoints: Endpoints, **values: str) -> dict[str, str]:
    """Return complete form data, with a stamp issued ten seconds ago."""
    stamp = issue_stamp(endpoints.sha256, dt.datetime.now(dt.UTC) - dt.timedelta(seconds=10))
    return {**new_signer(), "statement": endpoints.sha256, "stamp": stamp, **values}


def form_request(path: str, data: dict[str, str]) -> bytes:
    """Return a POST of one of the site's own forms."""
    return _post(path, data, headers="Origin: http://localhost\r\n")


def sign_request(endpoints: Endpoints, **values: str) -> bytes:
    """Return a POST request that signs."""
    return form_request(endpoints.sign, sign_data(endpoints, **values))


def form_page_request(endpoints: Endpoints) -> bytes:
    """Return a POST request for the Wagtail form page."""
    data = {**new_signer(), "csrfmiddlewaretoken": _TOKEN}
    return _post(endpoints.form_page, data, headers=f"Cookie: csrftoken={_TOKEN}\r\n")


def make_requests(endpoints: Endpoints, name: str, number: int) -> list[bytes]:
    """Return ``number`` requests of a kind. Each POST is of a new person."""
    posts: dict[str, Callable[[], bytes]] = {
        "sign": lambda: sign_request(endpoints),
        "form page": lambda: form_page_request(endpoints),
        # The same body as "sign"
        "same row": lambda: form_request("/bare/row/", sign_data(endpoints)),
        "form and same row": lambda: form_request("/bare/form/", sign_data(endpoints)),
        "one insert": lambda: form_request("/bare/insert/", sign_data(endpoints)),
    }
    pages = {
        "constant": "/bare/constant/",
        "count": endpoints.count,
        "pledge page": endpoints.page,
        "empty pledge page": endpoints.empty_page,
        "form page GET": endpoints.form_page,
    }
    if name in pages:
        return [request_bytes(pages[name], headers=f"X-Forwarded-For: {forwarded_for()}\r\n")] * number
    return [posts[name]() for _number in range(number)]


def confirm_path(submission: Submission) -> str:
    """Return the path of the link in the mail."""
    return f"/pledge/confirm/{token_for(CONFIRM, submission)}/"


def confirm_data(submission: Submission) -> dict[str, str]:
    """Return what the form of the confirm page sends."""
    return {"submission": submission.pk.hex, "display": "hidden"}


def confirm_requests(submissions: Iterable[Submission]) -> list[bytes]:
    """Return POST requests that confirm."""
    return [form_request(confirm_path(submission), confirm_data(submission)) for submission in submissions]


def same_confirm_requests(submissions: Iterable[Submission]) -> list[bytes]:
    """Return POST requests for the minimal view that runs the statements of confirming."""
    return [form_request(f"/bare/confirm/{row.pk}/", confirm_data(row)) for row in submissions]
