"""``count.json``, ``pledge.json`` and the health endpoint."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Locale, PageViewRestriction, Site

from tests.campaign_fixtures import campaign, individual
from tests.decisions import translate
from tests.journey import work
from tests.projects.campaign import publish
from wagtail_pledge.api.pledges import cached_responses
from wagtail_pledge.core.db import database_now
from wagtail_pledge.pages.models import UpdatePage
from wagtail_pledge.signing.enums import PledgeState
from wagtail_pledge.signing.models import Pledge, Statement, Tally, WorkLease
from wagtail_pledge.signing.services.pledges import create_pledge
from wagtail_pledge.signing.services.switches import set_surge
from wagtail_pledge.testing.factories import (
    DecisionStageFactory,
    EvidenceFactory,
    PledgeRecipientFactory,
    RecipientFactory,
    SignatureFactory,
)

__all__ = ["campaign", "individual"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def pledge() -> Pledge:
    made = create_pledge("Ratify")
    made.goal = 1000
    made.save()
    for kind, country, count in (("individual", "US", 12), ("individual", "MX", 3), ("organization", "US", 2)):
        Tally.objects.create(pledge=made, day=dt.date(2026, 2, 3), kind=kind, country=country, count=count)
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the monotonic time as a list of one value, which the test advances."""
    now = [1000.0]
    for module in ("wagtail_pledge.caching.local", "wagtail_pledge.api.pledges"):
        monkeypatch.setattr(f"{module}.monotonic_now", lambda: now[0])
    return now


@pytest.mark.requirement("RE1")
def test_count_json_adds_up_the_tallies_in_two_queries(client: Client, pledge: Pledge) -> None:
    with CaptureQueriesContext(connection) as captured:
        data = client.get(f"/pledge/{pledge.uuid}/count.json").json()
    assert len(captured) == 2
    assert (data["total"], data["online"], data["offline"], data["goal"]) == (17, 17, 0, 1000)
    assert (data["kinds"]["individual"], data["kinds"]["organization"]) == (15, 2)
    assert data["state"] == "open"
    assert dt.datetime.fromisoformat(data["as_of"]).tzinfo


@pytest.mark.requirement("P4")
def test_count_json_is_cached_for_five_seconds(client: Client, pledge: Pledge, clock: list[float]) -> None:
    url = f"/pledge/{pledge.uuid}/count.json"
    first = client.get(url)
    Tally.objects.filter(kind="organization").update(count=7)
    Pledge.objects.update(state=PledgeState.PAUSED)
    clock[0] += 4.9
    with CaptureQueriesContext(connection) as captured:
        second = client.get(url)
    assert len(captured) == 0
    assert (second.content, second["ETag"]) == (first.content, first["ETag"])
    assert second["Cache-Control"] == "public, max-age=5"
    clock[0] += 0.1
    with CaptureQueriesContext(connection) as captured:
        third = client.get(url)
    assert len(captured) == 2
    assert (third.json()["total"], third.json()["state"]) == (22, "paused")
    assert third["ETag"] != first["ETag"]
    Pledge.objects.update(state=PledgeState.DRAFT)
    clock[0] += 5
    assert client.get(url).status_code == 404


@pytest.mark.requirement("P4")
def test_a_cached_count_expires_when_the_pledge_closes(client: Client, pledge: Pledge, clock: list[float]) -> None:
    url = f"/pledge/{pledge.uuid}/count.json"
    Pledge.objects.update(closes_at=database_now() + dt.timedelta(seconds=2))
    assert client.get(url).json()["state"] == "open"
    Pledge.objects.update(closes_at=database_now())
    clock[0] += 2
    assert client.get(url).json()["state"] == "closed"


@pytest.mark.requirement("P4")
@pytest.mark.parametrize("name", ["count.json", "pledge.json"])
@pytest.mark.parametrize("moment", ["opens_at", "closes_at"])
def test_max_age_ends_when_the_pledge_opens_or_closes(
    client: Client, pledge: Pledge, clock: list[float], name: str, moment: str
) -> None:
    def age() -> int:
        answer = client.get(f"/pledge/{pledge.uuid}/{name}")
        return int(answer["Cache-Control"].removeprefix("public, max-age="))

    set_surge(on=True)
    Pledge.objects.update(**{moment: database_now() + dt.timedelta(seconds=40)})
    assert 30 <= age() < 40
    first = age()
    # A cached response's remaining age decreases
    clock[0] += 4
    assert age() == first - 4
    cached_responses.clear()
    Pledge.objects.update(**{moment: database_now() + dt.timedelta(minutes=2)})
    assert age() == 60


@pytest.mark.requirement("P4")
def test_the_cache_is_per_pledge_and_keeps_no_unknown_uuid(client: Client, pledge: Pledge) -> None:
    other = create_pledge("Another")
    cached_responses.clear()
    for _ in range(2):
        for made in (pledge, other):
            assert client.get(f"/pledge/{made.uuid}/count.json").json()["pledge"] == str(made.uuid)
        assert client.get(f"/pledge/{uuid.uuid4()}/count.json").status_code == 404
    assert len(cached_responses) == 2


@pytest.mark.requirement("P4")
@pytest.mark.parametrize(("header", "validator"), [("if-none-match", "ETag"), ("if-modified-since", "Last-Modified")])
def test_count_json_answers_304_to_a_conditional_request(
    client: Client, pledge: Pledge, clock: list[float], header: str, validator: str
) -> None:
    url = f"/pledge/{pledge.uuid}/count.json"
    first = client.get(url)
    same = client.get(url, headers={header: first[validator]})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    assert same["Cache-Control"] == "public, max-age=5"
    Tally.objects.update(count=1)
    clock[0] += 5
    changed = client.get(url, headers={"if-none-match": first["ETag"]})
    assert (changed.status_code, changed.json()["total"]) == (200, 3)


@pytest.mark.requirement("P4")
def test_a_maximum_age_of_zero_turns_the_cache_off(client: Client, pledge: Pledge, settings: Any) -> None:
    settings.WAGTAIL_PLEDGE_COUNT_MAX_AGE = 0
    url = f"/pledge/{pledge.uuid}/count.json"
    assert client.get(url).json()["total"] == 17
    Tally.objects.update(count=1)
    assert client.get(url).json()["total"] == 3


def test_count_json_of_a_draft_is_not_found(client: Client, pledge: Pledge) -> None:
    Pledge.objects.update(state=PledgeState.DRAFT)
    assert client.get(f"/pledge/{pledge.uuid}/count.json").status_code == 404
    assert client.get(f"/pledge/{uuid.uuid4()}/count.json").status_code == 404


def test_count_json_is_read_only(client: Client, pledge: Pledge) -> None:
    assert client.post(f"/pledge/{pledge.uuid}/count.json").status_code == 405


@pytest.fixture
def public_pledge(campaign: Any, individual: Any) -> Pledge:
    """Return the pledge of a published campaign in two languages, with signatures."""
    shown: Pledge = campaign.pledge
    spanish = campaign.copy_for_translation(Locale.objects.get_or_create(language_code="es")[0], copy_parents=True)
    spanish.title = "Ratifiquen ya"
    spanish.save_revision().publish()
    parts = ((3, "US", 12), (4, "US", 4), (5, "MX", 3), (6, "DE", 9), (7, "", 40), (8, "DE", 8))
    for day, country, count in parts:
        Tally.objects.create(pledge=shown, day=dt.date(2026, 2, day), kind="individual", country=country, count=count)
    return shown


def detail(client: Client, pledge: Pledge, **headers: str) -> Any:
    # As if the cached response had expired
    cached_responses.clear()
    return client.get(f"/pledge/{pledge.uuid}/pledge.json", headers=headers)


@pytest.mark.requirement("RE1")
def test_pledge_json_has_all_public_data(client: Client, public_pledge: Pledge) -> None:
    # Fill Wagtail's cache of site root paths
    Site.get_site_root_paths()
    with CaptureQueriesContext(connection) as captured:
        answer = detail(client, public_pledge)
    assert len(captured) <= 10
    data = answer.json()
    count = client.get(f"/pledge/{public_pledge.uuid}/count.json").json()
    assert {**data, **count, "as_of": ""} == {**data, "as_of": ""}
    assert data["titles"] == {"en": "Ratify now", "es": "Ratifiquen ya"}
    assert {code: url.split("/")[3] for code, url in data["urls"].items()} == {"en": "en", "es": "es"}
    stored = Statement.objects.order_by("-pk").first()
    assert (data["opens_at"], data["closes_at"], data["updates"]) == (None, None, [])
    assert data["statements"][0]["sha256"] == stored.sha256
    assert {(row["kind"], row["language"], row["version"]) for row in data["statements"]} >= {
        ("individual", "en", 1),
        ("individual", "es", 1),
    }
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=5"
    assert "Vary" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.requirement("RE1", "DL1")
def test_pledge_json_names_who_decides_and_the_stages_in_every_language(client: Client, public_pledge: Pledge) -> None:
    senate = RecipientFactory(
        office="The Senate",
        website="https://senate.example/",
        position="opposes",
        position_on=dt.date(2026, 2, 3),
        position_source="https://press.example/1",
    )
    translate(senate, office="El Senado")
    PledgeRecipientFactory(pledge=public_pledge, recipient=senate)
    PledgeRecipientFactory(recipient=RecipientFactory(office="Of another pledge"))
    stage = DecisionStageFactory(pledge=public_pledge, name="The vote", state="under_way", recipient=senate)
    translate(stage, name="La votación", text="Dos tercios.")
    translate(EvidenceFactory(stage=stage), text="Sucedió.")
    DecisionStageFactory(pledge=public_pledge, name="The deposit")
    names = {"id": str(senate.uuid), "name": "", "office": {"en": "The Senate", "es": "El Senado"}, "place": {}}
    data = detail(client, public_pledge).json()
    assert data["recipients"] == [
        {
            **names,
            "website": "https://senate.example/",
            "email": "",
            "phone": "",
            "address": "",
            "position": "opposes",
            "position_date": "2026-02-03",
            "position_source": "https://press.example/1",
        }
    ]
    first, second = data["decision_path"]
    evidence = {
        "date": "2026-02-03",
        "text": {"en": "It happened.", "es": "Sucedió."},
        "source": "https://example.org/",
    }
    assert first == {
        "id": str(stage.uuid),
        "name": {"en": "The vote", "es": "La votación"},
        "text": {"es": "Dos tercios."},
        "state": "under_way",
        "recipient": names,
        "evidence": [evidence],
    }
    assert (second["name"], second["recipient"], second["evidence"]) == ({"en": "The deposit"}, None, [])


@pytest.mark.requirement("RE1", "DL1")
def test_the_number_of_queries_for_who_decides_is_constant(client: Client, public_pledge: Pledge) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            detail(client, public_pledge)
        return len(captured)

    def add() -> None:
        recipient = PledgeRecipientFactory(pledge=public_pledge).recipient
        translate(recipient, office="El Senado")
        stage = DecisionStageFactory(pledge=public_pledge, recipient=recipient)
        translate(stage, name="La votación")
        translate(EvidenceFactory(stage=stage), text="Sucedió.")

    queries()
    none = queries()
    add()
    one = queries()
    assert one == none + 7
    for _number in range(3):
        add()
    assert queries() == one


@pytest.mark.requirement("RE1", "DL1")
def test_who_decides_is_not_public_while_no_page_is(client: Client, pledge: Pledge) -> None:
    PledgeRecipientFactory(pledge=pledge)
    DecisionStageFactory(pledge=pledge)
    data = detail(client, pledge).json()
    assert (data["recipients"], data["decision_path"]) == ([], [])


@pytest.mark.requirement("RE1", "CP11")
def test_pledge_json_lists_the_newest_updates(
    client: Client, public_pledge: Pledge, campaign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (1, 3, 2):
        publish(campaign, UpdatePage(title=f"News {day}", slug=f"news-{day}", day=dt.date(2026, 2, day)))
    detail(client, public_pledge)
    with CaptureQueriesContext(connection) as captured:
        updates = detail(client, public_pledge).json()["updates"]
    assert len(captured) <= 9
    assert [update["date"] for update in updates] == ["2026-02-03", "2026-02-02", "2026-02-01"]
    page = UpdatePage.objects.get(title="News 3")
    assert updates[0] == {"title": "News 3", "url": page.full_url, "date": "2026-02-03", "language": "en"}
    monkeypatch.setattr("wagtail_pledge.api.pledges.MAX_UPDATES", 2)
    assert [update["title"] for update in detail(client, public_pledge).json()["updates"]] == ["News 3", "News 2"]
    PageViewRestriction.objects.create(page=campaign, restriction_type=PageViewRestriction.LOGIN)
    assert detail(client, public_pledge).json()["updates"] == []


@pytest.mark.requirement("RE1")
def test_countries_and_days_under_ten_are_not_shown_separately(client: Client, public_pledge: Pledge) -> None:
    data = detail(client, public_pledge).json()
    assert data["total"] == 76
    assert list(data["countries"].items()) == [("DE", 17), ("US", 16)]
    assert data["days"] == [
        {"from": "2026-02-03", "to": "2026-02-03", "count": 12},
        {"from": "2026-02-04", "to": "2026-02-06", "count": 16},
        {"from": "2026-02-07", "to": "2026-02-07", "count": 40},
    ]


@pytest.mark.requirement("RE1")
def test_pledge_json_answers_304_until_something_changes(client: Client, public_pledge: Pledge) -> None:
    first = detail(client, public_pledge)
    WorkLease.objects.update_or_create(
        name="tallies", defaults={"until": timezone.now(), "done_at": timezone.now() + dt.timedelta(hours=1)}
    )
    again = detail(client, public_pledge, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert again.headers["Cache-Control"] == "public, max-age=5"
    Tally.objects.filter(country="MX").update(count=4)
    changed = detail(client, public_pledge, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


@pytest.mark.requirement("RE1")
def test_the_maximum_age_is_longer_in_a_surge(client: Client, public_pledge: Pledge) -> None:
    set_surge(on=True)
    assert detail(client, public_pledge).headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.requirement("RE1")
def test_pledge_json_leaves_out_draft_and_restricted_pages(
    client: Client, public_pledge: Pledge, campaign: Any
) -> None:
    PageViewRestriction.objects.create(page=campaign, restriction_type=PageViewRestriction.LOGIN)
    assert detail(client, public_pledge).json()["titles"] == {"es": "Ratifiquen ya"}
    type(campaign).objects.get(title="Ratifiquen ya").unpublish()
    assert detail(client, public_pledge).status_code == 404
    PageViewRestriction.objects.all().delete()
    assert detail(client, public_pledge).status_code == 200
    Pledge.objects.update(state=PledgeState.DRAFT)
    assert detail(client, public_pledge).status_code == 404


@pytest.mark.requirement("RE1")
def test_pledge_json_has_no_personal_data_of_signers(client: Client, public_pledge: Pledge, individual: Any) -> None:
    SignatureFactory(pledge=public_pledge, name="Quinta Canary", email="quinta@canary.example", display="name_place")
    work()
    body = detail(client, public_pledge).content
    assert json.loads(body)["total"]
    assert b"Canary" not in body
    assert b"canary.example" not in body
