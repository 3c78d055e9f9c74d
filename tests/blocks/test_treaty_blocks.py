"""Blocks that show treaty data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from wagtail.blocks import Block, StreamBlock
from wagtail.blocks.base import BlockWidget

from tests.treaties import treaty_data
from wagtail_pledge.blocks.treaty import TreatyFactBlock, TreatyNumbersBlock, TreatyTableBlock
from wagtail_pledge.blocks.treaty_base import StatesChoiceBlock, TreatyChoiceBlock, sample_world_status
from wagtail_pledge.blocks.treaty_charts import TreatyMapBlock, TreatyTimelineBlock
from wagtail_pledge.blocks.treaty_states import TreatyMissingBlock, TreatyRelatedBlock, TreatySpotlightBlock
from wagtail_pledge.treaties.models import Treaty, TreatyAction

BLOCKS = [
    TreatyFactBlock,
    TreatyNumbersBlock,
    TreatyTableBlock,
    TreatyMapBlock,
    TreatyTimelineBlock,
    TreatySpotlightBlock,
    TreatyMissingBlock,
]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(treaty_data.TODAY, tick=False):
        yield


def _rendered(block: Block, value: dict[str, Any], query: str = "") -> str:
    request = RequestFactory().get(f"/{query}")
    return str(block.render(block.to_python(value), context={"request": request}))


class _Table(HTMLParser):
    """Collects the parts of a table that screen readers use."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.mark.django_db
@pytest.mark.requirement("TR5")
def test_the_fact_is_current_and_its_queries_are_limited(django_assert_max_num_queries: Any) -> None:
    treaty_data.cmw()
    block = TreatyFactBlock()
    with django_assert_max_num_queries(3):
        html = _rendered(block, {"treaty": "cmw", "examples": ["MEX", "PHL"]})
    assert '<span class="pledge-fact">60</span> States are party to the Migrant Workers Convention' in html
    assert "including Mexico and the Philippines" in html
    assert '<time datetime="2026-02-03">3 February 2026</time>' in html


@pytest.mark.django_db
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("key", ["deleted", "", None])
def test_a_deleted_treaty_renders_nothing_without_an_error(block: type[Block], key: str | None) -> None:
    assert _rendered(block(), {"treaty": key}).strip() == ""


@pytest.mark.django_db
@pytest.mark.parametrize("block", BLOCKS)
def test_a_treaty_without_data_renders_nothing_and_warns_the_editor(block: type[Block]) -> None:
    treaty_data.treaty("empty")
    assert _rendered(block(), {"treaty": "empty"}).strip() == ""
    request = RequestFactory().get("/")
    request.is_preview = True  # type: ignore[attr-defined]
    html = block().render(block().to_python({"treaty": "empty"}), context={"request": request})
    assert "no data yet" in html


@pytest.mark.django_db
def test_the_table_is_accessible() -> None:
    treaty_data.cmw()
    html = _rendered(TreatyTableBlock(), {"treaty": "cmw"}, "?sort=consent&dir=desc")
    table = _Table(html)
    assert len(table.all("caption")) == 1
    assert [head["scope"] for head in table.all("th")] == ["col"] * 6 + ["row"] * 71
    assert [head.get("aria-sort") for head in table.all("th") if "aria-sort" in head] == ["descending"]
    region = next(attrs for attrs in table.all("div") if attrs.get("role") == "region")
    assert region["tabindex"] == "0"
    assert region["aria-labelledby"] == table.all("caption")[0]["id"]
    assert all("datetime" in attrs for attrs in table.all("time"))
    assert "?sort=consent&amp;dir=asc#treaty-cmw" in html
    for shape, label in (("●", "Party"), ("◐", "Signed only")):
        assert f'<span aria-hidden="true">{shape}</span> {label}' in html
    assert "succession to signature" in html
    assert "<script" not in html
    assert " style=" not in html
    assert "onclick" not in html


@pytest.mark.django_db
def test_the_table_can_include_states_without_any_act() -> None:
    treaty_data.cmw()
    html = _rendered(TreatyTableBlock(), {"treaty": "cmw", "all_states": True})
    assert html.count('<th scope="row">') == 197
    assert "○" in html
    TreatyAction.objects.all().delete()


@pytest.mark.django_db
def test_stored_values_are_portable() -> None:
    treaty = treaty_data.cmw()
    stream = StreamBlock([("treaty_fact", TreatyFactBlock()), ("treaty_table", TreatyTableBlock())])
    stored = [{"type": "treaty_fact", "value": {"treaty": "cmw", "examples": ["MEX"]}, "id": "1"}]
    value = stream.to_python(stored)
    assert json.loads(json.dumps(stream.get_prep_value(value)))[0]["value"] == stored[0]["value"]
    choice = TreatyChoiceBlock()
    assert choice.clean("cmw") == "cmw"
    assert choice.value_from_form(treaty) == "cmw"
    state = choice.get_form_state("cmw")
    assert (state["id"], state["title"]) == ("cmw", str(treaty))
    assert choice.get_form_state("") is None
    assert choice.get_form_state("deleted") is None
    with pytest.raises(ValidationError):
        choice.clean("deleted")
    assert TreatyChoiceBlock(required=False).clean("") == ""


@pytest.mark.django_db
def test_states_are_listed_by_name_in_the_editors_language() -> None:
    treaty_data.states()
    block = StatesChoiceBlock()
    with translation.override("es"):
        assert ("MEX", "México") in list(block.field.choices)
    assert block.clean(["MEX", "PHL"]) == ["MEX", "PHL"]
    with pytest.raises(ValidationError):
        block.clean(["XXX"])
    assert list(block.get_default()) == []


@pytest.mark.parametrize("block", [*BLOCKS, TreatyRelatedBlock])
@pytest.mark.requirement("CP9")
def test_the_preview_needs_no_database_rows(block: type[Block]) -> None:
    definition = block()
    value = definition.get_preview_value()
    bound = definition.bind(value)
    context = {"request": RequestFactory().get("/"), "block_def": definition, "bound_block": bound}
    html = render_to_string(definition.get_preview_template(value, context), context)
    assert definition.is_previewable
    assert any(sign in html for sign in ("Mexico", "Togo", "Example Convention"))
    assert "pledge.css" in html
    assert {"icon", "group", "description", "label"} <= set(dir(definition.meta))


@pytest.mark.requirement("CP9")
def test_the_preview_of_the_map_shows_the_whole_world() -> None:
    status = sample_world_status()
    assert len(status.states) > 190
    assert min(status.parties, status.signed_only) > 30
    assert {state.key for state in status.states} >= {"MEX", "TGO", "USA"}


@pytest.mark.django_db
def test_a_new_treaty_is_offered_immediately() -> None:
    block = TreatyChoiceBlock()
    with pytest.raises(ValidationError):
        block.clean("new")
    Treaty.objects.create(key="new", short_name="New", name="the new one", title="New")
    assert block.clean("new") == "new"


@pytest.mark.django_db
def test_one_treaty_is_chosen_with_the_chooser_and_several_states_with_a_select() -> None:
    treaty_data.cmw()
    stream = StreamBlock([("treaty_fact", TreatyFactBlock()), ("treaty_table", TreatyTableBlock())])
    stored = [{"type": "treaty_fact", "value": {"treaty": "cmw", "examples": ["MEX"]}, "id": "1"}]
    html = BlockWidget(stream).render_with_errors("body", stream.to_python(stored))
    assert "Migrant Workers" in html
    assert f"{reverse('wagtail_pledge_treaty_chooser:choose')}?by=key" in html
    posted = {
        "body-count": "1",
        "body-0-type": "treaty_fact",
        "body-0-order": "0",
        "body-0-deleted": "",
        "body-0-id": "1",
        "body-0-value-treaty": "cmw",
        "body-0-value-examples": ["MEX", "PHL"],
    }
    data = MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in posted.items()})
    value = stream.clean(stream.value_from_datadict(data, {}, "body"))
    assert stream.get_prep_value(value)[0]["value"] == {
        "treaty": "cmw",
        "kind": "",
        "examples": ["MEX", "PHL"],
        "state": "",
    }


@pytest.mark.django_db
@pytest.mark.requirement("TR5")
@pytest.mark.parametrize(
    ("kind", "state", "sentence"),
    [
        (
            "parties",
            "",
            "60</span> States are party to the Migrant Workers Convention.</p>",
        ),
        (
            "signed_only",
            "",
            "11</span> signatories of the Migrant Workers Convention have not become parties to it.",
        ),
        ("state", "USA", "the United States of America has neither signed the Migrant Workers Convention"),
        (
            "state",
            "MEX",
            "Mexico has been a party to the Migrant Workers Convention since its ratification of 8 March 1999",
        ),
        ("no longer known", "", "11</span> more have signed but are not party"),
    ],
)
def test_a_fact_renders_the_kind_that_the_editor_chose(kind: str, state: str, sentence: str) -> None:
    treaty_data.cmw()
    assert sentence in _rendered(TreatyFactBlock(), {"treaty": "cmw", "kind": kind, "state": state})


@pytest.mark.django_db
@pytest.mark.requirement("CP9")
def test_counts_do_not_overlap_and_have_a_date() -> None:
    treaty_data.cmw()
    html = _rendered(TreatyNumbersBlock(), {"treaty": "cmw"})
    assert re.findall(r"pledge-status-(\w+)\">(\d+)<", html) == [("party", "60"), ("signed", "11"), ("none", "126")]
    assert "As of 3 February 2026." in html


@pytest.mark.django_db
@pytest.mark.requirement("CP9")
def test_two_map_blocks_on_a_page_have_different_ids() -> None:
    treaty_data.cmw()
    html = _rendered(TreatyMapBlock(), {"treaty": "cmw", "spotlight": "USA"})
    other = _rendered(TreatyMapBlock(), {"treaty": "cmw"})
    assert "60 parties, 11 signed only, 126 neither signed nor party. As of 3 February 2026." in html
    assert "The table on this page" not in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(ids) & set(re.findall(r' id="([^"]+)"', other)) == set()
    assert "pledge-map-outline" not in other


@pytest.mark.django_db
@pytest.mark.requirement("CP9")
def test_the_timeline_lists_every_step() -> None:
    treaty_data.cmw()
    html = _rendered(TreatyTimelineBlock(), {"treaty": "cmw"})
    assert "In force since 1 July 2003." in html
    assert "Montenegro: succession to signature" in html
    assert [head.strip() for head in re.findall(r"<h3>(.*?)</h3>", html)] == ["1990s", "2000s", "2010s", "2020s"]


@pytest.mark.django_db
@pytest.mark.requirement("CP9")
def test_the_spotlight_card_shows_the_states_status() -> None:
    treaty_data.cmw()
    assert "Has not signed or joined" in _rendered(TreatySpotlightBlock(), {"treaty": "cmw", "state": "USA"})
    assert "Signed, not party" in _rendered(TreatySpotlightBlock(), {"treaty": "cmw", "state": "KHM"})
    assert _rendered(TreatySpotlightBlock(), {"treaty": "cmw", "state": "XXX"}).strip() == ""


@pytest.mark.django_db
@pytest.mark.requirement("CP9")
def test_missing_states_accepts_a_region_or_a_list() -> None:
    treaty_data.cmw()
    hosts = _rendered(TreatyMissingBlock(), {"treaty": "cmw", "group": "migrant_hosts"})
    assert "10 of 10 States are not party." in hosts
    assert "International Migrant Stock 2020" in hosts
    members = _rendered(TreatyMissingBlock(), {"treaty": "cmw", "group": "un_members", "heading": "Missing"})
    assert "133 of 193 States are not party." in members
    assert "<h2>Missing</h2>" in members
    own = _rendered(TreatyMissingBlock(), {"treaty": "cmw", "states": ["MEX", "USA"]})
    assert "1 of 2 States are not party." in own
    assert _rendered(TreatyMissingBlock(), {"treaty": "cmw", "group": "gone"}).strip() == ""


@pytest.mark.django_db
@pytest.mark.requirement("TR6", "CP9")
def test_related_treaties_show_the_status_of_one_state(django_assert_max_num_queries: Any) -> None:
    treaty_data.cmw()
    treaty_data.treaty("empty")
    with django_assert_max_num_queries(2):
        html = _rendered(TreatyRelatedBlock(), {"state": "MEX", "treaties": ["cmw", "empty"]})
    assert '<time datetime="1999-03-08">8 March 1999</time> <small>(ratification)</small>' in html
    assert html.count("may be out of date") == 1
    assert "no data" in html
    assert "Not known" in html
    assert _rendered(TreatyRelatedBlock(), {"state": ""}).strip() == ""
    assert "empty" not in _rendered(TreatyRelatedBlock(), {"state": "MEX", "treaties": ["cmw"]})
