"""The form token (field ``stamp``): validity, and the minimum time to fill in a form."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

import pytest
from django.test import Client

from tests.campaigns.bad_inputs.conftest import SignEndpoint, ledger
from tests.forms import sign_form_in
from tests.journey import confirm, counted, fresh, sign, sign_url, signatures, submissions, submitted, work
from wagtail_pledge.core.db import database_now
from wagtail_pledge.signing.enums import Review
from wagtail_pledge.signing.services import freeze_statement
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.stamps import issue_stamp, read_stamp

SHA256 = "5" * 64
SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)


def stamp_of(form: dict[str, str], age: dt.timedelta) -> str:
    """Return a genuine stamp of this age for the statement of ``form``."""
    return issue_stamp(form["statement"], database_now() - age)


def of_another_pledge() -> str:
    """Return a genuine stamp for a statement of another pledge with the same text."""
    other = create_pledge("Another").signer_types.get()
    text = "<p>We call on the United States to ratify.</p>"
    return issue_stamp(
        freeze_statement(signer_type=other, locale="en", text=text, consent={}).sha256,
        database_now() - MINUTE,
    )


UNUSABLE = {
    "missing": lambda _form: "",
    "forged": lambda form: form["stamp"][:-4] + ("AAAA" if form["stamp"][-4:] != "AAAA" else "BBBB"),
    "cut short": lambda form: form["stamp"][:-1],
    "too long": lambda form: form["stamp"] + "A",
    "huge": lambda _form: "A" * 4096,
    "not base64": lambda form: "é" + form["stamp"][1:],
    "25 hours old": lambda form: stamp_of(form, 25 * HOUR),
    "from the future": lambda form: stamp_of(form, -6 * MINUTE),
    "of another pledge": lambda _form: of_another_pledge(),
}


@pytest.mark.requirement("I30")
@pytest.mark.parametrize("case", UNUSABLE)
def test_without_a_valid_stamp_the_form_is_shown_again_with_its_values(endpoint: SignEndpoint, case: str) -> None:
    form = fresh(endpoint.page, **endpoint.values, city="Oakland")
    before = ledger()
    response = endpoint.send({**form, "stamp": UNUSABLE[case](form)})
    assert ledger() == before
    if endpoint.as_json:
        assert response.status_code == 422
        assert list(response.json()["errors"]) == ["stamp"]
        again = {**form, "stamp": response.json()["stamp"]}
    else:
        assert response.status_code == 200
        again = sign_form_in(response.content).data
        assert {name: again[name] for name in endpoint.values} == endpoint.values
        assert again["city"] == "Oakland"
    assert endpoint.send(again).status_code == endpoint.accepted
    assert submitted().name == endpoint.values["name"]


@pytest.mark.requirement("I30")
def test_a_stamp_is_valid_for_its_statement_only_and_unchanged_only() -> None:
    now = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    stamp = issue_stamp(SHA256, now)
    assert read_stamp(stamp, SHA256, now) is not None
    assert read_stamp(stamp, "6" * 64, now) is None
    raw = base64.urlsafe_b64decode(stamp + "=" * (-len(stamp) % 4))
    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        changed = base64.urlsafe_b64encode(bytes(flipped)).rstrip(b"=").decode()
        assert read_stamp(changed, SHA256, now) is None, bit


@pytest.mark.requirement("I30", "A9")
@pytest.mark.parametrize(
    ("age", "usable"),
    [(24 * HOUR, True), (24 * HOUR + SECOND, False), (-5 * MINUTE, True), (-5 * MINUTE - SECOND, False)],
)
def test_a_stamp_is_valid_for_a_day_with_five_minutes_of_clock_skew(age: dt.timedelta, usable: bool) -> None:
    now = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    assert (read_stamp(issue_stamp(SHA256, now - age), SHA256, now) is not None) is usable


@pytest.mark.requirement("I30", "SG6")
@pytest.mark.parametrize("age", [dt.timedelta(), SECOND, -2 * MINUTE])
def test_a_form_sent_too_quickly_is_held_and_not_counted(
    endpoint: SignEndpoint, age: dt.timedelta, settings: Any
) -> None:
    settings.WAGTAIL_PLEDGE_STAMP_MIN_SECONDS = 3
    form = fresh(endpoint.page, **endpoint.values)
    assert endpoint.send({**form, "stamp": stamp_of(form, age)}).status_code == endpoint.accepted
    assert submissions().get().review_reason == "fast"
    work()
    assert confirm(endpoint.client, form["email"]).status_code == 303
    assert signatures().get().review == Review.NEEDS_REVIEW
    assert counted(endpoint.client, endpoint.page.signer_type.pledge)["total"] == 0


class TestFormShownAgain:
    """With a minimum of three seconds."""

    @pytest.fixture(autouse=True)
    def _three_seconds(self, settings: Any) -> None:
        settings.WAGTAIL_PLEDGE_STAMP_MIN_SECONDS = 3

    @pytest.mark.requirement("I30", "SG6")
    def test_a_signer_without_javascript_may_submit_again_at_once(
        self, client: Client, individual: Any, person: Any
    ) -> None:
        assert sign(client, individual.url, **person).status_code == 303
        assert submitted().review == Review.OK

    @pytest.mark.requirement("I30", "SG6")
    def test_correcting_a_field_keeps_the_stamp_and_is_not_held(self, endpoint: SignEndpoint) -> None:
        form = fresh(endpoint.page, **endpoint.values)
        form["stamp"] = stamp_of(form, MINUTE)
        wrong = endpoint.send({**form, "email": "ana"})
        assert wrong.status_code == 422
        stamp = wrong.json()["stamp"] if endpoint.as_json else sign_form_in(wrong.content).data["stamp"]
        assert stamp == form["stamp"]
        assert endpoint.send(form).status_code == endpoint.accepted
        assert submitted().review == Review.OK

    @pytest.mark.requirement("I30", "SG6")
    def test_a_deliberate_error_does_not_make_the_stamp_older(self, endpoint: SignEndpoint) -> None:
        form = fresh(endpoint.page, **endpoint.values)
        wrong = endpoint.send({**form, "email": "ana"})
        stamp = wrong.json()["stamp"] if endpoint.as_json else sign_form_in(wrong.content).data["stamp"]
        assert endpoint.send({**form, "stamp": stamp}).status_code == endpoint.accepted
        assert submitted().review == Review.NEEDS_REVIEW

    @pytest.mark.requirement("I30", "SG6")
    def test_a_stamp_from_a_json_response_has_the_same_minimum_age(self, individual: Any, person: Any) -> None:
        endpoint = SignEndpoint(individual, person, as_json=True)
        form = fresh(individual, **person, stamp="")
        assert endpoint.send({**form, "stamp": endpoint.send(form).json()["stamp"]}).status_code == 202
        assert submitted().review == Review.NEEDS_REVIEW

    @pytest.mark.requirement("I30", "SG1")
    def test_a_changed_statement_may_be_signed_at_once(
        self, client: Client, campaign: Any, individual: Any, person: Any
    ) -> None:
        old = fresh(individual, **person)
        campaign.statement = "<p>We now call for more.</p>"
        campaign.save_revision().publish()
        again = sign_form_in(client.post(sign_url(individual), old).content)
        assert client.post(again.action, again.data).status_code == 303
        assert submitted().review == Review.OK
