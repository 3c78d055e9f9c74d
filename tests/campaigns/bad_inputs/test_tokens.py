"""Tokens in links: forged, damaged, of another purpose or pledge, expired, or only read."""

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
from tests.journey import confirm_all, fresh, sign_url, signatures, submissions
from wagtail_pledge.core.crypto import TokenSubject, make_token
from wagtail_pledge.signing.enums import SignatureState, SubmissionEnd
from wagtail_pledge.signing.services import CONFIRM, MANAGE, token_for, withdraw
from wagtail_pledge.signing.services.confirming import end_columns
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.suppression import NOT_ME, stop_mail
from wagtail_pledge.testing.factories import SignatureFactory

#: Purposes of tokens and their paths.
PATHS: Final = {CONFIRM: "confirm", MANAGE: "manage", NOT_ME: "not-me"}
WITHDRAW: Final = {"action": "withdraw"}
SAFE: Final = ("get", "head", "options", "trace")
#: Methods that the endpoints do not have.
OTHERS: Final = ("put", "patch", "delete")


@pytest.fixture
def submission(individual: Any, person: dict[str, str]) -> Any:
    """Return an unconfirmed form."""
    endpoint = SignEndpoint(individual, person, as_json=False)
    assert endpoint.post().status_code == endpoint.accepted
    return submissions().get()


@pytest.fixture
def signature(submission: Any) -> Any:
    """Return a signature of another mailbox."""
    return SignatureFactory(pledge=submission.statement.signer_type.pledge)


@pytest.fixture
def subjects(submission: Any, signature: Any) -> dict[str, Any]:
    """Return what the tokens of each purpose belong to."""
    return {CONFIRM: submission, MANAGE: signature, NOT_ME: submission}


@pytest.fixture
def browser() -> Client:
    """Return a client that returns status 500 instead of raising."""
    return Client(raise_request_exception=False)


def raw_bytes(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bits_flipped(token: str) -> list[str]:
    """Return copies of the token with one bit flipped, one for each bit."""
    raw = raw_bytes(token)
    flipped = []
    for bit in range(len(raw) * 8):
        copy = bytearray(raw)
        copy[bit // 8] ^= 1 << bit % 8
        flipped.append(text_of(bytes(copy)))
    return flipped


def of_another_pledge(purpose: str, subject: Any) -> list[str]:
    """Return genuine tokens of another pledge and of an unknown subject, and two combinations."""
    other = create_pledge("Another")
    uuid = getattr(subject, "uuid", None) or subject.pk
    foreign = make_token(purpose, TokenSubject(pledge_id=other.pk, uuid=uuid, epoch=1))
    unknown = make_token(purpose, TokenSubject(pledge_id=subject.pledge_id, uuid=uuid4(), epoch=1))
    mine = raw_bytes(token_for(purpose, subject))
    return [
        foreign,
        unknown,
        text_of(mine[:-20] + raw_bytes(foreign)[-20:]),
        text_of(raw_bytes(foreign)[:-20] + mine[-20:]),
    ]


def of_another_epoch(purpose: str, subject: Any) -> str:
    """Return a genuine token as it is after the links were renewed."""
    uuid = getattr(subject, "uuid", None) or subject.pk
    return make_token(purpose, TokenSubject(pledge_id=subject.pledge_id, uuid=uuid, epoch=subject.link_epoch + 1))


def damaged(purpose: str, subjects: dict[str, Any]) -> list[str]:
    token = token_for(purpose, subjects[purpose])
    others = [token_for(other, subjects[other]) for other in PATHS if other != purpose]
    shapes = [token[:-1], token[1:], token + "A", token + "=", token + "\n", token.swapcase(), "A" * len(token), "x"]
    shapes += ["A" * 4096, secrets.token_urlsafe(35), "..", "%00", "\0", token + "\0", "é" * len(token), "\ud800"]
    # The page of a manage link of another epoch says more; see below
    renewed = [] if purpose == MANAGE else [of_another_epoch(purpose, subjects[purpose])]
    return [*shapes, *others, *renewed, *of_another_pledge(purpose, subjects[purpose])]


def address(purpose: str, token: str) -> str:
    return f"/pledge/{PATHS[purpose]}/{quote(token.encode('utf-8', 'surrogatepass'), safe='')}/"


@pytest.mark.requirement("I44", "C8")
@pytest.mark.parametrize("purpose", PATHS)
def test_every_forged_token_shows_the_same_page_and_changes_nothing(
    browser: Client, subjects: dict[str, Any], purpose: str
) -> None:
    before, pages = ledger(), set()
    for token in damaged(purpose, subjects):
        path = address(purpose, token)
        shown = browser.get(path)
        assert shown.status_code == 200, token
        pages.add(shown.content)
        assert browser.post(path, WITHDRAW).status_code == 303, token
    assert len(pages) == 1
    assert b"This link does not work" in pages.pop()
    assert ledger() == before


@pytest.mark.requirement("I44", "C8", "E14")
def test_a_manage_link_of_another_epoch_says_how_to_get_a_new_one_and_no_more(browser: Client, signature: Any) -> None:
    before, path = ledger(), address(MANAGE, of_another_epoch(MANAGE, signature))
    shown = browser.get(path)
    assert shown.status_code == 200
    html = shown.content.decode()
    assert "This link does not work" in html
    assert "A newer link has replaced it." in html
    assert f'href="/pledge/{signature.pledge.uuid}/link/?lang=en"' in html
    for secret in (signature.name, signature.email, signature.uuid.hex, token_for(MANAGE, signature)):
        assert secret not in html
    assert browser.post(path, WITHDRAW).status_code == 303
    assert ledger() == before


@pytest.mark.requirement("I44", "C8")
@pytest.mark.parametrize("purpose", PATHS)
def test_a_token_with_a_flipped_bit_changes_nothing(browser: Client, subjects: dict[str, Any], purpose: str) -> None:
    before, flipped = ledger(), bits_flipped(token_for(purpose, subjects[purpose]))
    assert len(flipped) == 376
    for token in flipped:
        assert browser.post(address(purpose, token), WITHDRAW).status_code == 303
    assert len({browser.get(address(purpose, token)).content for token in flipped[::8]}) == 1
    assert ledger() == before


@pytest.mark.requirement("I44")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("../../etc/passwd", 404),
        ("..%2f..%2fetc%2fpasswd", 404),
        ("%2e%2e%2f", 404),
        # LocaleMiddleware redirects to the path with a language
        ("a/b", 302),
        ("//e.example", 404),
        ("", 404),
    ],
)
@pytest.mark.parametrize("place", [*PATHS.values(), "inbox"])
def test_a_path_instead_of_a_token_is_not_found(
    browser: Client, signature: Any, place: str, path: str, status: int
) -> None:
    before = ledger()
    for answer in (browser.get(f"/pledge/{place}/{path}/"), browser.post(f"/pledge/{place}/{path}/", WITHDRAW)):
        assert answer.status_code == status
        assert b"passwd" not in answer.content
        assert answer.headers.get("Location", "/pledge/").startswith(("/pledge/", "/en/pledge/"))
    assert ledger() == before


@pytest.mark.requirement("I44")
def test_a_forged_inbox_ticket_sends_no_mail(browser: Client, individual: Any, person: Any) -> None:
    path = browser.post(sign_url(individual), fresh(individual, **person))["Location"]
    ticket = path.split("/")[3]
    masked = "a…a@example.org"
    assert masked in browser.get(path).content.decode()
    before, flipped = ledger(), bits_flipped(ticket)
    others = token_for(CONFIRM, submissions().get())
    for other in [*flipped[::8], ticket[:-1], ticket + "A", "A" * 4096, "\0", others]:
        there = f"/pledge/inbox/{quote(other, safe='')}/"
        assert masked not in browser.get(there).content.decode()
        assert browser.post(there).status_code == 303
    assert ledger() == before
    assert browser.post(path).status_code == 303
    assert submissions().get().resends == 1


def _withdrawn(submission: Any) -> None:
    (signature,) = confirm_all()
    assert withdraw(signature, epoch=1)


def _not_me(submission: Any) -> None:
    stop_mail(submission, "ana@example.org")


def _let_go(_submission: Any) -> None:
    submissions().update(**end_columns(SubmissionEnd.LET_GO))


def _moved(submission: Any) -> None:
    submissions().update(moved_to=submission.pk)


def _erased(_submission: Any) -> None:
    confirm_all()
    for row in signatures().all():
        row.state, row.name, row.email, row.details, row.mailbox_key = SignatureState.ANONYMISED, "", "", {}, None
        row.save()


def _expired(_submission: Any) -> None:
    submissions().update(submitted_at=timezone.now() - dt.timedelta(days=15))


def _emptied(_submission: Any) -> None:
    submissions().update(payload=b"", ended_at=timezone.now(), end_reason=SubmissionEnd.EXPIRED)


@pytest.mark.requirement("I45", "C8")
@pytest.mark.parametrize("end", [_not_me, _let_go, _moved, _erased, _expired, _emptied])
def test_a_confirm_link_does_not_revive_an_ended_form(
    browser: Client, submission: Any, person: dict[str, str], end: Callable[[Any], None]
) -> None:
    path = address(CONFIRM, token_for(CONFIRM, submission))
    end(submission)
    before = ledger()
    for _again in range(2):
        assert browser.post(path)["Location"] == path
        shown = browser.get(path).content.decode()
        assert "This link does not work" in shown
        assert person["name"] not in shown
        assert "<form" not in shown.partition("<main")[2].partition("</main")[0]
    assert ledger() == before


@pytest.mark.requirement("I45", "C8", "E16")
@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_used_confirm_link_thanks_again_and_changes_nothing(
    browser: Client, submission: Any, is_withdrawn: bool
) -> None:
    path = address(CONFIRM, token_for(CONFIRM, submission))
    assert browser.post(path)["Location"] == path
    if is_withdrawn:
        assert withdraw(signatures().get(), epoch=1)
    before = ledger()
    assert browser.post(path)["Location"] == path
    shown = Client().get(path).content.decode()
    assert ("This link does not work" if is_withdrawn else "Already confirmed") in shown
    assert ledger() == before


@pytest.mark.requirement("I45")
def test_an_old_manage_link_does_not_change_a_new_signature(
    browser: Client, submission: Any, individual: Any, person: Any
) -> None:
    (signature,) = confirm_all()
    old = address(MANAGE, token_for(MANAGE, signature))
    assert withdraw(signature, epoch=1)
    browser.post(sign_url(individual), fresh(individual, **person))
    assert [again.epoch for again in confirm_all()] == [2]
    before = ledger()
    browser.post(old, WITHDRAW)
    assert "This link does not work" in browser.get(old).content.decode()
    assert ledger() == before


@pytest.mark.requirement("I45")
def test_the_link_of_an_erased_signature_does_not_work(browser: Client, submission: Any) -> None:
    (signature,) = confirm_all()
    path = address(MANAGE, token_for(MANAGE, signature))
    _erased(submission)
    before = ledger()
    assert "This link does not work" in browser.get(path).content.decode()
    assert browser.post(path, WITHDRAW).status_code == 303
    assert ledger() == before


@pytest.mark.requirement("I52", "C7")
@pytest.mark.parametrize("purpose", PATHS)
@pytest.mark.parametrize("is_confirmed", [False, True])
@pytest.mark.parametrize("query", ["", "?action=withdraw", "?new=1&confirm=1&again=1"])
def test_safe_methods_change_nothing(
    browser: Client, subjects: dict[str, Any], purpose: str, is_confirmed: bool, query: str
) -> None:
    if is_confirmed:
        confirm_all()
    path, before = address(purpose, token_for(purpose, subjects[purpose])), ledger()
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
def test_a_malformed_post_does_not_confirm(
    browser: Client, submission: Any, query: str, body: str, content_type: str
) -> None:
    path, before = address(CONFIRM, token_for(CONFIRM, submission)), ledger()
    answer = browser.generic("POST", path + query, body, content_type=content_type, headers={"accept-language": "es"})
    assert answer.status_code == 400
    assert_private(answer)
    assert answer["Content-Language"] == "es"
    assert ledger() == before
    # Without a choice the page's own form is confirmed
    assert browser.generic("POST", f"{path}?x=1", content_type="").url == path
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
def test_a_malformed_post_does_not_withdraw(
    browser: Client, signature: Any, query: str, body: str, content_type: str, status: int
) -> None:
    path, before = address(MANAGE, token_for(MANAGE, signature)), ledger()
    answer = browser.generic("POST", path + query, body, content_type=content_type)
    assert answer.status_code == status
    assert_private(answer)
    assert ledger() == before
    assert browser.post(path, WITHDRAW).status_code == 303
    assert signatures().filter(state=SignatureState.WITHDRAWN).count() == 1
