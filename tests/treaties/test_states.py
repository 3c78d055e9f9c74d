"""Names of States are matched exactly and shown in the active language."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from tests.treaties import treaty_data
from wagtail_pledge.treaties.importing.reference_data import load_states
from wagtail_pledge.treaties.models import State, StateAlias
from wagtail_pledge.treaties.states import (
    display_name,
    load_resolver,
    name_in_sentence,
    normalize_name,
    resolve,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("Côte d’Ivoire", "cote d ivoire"),
        ("Cote d'Ivoire", "cote d ivoire"),
        ("St. Lucia", "saint lucia"),
        ("Bahamas (The)", "bahamas"),
        ("Montenegro 2 , 5", "montenegro"),
        ("Türkiye\t¹", "turkiye"),
        ("  Guinea-Bissau ", "guinea bissau"),
    ],
)
def test_normalization_follows_the_published_rule(name: str, normal: str) -> None:
    assert normalize_name(name) == normal


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Niger", "NER"),
        ("Nigeria", "NGA"),
        ("Congo", "COG"),
        ("Democratic Republic of the Congo", "COD"),
        ("Zaire", "COD"),
        ("Guinea", "GIN"),
        ("Guinea-Bissau", "GNB"),
        ("Equatorial Guinea", "GNQ"),
        ("Papua New Guinea", "PNG"),
        ("Dominica", "DMA"),
        ("Dominican Republic", "DOM"),
        ("Republic of Korea", "KOR"),
        ("Democratic People's Republic of Korea", "PRK"),
        ("North Korea", "PRK"),
        ("Samoa", "WSM"),
        ("Sudan", "SDN"),
        ("South Sudan", "SSD"),
        ("Turkey", "TUR"),
        ("Naoero", "NRU"),
        ("European Union", "EU"),
        ("Holy See", "VAT"),
    ],
)
def test_similar_names_are_not_confused(name: str, key: str) -> None:
    treaty_data.states()
    found = resolve(name)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    "name", ["Nigerr", "Korea", "American Samoa", "Kosovo", "Yugoslavia", "Taiwan", "Serbia and Montenegro", ""]
)
def test_unknown_names_are_never_guessed(name: str) -> None:
    treaty_data.states()
    assert resolve(name) is None
    assert load_resolver().resolve(name) is None


def test_every_name_of_every_list_resolves_to_its_code() -> None:
    treaty_data.states()
    resolver = load_resolver()
    for entry in treaty_data.manifest():
        for line in treaty_data.table(treaty_data.content(entry["file"])):
            for name in (line["name"], line["untc_name"]):
                found = resolver.resolve(name)
                assert found is not None, name
                assert found.key == (line["iso_a3"] or line["iso_a2"])


@pytest.mark.parametrize(("update", "name", "noted"), [(False, "The Niger", "Ours"), (True, "Niger", "")])
def test_loading_the_table_again_adds_missing_rows_and_corrects_changed_ones_only_if_told(
    django_assert_max_num_queries: Any, update: bool, name: str, noted: str
) -> None:
    treaty_data.states()
    State.objects.filter(key="NER").update(name="The Niger")
    StateAlias.objects.filter(normalized="niger").update(note="Ours")
    StateAlias.objects.filter(state__key="VUT").delete()
    State.objects.filter(key="VUT").delete()
    with django_assert_max_num_queries(9):
        assert load_states(State, StateAlias, update=update) == 223
    assert State.objects.count() == 223
    assert State.objects.get(key="NER").name == name
    assert StateAlias.objects.get(normalized="niger").note == noted
    assert resolve("Vanuatu") == State.objects.get(key="VUT")
    assert set(State.objects.filter(kind="organization").values_list("iso3", flat=True)) == {""}


def test_names_are_shown_in_the_active_language() -> None:
    cases = [("MEX", "MX", "Mexico"), ("VAT", "VA", "Holy See"), ("EU", "EU", "European Union")]
    assert [display_name(key=key, iso2=iso2, name=name) for key, iso2, name in cases] == [
        "Mexico",
        "Holy See",
        "European Union",
    ]
    with translation.override("es"):
        assert display_name(key="MEX", iso2="MX", name="Mexico") == "México"
        assert display_name(key="XYZ", iso2="", name="Own name") == "Own name"


def test_names_in_sentences_have_an_article_where_the_language_needs_one() -> None:
    assert name_in_sentence(key="PHL", name="Philippines") == "the Philippines"
    assert name_in_sentence(key="MEX", name="Mexico") == "Mexico"
    with translation.override("es"):
        assert name_in_sentence(key="PHL", name="Filipinas") == "Filipinas"
        assert name_in_sentence(key="VAT", name="Santa Sede") == "la Santa Sede"
        assert name_in_sentence(key="GBR", name="Reino Unido") == "el Reino Unido"
