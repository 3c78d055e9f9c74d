"""Measures how long each stage of signing takes, in one process. Import after ``django.setup()``."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import urlencode

from django.test import Client

from benchmarks.load import forwarded_for
from benchmarks.requests import sign_data
from benchmarks.site import Endpoints

_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_VIEW: Final = "wagtail_pledge.campaigns.views.sign"
_SERVICE: Final = "wagtail_pledge.signing.services.submissions"
_BUILDING: Final = "building the row, including encryption and mailbox key"
#: The name of the stage, the function that does it, and the stage that it is part of.
STAGES: Final = (
    ("the view", f"{_VIEW}.SignView.post", ""),
    ("reading the body", f"{_VIEW}.read_body", "the view"),
    ("finding the statement (remembered)", f"{_VIEW}.remembered_statement", "the view"),
    ("activating the language", f"{_VIEW}.activate_language", "the view"),
    ("checking the stamp", f"{_VIEW}.read_stamp", "the view"),
    ("building the form", f"{_VIEW}.sign_form", "the view"),
    ("cleaning the form", "wagtail_pledge.signing.forms.SignForm.full_clean", "the view"),
    ("rate limit key of the network", f"{_VIEW}.network_key", "the view"),
    ("abuse signals", f"{_VIEW}.abuse_signals", "the view"),
    ("storing the signature", f"{_VIEW}.submit", "the view"),
    (_BUILDING, f"{_SERVICE}.submission_values", "storing the signature"),
    ("one INSERT", f"{_SERVICE}.insert_values", "storing the signature"),
    ("encryption", f"{_SERVICE}.seal_payload", _BUILDING),
    ("creating the inbox ticket", f"{_VIEW}.seal_ticket", "the view"),
)


@contextlib.contextmanager
def _timed_stages(seconds: dict[str, float]) -> Iterator[None]:
    """Add the time that each stage takes to ``seconds``."""
    with contextlib.ExitStack() as stack:
        for stage, target, _part_of in STAGES:
            original = patch(target, autospec=True).get_original()[0]

            def timed(*args: Any, _original: Any = original, _stage: str = stage, **kwargs: Any) -> Any:
                began = time.perf_counter()
                try:
                    return _original(*args, **kwargs)
                finally:
                    seconds[_stage] += time.perf_counter() - began

            stack.enter_context(patch(target, timed))
        yield


def measure(endpoints: Endpoints, count: int = 500) -> dict[str, float]:
    """Return the mean milliseconds per POST of each stage, over ``count`` requests. ``"request"`` is the total."""
    seconds: dict[str, float] = defaultdict(float)
    client = Client()
    bodies = [urlencode(sign_data(endpoints)) for _ in range(count + 20)]
    networks = [{"X-Forwarded-For": forwarded_for()} for _ in bodies]
    for body, network in zip(bodies[:20], networks[:20], strict=True):
        client.post(endpoints.sign, body, _FORM_TYPE, headers=network)
    with _timed_stages(seconds):
        for body, network in zip(bodies[20:], networks[20:], strict=True):
            began = time.perf_counter()
            status = client.post(endpoints.sign, body, _FORM_TYPE, headers=network).status_code
            seconds["request"] += time.perf_counter() - began
            if status != 303:
                message = f"signing answered {status}"
                raise RuntimeError(message)
    if unused := [stage for stage, _target, _part_of in STAGES if stage not in seconds]:
        message = f"signing no longer calls these stages: {unused}"
        raise RuntimeError(message)
    return {stage: total / count * 1000 for stage, total in seconds.items()}


def table(milliseconds: dict[str, float]) -> str:
    """Return the stages as a Markdown table. A dash marks a stage that is part of the one above it."""
    lines = ["| Stage | ms | Share of the view |", "|---|---|---|"]
    for stage, _target, part_of in STAGES:
        depth = "" if part_of in {"", "the view"} else "– "
        ms = milliseconds.get(stage, 0.0)
        lines.append(f"| {depth}{stage} | {ms:.3f} | {ms / milliseconds['the view']:.0%} |")
    outside = milliseconds["request"] - milliseconds["the view"]
    lines.append(f"| outside the view: test client, middleware, routing | {outside:.3f} | |")
    return "\n".join(lines) + "\n"
