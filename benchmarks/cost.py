"""Where the milliseconds of signing go: clocks around the stages, in one process. Import after Django is set up."""

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
#: A stage, what does it, and the stage that it is part of.
STAGES: Final = (
    ("the view", f"{_VIEW}.SignView.post", ""),
    ("reading the body", f"{_VIEW}.read_body", "the view"),
    ("finding the statement (1 query)", f"{_VIEW}.find_statement", "the view"),
    ("language", f"{_VIEW}.use_language", "the view"),
    ("reading the stamp", f"{_VIEW}.read_stamp", "the view"),
    ("building the form", f"{_VIEW}.sign_form", "the view"),
    ("cleaning the form", "wagtail_pledge.signing.forms.SignForm.full_clean", "the view"),
    ("key of the network", f"{_VIEW}.network_key", "the view"),
    ("what the door notices", f"{_VIEW}.door_signals", "the view"),
    ("storing", f"{_VIEW}.sign", "the view"),
    ("building the row, mailbox keys included", f"{_SERVICE}._build", "storing"),
    ("two INSERTs, sealing included", f"{_SERVICE}.insert_or_nothing", "storing"),
    ("sealing", "wagtail_pledge.core.fields.seal", "two INSERTs, sealing included"),
    ("the ticket", f"{_VIEW}.seal_ticket", "the view"),
)


@contextlib.contextmanager
def _clocked(spent: dict[str, float]) -> Iterator[None]:
    """Put a clock around each stage."""
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
    """Return the milliseconds of one POST by stage, the mean of ``count``; ``"request"`` is the whole."""
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
                message = f"signing answered {status}"
                raise RuntimeError(message)
    if idle := [stage for stage, _target, _part_of in STAGES if stage not in spent]:
        message = f"signing does not go through these stages any more: {idle}"
        raise RuntimeError(message)
    return {stage: seconds / count * 1000 for stage, seconds in spent.items()}


def table(spent: dict[str, float]) -> str:
    """Return the stages as Markdown; a stage within another is indented."""
    lines = ["| Stage | ms | of the view |", "|---|---|---|"]
    for stage, _target, part_of in STAGES:
        depth = "" if part_of in {"", "the view"} else "– "
        ms = spent.get(stage, 0.0)
        lines.append(f"| {depth}{stage} | {ms:.3f} | {ms / spent['the view']:.0%} |")
    outside = spent["request"] - spent["the view"]
    lines.append(f"| outside the view: test client, middleware, routing | {outside:.3f} | |")
    return "\n".join(lines) + "\n"
