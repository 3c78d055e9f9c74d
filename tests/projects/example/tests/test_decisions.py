"""Who decides on the demo's campaign: the road of a treaty in the United States, and officials who have signed."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.html import strip_tags

from tests import journey
from tests.projects.example.tests.test_demo import run_demo
from wagtail_pledge.delivery.models import DecisionStage, Recipient
from wagtail_pledge.signing.models import Pledge, get_signature_model
from wagtail_pledge.signing.services import approve

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DL1", "CP9")]

STAGES = {
    "en": [
        "The President signs the Convention",
        "The President sends it to the Senate",
        "The Foreign Relations Committee considers it",
        "Two thirds of the senators present vote for it",
        "The President ratifies and deposits the instrument",
    ],
    "es": [
        "La Presidencia firma la Convención",
        "La Presidencia la envía al Senado",
        "La Comisión de Relaciones Exteriores la examina",
        "Dos tercios de los senadores presentes votan a favor",
        "La Presidencia ratifica y deposita el instrumento",
    ],
}
NO_EVIDENCE = {"en": "No evidence on record yet.", "es": "Todavía no constan pruebas."}


def section(client: Client, language: str, block: str) -> str:
    html = client.get(f"/{language}/decision/").content.decode()
    return html.partition(f'class="pledge-{block}"')[2].partition("</section>")[0]


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_tracks_the_road_of_a_treaty(client: Client, language: str) -> None:
    path = section(client, language, "path")
    assert re.findall(r"<h3><bdi>(.*?)</bdi>", path) == STAGES[language]
    assert re.findall(r'datetime="(.*?)"', path) == ["2026-02-03"]
    assert path.count(NO_EVIDENCE[language]) == 4


@pytest.mark.requirement("RE5")
@pytest.mark.parametrize("language", ["en", "es"])
def test_it_names_the_offices_whom_the_call_urges_and_no_person_and_no_position(client: Client, language: str) -> None:
    shown = strip_tags(section(client, language, "deciders"))
    for recipient in Recipient.objects.all():
        office = recipient.office if language == "en" else recipient.translations.get(language="es").office
        assert office in shown
    assert set(Recipient.objects.values_list("name", "position")) == {("", "unknown")}
    assert shown.count({"en": "none on record", "es": "no consta"}[language]) == 3


@pytest.mark.requirement("SN1")
def test_officials_who_have_signed_are_shown_once_they_are_approved(client: Client) -> None:
    assert "Nobody so far." in section(client, "en", "deciders")
    official = {
        "name": "Grace Okafor",
        "office": "Member of the city council",
        "jurisdiction": "Durham",
        "country": "US",
        "email": "grace@durham.example",
    }
    assert journey.sign(client, "/en/ratify/official/", **official).status_code == 303
    journey.work()
    assert journey.confirm(client, "grace@durham.example").status_code == 303
    assert "Okafor" not in section(client, "en", "deciders")
    approve(get_signature_model()._default_manager.get())
    for language in ("en", "es"):
        assert "Grace Okafor, Member of the city council, Durham" in section(client, language, "deciders")
    assert "Nobody so far." not in section(client, "en", "deciders")


@pytest.mark.requirement("RE1")
def test_the_public_data_has_both_languages(client: Client, pledge: Pledge) -> None:
    data = client.get(f"/pledge/{pledge.uuid}/pledge.json").json()
    assert [stage["name"] for stage in data["decision_path"]] == [
        {"en": english, "es": spanish} for english, spanish in zip(STAGES["en"], STAGES["es"], strict=True)
    ]
    assert [set(one["office"]) for one in data["recipients"]] == [{"en", "es"}] * 3


def test_stages_that_the_team_has_changed_are_kept() -> None:
    DecisionStage.objects.filter(position=1).update(state="done", name="Signed")
    run_demo()
    assert DecisionStage.objects.get(position=1).name == "Signed"
    assert DecisionStage.objects.count() == 5


@pytest.mark.parametrize("language", ["en", "es"])
def test_home_and_campaign_page_link_to_it_and_it_links_to_the_form_for_officials(
    client: Client, language: str
) -> None:
    for path in (f"/{language}/", f"/{language}/ratify/"):
        assert f'href="/{language}/decision/"' in client.get(path).content.decode()
    assert 'class="pledge-path"' in client.get(f"/{language}/").content.decode()
    form = f"/{language}/ratify/official/"
    assert f'href="{form}"' in client.get(f"/{language}/decision/").content.decode()
    assert client.get(form).status_code == 200
