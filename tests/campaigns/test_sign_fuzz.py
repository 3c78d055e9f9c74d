"""Malformed requests: whatever is sent, no endpoint of a signer answers 5xx.

``sign_corpus.jsonl`` holds requests that once went wrong and one of each kind that the generator has found; all are
sent in every run. After them come new ones: ``PLEDGE_FUZZ_REQUESTS`` is how many (400), ``PLEDGE_FUZZ_SEED`` where the
generator starts (1). ``PLEDGE_FUZZ_SAVE=yes`` adds a request of each kind that the corpus does not have yet.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any, Final

import pytest
from django.test import Client

from tests.campaigns.fuzzing import CORPUS, Generator, Site

REQUESTS: Final = int(os.environ.get("PLEDGE_FUZZ_REQUESTS", "400"))
SEED: Final = int(os.environ.get("PLEDGE_FUZZ_SEED", "1"))
SAVES: Final = bool(os.environ.get("PLEDGE_FUZZ_SAVE"))
#: A longer request is no better example.
MAX_LINE: Final = 2_000


def kind_of(asked: dict[str, Any], status: int) -> tuple[object, ...]:
    """Return what makes a request different from others of the corpus."""
    place = next((part for part in asked["path"].split("/") if part in {"sign", "inbox", "confirm", "manage"}), "")
    reads_body = asked["method"] == "POST" and place in {"sign", "manage"}
    return asked["method"] == "POST", place, status, asked["content_type"] if reads_body else ""


@pytest.fixture
def site(individual: Any, person: dict[str, str]) -> Site:
    """Return what the requests are about."""
    return Site(individual, person)


@pytest.mark.requirement("D10", "I37", "I38", "I44")
def test_no_request_of_the_corpus_is_an_error_of_ours(site: Site) -> None:
    client, statuses = Client(raise_request_exception=False), Counter[int]()
    for line in CORPUS.read_text("utf-8").splitlines():
        status = client.generic(**site.request(line)).status_code
        statuses[status] += 1
        assert status < 500, line
    assert {200, 202, 303, 400, 403, 404, 405, 415, 422} <= set(statuses), f"the corpus reaches too little: {statuses}"


@pytest.mark.requirement("D10")
def test_no_request_is_an_error_of_ours(site: Site) -> None:
    client = Client(raise_request_exception=False)
    generator, statuses = Generator(site, SEED), Counter[int]()
    kept = {}
    for number in range(REQUESTS):
        asked = generator.request()
        status = client.generic(**asked).status_code
        statuses[status] += 1
        assert status < 500, f"request {number} of seed {SEED}; for the corpus: {site.line(asked)}"
        kept.setdefault(kind_of(asked, status), site.line(asked))
    assert len(statuses) > 3, f"the generator reaches too little: {statuses}"
    print(sorted(statuses.items()))
    if SAVES:
        _save(site, kept)


def _save(site: Site, kept: dict[tuple[object, ...], str]) -> None:
    known, client = CORPUS.read_text("utf-8").splitlines(), Client(raise_request_exception=False)
    for line in known:
        asked = site.request(line)
        kept.pop(kind_of(asked, client.generic(**asked).status_code), None)
    CORPUS.write_text("\n".join([*known, *(line for line in kept.values() if len(line) < MAX_LINE)]) + "\n", "utf-8")
