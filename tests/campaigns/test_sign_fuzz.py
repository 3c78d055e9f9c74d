"""Malformed requests never get a 5xx response.

``sign_corpus.jsonl`` holds requests that once went wrong and one of each kind that the generator has found; all are
sent in every run. After them come new ones: ``PLEDGE_FUZZ_REQUESTS`` is how many (400), ``PLEDGE_FUZZ_SEED`` where the
generator starts (1). ``PLEDGE_FUZZ_SAVE=yes`` adds a request of each kind that the corpus does not have yet.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any, Final

import pytest

from tests.campaigns.fuzzing import CORPUS, Generator, Site, status_of

REQUESTS: Final = int(os.environ.get("PLEDGE_FUZZ_REQUESTS", "400"))
SEED: Final = int(os.environ.get("PLEDGE_FUZZ_SEED", "1"))
SAVES: Final = bool(os.environ.get("PLEDGE_FUZZ_SAVE"))
#: Maximum length of a stored request.
MAX_LINE: Final = 2_000


def kind_of(arguments: dict[str, Any], status: int) -> tuple[object, ...]:
    """Return the properties that make a request worth storing: method, endpoint, status and content type."""
    place = next((part for part in arguments["path"].split("/") if part in {"sign", "inbox", "confirm", "manage"}), "")
    reads_body = arguments["method"] == "POST" and place in {"sign", "manage"}
    return arguments["method"] == "POST", place, status, arguments["content_type"] if reads_body else ""


@pytest.fixture
def site(individual: Any, person: dict[str, str]) -> Site:
    """Return the page and signature of the requests."""
    return Site(individual, person)


@pytest.mark.requirement("D10", "I37", "I38", "I44")
def test_no_stored_request_is_a_server_error(site: Site) -> None:
    statuses = Counter[int]()
    for line in CORPUS.read_text("utf-8").splitlines():
        status = status_of(site.request(line))
        statuses[status] += 1
        assert status < 500, line
    assert {200, 202, 303, 400, 403, 404, 405, 415, 422} <= set(statuses), (
        f"the corpus covers too few statuses: {statuses}"
    )


@pytest.mark.requirement("D10")
def test_no_generated_request_is_a_server_error(site: Site) -> None:
    generator, statuses = Generator(site, SEED), Counter[int]()
    kept = {}
    for number in range(REQUESTS):
        arguments = generator.request()
        status = status_of(arguments)
        statuses[status] += 1
        assert status < 500, f"request {number} of seed {SEED}; for the corpus: {site.line(arguments)}"
        kept.setdefault(kind_of(arguments, status), site.line(arguments))
    assert len(statuses) > 3, f"the generator covers too few statuses: {statuses}"
    print(sorted(statuses.items()))
    if SAVES:
        _save(site, kept)


def _save(site: Site, kept: dict[tuple[object, ...], str]) -> None:
    known = CORPUS.read_text("utf-8").splitlines()
    for line in known:
        arguments = site.request(line)
        kept.pop(kind_of(arguments, status_of(arguments)), None)
    CORPUS.write_text("\n".join([*known, *(line for line in kept.values() if len(line) < MAX_LINE)]) + "\n", "utf-8")
