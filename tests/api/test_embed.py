"""The embedded form: only allowed origins can frame it, and no other page can be framed."""

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
from tests.journey import confirm_path, fresh, sign_url, submissions, submitted, work
from wagtail_pledge.campaigns.embedding import Embedding
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import EmbedOrigin, Pledge
from wagtail_pledge.signing.models.partners import origin_of_site
from wagtail_pledge.signing.stamps import MAX_MOVES

__all__ = ["campaign", "individual", "organization", "person"]

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("RE2")]

PARTNERS: Final = ["https://a.example", "https://b.example:8443"]
#: Headers that a browser sends with a form inside the frame: the embedding website does not count.
IN_FRAME: Final = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe", "Origin": "http://testserver"}


@pytest.fixture
def pledge_with_embed_origins(campaign: Any, individual: Any) -> Pledge:
    for origin in reversed(PARTNERS):
        EmbedOrigin.objects.create(pledge=campaign.pledge, origin=origin)
    made: Pledge = campaign.pledge
    return made


def embed(client: Client, pledge: Pledge, query: str = "") -> Any:
    return client.get(f"/pledge/{pledge.uuid}/embed/{query}")


def embed_token_of(pledge: Pledge, age: dt.timedelta = dt.timedelta()) -> str:
    """Return the embed token of a form of ``pledge`` that was rendered ``age`` ago."""
    shown_at = database_now() - age
    return Embedding(url="/", pledge=pledge.uuid, origins=PARTNERS, issued_at=shown_at).token


def ancestors(response: Any) -> str:
    """Return the origins that may frame the response: browsers prefer the CSP to ``X-Frame-Options``."""
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
def test_only_allowed_origins_can_frame_the_form(
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
def test_without_allowed_origins_the_form_cannot_be_framed(client: Client, campaign: Any, individual: Any) -> None:
    page = embed(client, campaign.pledge)
    assert page.status_code == 200
    assert_not_framed(page)
    sign_form_in(page.content)
    assert b"embedded.js" not in page.content


@pytest.mark.requirement("I57")
def test_allowed_origins_of_another_pledge_do_not_apply(client: Client, campaign: Any, individual: Any) -> None:
    EmbedOrigin.objects.create(pledge=Pledge.objects.create(title="Other"), origin=PARTNERS[0])
    assert_not_framed(embed(client, campaign.pledge))


@pytest.mark.requirement("C6")
def test_signing_in_the_frame_needs_no_script_and_no_cookie(
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
    # Share pages refuse to be framed
    assert "wa.me" not in inbox.content.decode()
    resend = re.search(r'action="(\?embed=[^"]+)"', inbox.content.decode())
    assert resend
    sent = client.post(urlsplit(done.url).path + resend[1])
    assert sent.status_code == 303
    assert_framed(client.get(sent.url), PARTNERS)
    form_url, path = f'href="/pledge/{pledge_with_embed_origins.uuid}/embed/?lang=en#sign"', urlsplit(done.url).path
    for move in range(MAX_MOVES):
        corrected = client.get(client.post(path + resend[1], {"email": f"eva{move}@example.org"}).url)
        assert_framed(corrected, PARTNERS)
        # Once the address can't be corrected again, the page has a link back to the form
        assert (form_url in corrected.content.decode()) is (move == MAX_MOVES - 1)
        path = corrected.request["PATH_INFO"]
    assert submitted(moved_to=None).email == f"eva{MAX_MOVES - 1}@example.org"
    assert client.cookies == {}


@pytest.mark.requirement("I57")
def test_confirm_manage_and_signer_type_pages_cannot_be_framed(
    pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    client = Client(headers=IN_FRAME)
    client.post(sign_url(individual), fresh(individual, **person))
    work()
    token = embed_token_of(pledge_with_embed_origins)
    confirm = confirm_path(person["email"])
    paths = (confirm, confirm.replace("confirm", "manage"), confirm.replace("confirm", "not-me"), individual.url)
    for path in paths:
        assert_not_framed(client.get(f"{path}?{token}"))


@pytest.mark.requirement("I57")
def test_a_removed_origin_can_no_longer_frame_open_forms(
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
    # An origin added later is not in the old token, but new forms include it
    EmbedOrigin.objects.create(pledge=pledge_with_embed_origins, origin="https://new.example")
    assert_not_framed(client.get(done.url))
    assert_framed(embed(client, pledge_with_embed_origins), ["https://new.example"])


@pytest.mark.requirement("I57")
@pytest.mark.parametrize("is_own", [True, False])
def test_an_embed_token_is_valid_for_its_own_pledge_only(
    pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any], is_own: bool
) -> None:
    client = Client(headers=IN_FRAME)
    other = Pledge.objects.create(title="Other")
    EmbedOrigin.objects.create(pledge=other, origin=PARTNERS[0])
    inbox = client.post(sign_url(individual), fresh(individual, **person)).url
    token = embed_token_of(pledge_with_embed_origins if is_own else other)
    form = {**fresh(individual, **person), "stamp": ""}
    for answer in (client.get(f"{inbox}?{token}"), client.post(f"{sign_url(individual)}?{token}", form)):
        if is_own:
            assert_framed(answer, PARTNERS)
        else:
            assert_not_framed(answer)


@pytest.mark.requirement("I57")
@pytest.mark.parametrize(("hours", "is_framed"), [(23, True), (25, False), (-1, False)])
def test_an_embed_token_is_valid_as_long_as_the_form_token(
    pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any], hours: int, is_framed: bool
) -> None:
    client = Client(headers=IN_FRAME)
    token = embed_token_of(pledge_with_embed_origins, dt.timedelta(hours=hours))
    answer = client.post(f"{sign_url(individual)}?{token}", {**fresh(individual, **person), "stamp": ""})
    inbox = client.post(sign_url(individual), fresh(individual, **person)).url
    for shown in (answer, client.get(f"{inbox}?{token}")):
        assert shown.status_code == 200
        if is_framed:
            assert_framed(shown, PARTNERS)
        else:
            assert_not_framed(shown)


FORGED: Final = ["1", "", "https://evil.example", "AAAA", "A" * 9000, "é", "\x00"]


@pytest.mark.requirement("I57")
@pytest.mark.parametrize("token", FORGED, ids=ascii)
def test_a_forged_embed_token_allows_no_framing(
    client: Client, pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any], token: str
) -> None:
    url = sign_url(individual)
    answer = client.post(url, {**fresh(individual, **person), "stamp": ""}, query_params={"embed": token})
    assert answer.status_code == 200
    assert_not_framed(answer)


@pytest.mark.requirement("I57", "C6")
def test_a_cross_site_post_from_an_allowed_origin_is_rejected(
    pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    client = Client(headers={"Origin": PARTNERS[0], "Sec-Fetch-Site": "cross-site"})
    form = sign_form_in(embed(client, pledge_with_embed_origins).content)
    answer = client.post(form.action, fresh(individual, **person))
    assert answer.status_code == 403
    assert submissions().count() == 0


def test_the_error_page_is_framed_when_the_database_is_down(
    client: Client, pledge_with_embed_origins: Pledge, person: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    form = sign_form_in(embed(client, pledge_with_embed_origins).content)

    def fail(**_options: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr("wagtail_pledge.campaigns.views.sign.remembered_statement", fail)
    answer = client.post(form.action, form.filled(**person))
    assert answer.status_code == 503
    assert_framed(answer, PARTNERS)
    assert "?embed=" in answer.content.decode()


def test_the_query_selects_language_and_kind(
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


@pytest.mark.parametrize("query", ["?kind=nonsense", "?lang=xx", "?kind=%22%3E&lang=%00"])
def test_an_unknown_language_or_kind_is_ignored(client: Client, pledge_with_embed_origins: Pledge, query: str) -> None:
    answer = embed(client, pledge_with_embed_origins, query)
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


def test_links_around_the_form_open_in_a_new_tab(
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
def test_the_embedded_form_refers_to_the_campaigns_website(
    client: Client, pledge_with_embed_origins: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    here, there = ">Public name<", ">Public name on the campaign’s website<"
    framed = embed(client, pledge_with_embed_origins)
    form = sign_form_in(framed.content)
    # Also when the form is shown again, to be checked or with errors
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
def test_a_closed_or_paused_campaign_has_no_form(client: Client, pledge_with_embed_origins: Pledge, state: str) -> None:
    Pledge.objects.update(state=state)
    page = embed(client, pledge_with_embed_origins)
    assert page.status_code == 200
    assert b"data-stamp-url" not in page.content
    assert_framed(page, PARTNERS)


def test_a_restricted_or_draft_campaign_is_not_found(
    client: Client, pledge_with_embed_origins: Pledge, campaign: Any
) -> None:
    PageViewRestriction.objects.create(page=campaign, restriction_type=PageViewRestriction.LOGIN)
    assert embed(client, pledge_with_embed_origins).status_code == 404
    PageViewRestriction.objects.all().delete()
    Pledge.objects.update(state=PledgeState.DRAFT)
    assert embed(client, pledge_with_embed_origins).status_code == 404
    assert client.post(f"/pledge/{pledge_with_embed_origins.uuid}/embed/").status_code == 405


def test_the_script_url_redirects_to_the_static_file(client: Client, db: None) -> None:
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
def test_origins_are_normalised_and_anything_else_is_refused(typed: str, kept: str) -> None:
    assert origin_of_site(typed) == kept
