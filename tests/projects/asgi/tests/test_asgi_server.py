"""Signing over HTTP from an ASGI server, and requests at the same time.

The database is that of all threads, so these tests commit.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest

from tests import journey
from tests.asgi_server import AsgiServer, HttpClient, served
from tests.projects.asgi.asgi import application
from tests.projects.campaign import home, publish, publish_campaign
from tests.treaties import treaty_data
from wagtail_pledge.caching import local
from wagtail_pledge.pages.models import PledgePage, SignerTypePage
from wagtail_pledge.treaties.display import facts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("OP1")]

FACT: Final = {"type": "treaty_fact", "value": {"treaty": "cmw", "kind": "sentence", "examples": ["MEX"]}}
NUMBERS: Final = {"type": "treaty_numbers", "value": {"treaty": "cmw"}}
SECONDS: Final = 20
ANA: Final = {"name": "Ana María López", "email": "ana@example.org", "country": "US"}


@pytest.fixture
def server() -> Iterator[AsgiServer]:
    with served(application) as running:
        yield running


@pytest.fixture
def client(server: AsgiServer) -> Any:
    return HttpClient(server.port)


@pytest.fixture
def campaign_pages() -> tuple[PledgePage, SignerTypePage]:
    page = PledgePage(title="Ratify", slug="ratify", statement="<p>Ratify the Convention.</p>")
    return publish_campaign(page, SignerTypePage)


@pytest.fixture
def no_sync_error(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail if a request logged an exception, such as ``SynchronousOnlyOperation``."""
    yield
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


@pytest.mark.usefixtures("no_sync_error")
def test_sign_confirm_thank_you_withdraw(client: Any, campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, sign_page = campaign_pages
    sent = journey.sign(client, sign_page.url, **ANA)
    assert sent.status_code == 303
    assert client.get(sent.url).status_code == 200
    assert journey.counted(client, campaign.pledge)["total"] == 0
    confirmed = journey.confirm(client, "ana@example.org")
    assert confirmed.status_code == 303
    thanks = client.get(confirmed.url)
    assert thanks.status_code == 200
    assert b"Thank you" in thanks.content
    assert journey.counted(client, campaign.pledge)["kinds"]["individual"] == 1
    manage = re.search(rb'"(/pledge/manage/[^"]+)"', thanks.content)
    assert manage
    assert client.post(manage[1].decode(), {"action": "withdraw"}).status_code == 303
    assert journey.counted(client, campaign.pledge)["total"] == 0


@pytest.mark.usefixtures("no_sync_error")
def test_every_address_of_a_pledge_responds(client: Any, campaign_pages: tuple[PledgePage, SignerTypePage]) -> None:
    campaign, _sign_page = campaign_pages
    for name in ("stamp.json", "count.json", "pledge.json", "updates.atom", "embed/", "qr.svg", "link/"):
        path = f"/pledge/{campaign.pledge.uuid}/{name}"
        query = f"?statement={campaign.pledge.signer_types.get().statements.get().sha256}" if "stamp" in name else ""
        assert client.get(path + query).status_code == 200, name


@pytest.mark.usefixtures("no_sync_error")
def test_signers_at_the_same_time_all_count(
    server: AsgiServer, campaign_pages: tuple[PledgePage, SignerTypePage]
) -> None:
    campaign, sign_page = campaign_pages
    addresses = [f"{name}@example.org" for name in ("ana", "ben", "cleo", "dan")]

    url = sign_page.url

    def sign(address: str) -> int:
        answer = journey.sign(HttpClient(server.port), url, **{**ANA, "email": address})
        return int(answer.status_code)

    with ThreadPoolExecutor(len(addresses)) as pool:
        assert list(pool.map(sign, addresses)) == [303] * len(addresses)
    client: Any = HttpClient(server.port)
    journey.work()
    for address in addresses:
        assert journey.confirm(client, address).status_code == 303
    assert journey.counted(client, campaign.pledge)["total"] == len(addresses)


class Reads:
    """Replaces the query of a treaty's status; ``enter`` is called in each read, with its number."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, enter: Any) -> None:
        self.caches: list[Any] = []
        self._lock = threading.Lock()
        self._enter = enter
        self._read = facts._load_treaty_snapshot
        monkeypatch.setattr(facts, "_load_treaty_snapshot", self)

    def __call__(self, key: str) -> Any:
        with self._lock:
            number = len(self.caches)
            self.caches.append(local._request_cache.get())
        found = self._read(key)
        return self._enter(number, found)


def _treaty_page(title: str, slug: str) -> Any:
    page = publish(home(), PledgePage(title=title, slug=slug, statement=f"<p>{title}.</p>"))
    page.body = [FACT, NUMBERS, FACT]
    page.save_revision().publish()
    return page


@pytest.mark.usefixtures("no_sync_error")
def test_each_of_the_requests_at_the_same_time_reads_once_into_a_cache_of_its_own(
    server: AsgiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All four are in the middle of their page at once: a shared cache would save reads, a lost one would add some."""
    treaty_data.cmw()
    pages = [_treaty_page("Ratify now", "now"), _treaty_page("Ratify later", "later")] * 2
    urls = [page.url for page in pages]
    barrier = threading.Barrier(len(pages))

    def wait(_number: int, found: Any) -> Any:
        barrier.wait(SECONDS)
        return found

    reads = Reads(monkeypatch, wait)
    with ThreadPoolExecutor(len(pages)) as pool:
        answers = list(pool.map(HttpClient(server.port).get, urls))
    assert [answer.status_code for answer in answers] == [200] * len(pages)
    assert len(reads.caches) == len(pages)
    assert None not in reads.caches
    assert len({id(cache) for cache in reads.caches}) == len(pages)
    for page, answer in zip(pages, answers, strict=True):
        others = {one.title for one in pages} - {page.title}
        html = answer.content.decode()
        assert f"{page.title}.</p>" in html
        assert not [title for title in others if f"{title}.</p>" in html]


@pytest.mark.usefixtures("no_sync_error")
def test_a_request_in_progress_keeps_what_it_read_and_a_new_one_reads_again(
    server: AsgiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    treaty_data.cmw()
    page = _treaty_page("Ratify now", "now")
    has_read, may_go_on = threading.Event(), threading.Event()

    def hold_the_first(number: int, found: Any) -> Any:
        if number == 0:
            has_read.set()
            assert may_go_on.wait(SECONDS)
            return found
        return None  # the data was deleted meanwhile

    reads = Reads(monkeypatch, hold_the_first)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(HttpClient(server.port).get, page.url)
        assert has_read.wait(SECONDS)
        second = HttpClient(server.port).get(page.url)
        may_go_on.set()
        held = first.result(SECONDS)
    assert len(reads.caches) == 2
    assert b"block-treaty_numbers" in held.content
    assert b"block-treaty_numbers" not in second.content


@pytest.mark.usefixtures("no_sync_error")
def test_requests_at_the_same_time_have_their_own_language(server: AsgiServer) -> None:
    codes = ["en", "es", "ar"] * 4

    def language(code: str) -> str:
        return HttpClient(server.port).get(f"/pledge/confirm/x/?lang={code}").headers["Content-Language"]

    with ThreadPoolExecutor(len(codes)) as pool:
        assert list(pool.map(language, codes)) == codes
