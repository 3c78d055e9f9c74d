"""The documented nginx caches what the response headers allow and requests it once per interval."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.harness.application import SECONDS, Application, ask, listing, nginx_site
from tests.faults.harness.nginx import DOCUMENTED
from wagtail_pledge.campaigns.embedding import PARAMETER as EMBED_PARAMETER
from wagtail_pledge.campaigns.page_types.base import BasePageMixin
from wagtail_pledge.campaigns.sources import SOURCE_PARAMETERS
from wagtail_pledge.treaties.display.tables import TABLE_PARAMETERS

pytestmark = pytest.mark.requirement("P4")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[int]:
    """The port of nginx in front of the application."""
    with nginx_site(tmp_path) as port:
        yield port


def test_the_application_gets_one_request_per_interval(site: int) -> None:
    # Many visitors: each address has a limit of its own
    visitors = itertools.cycle(f"127.0.{n}.1" for n in range(1, 255))
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        while time.monotonic() - began < 2.5 * SECONDS:
            clients = [next(visitors) for _ in range(64)]
            assert set(pool.map(lambda client: ask(site, "/page/", client=client), clients)) == {"everybody's"}
    intervals = (time.monotonic() - began) / SECONDS
    assert 2 <= Application.asked["/page/"] <= intervals + 1


def test_requests_with_a_session_bypass_the_cache_and_are_not_stored(site: int) -> None:
    for _turn in range(2):
        assert ask(site, "/hour/", Cookie="sessionid=abc") == "the editor's"
        assert ask(site, "/hour/", Cookie="other=abc") == "everybody's"
    assert Application.asked["/hour/"] == 3
    assert ask(site, "/hour/", Authorization="Basic eDp5") == "everybody's"
    assert Application.asked["/hour/"] == 4


@pytest.mark.parametrize("path", ["/mine/", "/closing/"])
def test_private_responses_are_not_cached(site: int, path: str) -> None:
    for _turn in range(3):
        ask(site, path)
    assert Application.asked[path] == 3


@pytest.mark.parametrize("host", ["campaign.example:8080", "campaign.example"])
@pytest.mark.parametrize("path", ["/page/", "/pledge/manage/x/logo/", "/admin/"])
def test_the_application_gets_host_and_port(site: int, path: str, host: str) -> None:
    ask(site, path, Host=host)
    assert Application.hosts == [host]


def test_posts_reach_the_application(site: int) -> None:
    for _turn in range(3):
        ask(site, "/hour/")
        ask(site, "/hour/", "POST")
    assert Application.asked["/hour/"] == 4


SPELLINGS = [
    f"{name}{dot}{port}"
    for name in ("campaign.example", "CAMPAIGN.EXAMPLE", "Campaign.eXample")
    for dot in ("", ".")
    for port in ("", ":80", ":0080")
]


@pytest.mark.requirement("E19")
def test_all_spellings_of_a_host_share_one_stored_page(site: int) -> None:
    for host in SPELLINGS:
        ask(site, "/hour/", Host=host)
        ask(site, "/hour/", "HEAD", Host=host)
    assert Application.hosts == ["campaign.example"]


@pytest.mark.requirement("E19")
def test_other_hosts_and_ports_do_not_share_pages(site: int) -> None:
    hosts = ["campaign.example", "campaign.example:8080", "campaign.example:443", "other.example", "xcampaign.example"]
    for host in [*hosts, "CAMPAIGN.example.:08080"]:
        ask(site, "/hour/", Host=host)
    assert Application.hosts == hosts


@pytest.mark.requirement("E19")
@pytest.mark.parametrize("host", SPELLINGS)
def test_a_form_is_passed_on_with_the_host_as_it_was_sent(site: int, host: str) -> None:
    """Otherwise the application's comparison with the Origin header would fail."""
    ask(site, "/page/", "POST", Host=host)
    assert Application.hosts == [host]


@pytest.mark.requirement("E19")
@pytest.mark.parametrize("query", ["utm_source={n}", "x{n}", "{n}&{n}={n}", "Q={n}", "qq={n}&xpage=1", "q[]={n}"])
def test_unknown_query_names_share_the_page_without_a_query(site: int, query: str) -> None:
    for number in range(10):
        assert ask(site, f"/list/?{query.format(n=number)}") == "everybody's"
    assert ask(site, "/list/") == "everybody's"
    assert Application.asked["/list/"] == 1


QUERIES = [
    "",
    *(
        "q=a",
        "q=b",
        "Q=a",
        "q",
        "q=",
        "q=a&q=b",
        "q=b&q=a",
        "&q=a",
        "a&q=a",
        "page=2",
        "q=a&page=2",
        "page=2&q=a",
        "x=q=1",
    ),
    *(
        "%71=a",
        "%71=c",
        "q%3Da",
        "x=1&%70age=3",
        "pag%65=4&x",
        "p+age=3",
        "?q=a",
        "x?q=z&q=y",
        "x=%26q=d",
        "q=%26page=5",
    ),
]


@pytest.mark.requirement("E19")
@pytest.mark.parametrize("order", [1, -1], ids=["forwards", "backwards"])
def test_no_query_gets_the_page_of_another(site: int, order: int) -> None:
    """Every spelling of a known name, with what the application itself answers as the expected text."""
    for _turn in range(2):
        for query in QUERIES[::order]:
            assert ask(site, f"/list/?{query}") == (listing(query) or "everybody's"), query
            assert ask(site, f"/list/%3Fq=a?{query}") == (listing(query) or "everybody's"), query


@pytest.mark.requirement("E19")
def test_the_configuration_knows_every_query_name_of_the_package() -> None:
    everywhere, prefixed = re.findall(r"\(\.\*&\)\?\(([\w|]+)\)\(=\|&\|\$\)", DOCUMENTED.read_text(encoding="utf-8"))
    of_pages = {name for kind in _page_types(BasePageMixin) for name in kind.query_parameters}
    assert {*of_pages, *TABLE_PARAMETERS} <= set(everywhere.split("|"))
    of_views = {"lang", "kind", "statement", EMBED_PARAMETER, *SOURCE_PARAMETERS}
    assert of_views <= set(prefixed.split("|"))


def _page_types(base: type[BasePageMixin]) -> Iterator[type[BasePageMixin]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _page_types(kind)


@pytest.mark.requirement("E19")
@pytest.mark.parametrize("path", ["/pledge/x/embed/", "/pledge/x/stamp.json"])
@pytest.mark.parametrize("name", ["lang", "kind", "source", "src", "statement", "embed"])
def test_views_get_the_query_that_they_depend_on(site: int, path: str, name: str) -> None:
    for number in range(3):
        ask(site, f"{path}?{name}={number}")
    assert Application.asked[path] == 3
