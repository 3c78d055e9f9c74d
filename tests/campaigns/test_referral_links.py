"""Referral links of signers: counted, without revealing who came or whose link it was."""

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

from tests.journey import confirm_path, fresh, sign_url, signatures, submitted, work
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import Review, SignatureState
from wagtail_pledge.signing.models import Pledge
from wagtail_pledge.signing.services import MANAGE, referral_code, referral_count, signature_from_token, token_for
from wagtail_pledge.signing.services.sources import Source, registered_source, source_label, sources_of
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("SG8")]

#: The query of a referral link in a page.
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


def add_referrals(signer: Any, number: int, *, ago: dt.timedelta = YESTERDAY, **fields: Any) -> None:
    """Add ``number`` signatures that came through the link of ``signer``."""
    when = database_now() - ago
    for _ in range(number):
        SignatureFactory(pledge=signer.pledge, source=referral_code(signer), confirmed_at=when, **fields)


def shown_count(signer: Any) -> int:
    found = signature_from_token(MANAGE, token_for(MANAGE, signer))
    assert found is not None
    return referral_count(found)


def test_signatures_through_a_referral_link_are_counted(
    client: Client, campaign: Any, individual: Any, person: dict[str, Any]
) -> None:
    client.post(sign_url(individual), fresh(individual, **person))
    work()
    path = confirm_path(person["email"])
    thanks = client.get(client.post(path)["Location"]).content.decode()
    (code,) = set(LINK.findall(thanks))
    assert f"{campaign.url}?source={code}" in thanks
    # The share buttons use the signer's own link
    assert f"source%3D{code}" in thanks

    friend = {**person, "email": "friend@example.org"}
    form = {**fresh(individual, **friend), "source": code}
    assert client.post(sign_url(individual), form).status_code == 303
    work()
    client.post(confirm_path("friend@example.org"))
    assert signatures().get(source=code).email == "friend@example.org"
    assert sources_of(campaign.pledge) == [Source(slug="", name="Signers’ personal links", count=1)]

    # Another browser that gets the address of the thank-you page sees no link
    assert not LINK.search(Client().get(path).content.decode())


def test_without_javascript_the_code_comes_from_the_referer(
    client: Client, campaign: Any, individual: Any, person: dict[str, Any], signer: Any
) -> None:
    referrer = {"Referer": f"http://testserver{campaign.url}?source={referral_code(signer)}"}
    assert client.post(sign_url(individual), fresh(individual, **person), headers=referrer).status_code == 303
    assert submitted().source == referral_code(signer)


def test_forged_codes_are_dropped_without_a_query(signer: Any) -> None:
    pledge, code = signer.pledge, referral_code(signer)
    elsewhere = referral_code(SignatureFactory(pledge=Pledge.objects.create(title="Other")))
    changed = [code[:at] + ("a" if code[at] != "a" else "b") + code[at + 1 :] for at in range(1, len(code))]
    with CaptureQueriesContext(connection) as captured:
        assert registered_source(pledge, f" {code.upper()} ") == code
        for other in (*changed, elsewhere, code[:-1], code + "a", "~", "~" + "a" * 16):
            assert registered_source(pledge, other) == "", other
    assert not captured.captured_queries


def test_each_signer_has_one_code(signer: Any) -> None:
    other = SignatureFactory(pledge=signer.pledge)
    assert referral_code(signer) == referral_code(signer) != referral_code(other)
    for part in (signer.uuid.hex, str(signer.pk), str(signer.pledge.uuid)):
        assert part not in referral_code(signer)


@pytest.mark.parametrize(("number", "shown"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10)])
def test_the_count_is_shown_in_steps_of_five(client: Client, signer: Any, number: int, shown: int) -> None:
    add_referrals(signer, number)
    assert shown_count(signer) == shown
    page = manage_page(client, signer)
    assert (f"At least {shown} people have signed through your link." in page) == bool(shown)
    assert "At least 0" not in page


def test_signatures_of_today_are_not_included(signer: Any) -> None:
    add_referrals(signer, 4)
    add_referrals(signer, 1, ago=dt.timedelta(0))
    assert shown_count(signer) == 0


def test_only_counted_signatures_are_included(signer: Any) -> None:
    add_referrals(signer, 5)
    SignatureFactory(pledge=signer.pledge, confirmed_at=database_now() - YESTERDAY)
    add_referrals(SignatureFactory(pledge=signer.pledge), 5)
    assert shown_count(signer) == 5
    row = signatures().filter(source=referral_code(signer)).first()
    signatures().filter(pk=row.pk).update(review=Review.NEEDS_REVIEW)
    assert shown_count(signer) == 0
    signatures().filter(pk=row.pk).update(review=Review.OK, state=SignatureState.WITHDRAWN)
    assert shown_count(signer) == 0


def test_old_links_work_until_their_key_is_removed(settings: Any, signer: Any) -> None:
    settings.WAGTAIL_PLEDGE_KEYS = keys(1)
    signer = SignatureFactory(pledge=signer.pledge)
    old = referral_code(signer)
    add_referrals(signer, 3)
    settings.WAGTAIL_PLEDGE_KEYS = keys(1, 2)
    assert referral_code(signer) != old
    assert registered_source(signer.pledge, old) == old
    add_referrals(signer, 2)
    assert shown_count(signer) == 5
    settings.WAGTAIL_PLEDGE_KEYS = {**keys(1, 2), "token": keys(2)["token"]}
    assert registered_source(signer.pledge, old) == ""


def test_referral_links_can_be_turned_off(client: Client, signer: Any) -> None:
    code = referral_code(signer)
    assert code in manage_page(client, signer)
    Pledge.objects.filter(pk=signer.pledge_id).update(referral_links=False)
    assert "?source=" not in manage_page(client, signer)
    signer.pledge.refresh_from_db()
    assert registered_source(signer.pledge, code) == ""


def test_a_withdrawn_signature_has_no_link(client: Client, signer: Any) -> None:
    signatures().filter(pk=signer.pk).update(state=SignatureState.WITHDRAWN)
    page = manage_page(client, signer)
    assert "withdrawn" in page
    assert "own-link" not in page


def test_the_link_takes_one_query(client: Client, signer: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            manage_page(client, signer)
        return len(captured)

    queries()
    with_link = queries()
    Pledge.objects.filter(pk=signer.pledge_id).update(referral_links=False)
    assert with_link == queries() + 1


def test_the_admin_does_not_show_whose_link_it_was(admin_client: Client, signer: Any) -> None:
    code = referral_code(signer)
    referred = SignatureFactory(pledge=signer.pledge, source=code)
    page = admin_client.get(reverse("wagtail_pledge_signatures:inspect", args=[referred.pk])).content.decode()
    assert "A signer’s personal link" in page
    assert escape(code) not in page
    inspect = admin_client.get(reverse("wagtail_pledge_pledges:inspect", args=[signer.pledge.pk])).content.decode()
    assert "Signers’ personal links" in inspect
    assert code not in inspect
    assert source_label("peace-union") == "peace-union"
