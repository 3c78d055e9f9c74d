"""Live facts in rich text: inserted by an editor, rendered from treaty data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import translation
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.rich_text import expand_db_html

from tests.treaties import treaty_data
from wagtail_pledge.admin.treaties.live_facts import ENTITY, URL_NAME
from wagtail_pledge.treaties.display.live_facts import LIVE_FACT
from wagtail_pledge.treaties.models import TreatyAction

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("TR5")]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(treaty_data.TODAY, tick=False):
        yield


def _fact(**attributes: str) -> str:
    attribute_list = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f'<embed embedtype="{LIVE_FACT}" {attribute_list}/>'


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("root", "root@example.org", "x"))
    return client


def test_a_number_in_rich_text_is_current_and_has_its_date() -> None:
    treaty_data.cmw()
    html = expand_db_html(f"<p>So far {_fact(treaty='cmw', fact='number_parties')} have joined.</p>")
    assert html == (
        '<p>So far <span class="pledge-fact">60</span> <small class="pledge-fact-date">(as of 3 February 2026)</small>'
        " have joined.</p>"
    )
    TreatyAction.objects.filter(party__key="MEX").delete()
    assert ">59</span>" in expand_db_html(_fact(treaty="cmw", fact="number_parties"))


def test_many_facts_query_each_treaty_once(django_assert_max_num_queries: Any) -> None:
    treaty_data.cmw()
    text = "".join(_fact(treaty="cmw", fact=kind) for kind in ("number_parties", "number_signed_only", "sentence"))
    with django_assert_max_num_queries(3):
        html = expand_db_html(f"<p>{text}</p>")
    assert ">60</span>" in html
    assert ">11</span>" in html


@pytest.mark.parametrize(
    "attributes",
    [{"treaty": "gone"}, {}, {"treaty": "empty"}, {"treaty": "cmw", "fact": "state", "state": "XXX"}],
)
def test_a_fact_without_data_renders_nothing(attributes: dict[str, str]) -> None:
    treaty_data.cmw()
    treaty_data.treaty("empty")
    assert expand_db_html(f"<p>a{_fact(**attributes)}b</p>") == "<p>ab</p>"


def test_a_fact_is_translated_and_names_examples_only_while_true() -> None:
    treaty_data.cmw()
    with translation.override("es"):
        assert "3 de febrero de 2026" in expand_db_html(_fact(treaty="cmw", fact="number_parties"))
    html = expand_db_html(_fact(treaty="cmw", fact="parties", examples="MEX,USA"))
    assert "including Mexico" in html
    assert "United States" not in html


def test_the_rich_text_editor_keeps_a_fact_unchanged() -> None:
    treaty_data.cmw()
    converter = ContentstateConverter([LIVE_FACT, "bold"])
    fact = _fact(treaty="cmw", fact="number_parties")
    stored = f'<p data-block-key="a">So far {fact} States</p>'
    content = json.loads(converter.from_database_format(stored))
    assert content["blocks"][0]["text"] == "So far 60 (as of 3 February 2026) States"
    entity = content["entityMap"]["0"]
    assert (entity["type"], entity["mutability"]) == (ENTITY, "IMMUTABLE")
    assert entity["data"]["treaty"] == "cmw"
    again = converter.to_database_format(json.dumps(content))
    assert f'embedtype="{LIVE_FACT}"' in again
    assert 'fact="number_parties"' in again
    assert "60" not in again
    assert expand_db_html(again).count(">60</span>") == 1


def test_the_chooser_shows_a_form_and_returns_the_choice(admin: Client) -> None:
    treaty_data.cmw()
    url = reverse(URL_NAME)
    shown = admin.get(url, {"treaty": "cmw", "fact": "parties"}).json()
    assert shown["step"] == "choose"
    assert 'name="fact-treaty"' in shown["html"]
    posted = {"fact-treaty": "cmw", "fact-fact": "state", "fact-state": ""}
    assert "Choose the State" in admin.post(url, posted).json()["html"]
    answer = admin.post(url, {**posted, "fact-state": "USA"}).json()
    assert answer["step"] == "chosen"
    assert answer["result"]["state"] == "USA"
    assert "has neither signed" in answer["result"]["text"]


def test_the_chooser_requires_access_to_the_admin(client: Client) -> None:
    assert client.get(reverse(URL_NAME)).status_code == 302
