"""The signer's moments after the form: each page says what is true, leads on, and speaks the signer's language."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any, Final

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.campaigns.bad_inputs.conftest import ledger
from tests.journey import fresh, sign_url, signatures
from wagtail_pledge.campaigns.views import inbox as inbox_room
from wagtail_pledge.campaigns.views.confirm import THANKS
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import Approval, SignatureState, Verdict
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.services import CONFIRM, MANAGE, token_for
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.testing.factories import SignatureFactory

PATHS: Final = {CONFIRM: "confirm", MANAGE: "manage", NOT_ME: "not-me"}
SECRET: Final = re.compile(r"[\w-]{40,}")


def main_of(response: Any) -> str:
    assert response.status_code == 200
    return unescape(response.content.decode().partition("<main")[2].partition("</main")[0])


def path_of(purpose: str, signature: Any) -> str:
    return f"/pledge/{PATHS[purpose]}/{token_for(purpose, signature)}/"


def facts_of(html: str) -> dict[str, str]:
    """Return the list of details on a page: values by label."""
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(?:<bdi>)?(.*?)(?:</bdi>)?</dd>", html))


@pytest.fixture
def inbox(client: Client, individual: Any, person: dict[str, str]) -> str:
    return str(client.post(sign_url(individual), fresh(individual, **person))["Location"])


@pytest.fixture
def too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tickets' half hour be over."""
    monkeypatch.setattr(inbox_room, "database_now", lambda: database_now() + dt.timedelta(minutes=31))


@pytest.mark.requirement("SG4")
@pytest.mark.parametrize("data", [{}, {"code": "123456"}, {"email": "eva@example.org"}, {"email": "no address"}])
@pytest.mark.usefixtures("too_late")
def test_a_page_that_is_too_old_does_nothing_and_says_so(
    client: Client, campaign: Any, inbox: str, data: dict[str, str]
) -> None:
    before = ledger()
    pressed = client.post(inbox, data)
    assert (pressed.status_code, pressed["Location"]) == (303, inbox)
    assert ledger() == before
    for query in ("", "?again=1", "?code=no", "?corrected=1"):
        html = main_of(client.get(inbox + query))
        assert "This page is older than 30 minutes" in html
        assert "Press the button in the message that you got, or sign again." in html
        assert f'href="{campaign.full_url}"' in html
        assert "example.org" not in html
        assert "<form" not in html


@pytest.mark.requirement("SG4", "B1")
@pytest.mark.usefixtures("too_late")
def test_a_page_that_is_too_old_is_the_same_whatever_the_ledger_holds(client: Client, inbox: str) -> None:
    pages = set()
    for state in SignatureState:
        for verdict in Verdict:
            times = {"confirmed_at": database_now(), "withdrawn_at": database_now()}
            signatures().update(state=state, verdict=verdict, **times)
            pages.add(client.get(inbox).content)
    signatures().all().delete()
    pages.add(client.get(inbox).content)
    assert len(pages) == 1


@pytest.mark.requirement("RE5")
@pytest.mark.usefixtures("too_late")
def test_a_page_that_is_too_old_speaks_the_signers_language(
    client: Client, individual: Any, person: dict[str, str]
) -> None:
    form = fresh(individual, **person)
    SignerType.objects.get(pk=individual.signer_type_id).statements.update(locale="es")
    inbox = client.post(sign_url(individual), form)["Location"]
    assert '<html lang="es"' in client.get(inbox, headers={"accept-language": "en"}).content.decode()


@pytest.mark.requirement("SG4")
def test_sending_again_promises_no_more_than_is_true(client: Client, inbox: str) -> None:
    shown = client.get(client.post(inbox)["Location"]).content.decode()
    assert "If this address waits for a message, it comes within 15 minutes" in shown
    assert "We have sent" not in shown


@pytest.mark.requirement("X1")
def test_the_way_back_to_the_form_is_offered_once_the_correction_is_used_up(client: Client, inbox: str) -> None:
    html = main_of(client.get(inbox))
    assert "Correct the address" in html
    assert "Go back and sign with the right one" not in html
    html = main_of(client.get(client.post(inbox, {"email": "eva@example.org"})["Location"]))
    assert "Correct the address" not in html
    assert "Go back and sign with the right one" in html


@pytest.mark.requirement("CP12")
def test_who_waits_for_the_message_can_pass_the_call_on(client: Client, campaign: Any, inbox: str) -> None:
    html = main_of(client.get(inbox))
    assert "Meanwhile: share the call" in html
    assert f'data-share-url="{campaign.full_url}"' in html
    for secret in SECRET.findall(inbox):
        assert secret not in html


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("path", [*PATHS.values(), "inbox"])
@pytest.mark.parametrize(
    ("query", "preferred", "language"),
    [("", "es", "es"), ("?lang=es", "en", "es"), ("?lang=xx", "es", "es"), ("", "en", "en"), ("", "", "en")],
)
def test_a_dead_link_speaks_a_language_and_leads_on(
    client: Client, campaign: Any, path: str, query: str, preferred: str, language: str
) -> None:
    answer = client.get(f"/pledge/{path}/{'A' * 63}/{query}", headers={"accept-language": preferred})
    assert f'<html lang="{language}"' in answer.content.decode()
    assert 'href="/"' in main_of(answer)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("purpose", PATHS)
@pytest.mark.parametrize("query", ["", "?lang=xx"])
def test_a_living_link_speaks_its_signers_language(client: Client, campaign: Any, purpose: str, query: str) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, locale="es", state="pending")
    answer = client.get(path_of(purpose, signature) + query, headers={"accept-language": "en"})
    assert '<html lang="es"' in answer.content.decode()


@pytest.mark.requirement("SG2")
def test_a_link_that_is_over_leads_to_the_call(client: Client, campaign: Any) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, state="withdrawn")
    html = main_of(client.get(path_of(CONFIRM, signature)))
    assert "This link does not work" in html
    assert f'href="{campaign.full_url}"' in html


WAITS: Final = "Confirmed. It counts once we have looked at it"


@pytest.mark.requirement("SN4")
@pytest.mark.parametrize(
    ("approval", "says", "shown"),
    [
        (Approval.WAITING, WAITS, None),
        (Approval.APPROVED, "Confirmed and approved", "Casa del Pueblo, Oakland"),
        (Approval.REFUSED, "Not on the call: we looked at it and could not add it.", None),
        (Approval.NOT_NEEDED, "Confirmed", "Casa del Pueblo, Oakland"),
    ],
)
def test_an_organizations_own_page_tells_where_it_stands(
    client: Client, campaign: Any, organization: Any, approval: Approval, says: str, shown: str | None
) -> None:
    signature = SignatureFactory(
        pledge=campaign.pledge,
        kind="organization",
        organization="Casa del Pueblo",
        name="Rosa Ruiz",
        details={"role": "Director", "city": "Oakland"},
        display="name_place",
        approval=approval,
    )
    html = main_of(client.get(path_of(MANAGE, signature)))
    facts = facts_of(html)
    assert facts["Organization name"] == "Casa del Pueblo"
    assert facts["Your full name"] == "Rosa Ruiz"
    assert facts["Your role"] == "Director"
    assert facts["Where it stands"].startswith(says)
    assert facts.get("On this website") == shown
    assert ('type="file"' in html) is (approval != Approval.REFUSED)


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize(
    ("display", "shown"),
    [
        ("hidden", "Not on the website"),
        ("initials", "A. L., United States of America"),
        ("name", "Ana María López"),
    ],
)
def test_a_persons_own_page_tells_what_the_website_shows(
    client: Client, campaign: Any, display: str, shown: str
) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, name="Ana María López", display=display)
    facts = facts_of(main_of(client.get(path_of(MANAGE, signature))))
    assert facts["On this website"] == shown
    assert facts["Full name"] == "Ana María López"
    signatures().update(state=SignatureState.PENDING)
    assert "On this website" not in facts_of(main_of(client.get(path_of(MANAGE, signature))))


@pytest.mark.requirement("SG6")
def test_the_own_page_tells_no_verdict(client: Client, campaign: Any) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, name="Ana", display="name")
    pages = set()
    for verdict in Verdict:
        signatures().update(verdict=verdict, public_name="Ana" if verdict == Verdict.CLEAR else "")
        pages.add(client.get(path_of(MANAGE, signature)).content)
    assert len(pages) == 1


@pytest.mark.requirement("SN4")
@pytest.mark.parametrize(("kind", "waits"), [("organization", True), ("individual", False), ("individual", True)])
def test_who_waits_for_approval_is_promised_no_more(client: Client, campaign: Any, kind: str, waits: bool) -> None:
    approval = Approval.WAITING if waits else Approval.NOT_NEEDED
    signature = SignatureFactory(pledge=campaign.pledge, kind=kind, state="pending", approval=approval)
    before = client.get(path_of(CONFIRM, signature)).content.decode()
    after = client.get(client.post(path_of(CONFIRM, signature))["Location"]).content.decode()
    for html in (before, after):
        assert ("Your name counts</li>" in html) is not waits
        assert ("We look at it</li>" in html) is waits
    assert ("your name counts</h1>" in before) is not waits
    assert ("It counts after that." in before) is waits
    assert ("We look at each signature of this kind before it counts" in after) is waits
    assert ("Your name counts from now on" in after) is not waits
    (current,) = re.findall(r'aria-current="step">(.*?)</li>', after)
    assert current == ("We look at it" if waits else "Your name counts")


@pytest.mark.requirement("SG8")
@pytest.mark.parametrize("approval", Approval)
def test_title_and_heading_of_the_thank_you_page_say_the_same(
    client: Client, campaign: Any, approval: Approval
) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, approval=approval)
    for query in ("", f"?new={token_for(THANKS, signature)}"):
        html = client.get(path_of(CONFIRM, signature) + query).content.decode()
        assert re.findall(r"<title>(.*) – ", html) == re.findall(r"<h1>(.*)</h1>", html)


@pytest.mark.requirement("SG8", "CP12")
def test_the_thank_you_page_shows_the_calls_own_code(client: Client, campaign: Any) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, locale="es")
    html = main_of(client.get(path_of(CONFIRM, signature)))
    (source,) = re.findall(r'<img class="pledge-qr" src="([^"]+)"', html)
    assert source == f"/pledge/{campaign.pledge.uuid}/qr.svg?lang=es"
    assert client.get(source)["Content-Type"] == "image/svg+xml"


@pytest.mark.requirement("CP12")
def test_ways_to_share_stand_in_the_order_of_their_use(client: Client, campaign: Any) -> None:
    signature = SignatureFactory(pledge=campaign.pledge)
    html = main_of(client.get(path_of(CONFIRM, signature)))
    ways = re.findall(r'<li(?: hidden)?><(?:a|button) class="pledge-button[^>]*>([^<]+)</', html)
    assert ways == ["Share", "WhatsApp", "Copy link", "Text message", "Email", "Telegram", "Facebook", "Bluesky"]
    # Without a script there is neither a share sheet nor a clipboard, nor anything that could ask for a server
    assert html.count("<li hidden>") == 2


def cost(ask: Any, path: str) -> tuple[list[str], Any]:
    """Return what was asked of the database, by its first word, and the answer.

    The time is left out: PostgreSQL alone is asked for it by a statement of its own.
    """
    with CaptureQueriesContext(connection) as captured:
        answer = ask(path)
    asked = [query["sql"] for query in captured.captured_queries]
    return [sql.split()[0] for sql in asked if sql != "SELECT statement_timestamp()"], answer


@pytest.mark.requirement("P1")
def test_what_each_moment_costs(client: Client, inbox: str) -> None:
    """Once the process knows the site and its colours, which it does after the first page."""
    client.get(inbox)
    signature = signatures().get()
    link = path_of(CONFIRM, signature)
    assert cost(client.get, inbox)[0] == ["SELECT"] * 2
    assert cost(client.get, link)[0] == ["SELECT"] * 3
    made, pressed = cost(client.post, link)
    assert made == ["SELECT", "SAVEPOINT", "UPDATE", "SELECT", "INSERT", "RELEASE"]
    # Two of them for the other ways to sign: the texts that can be signed, and the site that the request is for
    assert cost(client.get, pressed["Location"])[0] == ["SELECT"] * 7
    assert cost(client.get, path_of(MANAGE, signature))[0] == ["SELECT"] * 3
