"""``status.json``, ``status.csv`` and ``changes.atom`` of a treaty."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client

from tests.treaties import treaty_data
from wagtail_pledge.core.escaping import safe_cell
from wagtail_pledge.treaties.importing.reference_data import load_declarations
from wagtail_pledge.treaties.models import State, TreatyAction

pytestmark = pytest.mark.django_db
JSON = "/pledge/treaties/cmw/status.json"
CSV = "/pledge/treaties/cmw/status.csv"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(treaty_data.TODAY, tick=False):
        yield


@pytest.fixture
def cmw() -> Any:
    """Return the Convention on Migrant Workers with its actions."""
    return treaty_data.cmw()


def _state(data: dict[str, Any], iso3: str) -> dict[str, Any]:
    found: dict[str, Any] = next(state for state in data["states"] if state.get("iso3") == iso3)
    return found


@pytest.mark.requirement("TR2")
@pytest.mark.usefixtures("cmw")
def test_status_json_of_today_and_of_a_past_day(client: Client, django_assert_num_queries: Any) -> None:
    # Treaty, acts, declarations
    with django_assert_num_queries(3):
        data = client.get(JSON).json()
    states = data.pop("states")
    assert data == {
        "treaty": "cmw",
        "as_of": "2026-11-24",
        "data_as_of": "2026-02-03",
        "parties": 60,
        "signatories": 40,
        "signed_only": 11,
        "former_parties": 0,
        "unknown": 0,
        "organizations": 0,
        "territories": 0,
        "in_force_for": 60,
        "declarations": [],
    }
    assert len(states) == 197
    then = client.get(JSON, {"as_of": "2016-12-18"}).json()
    assert (then["parties"], then["signatories"], then["signed_only"]) == (49, 38, 17)
    assert then["as_of"] == "2016-12-18"


@pytest.mark.usefixtures("cmw")
def test_fields_of_a_state(client: Client) -> None:
    data = client.get(JSON).json()
    assert _state(data, "MEX") == {
        "iso3": "MEX",
        "name": "Mexico",
        "status": "party",
        "signature": {"date": "1991-05-22", "kind": "signature"},
        "consent": {"date": "1999-03-08", "kind": "ratification", "effect": "2003-07-01"},
    }
    assert _state(data, "MNE") == {
        "iso3": "MNE",
        "name": "Montenegro",
        "status": "signed_only",
        "signature": {"date": "2006-10-23", "kind": "succession_to_signature"},
        "consent": None,
    }
    assert _state(data, "USA")["status"] == "none"
    assert _state(data, "USA")["signature"] is None


@pytest.mark.requirement("TR7")
def test_declarations_in_effect_are_in_the_json(client: Client, cmw: Any) -> None:
    load_declarations(treaty_data.DATA, cmw)
    union = State.objects.get(key="EU")
    cmw.declarations.create(party=union, kind="declaration", article="1", text="On competence.")
    listed = client.get(JSON).json()["declarations"]
    assert next(one for one in listed if "type" in one) == {
        "type": "organization",
        "id": "EU",
        "name": "European Union",
        "kind": "declaration",
        "article": "1",
        "date": None,
        "text": "On competence.",
    }
    mexican = [one for one in listed if one.get("iso3") == "MEX"]
    assert [(one["kind"], one["article"], one["date"]) for one in mexican] == [
        ("declaration", "", "1999-03-08"),
        ("acceptance", "77", "2008-09-15"),
    ]
    # Withdrawn in 2014
    then = client.get(JSON, {"as_of": "2010-01-01"}).json()["declarations"]
    assert ("MEX", "22(4)") in [(one.get("iso3"), one["article"]) for one in then]
    assert ("ECU", "76") not in [(one.get("iso3"), one["article"]) for one in then]


@pytest.mark.requirement("TR7")
def test_a_territory_that_is_party_is_counted_and_marked(client: Client, cmw: Any) -> None:
    territory = State.objects.create(key="XKX", iso3="XKX", name="Kosovo", kind="territory")
    TreatyAction.objects.create(treaty=cmw, party=territory, action="accession", date="2020-01-01")
    data = client.get(JSON).json()
    assert (data["parties"], data["territories"]) == (61, 1)
    assert _state(data, "XKX")["type"] == "territory"


def test_an_organization_has_an_id_and_is_counted_separately(client: Client) -> None:
    treaty_data.states()
    treaty_data.import_csv(treaty_data.treaty("crpd"), treaty_data.content("status/crpd.csv"))
    data = client.get("/pledge/treaties/crpd/status.json").json()
    assert (data["parties"], data["organizations"], data["in_force_for"]) == (193, 1, None)
    union = [state for state in data["states"] if state.get("type") == "organization"]
    assert union == [
        {
            "type": "organization",
            "id": "EU",
            "name": "European Union",
            "status": "party",
            "signature": {"date": "2007-03-30", "kind": "signature"},
            "consent": {"date": "2010-12-23", "kind": "formal_confirmation", "effect": "2011-01-22"},
        }
    ]


def test_a_withdrawal_without_a_date_has_null_dates(client: Client) -> None:
    treaty_data.states()
    treaty_data.import_csv(treaty_data.treaty("iccpr_op1"), treaty_data.content("status/iccpr_op1.csv"))
    data = client.get("/pledge/treaties/iccpr_op1/status.json").json()
    assert (data["parties"], data["former_parties"]) == (116, 3)
    assert _state(data, "JAM")["status"] == "former_party"
    assert _state(data, "JAM")["withdrawal"] == {"date": None, "effect": None}


@pytest.mark.usefixtures("cmw")
@pytest.mark.parametrize("url", [JSON, CSV])
@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ("soon", "not_a_date"),
        ("", "not_a_date"),
        ("2016-02-30", "not_a_date"),
        ("1990-12-17", "before_adoption"),
        ("0001-01-01", "before_adoption"),
        ("2026-11-25", "in_the_future"),
        ("9999-12-31", "in_the_future"),
    ],
)
def test_an_invalid_date_gets_400_with_a_code(client: Client, url: str, as_of: str, code: str) -> None:
    response = client.get(url, {"as_of": as_of})
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == code
    assert len(error["message"]) > 20
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.usefixtures("cmw")
def test_the_day_of_adoption_is_the_first_with_a_status(client: Client) -> None:
    data = client.get(JSON, {"as_of": "1990-12-18"}).json()
    assert (data["parties"], data["signatories"], data["signed_only"], data["in_force_for"]) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("url", "code"), [(JSON, "no_data"), ("/pledge/treaties/nothing/status.csv", "unknown_treaty")]
)
def test_unknown_and_empty_treaties_are_not_found(client: Client, url: str, code: str) -> None:
    treaty_data.treaty()
    response = client.get(url)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == code
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.usefixtures("cmw")
@pytest.mark.parametrize("url", [JSON, CSV])
def test_responses_are_public_and_cacheable(client: Client, url: str) -> None:
    response = client.get(url, headers={"accept-language": "es"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "public" in response["Cache-Control"]
    assert "Accept-Language" not in response.get("Vary", "")
    assert response["Content-Language"] == "en"
    assert not response.cookies
    again = client.get(url, headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Access-Control-Allow-Origin"] == "*"
    assert client.head(url).status_code == 200
    assert client.post(url).status_code == 405


@pytest.mark.usefixtures("cmw")
def test_the_session_is_not_read(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any) -> None:
        pytest.fail("the session was read")

    client.cookies["sessionid"] = "anything"
    monkeypatch.setattr(SessionBase, "_get_session", refuse)
    response = client.get(JSON)
    assert response.status_code == 200
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.usefixtures("cmw")
def test_names_are_in_the_requested_language(client: Client) -> None:
    assert _state(client.get(JSON, {"lang": "es"}).json(), "MEX")["name"] == "México"
    assert _state(client.get(JSON, {"lang": "xx"}).json(), "MEX")["name"] == "Mexico"


@pytest.mark.usefixtures("cmw")
def test_the_csv_has_the_same_data_as_the_json(client: Client) -> None:
    State.objects.filter(key="MEX").update(name="=Mexico")
    response = client.get(CSV, {"as_of": "2016-12-18"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="cmw-2016-12-18.csv"' in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert len(rows) == 197
    assert sum(row["status"] == "party" for row in rows) == 49
    assert sum(row["status"] == "signed_only" for row in rows) == 17
    assert next(row for row in rows if row["id"] == "MEX") == {
        "type": "state",
        "id": "MEX",
        "name": "'=Mexico",
        "status": "party",
        "signature_date": "1991-05-22",
        "signature_kind": "signature",
        "consent_date": "1999-03-08",
        "consent_kind": "ratification",
        "effect_date": "2003-07-01",
        "withdrawal_date": "",
        "as_of": "2016-12-18",
        "data_as_of": "2026-02-03",
    }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_spreadsheet_formulas_are_neutralised(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(f"a{text}") == f"a{text}"
    assert safe_cell(None) == ""


ATOM = "/pledge/treaties/cmw/changes.atom"
_NS = {"a": "http://www.w3.org/2005/Atom"}


@pytest.mark.requirement("TR7")
@pytest.mark.usefixtures("cmw")
def test_the_feed_lists_the_newest_actions_first(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        response = client.get(ATOM)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)
    entries = feed.findall("a:entry", _NS)
    assert len(entries) == 50
    days = [entry.findtext("a:updated", "", _NS) for entry in entries]
    assert days == sorted(days, reverse=True)
    assert feed.findtext("a:updated", "", _NS) == days[0]
    ids = [entry.findtext("a:id", "", _NS) for entry in entries]
    assert len(set(ids)) == 50
    assert all(re.fullmatch(r"tag:testserver,\d{4}-\d\d-\d\d:treaty/cmw/\w+/\w+", each) for each in ids)
    titles = [entry.findtext("a:title", "", _NS) for entry in entries]
    assert all(": " in title for title in titles)


@pytest.mark.requirement("TR7")
@pytest.mark.usefixtures("cmw")
def test_the_feed_has_language_etag_and_maximum_age(client: Client) -> None:
    response = client.get(ATOM, {"lang": "es"})
    assert b'xml:lang="es"' in response.content
    assert response["Content-Language"] == "es"
    assert response["Cache-Control"] == "public, max-age=300"
    assert response["Access-Control-Allow-Origin"] == "*"
    again = client.get(ATOM, {"lang": "es"}, headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304
    assert client.post(ATOM).status_code == 405


@pytest.mark.requirement("TR7")
def test_a_feed_of_an_unknown_or_empty_treaty_is_not_found(client: Client) -> None:
    assert client.get("/pledge/treaties/gone/changes.atom").status_code == 404
    treaty_data.treaty("empty")
    response = client.get("/pledge/treaties/empty/changes.atom")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "no_data"


@pytest.mark.requirement("TR7")
def test_the_feed_marks_a_withdrawal_without_a_date(client: Client, cmw: Any) -> None:
    TreatyAction.objects.create(treaty=cmw, party=State.objects.get(key="MEX"), action="withdrawal")
    first = ElementTree.fromstring(client.get(ATOM).content).find("a:entry", _NS)
    assert first is not None
    assert first.findtext("a:title", "", _NS) == "Mexico: withdrawal"
    assert "does not say when" in first.findtext("a:summary", "", _NS)
