"""Pages after the form (inbox, confirm, thank-you, manage): contents, links, language and queries."""

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
from tests.journey import fresh, sign_url, signatures, submissions
from wagtail_pledge.campaigns.views import inbox as inbox_view
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import Approval, Review, SignatureState
from wagtail_pledge.signing.models import SignerType
from wagtail_pledge.signing.services import CONFIRM, MANAGE, token_for
from wagtail_pledge.signing.services.suppression import NOT_ME
from wagtail_pledge.testing.factories import SignatureFactory, SubmissionFactory

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
def expired_inbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the inbox page be older than half an hour."""
    monkeypatch.setattr(inbox_view, "database_now", lambda: database_now() + dt.timedelta(minutes=31))


@pytest.mark.requirement("SG4")
@pytest.mark.parametrize("data", [{}, {"code": "123456"}, {"email": "eva@example.org"}, {"email": "no address"}])
@pytest.mark.usefixtures("expired_inbox")
def test_an_expired_inbox_page_does_nothing(client: Client, inbox: str, data: dict[str, str]) -> None:
    before = ledger()
    response = client.post(inbox, data)
    assert (response.status_code, response["Location"]) == (303, inbox)
    assert ledger() == before


@pytest.mark.requirement("SG4")
@pytest.mark.parametrize("query", ["", "?again=1", "?code=no", "?corrected=1"])
@pytest.mark.usefixtures("expired_inbox")
def test_an_expired_inbox_page_explains_what_to_do(client: Client, campaign: Any, inbox: str, query: str) -> None:
    html = main_of(client.get(inbox + query))
    assert "This page is more than 30 minutes old" in html
    assert "Use the button in the email you received, or sign again." in html
    assert f'href="{campaign.full_url}"' in html
    assert "example.org" not in html
    assert "<form" not in html


@pytest.mark.requirement("SG4", "B1")
@pytest.mark.usefixtures("expired_inbox")
def test_an_expired_inbox_page_does_not_depend_on_the_signature(client: Client, inbox: str) -> None:
    pages = set()
    for state in SignatureState:
        for review in Review:
            times = {"confirmed_at": database_now(), "withdrawn_at": database_now()}
            signatures().update(state=state, review=review, **times)
            pages.add(client.get(inbox).content)
    signatures().all().delete()
    pages.add(client.get(inbox).content)
    assert len(pages) == 1


@pytest.mark.requirement("RE5")
@pytest.mark.usefixtures("expired_inbox")
def test_an_expired_inbox_page_is_in_the_signers_language(
    client: Client, individual: Any, person: dict[str, str]
) -> None:
    form = fresh(individual, **person)
    SignerType.objects.get(pk=individual.signer_type_id).statements.update(locale="es")
    inbox = client.post(sign_url(individual), form)["Location"]
    assert '<html lang="es"' in client.get(inbox, headers={"accept-language": "en"}).content.decode()


@pytest.mark.requirement("SG4")
def test_the_message_after_resending_does_not_claim_that_mail_was_sent(client: Client, inbox: str) -> None:
    shown = client.get(client.post(inbox)["Location"]).content.decode()
    assert "If an email is due to this address, we will send it again, usually within minutes" in shown
    assert "We have sent" not in shown


@pytest.mark.requirement("X1")
def test_after_three_corrections_the_page_links_back_to_the_form(client: Client, inbox: str) -> None:
    html = main_of(client.get(inbox))
    assert "Change the email address" in html
    assert "go back and sign again with the right one" not in html
    for number in range(3):
        assert "Change the email address" in main_of(client.get(inbox))
        inbox = client.post(inbox, {"email": f"eva{number}@example.org"})["Location"]
    html = main_of(client.get(inbox))
    assert "Change the email address" not in html
    assert "go back and sign again with the right one" in html


@pytest.mark.requirement("CP12")
def test_the_inbox_page_has_share_links(client: Client, campaign: Any, inbox: str) -> None:
    html = main_of(client.get(inbox))
    assert "While you wait, share the campaign" in html
    assert f'data-share-url="{campaign.full_url}"' in html
    for secret in SECRET.findall(inbox):
        assert secret not in html


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("path", [*PATHS.values(), "inbox"])
@pytest.mark.parametrize(
    ("query", "preferred", "language"),
    [("", "es", "es"), ("?lang=es", "en", "es"), ("?lang=xx", "es", "es"), ("", "en", "en"), ("", "", "en")],
)
def test_language_and_link_of_the_page_of_an_invalid_token(
    client: Client, campaign: Any, path: str, query: str, preferred: str, language: str
) -> None:
    answer = client.get(f"/pledge/{path}/{'A' * 63}/{query}", headers={"accept-language": preferred})
    assert f'<html lang="{language}"' in answer.content.decode()
    assert 'href="/"' in main_of(answer)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("purpose", PATHS)
@pytest.mark.parametrize("query", ["", "?lang=xx"])
def test_private_pages_are_in_the_signers_language(client: Client, campaign: Any, purpose: str, query: str) -> None:
    factory = SignatureFactory if purpose == MANAGE else SubmissionFactory
    subject = factory(pledge=campaign.pledge, locale="es")
    answer = client.get(path_of(purpose, subject) + query, headers={"accept-language": "en"})
    assert '<html lang="es"' in answer.content.decode()


@pytest.mark.requirement("SG2")
def test_the_page_of_an_ended_link_links_to_the_campaign(client: Client, campaign: Any) -> None:
    submission = SubmissionFactory(pledge=campaign.pledge, ended_at=database_now(), end_reason="let_go")
    html = main_of(client.get(path_of(CONFIRM, submission)))
    assert "This link does not work" in html
    assert f'href="{campaign.full_url}"' in html


WAITING: Final = "Confirmed. We will review it"


@pytest.mark.requirement("SN4")
@pytest.mark.parametrize(
    ("approval", "status", "shown"),
    [
        (Approval.WAITING, WAITING, None),
        (Approval.APPROVED, "Confirmed and approved", "Casa del Pueblo, Oakland"),
        (Approval.REJECTED, "Not added. We reviewed it and could not accept it.", None),
        (Approval.NOT_NEEDED, "Confirmed", "Casa del Pueblo, Oakland"),
    ],
)
def test_the_manage_page_of_an_organization_shows_its_status(
    client: Client, campaign: Any, organization: Any, approval: Approval, status: str, shown: str | None
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
    assert facts["Status"].startswith(status)
    assert facts.get("Shown on this website as") == shown
    assert ('type="file"' in html) is (approval != Approval.REJECTED)


@pytest.mark.requirement("SG7")
@pytest.mark.parametrize(
    ("display", "shown"),
    [
        ("hidden", "Not shown on the website"),
        ("initials", "A. L., United States"),
        ("name", "Ana María López"),
    ],
)
def test_the_manage_page_shows_the_public_name(client: Client, campaign: Any, display: str, shown: str) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, name="Ana María López", display=display)
    facts = facts_of(main_of(client.get(path_of(MANAGE, signature))))
    assert facts["Shown on this website as"] == shown
    assert facts["Full name"] == "Ana María López"
    signatures().update(state=SignatureState.WITHDRAWN)
    assert "Shown on this website as" not in facts_of(main_of(client.get(path_of(MANAGE, signature))))


@pytest.mark.requirement("SG6")
def test_the_manage_page_does_not_depend_on_the_review(client: Client, campaign: Any) -> None:
    signature = SignatureFactory(pledge=campaign.pledge, name="Ana", display="name")
    pages = set()
    for review in Review:
        signatures().update(review=review, public_name="Ana" if review == Review.OK else "")
        pages.add(client.get(path_of(MANAGE, signature)).content)
    assert len(pages) == 1


@pytest.mark.requirement("SN4")
@pytest.mark.parametrize(
    ("kind", "needs_approval"), [("organization", True), ("individual", False), ("individual", True)]
)
def test_texts_for_signatures_that_need_approval(
    client: Client, campaign: Any, kind: str, needs_approval: bool
) -> None:
    submission = SubmissionFactory(pledge=campaign.pledge, kind=kind)
    SignerType.objects.update(approval_required=needs_approval)
    before = client.get(path_of(CONFIRM, submission)).content.decode()
    after = client.get(client.post(path_of(CONFIRM, submission))["Location"]).content.decode()
    for html in (before, after):
        assert ("Your name is added</li>" in html) is not needs_approval
        assert ("We review it</li>" in html) is needs_approval
    assert ("Confirm to add your name</h1>" in before) is not needs_approval
    assert ("It counts after that." in before) is needs_approval
    assert ("We review each signature before it counts" in after) is needs_approval
    assert ("Your signature now counts" in after) is not needs_approval
    (current,) = re.findall(r'aria-current="step"[^>]*>(.*?)</li>', after)
    assert current == ("We review it" if needs_approval else "Your name is added")


@pytest.mark.requirement("SG8")
@pytest.mark.parametrize("approval", Approval)
@pytest.mark.parametrize("is_new", [False, True])
def test_title_and_heading_of_the_thank_you_page_are_equal(
    client: Client, campaign: Any, approval: Approval, is_new: bool
) -> None:
    path = path_of(CONFIRM, SubmissionFactory(pledge=campaign.pledge))
    client.post(path)
    signatures().update(approval=approval)
    html = (client if is_new else Client()).get(path).content.decode()
    assert re.findall(r"<title>(.*) – ", html) == re.findall(r"<h1>(.*)</h1>", html)


@pytest.mark.requirement("SG8", "CP12")
def test_the_thank_you_page_shows_the_campaigns_qr_code(client: Client, campaign: Any) -> None:
    path = path_of(CONFIRM, SubmissionFactory(pledge=campaign.pledge, locale="es"))
    client.post(path)
    html = main_of(client.get(path))
    (source,) = re.findall(r'<img class="pledge-qr" src="([^"]+)"', html)
    assert source == f"/pledge/{campaign.pledge.uuid}/qr.svg?lang=es"
    assert client.get(source)["Content-Type"] == "image/svg+xml"


@pytest.mark.requirement("CP12")
def test_order_of_the_share_links(client: Client, campaign: Any) -> None:
    path = path_of(CONFIRM, SubmissionFactory(pledge=campaign.pledge))
    client.post(path)
    html = main_of(client.get(path))
    first, folded = html.partition('id="own-link"')[2].partition("<details")[::2]
    for part, ways in (
        (first, ["Share", "WhatsApp", "Copy link"]),
        (folded, ["Text message", "Email", "Telegram", "Facebook", "Bluesky"]),
    ):
        assert re.findall(r'<li(?: hidden)?><(?:a|button) class="pledge-button[^>]*>([^<]+)</', part) == ways
    # Both need JavaScript
    assert first.count("<li hidden>") == 2


def queries_of(ask: Any, path: str) -> tuple[list[str], Any]:
    """Return the first keyword of each query, and the response.

    The query for the time is left out: only PostgreSQL needs one.
    """
    with CaptureQueriesContext(connection) as captured:
        answer = ask(path)
    statements = [query["sql"] for query in captured.captured_queries]
    return [sql.split()[0] for sql in statements if sql != "SELECT statement_timestamp()"], answer


@pytest.mark.requirement("P1")
def test_number_of_queries_of_each_page(client: Client, inbox: str) -> None:
    """With the site and its colours cached by the first request."""
    client.get(inbox)
    link = path_of(CONFIRM, submissions().get())
    assert queries_of(client.get, inbox)[0] == ["SELECT"] * 2
    # The form, the ledger, the other forms; that the mail arrived; the statement in force, and the page
    assert queries_of(client.get, link)[0] == [*["SELECT"] * 3, "UPDATE", *["SELECT"] * 2]
    queries, response = queries_of(client.post, link)
    # The form and the others; its end, the signature, the event, the end of the others, the thank-you mail
    lock = ["SELECT"] if connection.vendor == "postgresql" else []
    assert queries == [
        *["SELECT", "SELECT", "SAVEPOINT", *lock, "UPDATE", "INSERT", "SELECT"],
        *["INSERT", "UPDATE", "INSERT", "RELEASE"],
    ]
    signature = signatures().get()
    # The form and the signature that it led to, its pages, two for the other ways to sign (the current statements and
    # their pages), the site of the request, the count
    assert queries_of(client.get, response["Location"])[0] == ["SELECT"] * 8
    assert queries_of(client.get, path_of(MANAGE, signature))[0] == ["SELECT"] * 3
