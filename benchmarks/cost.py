"""Measures how long each stage of a sign request takes, in one process. Import it after Django is set up."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final
from unittest.mock import patch

from django.test import Client

from benchmarks.requests import sign_data
from benchmarks.site import Door

_VIEW: Final = "wagtail_pledge.campaigns.views.sign"
_SERVICE: Final = "wagtail_pledge.signing.services.signing"
#: Name of the stage, the function that is timed, and the stage that it is part of.
STAGES: Final = (
    ("view", f"{_VIEW}.SignView.post", ""),
    ("reading the body", f"{_VIEW}.read_body", "view"),
    ("loading the statement (1 query)", f"{_VIEW}.find_statement", "view"),
    ("activating the language", f"{_VIEW}.use_language", "view"),
    ("reading the stamp", f"{_VIEW}.read_stamp", "view"),
    ("building the form", f"{_VIEW}.sign_form", "view"),
    ("cleaning the form", "wagtail_pledge.signing.forms.SignForm.full_clean", "view"),
    ("network key", f"{_VIEW}.network_key", "view"),
    ("abuse signals", f"{_VIEW}.door_signals", "view"),
    ("saving", f"{_VIEW}.sign", "view"),
    ("building the row, including mailbox keys", f"{_SERVICE}._build", "saving"),
    ("two INSERTs, including encryption", f"{_SERVICE}.insert_or_nothing", "saving"),
    ("encryption", "wagtail_pledge.core.fields.seal", "two INSERTs, including encryption"),
    ("inbox ticket", f"{_VIEW}.seal_ticket", "view"),
)


@contextlib.contextmanager
def _clocked(spent: dict[str, float]) -> Iterator[None]:
    """Time each stage."""
    with contextlib.ExitStack() as stack:
        for stage, target, _part_of in STAGES:
            clock = patch(target, autospec=True)
            original = clock.get_original()[0]

            def timed(*args: Any, _original: Any = original, _stage: str = stage, **kwargs: Any) -> Any:
                began = time.perf_counter()
                try:
                    return _original(*args, **kwargs)
                finally:
                    spent[_stage] += time.perf_counter() - began

            stack.enter_context(patch(target, timed))
        yield


def measure(door: Door, count: int = 500) -> dict[str, float]:
    """Return the mean milliseconds of each stage over ``count`` POST requests; ``"request"`` is the total."""
    spent: dict[str, float] = defaultdict(float)
    client = Client()
    forms = [sign_data(door) for _ in range(count + 20)]
    for form in forms[:20]:
        client.post(door.sign, form)
    with _clocked(spent):
        for form in forms[20:]:
            began = time.perf_counter()
            status = client.post(door.sign, form).status_code
            spent["request"] += time.perf_counter() - began
            if status != 303:
                message = f"the sign view answered with status {status}"
                raise RuntimeError(message)
    if idle := [stage for stage, _target, _part_of in STAGES if stage not in spent]:
        message = f"these stages were not called: {idle}"
        raise RuntimeError(message)
    return {stage: seconds / count * 1000 for stage, seconds in spent.items()}


def table(spent: dict[str, float]) -> str:
    """Return a Markdown table of the stages; a stage inside another is marked with a dash."""
    lines = ["| Stage | ms | Share of the view |", "|---|---|---|"]
    for stage, _target, part_of in STAGES:
        depth = "" if part_of in {"", "view"} else "– "
        ms = spent.get(stage, 0.0)
        lines.append(f"| {depth}{stage} | {ms:.3f} | {ms / spent['view']:.0%} |")
    outside = spent["request"] - spent["view"]
    lines.append(f"| outside the view: test client, middleware, URL routing | {outside:.3f} | |")
    return "\n".join(lines) + "\n"
