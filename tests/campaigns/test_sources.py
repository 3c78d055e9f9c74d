"""Partner links: the word in the address is kept with the signature, without a cookie, where the pledge knows it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.forms import sign_form_in
from tests.journey import fresh, sign_url, signatures
from wagtail_pledge.signing.enums import Review, SignatureState
from wagtail_pledge.signing.models import PartnerLink, Pledge
from wagtail_pledge.signing.services.sources import Source, sources_of
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("RE4")]

WORD = "peace-union"


@pytest.fixture
def pledge_with_partner_link(campaign: Any, individual: Any) -> Pledge:
    PartnerLink.objects.create(pledge=campaign.pledge, slug=WORD, name="Peace Union")
    made: Pledge = campaign.pledge
    return made


@pytest.mark.parametrize("name", ["source", "src"])
def test_without_script_the_word_comes_from_the_address_of_the_page(
    client: Client, pledge_with_partner_link: Pledge, campaign: Any, person: dict[str, Any], name: str
) -> None:
    page = client.get(f"{campaign.url}?{name}={WORD}")
    form = sign_form_in(page.content)
    # The page is kept by caches for everybody, whatever link they came by
    assert form.data["source"] == ""
    assert not page.cookies
    sent_from = {"Referer": f"http://testserver{campaign.url}?utm=1&{name}={WORD}"}
    again = client.post(form.action, form.filled(**person), headers=sent_from)
    form = sign_form_in(again.content)
    assert form.data["source"] == WORD
    assert client.post(form.action, form.data).status_code == 303
    assert signatures().get().source == WORD
    assert not client.cookies


@pytest.mark.parametrize("name", ["source", "src"])
@pytest.mark.parametrize("json_endpoint", [True, False])
def test_the_word_in_the_form_is_kept(
    client: Client,
    pledge_with_partner_link: Pledge,
    individual: Any,
    person: dict[str, Any],
    json_endpoint: bool,
    name: str,
) -> None:
    form = {**fresh(individual, **person), name: f" {WORD.title()} "}
    url = sign_url(individual)
    answer = client.post(url, json.dumps(form), "application/json") if json_endpoint else client.post(url, form)
    assert answer.status_code == (202 if json_endpoint else 303)
    assert signatures().get().source == WORD


@pytest.mark.parametrize(
    "word", ["other", "elsewhere", "", "peace union", "x" * 4000, "../", "<b>", "\x00", "peace-union\n-", "\uff41", "-"]
)
def test_a_word_that_the_pledge_does_not_know_is_dropped(
    client: Client, pledge_with_partner_link: Pledge, individual: Any, person: dict[str, Any], word: str
) -> None:
    other = Pledge.objects.create(title="Other")
    PartnerLink.objects.create(pledge=other, slug="elsewhere", name="Elsewhere")
    answer = client.post(sign_url(individual), {**fresh(individual, **person), "source": word})
    assert answer.status_code == 303
    assert signatures().get().source == ""


@pytest.mark.parametrize(
    "referrer",
    [
        f"https://evil.example/?source={WORD}",
        f"http://testserver.evil.example/?source={WORD}",
        "http://testserver/?source=%00",
        "http://[x/?source=peace-union",
        "http://testserver/?" + "a=1&" * 500 + f"source={WORD}",
    ],
    ids=lambda value: value[:40],
)
def test_only_an_address_of_ours_speaks_for_the_form(
    client: Client, pledge_with_partner_link: Pledge, individual: Any, person: dict[str, Any], referrer: str
) -> None:
    answer = client.post(sign_url(individual), fresh(individual, **person), headers={"Referer": referrer})
    assert answer.status_code == 303
    assert signatures().get().source == ""


def test_the_first_word_stays(
    client: Client, pledge_with_partner_link: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    PartnerLink.objects.create(pledge=pledge_with_partner_link, slug="other", name="Other")
    for word in (WORD, "other"):
        assert client.post(sign_url(individual), {**fresh(individual, **person), "source": word}).status_code == 303
    assert signatures().get().source == WORD


@pytest.mark.requirement("P1")
def test_a_word_costs_the_door_one_query_and_no_word_none(
    client: Client, pledge_with_partner_link: Pledge, individual: Any, person: dict[str, Any]
) -> None:
    def queries(number: int, **extra: str) -> int:
        form = {**fresh(individual, **person), "email": f"ana{number}@example.org", **extra}
        with CaptureQueriesContext(connection) as captured:
            assert client.post(sign_url(individual), form).status_code == 303
        return len(captured)

    queries(0)
    plain = queries(1)
    assert queries(2, source="no word") == plain
    assert queries(3, source=WORD) == plain + 1
    assert queries(4, source="unknown") == plain + 1


@pytest.mark.parametrize("name", ["source", "src"])
def test_the_embedded_form_has_it_from_its_address(client: Client, pledge_with_partner_link: Pledge, name: str) -> None:
    plain = client.get(f"/pledge/{pledge_with_partner_link.uuid}/embed/")
    assert sign_form_in(plain.content).data["source"] == ""
    page = client.get(f"/pledge/{pledge_with_partner_link.uuid}/embed/?{name}={WORD}")
    assert sign_form_in(page.content).data["source"] == WORD
    odd = client.get(f"/pledge/{pledge_with_partner_link.uuid}/embed/", {"source": '"><script>'})
    assert sign_form_in(odd.content).data["source"] == ""


def test_counts_are_of_counted_signatures_of_registered_words(pledge_with_partner_link: Pledge) -> None:
    assert sources_of(Pledge.objects.create(title="Other")) == []
    PartnerLink.objects.create(pledge=pledge_with_partner_link, slug="a-none", name="A: nobody came")
    for source in (WORD, WORD, "", "was-removed"):
        SignatureFactory(pledge=pledge_with_partner_link, source=source)
    SignatureFactory(pledge=pledge_with_partner_link, source=WORD, state=SignatureState.PENDING)
    SignatureFactory(pledge=pledge_with_partner_link, source=WORD, review=Review.NEEDS_REVIEW)
    with CaptureQueriesContext(connection) as captured:
        found = sources_of(pledge_with_partner_link)
    assert len(captured) == 3
    assert found == [
        Source(slug="a-none", name="A: nobody came", count=0),
        Source(slug=WORD, name="Peace Union", count=2),
    ]
