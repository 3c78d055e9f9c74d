"""Partner links: the source in the URL is stored with the signature if registered, without a cookie."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.forms import sign_form_in
from tests.journey import fresh, sign_url, submitted
from wagtail_pledge.signing.enums import Review, SignatureState
from wagtail_pledge.signing.models import PartnerLink, Pledge
from wagtail_pledge.signing.services.sources import Source, sources_of
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("RE4")]

SLUG = "peace-union"


@pytest.fixture
def pledge_with_partner_link(campaign: Any, individual: Any) -> Pledge:
    PartnerLink.objects.create(pledge=campaign.pledge, slug=SLUG, name="Peace Union")
    made: Pledge = campaign.pledge
    return made


@pytest.mark.parametrize("name", ["source", "src"])
def test_without_javascript_the_source_comes_from_the_referer(
    client: Client, pledge_with_partner_link: Pledge, campaign: Any, person: dict[str, Any], name: str
) -> None:
    page = client.get(f"{campaign.url}?{name}={SLUG}")
    form = sign_form_in(page.content)
    # The page is cached for everyone, so it cannot contain the source
    assert form.data["source"] == ""
    assert not page.cookies
    sent_from = {"Referer": f"http://testserver{campaign.url}?utm=1&{name}={SLUG}"}
    again = client.post(form.action, form.filled(**person), headers=sent_from)
    form = sign_form_in(again.content)
    assert form.data["source"] == SLUG
    assert client.post(form.action, form.data).status_code == 303
    assert submitted().source == SLUG
    assert not client.cookies


@pytest.mark.parametrize("name", ["source", "src"])
@pytest.mark.parametrize("json_endpoint", [True, False])
def test_the_source_in_the_form_is_stored(
    client: Client,
    pledge_with_partner_link: Pledge,
    individual: Any,
    person: dict[str, Any],
    json_endpoint: bool,
    name: str,
) -> None:
    form = {**fresh(individual, **person), name: f" {SLUG.title()} "}
    url = sign_url(individual)
    answer = client.post(url, json.dumps(form), "application/json") if json_endpoint else client.post(url, form)
    assert answer.status_code == (202 if json_endpoint else 303)
    assert submitted().source == SLUG


@pytest.mark.parametrize(
    "slug", ["other", "elsewhere", "", "peace union", "x" * 4000, "../", "<b>", "\x00", "peace-union\n-", "\uff41", "-"]
)
def test_an_unregistered_source_is_dropped(
    client: Client, pledge_with_partner_link: Pledge, individual: Any, person: dict[str, Any], slug: str
) -> None:
    other = Pledge.objects.create(title="Other")
    PartnerLink.objects.create(pledge=other, slug="elsewhere", name="Elsewhere")
    answer = client.post(sign_url(individual), {**fresh(individual, **person), "source": slug})
    assert answer.status_code == 303
    assert submitted().source == ""


@pytest.mark.parametrize(
    "referrer",
    [
        f"https://evil.example/?source={SLUG}",
        f"http://testserver.evil.example/?source={SLUG}",
        "http://testserver/?source=%00",
        "http://[x/?source=peace-union",
        "http://testserver/?" + "a=1&" * 500 + f"source={SLUG}",
    ],
    ids=lambda value: value[:40],
)
def test_a_referer_of_another_site_is_ignored(
    client: Client, pledge_with_partner_link: Pledge, individual: Any, person: dict[str, Any], referrer: str
) -> None:
    answer = client.post(sign_url(individual), fresh(individual, **person), headers={"Referer": referrer})
    assert answer.status_code == 303
    assert submitted().source == ""


def test_the_first_source_of_a_form_is_kept(
    client: Client, pledge_with_partner_link: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    PartnerLink.objects.create(pledge=pledge_with_partner_link, slug="other", name="Other")
    form = fresh(individual, **person)
    for slug in (SLUG, "other"):
        assert client.post(sign_url(individual), {**form, "source": slug}).status_code == 303
    assert submitted().source == SLUG


@pytest.mark.requirement("P1")
def test_a_source_takes_one_query_and_no_source_none(
    client: Client, pledge_with_partner_link: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    def queries(number: int, **extra: str) -> int:
        form = {**fresh(individual, **person), "email": f"ana{number}@example.org", **extra}
        with CaptureQueriesContext(connection) as captured:
            assert client.post(sign_url(individual), form).status_code == 303
        return len(captured)

    queries(0)
    plain = queries(1)
    assert queries(2, source="not a slug") == plain
    assert queries(3, source=SLUG) == plain + 1
    assert queries(4, source="unknown") == plain + 1


@pytest.mark.parametrize("name", ["source", "src"])
def test_the_embedded_form_has_the_source_of_its_url(
    client: Client, pledge_with_partner_link: Pledge, name: str
) -> None:
    plain = client.get(f"/pledge/{pledge_with_partner_link.uuid}/embed/")
    assert sign_form_in(plain.content).data["source"] == ""
    page = client.get(f"/pledge/{pledge_with_partner_link.uuid}/embed/?{name}={SLUG}")
    assert sign_form_in(page.content).data["source"] == SLUG
    odd = client.get(f"/pledge/{pledge_with_partner_link.uuid}/embed/", {"source": '"><script>'})
    assert sign_form_in(odd.content).data["source"] == ""


def test_only_counted_signatures_of_registered_sources_are_included(pledge_with_partner_link: Pledge) -> None:
    assert sources_of(Pledge.objects.create(title="Other")) == []
    PartnerLink.objects.create(pledge=pledge_with_partner_link, slug="a-none", name="A: nobody came")
    for source in (SLUG, SLUG, "", "was-removed"):
        SignatureFactory(pledge=pledge_with_partner_link, source=source)
    SignatureFactory(pledge=pledge_with_partner_link, source=SLUG, state=SignatureState.WITHDRAWN)
    SignatureFactory(pledge=pledge_with_partner_link, source=SLUG, review=Review.NEEDS_REVIEW)
    with CaptureQueriesContext(connection) as captured:
        found = sources_of(pledge_with_partner_link)
    assert len(captured) == 3
    assert found == [
        Source(slug="a-none", name="A: nobody came", count=0),
        Source(slug=SLUG, name="Peace Union", count=2),
    ]
