"""A signer's own link: it counts, and tells neither who came nor who sent them."""

from __future__ import annotations

import base64
import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from tests.journey import confirm_path, fresh, sign_url, signatures, work
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import SignatureState, Verdict
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import MANAGE, came_through, own_word, signature_of, token_for
from wagtail_pledge.signing.services.sources import Source, known_source, source_label, sources_of
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG8")]

#: The tail of a link, as it stands in the page.
LINK = re.compile(r"\?source=(~[a-z2-7]{16})")
YESTERDAY = dt.timedelta(days=1)


def keys(*versions: int) -> dict[str, dict[int, str]]:
    return {
        purpose: {version: base64.b64encode(bytes([version]) * 32).decode() for version in versions}
        for purpose in ("dedup", "encryption", "token")
    }


@pytest.fixture
def signer(campaign: Any, individual: Any) -> Any:
    return SignatureFactory(pledge=campaign.pledge, signer_type=individual.signer_type)


def manage_page(client: Client, signer: Any) -> str:
    return client.get(reverse("wagtail_pledge:manage", args=[token_for(MANAGE, signer)])).content.decode()


def brought(signer: Any, number: int, *, ago: dt.timedelta = YESTERDAY, **fields: Any) -> None:
    """``number`` people come through the link of ``signer``."""
    when = database_now() - ago
    for _ in range(number):
        SignatureFactory(pledge=signer.pledge, source=own_word(signer), confirmed_at=when, **fields)


def told(signer: Any) -> int:
    found = signature_of(MANAGE, token_for(MANAGE, signer))
    assert found
    return came_through(found[0])


def test_who_signs_through_a_link_from_the_thank_you_page_is_counted_for_it(
    client: Client, campaign: Any, individual: Any, person: dict[str, Any]
) -> None:
    client.post(sign_url(individual), fresh(individual, **person))
    work()
    path = confirm_path(person["email"])
    thanks = client.get(client.post(path)["Location"]).content.decode()
    (word,) = set(LINK.findall(thanks))
    assert f"{campaign.url}?source={word}" in thanks
    # The links to share stay the campaign's own
    assert "source%3D" not in thanks

    friend = {**person, "email": "friend@example.org"}
    form = {**fresh(individual, **friend), "source": word}
    assert client.post(sign_url(individual), form).status_code == 303
    came = signatures().get(source=word)
    assert came.email == "friend@example.org"
    work()
    client.post(confirm_path("friend@example.org"))
    assert sources_of(campaign.pledge) == [Source(slug="", name="Signers’ own links", count=1)]

    # Whoever gets the address of the thank-you page later is not the signer
    assert not LINK.search(client.get(path).content.decode())


def test_without_script_the_word_comes_from_the_address_of_the_page(
    client: Client, campaign: Any, individual: Any, person: dict[str, Any], signer: Any
) -> None:
    referrer = {"Referer": f"http://testserver{campaign.url}?source={own_word(signer)}"}
    assert client.post(sign_url(individual), fresh(individual, **person), headers=referrer).status_code == 303
    assert signatures().filter(source=own_word(signer)).count() == 1


def test_words_that_are_not_ours_are_dropped_without_a_query(signer: Any) -> None:
    pledge, word = signer.pledge, own_word(signer)
    elsewhere = own_word(SignatureFactory(pledge=Pledge.objects.create(title="Other")))
    changed = [word[:at] + ("a" if word[at] != "a" else "b") + word[at + 1 :] for at in range(1, len(word))]
    with CaptureQueriesContext(connection) as captured:
        assert known_source(pledge, f" {word.upper()} ") == word
        for other in (*changed, elsewhere, word[:-1], word + "a", "~", "~" + "a" * 16):
            assert known_source(pledge, other) == "", other
    assert not captured.captured_queries


def test_two_signers_have_two_words_and_one_has_one(signer: Any) -> None:
    other = SignatureFactory(pledge=signer.pledge)
    assert own_word(signer) == own_word(signer) != own_word(other)
    for part in (signer.uuid.hex, str(signer.pk), str(signer.pledge.uuid)):
        assert part not in own_word(signer)


@pytest.mark.parametrize(("number", "shown"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10)])
def test_the_signer_is_told_in_steps_of_five(client: Client, signer: Any, number: int, shown: int) -> None:
    brought(signer, number)
    assert told(signer) == shown
    page = manage_page(client, signer)
    assert (f"At least {shown} people have signed through it." in page) == bool(shown)
    assert "At least 0" not in page


def test_a_name_of_today_is_not_told_before_tomorrow(signer: Any) -> None:
    brought(signer, 4)
    brought(signer, 1, ago=dt.timedelta(0))
    assert told(signer) == 0


def test_only_counted_signatures_are_told(signer: Any) -> None:
    brought(signer, 5)
    SignatureFactory(pledge=signer.pledge, confirmed_at=database_now() - YESTERDAY)
    brought(SignatureFactory(pledge=signer.pledge), 5)
    assert told(signer) == 5
    row = signatures().filter(source=own_word(signer)).first()
    signatures().filter(pk=row.pk).update(verdict=Verdict.HELD)
    assert told(signer) == 0
    signatures().filter(pk=row.pk).update(verdict=Verdict.CLEAR, state=SignatureState.WITHDRAWN)
    assert told(signer) == 0


def test_a_new_key_takes_nothing_from_links_that_are_out(settings: Any, signer: Any) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = keys(1)
    signer = SignatureFactory(pledge=signer.pledge)
    old = own_word(signer)
    brought(signer, 3)
    settings.WAGTAIL_PLEDGE_KEYS = keys(1, 2)
    assert own_word(signer) != old
    assert known_source(signer.pledge, old) == old
    brought(signer, 2)
    assert told(signer) == 5
    settings.WAGTAIL_PLEDGE_KEYS = {**keys(1, 2), "token": keys(2)["token"]}
    assert known_source(signer.pledge, old) == ""


def test_a_pledge_may_give_no_links(client: Client, signer: Any) -> None:
    word = own_word(signer)
    assert word in manage_page(client, signer)
    Pledge.objects.filter(pk=signer.pledge_id).update(own_links=False)
    assert "?source=" not in manage_page(client, signer)
    signer.pledge.refresh_from_db()
    assert known_source(signer.pledge, word) == ""


def test_who_withdrew_has_no_link(client: Client, signer: Any) -> None:
    signatures().filter(pk=signer.pk).update(state=SignatureState.WITHDRAWN)
    page = manage_page(client, signer)
    assert "withdrawn" in page
    assert "own-link" not in page


def test_the_link_costs_the_signers_page_one_query(client: Client, signer: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            manage_page(client, signer)
        return len(captured)

    queries()
    with_link = queries()
    Pledge.objects.filter(pk=signer.pledge_id).update(own_links=False)
    assert with_link == queries() + 1


def test_staff_reads_that_it_was_a_signers_link_and_not_whose(admin_client: Client, signer: Any) -> None:
    word = own_word(signer)
    came = SignatureFactory(pledge=signer.pledge, source=word)
    page = admin_client.get(reverse("wagtail_pledge_signatures:inspect", args=[came.pk])).content.decode()
    assert "A signer’s own link" in page
    assert escape(word) not in page
    inspect = admin_client.get(reverse("wagtail_pledge_pledges:inspect", args=[signer.pledge.pk])).content.decode()
    assert "Signers’ own links" in inspect
    assert word not in inspect
    assert source_label("peace-union") == "peace-union"
