"""The form in a frame of another website: only where the pledge allows it, and nothing else of ours."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from tests.campaign_fixtures import campaign, individual, organization, person
from tests.forms import sign_form_in
from tests.journey import confirm_path, fresh, sign_url, signatures, work
from wagtail_pledge.campaigns.embedding import Embedding
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import EmbedOrigin, Pledge
from wagtail_pledge.signing.models.partners import origin_of_site

__all__ = ["campaign", "individual", "organization", "person"]

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("RE2")]

PARTNERS: Final = ["https://a.example", "https://b.example:8443"]
#: What a browser says of a form that is sent inside the frame: the website around it does not count.
IN_FRAME: Final = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe", "Origin": "http://testserver"}


@pytest.fixture
def pledge_with_embed_origins(campaign: Any, individual: Any) -> Pledge:
    for origin in reversed(PARTNERS):
        EmbedOrigin.objects.create(pledge=campaign.pledge, origin=origin)
    made: Pledge = campaign.pledge
    return made


def embed(client: Client, pledge: Pledge, query: str = "") -> Any:
    return client.get(f"/pledge/{pledge.uuid}/embed/{query}")


def mark_of(pledge: Pledge, age: dt.timedelta = dt.timedelta()) -> str:
    """The mark that the form of ``pledge`` carried when it was shown ``age`` ago."""
    shown_at = database_now() - age
    return Embedding(url="/", pledge=pledge.uuid, origins=PARTNERS, issued_at=shown_at).token


def ancestors(response: Any) -> str:
    """Who may show the response in a frame, as browsers read it: the policy wins over the older header."""
    found = re.search(r"frame-ancestors ([^;]+)", response.headers["Content-Security-Policy"])
    return found[1] if found else "*"


def assert_framed(response: Any, by: list[str]) -> None:
    assert ancestors(response) == " ".join(by)
    assert "X-Frame-Options" not in response.headers
    assert not response.cookies


def assert_not_framed(response: Any) -> None:
    assert ancestors(response) == "'none'"
    assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.requirement("I57")
def test_the_form_is_framed_by_the_websites_on_the_list_and_by_nobody_else(
    client: Client, pledge_with_embed_origins: Pledge, campaign: Any, individual: Any
) -> None:
    with CaptureQueriesContext(connection) as captured:
        page = embed(client, pledge_with_embed_origins)
    assert len(captured) <= 15
    assert page.status_code == 200
    assert_framed(page, PARTNERS)
    assert page.headers["Cache-Control"] == "public, max-age=30"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert b"pledge-header" not in page.content
    assert b"pledge-footer" not in page.content
    assert 'data-embed-origins="https://a.example https://b.example:8443"' in page.content.decode()
    for url in (campaign.url, individual.url):
        assert_not_framed(client.get(url))


@pytest.mark.requirement("I57")
def test_without_a_list_it_is_a_page_that_nobody_frames(client: Client, campaign: Any, individual: Any) -> None:
    page = embed(client, campaign.pledge)
    assert page.status_code == 200
    assert_not_framed(page)
    sign_form_in(page.content)
    assert b"embedded.js" not in page.content


@pytest.mark.requirement("I57")
def test_another_pledges_list_is_not_this_ones(client: Client, campaign: Any, individual: Any) -> None:
    EmbedOrigin.objects.create(pledge=Pledge.objects.create(title="Other"), origin=PARTNERS[0])
    assert_not_framed(embed(client, campaign.pledge))


@pytest.mark.requirement("C6")
def test_somebody_signs_in_the_frame_without_script_and_without_a_cookie(
    pledge_with_embed_origins: Pledge, person: dict[str, Any]
) -> None:
    client = Client(enforce_csrf_checks=True, headers=IN_FRAME)
    form = sign_form_in(embed(client, pledge_with_embed_origins).content)
    again = client.post(form.action, form.filled(**person))
    assert again.status_code == 200
    assert_framed(again, PARTNERS)
    assert b"pledge-header" not in again.content
    form = sign_form_in(again.content)
    wrong = client.post(form.action, {**form.data, "email": "ana"})
    assert wrong.status_code == 422
    assert_framed(wrong, PARTNERS)
    done = client.post(sign_form_in(wrong.content).action, form.data)
    assert done.status_code == 303
    inbox = client.get(done.url)
    assert_framed(inbox, PARTNERS)
    assert f'href="/pledge/{pledge_with_embed_origins.uuid}/embed/?lang=en"' in inbox.content.decode()
    # Nobody's share page lets itself be framed
    assert "wa.me" not in inbox.content.decode()
    resend = re.search(r'action="(\?embed=[^"]+)"', inbox.content.decode())
    assert resend
    sent = client.post(urlsplit(done.url).path + resend[1])
    assert sent.status_code == 303
    assert_framed(client.get(sent.url), PARTNERS)
    corrected = client.get(client.post(urlsplit(done.url).path + resend[1], {"email": "eva@example.org"}).url)
    assert_framed(corrected, PARTNERS)
    assert f'href="/pledge/{pledge_with_embed_origins.uuid}/embed/?lang=en#sign"' in corrected.content.decode()
    assert signatures().count() == 1
    assert client.cookies == {}


@pytest.mark.requirement("I57")
def test_the_frame_neither_confirms_nor_manages_nor_lists(
    pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    client = Client(headers=IN_FRAME)
    client.post(sign_url(individual), fresh(individual, **person))
    work()
    mark = mark_of(pledge_with_embed_origins)
    confirm = confirm_path(person["email"])
    paths = (confirm, confirm.replace("confirm", "manage"), confirm.replace("confirm", "not-me"), individual.url)
    for path in paths:
        assert_not_framed(client.get(f"{path}?{mark}"))


@pytest.mark.requirement("I57")
def test_a_website_that_is_taken_off_the_list_shows_no_page_any_more(
    pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    client = Client(headers=IN_FRAME)
    form = sign_form_in(embed(client, pledge_with_embed_origins).content)
    done = client.post(form.action, fresh(individual, **person))
    assert_framed(client.get(done.url), PARTNERS)
    EmbedOrigin.objects.filter(origin=PARTNERS[0]).delete()
    assert_framed(client.get(done.url), PARTNERS[1:])
    assert_framed(client.post(form.action, form.data), PARTNERS[1:])
    EmbedOrigin.objects.all().delete()
    assert_not_framed(client.get(done.url))
    assert_not_framed(client.post(form.action, form.data))
    # One that was added since is not in the mark: its own form is
    EmbedOrigin.objects.create(pledge=pledge_with_embed_origins, origin="https://new.example")
    assert_not_framed(client.get(done.url))
    assert_framed(embed(client, pledge_with_embed_origins), ["https://new.example"])


@pytest.mark.requirement("I57")
def test_the_mark_of_one_pledge_frames_no_other(
    pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    client = Client(headers=IN_FRAME)
    other = Pledge.objects.create(title="Other")
    EmbedOrigin.objects.create(pledge=other, origin=PARTNERS[0])
    inbox = client.post(sign_url(individual), fresh(individual, **person)).url
    for pledge, check in (
        (pledge_with_embed_origins, lambda answer: assert_framed(answer, PARTNERS)),
        (other, assert_not_framed),
    ):
        mark = mark_of(pledge)
        check(client.get(f"{inbox}?{mark}"))
        check(client.post(f"{sign_url(individual)}?{mark}", {**fresh(individual, **person), "stamp": ""}))


@pytest.mark.requirement("I57")
@pytest.mark.parametrize(("hours", "is_framed"), [(23, True), (25, False), (-1, False)])
def test_a_mark_is_good_for_as_long_as_the_form(
    pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any], hours: int, is_framed: bool
) -> None:
    client = Client(headers=IN_FRAME)
    mark = mark_of(pledge_with_embed_origins, dt.timedelta(hours=hours))
    answer = client.post(f"{sign_url(individual)}?{mark}", {**fresh(individual, **person), "stamp": ""})
    inbox = client.post(sign_url(individual), fresh(individual, **person)).url
    for shown in (answer, client.get(f"{inbox}?{mark}")):
        assert shown.status_code == 200
        if is_framed:
            assert_framed(shown, PARTNERS)
        else:
            assert_not_framed(shown)


FORGED: Final = ["1", "", "https://evil.example", "AAAA", "A" * 9000, "é", "\x00"]


@pytest.mark.requirement("I57")
@pytest.mark.parametrize("mark", FORGED, ids=ascii)
def test_a_mark_that_is_not_ours_frames_nothing(
    client: Client, pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any], mark: str
) -> None:
    url = sign_url(individual)
    answer = client.post(url, {**fresh(individual, **person), "stamp": ""}, query_params={"embed": mark})
    assert answer.status_code == 200
    assert_not_framed(answer)


@pytest.mark.requirement("I57", "C6")
def test_even_a_website_on_the_list_posts_nothing_by_itself(
    pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    client = Client(headers={"Origin": PARTNERS[0], "Sec-Fetch-Site": "cross-site"})
    form = sign_form_in(embed(client, pledge_with_embed_origins).content)
    answer = client.post(form.action, fresh(individual, **person))
    assert answer.status_code == 403
    assert signatures().count() == 0


def test_the_frame_shows_that_something_is_wrong_even_without_the_database(
    client: Client, pledge_with_embed_origins: Pledge, person: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    form = sign_form_in(embed(client, pledge_with_embed_origins).content)

    def away(**_asked: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr("wagtail_pledge.campaigns.views.sign.find_statement", away)
    answer = client.post(form.action, form.filled(**person))
    assert answer.status_code == 503
    assert_framed(answer, PARTNERS)
    assert "?embed=" in answer.content.decode()


def test_language_and_kind_are_asked_for_in_the_address(
    client: Client, pledge_with_embed_origins: Pledge, organization: Any, translate_to_spanish: Any
) -> None:
    translate_to_spanish(organization.get_parent().specific)
    page = embed(client, pledge_with_embed_origins, "?lang=es")
    assert '<html lang="es"' in page.content.decode()
    assert str(organization.signer_type.uuid) not in sign_form_in(page.content).action
    assert (
        str(organization.signer_type.uuid)
        in sign_form_in(embed(client, pledge_with_embed_origins, "?kind=organization").content).action
    )
    for odd in ("?kind=nonsense", "?lang=xx", "?kind=%22%3E&lang=%00"):
        answer = embed(client, pledge_with_embed_origins, odd)
        assert answer.status_code == 200
        assert "nonsense" not in answer.content.decode()


@pytest.fixture
def translate_to_spanish() -> Callable[[Any], Any]:
    def translate(page: Any) -> Any:
        locale = page.locale.__class__.objects.get_or_create(language_code="es")[0]
        made = page.copy_for_translation(locale, copy_parents=True)
        made.save_revision().publish()
        return made

    return translate


def test_links_in_the_words_around_the_form_leave_the_frame(
    client: Client, pledge_with_embed_origins: Pledge, campaign: Any
) -> None:
    campaign.privacy_note = '<p>See <a href="https://example.org/privacy">how</a>.</p>'
    campaign.save_revision().publish()
    html = embed(client, pledge_with_embed_origins).content.decode()
    assert '<a target="_blank" rel="noopener" href="https://example.org/privacy">' in html
    outside = [tag for tag in re.findall(r"<a [^>]+>", html) if 'href="#' not in tag]
    assert outside
    assert all('target="_blank"' in tag for tag in outside)


@pytest.mark.requirement("X1")
def test_the_form_names_the_campaigns_website_where_this_website_is_another(
    client: Client, pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    here, there = "How your name appears on this website", "How your name appears on the campaign’s website"
    framed = embed(client, pledge_with_embed_origins)
    form = sign_form_in(framed.content)
    # Also where it comes back, to be checked or with errors
    answers = [framed, client.post(form.action, form.filled(**person)), client.post(form.action, form.data)]
    for answer in answers:
        html = answer.content.decode()
        assert there in html
        assert here not in html
    for answer in (client.get(individual.url), client.post(sign_url(individual), fresh(individual))):
        html = answer.content.decode()
        assert here in html
        assert there not in html


@pytest.mark.parametrize("state", [PledgeState.CLOSED, PledgeState.PAUSED])
def test_a_campaign_that_takes_no_names_says_so(client: Client, pledge_with_embed_origins: Pledge, state: str) -> None:
    Pledge.objects.update(state=state)
    page = embed(client, pledge_with_embed_origins)
    assert page.status_code == 200
    assert b"data-stamp-url" not in page.content
    assert_framed(page, PARTNERS)


def test_what_the_public_may_not_read_is_not_there(
    client: Client, pledge_with_embed_origins: Pledge, campaign: Any
) -> None:
    PageViewRestriction.objects.create(page=campaign, restriction_type=PageViewRestriction.LOGIN)
    assert embed(client, pledge_with_embed_origins).status_code == 404
    PageViewRestriction.objects.all().delete()
    Pledge.objects.update(state=PledgeState.DRAFT)
    assert embed(client, pledge_with_embed_origins).status_code == 404
    assert client.post(f"/pledge/{pledge_with_embed_origins.uuid}/embed/").status_code == 405


def test_the_address_of_the_script_stays_the_same(client: Client, db: None) -> None:
    answer = client.get("/pledge/embed.js")
    assert (answer.status_code, answer.url) == (302, "/static/wagtail_pledge/js/embed.js")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.requirement("I57")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://partner.example", "https://partner.example"),
        (" https://Partner.Example/page?x=1#y ", "https://partner.example"),
        ("https://partner.example:443", "https://partner.example"),
        ("https://partner.example:8443/", "https://partner.example:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://localhost:8001", "http://localhost:8001"),
        ("http://partner.example", ""),
        ("https://*.example", ""),
        ("https://*", ""),
        ("*", ""),
        ("null", ""),
        ("'self'", ""),
        ("https://partner.example;script-src", ""),
        ("https://a.example https://b.example", ""),
        ("https://user@partner.example", ""),
        ("javascript:alert(1)", ""),
        ("https://", ""),
        ("https://[x", ""),
        ("https://partner.example:99999", ""),
        ("https://partner.example\r\nX-Evil: 1", ""),
    ],
)
def test_only_an_origin_gets_into_the_header(typed: str, kept: str) -> None:
    assert origin_of_site(typed) == kept
