"""Redis is stopped, silent or flushed: signing continues, and rate limits still apply."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.faults.harness.concurrent_workers import work_once
from tests.faults.harness.mail import MailServerHandler, mail_server
from tests.faults.harness.redis import RedisServer
from tests.faults.harness.site import Answer, Site, free_port
from tests.waiting import wait_until
from wagtail_pledge.caching.circuit_breaker import FAILURE_THRESHOLD, OPEN_SECONDS

CLIENTS = 8
#: Of gunicorn, in the harness.
PROCESSES, THREADS = 2, 4
DJANGO_BACKEND = "django.core.cache.backends.redis.RedisCache"
OUR_BACKEND = "wagtail_pledge.caching.redis.RedisCache"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    """A running Redis server."""
    server = RedisServer()
    server.launch()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def empty_site(site: Site) -> Iterator[Site]:
    """A site without signatures."""
    with site.fresh() as made:
        yield made


def _cached(backend: str, url: str) -> dict[str, dict[str, dict[str, str]]]:
    return {"CACHES": {"default": {"BACKEND": backend, "LOCATION": url}}}


def _p95(answers: list[Answer]) -> float:
    return sorted(answer.seconds for answer in answers)[int(len(answers) * 0.95)]


def _sign(site: Site, email: str) -> Answer:
    return site.post(email, site.stamp())


def _visit(site: Site, email: str) -> list[Answer]:
    """Request what a signer's browser does: the page, a form with an error, the form, the inbox page, the count."""
    mistaken = site.post("", site.stamp())
    signed = _sign(site, email)
    inbox = site.ask(urlsplit(signed.headers["Location"]).path)
    return [site.ask(site.seeded["page"]), mistaken, signed, inbox, site.ask(site.seeded["count"])]


def _crowd(site: Site, name: str, number: int) -> list[list[Answer]]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(lambda n: _visit(site, f"{name}{n}@example.org"), range(number)))


def _statuses(visits: list[list[Answer]]) -> set[tuple[int, ...]]:
    return {tuple(answer.status for answer in visit) for visit in visits}


EXPECTED = {(200, 422, 303, 200, 200)}


@pytest.mark.requirement("F11", "A4")
def test_signing_does_not_use_the_cache(empty_site: Site, redis: RedisServer) -> None:
    """With Django's backend, where each query of a silent Redis would delay the request for seconds."""
    with empty_site.served(**_cached(DJANGO_BACKEND, redis.url)) as site, redis.silent():
        limit = site.limit(1)
        answers = [_sign(site, f"plain{number}@example.org") for number in range(20)]
        answers += [site.ask(site.seeded[what]) for what in ("stamp", "count") for _ in range(5)]
    assert [answer.status for answer in answers] == [303] * 20 + [200] * 10
    assert _p95(answers) <= limit
    assert max(answer.seconds for answer in answers) <= limit + 1


@pytest.mark.requirement("F11", "A4")
def test_all_steps_work_while_redis_is_silent_stopped_and_back(
    empty_site: Site, redis: RedisServer, full: bool
) -> None:
    known = len(empty_site.stored())
    with empty_site.served(**_cached(OUR_BACKEND, redis.url)) as site:
        assert _statuses(_crowd(site, "before", 8)) == EXPECTED
        assert redis.keys > 0, "nothing was cached, so nothing can be missed"
        assert site.health().body.count('"ok"') == 4
        limit, connections, began = site.limit(1), redis.connections, time.monotonic()
        with redis.silent():
            silent = _crowd(site, "silent", 60)
            later = [site.ask(site.seeded["page"]) for _ in range(20)]
            health = site.health()
        connections = redis.connections - connections
        assert _statuses(silent) == EXPECTED
        assert _p95([answer for visit in silent for answer in visit]) <= limit
        assert {answer.status for answer in later} == {200}
        # The circuit breaker: a process asks until two calls have failed, in each thread, then once in 30 seconds
        periods = (time.monotonic() - began) // OPEN_SECONDS + 1
        assert connections <= PROCESSES * (THREADS * FAILURE_THRESHOLD + periods) + 1
        assert (health.status, '"cache": "degraded"' in health.body) == (200, True)
        assert health.seconds <= limit
        redis.kill()
        assert _statuses(_crowd(site, "gone", 16)) == EXPECTED
        # One warning in each of two processes, though many calls failed
        assert 1 <= site.log.read_text().count("the cache is unavailable") <= 2
        redis.launch()
        if full:
            page = site.seeded["page"]
            assert wait_until(lambda: site.ask(page).status == 200 and redis.keys > 0, 120), "never asked again"
    assert len(empty_site.stored()) == known + 8 + 60 + 16
    assert empty_site.inconsistencies() == {}


@pytest.mark.requirement("F11", "A4", "A2")
def test_a_flush_resets_no_rate_limit(site: Site, redis: RedisServer) -> None:
    """Of one network, ten forms a day count without review and twelve are mailed; a mailbox gets two mails a day."""
    inbox, port = MailServerHandler(), free_port()
    server = mail_server(inbox, port)
    limits = {"TRUSTED_PROXIES": 1, "NETWORK_PER_DAY": 10, "NETWORK_MAILS_PER_DAY": 12}
    others = ("NETWORK_PER_HOUR", "WIDE_NETWORK_PER_HOUR", "DOMAIN_PER_HOUR", "NAME_PER_HOUR", "NUMBERED_PER_HOUR")
    settings = {f"WAGTAIL_PLEDGE_{name}": value for name, value in (*limits.items(), *((o, 1000) for o in others))}
    try:
        with site.fresh() as empty_site, empty_site.served(**_cached(OUR_BACKEND, redis.url), **settings) as served:
            for part, number in enumerate((6, 9)):
                for count in range(number):
                    email = f"flush{part}-{count}@example.org"
                    assert served.post(email, served.stamp(), **{"X-Forwarded-For": "198.51.100.7"}).status == 303
                again = served.post("flush0-0@example.org", served.stamp(), **{"X-Forwarded-For": "203.0.113.9"})
                assert again.status == 303
                work_once(served.environment, port, only="mail")
                served.ask(served.seeded["page"])
                assert redis.keys > 0
                redis.command("FLUSHALL")
                assert redis.keys == 0
            submissions = served.seeded["submissions"]
            reviews = dict(served.rows(f"SELECT review, count(*) FROM {submissions} GROUP BY 1"))
            waiting = "queue < 9 AND screened_at IS NOT NULL AND due_at > now() + interval '1 minute'"
            assert served.number(f"SELECT count(*) FROM {submissions} WHERE {waiting}") == 3 + 1
    finally:
        server.stop()
    assert reviews == {"ok": 10 + 2, "needs_review": 5}
    assert len(inbox.arrived) == 12
    assert (len(inbox.arrived["flush0-0@example.org"]), inbox.duplicates) == (2, 1)
