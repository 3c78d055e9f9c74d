"""Links: forged, damaged, of something else, used up, or merely looked at."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.campaigns.bad_inputs.conftest import SignEndpoint, ledger
from tests.journey import fresh, sign_url, signatures
from wagtail_pledge.core.crypto import TokenSubject, make_token
from wagtail_pledge.signing.enums import SignatureState
from wagtail_pledge.signing.models import OutboxMessage
from wagtail_pledge.signing.services import CONFIRM, MANAGE, confirm, token_for, withdraw
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.suppression import NOT_ME

#: The purpose of a token and the path that it opens.
PATHS: Final = {CONFIRM: "confirm", MANAGE: "manage", NOT_ME: "not-me"}
WITHDRAW: Final = {"action": "withdraw"}
SAFE: Final = ("get", "head", "options", "trace")
#: Methods that the endpoints do not have.
OTHERS: Final = ("put", "patch", "delete")


@pytest.fixture
def signature(individual: Any, person: dict[str, str]) -> Any:
    """Return somebody who has signed and not confirmed."""
    endpoint = SignEndpoint(individual, person, as_json=False)
    assert endpoint.post().status_code == endpoint.accepted
    return signatures().select_related("pledge", "statement", "signer_type").get()


@pytest.fixture
def browser() -> Client:
    """Return a client that sees an error of ours as a status."""
    return Client(raise_request_exception=False)


def raw_bytes(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bits_flipped(token: str) -> list[str]:
    """Return the token with each of its bits turned, one at a time."""
    raw = raw_bytes(token)
    turned = []
    for bit in range(len(raw) * 8):
        copy = bytearray(raw)
        copy[bit // 8] ^= 1 << bit % 8
        turned.append(text_of(bytes(copy)))
    return turned


def of_another_pledge(purpose: str, signature: Any) -> list[str]:
    """Return a genuine token of another pledge, and one put together from two."""
    other = create_pledge("Another")
    foreign = make_token(purpose, TokenSubject(pledge_id=other.pk, uuid=signature.uuid, epoch=1))
    unknown = make_token(purpose, TokenSubject(pledge_id=signature.pledge_id, uuid=uuid4(), epoch=1))
    mine = raw_bytes(token_for(purpose, signature))
    return [
        foreign,
        unknown,
        text_of(mine[:-20] + raw_bytes(foreign)[-20:]),
        text_of(raw_bytes(foreign)[:-20] + mine[-20:]),
    ]


def damaged(purpose: str, signature: Any) -> list[str]:
    token = token_for(purpose, signature)
    others = [token_for(other, signature) for other in PATHS if other != purpose]
    shapes = [token[:-1], token[1:], token + "A", token + "=", token + "\n", token.swapcase(), "A" * len(token), "x"]
    shapes += ["A" * 4096, secrets.token_urlsafe(35), "..", "%00", "\0", token + "\0", "é" * len(token), "\ud800"]
    return [*shapes, *others, *of_another_pledge(purpose, signature)]


def address(purpose: str, token: str) -> str:
    return f"/pledge/{PATHS[purpose]}/{quote(token.encode('utf-8', 'surrogatepass'), safe='')}/"


@pytest.mark.requirement("I44", "C8")
@pytest.mark.parametrize("purpose", PATHS)
def test_every_token_that_is_not_ours_opens_the_same_page_and_does_nothing(
    browser: Client, signature: Any, purpose: str
) -> None:
    before, pages = ledger(), set()
    for token in damaged(purpose, signature):
        path = address(purpose, token)
        shown = browser.get(path)
        assert shown.status_code == 200, token
        pages.add(shown.content)
        assert browser.post(path, WITHDRAW).status_code == 303, token
    assert len(pages) == 1
    assert b"This link does not work" in pages.pop()
    assert ledger() == before


@pytest.mark.requirement("I44", "C8")
@pytest.mark.parametrize("purpose", PATHS)
def test_a_token_with_any_bit_turned_does_nothing(browser: Client, signature: Any, purpose: str) -> None:
    before, turned = ledger(), bits_flipped(token_for(purpose, signature))
    assert len(turned) == 376
    for token in turned:
        assert browser.post(address(purpose, token), WITHDRAW).status_code == 303
    assert len({browser.get(address(purpose, token)).content for token in turned[::8]}) == 1
    assert ledger() == before


@pytest.mark.requirement("I44")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("../../etc/passwd", 404),
        ("..%2f..%2fetc%2fpasswd", 404),
        ("%2e%2e%2f", 404),
        # The site looks for a page of this address in its own language
        ("a/b", 302),
        ("//e.example", 404),
        ("", 404),
    ],
)
def test_a_path_leads_nowhere(browser: Client, signature: Any, path: str, status: int) -> None:
    before = ledger()
    for place in (*PATHS.values(), "inbox"):
        for answer in (browser.get(f"/pledge/{place}/{path}/"), browser.post(f"/pledge/{place}/{path}/", WITHDRAW)):
            assert answer.status_code == status
            assert b"passwd" not in answer.content
            assert answer.headers.get("Location", "/pledge/").startswith(("/pledge/", "/en/pledge/"))
    assert ledger() == before


@pytest.mark.requirement("I44")
def test_a_ticket_of_the_inbox_that_is_not_ours_sends_nothing(browser: Client, individual: Any, person: Any) -> None:
    path = browser.post(sign_url(individual), fresh(individual, **person))["Location"]
    ticket = path.split("/")[3]
    masked = "an…@example.org"
    assert masked in browser.get(path).content.decode()
    OutboxMessage.objects.all().delete()
    before, turned = ledger(), bits_flipped(ticket)
    for other in [*turned[::8], ticket[:-1], ticket + "A", "A" * 4096, "\0", token_for(MANAGE, signatures().get())]:
        there = f"/pledge/inbox/{quote(other, safe='')}/"
        assert masked not in browser.get(there).content.decode()
        assert browser.post(there).status_code == 303
    assert ledger() == before
    assert browser.post(path).status_code == 303
    assert OutboxMessage.objects.count() == 1


def _withdrawn(signature: Any) -> None:
    assert confirm(signature, epoch=1)
    assert withdraw(signature, epoch=1)


def _withdrawn_unconfirmed(signature: Any) -> None:
    assert withdraw(signature, epoch=1)


def _erased(_signature: Any) -> None:
    signatures().update(state=SignatureState.ANONYMISED, name="", email="", details={}, mailbox_key=None)


def _expired(_signature: Any) -> None:
    past = timezone.now() - dt.timedelta(days=15)
    signatures().update(created_at=past)
    OutboxMessage.objects.update(created_at=past)


@pytest.mark.requirement("I45", "C8")
@pytest.mark.parametrize("end", [_withdrawn, _withdrawn_unconfirmed, _erased, _expired])
def test_a_confirm_link_brings_nothing_back(browser: Client, signature: Any, end: Callable[[Any], None]) -> None:
    path = address(CONFIRM, token_for(CONFIRM, signature))
    end(signature)
    before = ledger()
    for _again in range(2):
        assert browser.post(path)["Location"] == path
        shown = browser.get(path).content.decode()
        assert "This link does not work" in shown
        assert signature.name not in shown
        assert "<form" not in shown.partition("<main")[2].partition("</main")[0]
    assert ledger() == before


@pytest.mark.requirement("I45", "C8")
def test_a_link_that_was_used_thanks_again_and_does_nothing(browser: Client, signature: Any) -> None:
    path = address(CONFIRM, token_for(CONFIRM, signature))
    assert browser.post(path)["Location"].startswith(f"{path}?new=")
    before = ledger()
    assert browser.post(path)["Location"] == path
    assert "Already confirmed" in browser.get(path).content.decode()
    assert ledger() == before


@pytest.mark.requirement("I45")
def test_the_way_out_of_an_older_signature_leaves_the_new_one_alone(
    browser: Client, signature: Any, individual: Any, person: Any
) -> None:
    old = address(MANAGE, token_for(MANAGE, signature))
    _withdrawn(signature)
    browser.post(sign_url(individual), fresh(individual, **person))
    signature.refresh_from_db()
    assert confirm(signature, epoch=2)
    before = ledger()
    browser.post(old, WITHDRAW)
    assert "This link does not work" in browser.get(old).content.decode()
    assert ledger() == before


@pytest.mark.requirement("I45")
def test_an_erased_signer_has_no_page(browser: Client, signature: Any) -> None:
    tokens = {purpose: token_for(purpose, signature) for purpose in PATHS}
    _erased(signature)
    before = ledger()
    for purpose, token in tokens.items():
        assert "This link does not work" in browser.get(address(purpose, token)).content.decode()
        assert browser.post(address(purpose, token), WITHDRAW).status_code == 303
    assert ledger() == before


@pytest.mark.requirement("I52", "C7")
@pytest.mark.parametrize("purpose", PATHS)
@pytest.mark.parametrize("is_confirmed", [False, True])
def test_looking_at_a_genuine_link_changes_nothing(
    browser: Client, signature: Any, purpose: str, is_confirmed: bool
) -> None:
    if is_confirmed:
        assert confirm(signature, epoch=1)
    path, before = address(purpose, token_for(purpose, signature)), ledger()
    for query in ("", "?action=withdraw", "?new=1&confirm=1&again=1"):
        for method in SAFE + OTHERS:
            answer = getattr(browser, method)(path + query)
            assert answer.status_code == (405 if method in (*OTHERS, "trace") else 200)
        for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
            assert browser.get(path + query, headers={header: "POST"}).status_code == 200
    assert ledger() == before


def assert_private(answer: Any) -> None:
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "Accept-Language" not in answer.get("Vary", "")


@pytest.mark.requirement("D8", "D10")
@pytest.mark.parametrize(
    ("query", "body", "content_type"),
    [
        ("", "x=1&x=2", "application/x-www-form-urlencoded"),
        ("?x=1", "x=1", "application/x-www-form-urlencoded"),
        ("", '{"x": "1", "x": "2"}', "application/json"),
        ("", "--b", "multipart/form-data"),
    ],
)
def test_a_button_that_nobody_of_ours_has_made_confirms_nothing(
    browser: Client, signature: Any, query: str, body: str, content_type: str
) -> None:
    path, before = address(CONFIRM, token_for(CONFIRM, signature)), ledger()
    answer = browser.generic("POST", path + query, body, content_type=content_type, headers={"accept-language": "es"})
    assert answer.status_code == 400
    assert_private(answer)
    assert answer["Content-Language"] == "es"
    assert ledger() == before
    # The button sends nothing, so there need not be a form at all
    assert browser.generic("POST", f"{path}?x=1", content_type="").url.startswith(f"{path}?new=")
    assert signatures().get().state == SignatureState.CONFIRMED


@pytest.mark.requirement("I52", "D8", "D10")
@pytest.mark.parametrize(
    ("query", "body", "content_type", "status"),
    [
        ("", "action=withdraw&action=nothing", "application/x-www-form-urlencoded", 400),
        ("", "action=nothing&action=withdraw", "application/x-www-form-urlencoded", 400),
        ("?action=withdraw", "action=withdraw", "application/x-www-form-urlencoded", 400),
        ("?action=withdraw", "x=1", "application/x-www-form-urlencoded", 303),
        ("", "action=withdraw" + "&x=" + "a" * 40_000, "application/x-www-form-urlencoded", 400),
        ("", "action=withdraw", "text/plain", 400),
        ("", "action=withdraw", "multipart/form-data", 400),
        ("", "action=withdraw", "application/x-www-form-urlencoded; charset=hex", 400),
        (
            "",
            "--b\r\nContent-Disposition: form-data; name=x\r\n\r\ny\r\n--b--",
            "multipart/form-data; boundary=b; charset=hex",
            400,
        ),
    ],
)
def test_a_withdrawal_that_is_not_plainly_said_is_none(
    browser: Client, signature: Any, query: str, body: str, content_type: str, status: int
) -> None:
    path, before = address(MANAGE, token_for(MANAGE, signature)), ledger()
    answer = browser.generic("POST", path + query, body, content_type=content_type)
    assert answer.status_code == status
    assert_private(answer)
    assert ledger() == before
    assert browser.post(path, WITHDRAW).status_code == 303
    assert signatures().get().state == SignatureState.WITHDRAWN
