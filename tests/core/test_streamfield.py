"""The body's field keeps blocks out of migrations and keeps what it does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_django import Settings
from wagtail.blocks import CharBlock, StreamBlock, StreamValue

from wagtail_pledge.core.streamfield import PledgeStreamField, _PreservingCreator

STORED = [
    {"type": "gone", "value": {"a": 1}, "id": "1"},
    {"type": "word", "value": "hello", "id": "2"},
    {"type": "gone_too", "value": [1, 2], "id": "3"},
]


class Words(StreamBlock):
    """One known type."""

    word = CharBlock()


@pytest.fixture
def field() -> PledgeStreamField:
    made = PledgeStreamField("BODY_BLOCKS", blank=True)
    made.__dict__["stream_block"] = Words()
    made.name = made.attname = "body"
    return made


def test_blocks_of_unknown_type_are_hidden_and_stored_back_at_their_places(field: PledgeStreamField) -> None:
    value = field.to_python(json.dumps(STORED))
    assert [child.block_type for child in value] == ["word"]
    assert field.get_prep_value(value) == STORED


def test_a_field_that_knows_no_blocks_keeps_everything() -> None:
    historic = PledgeStreamField(blank=True)
    value = historic.to_python(STORED)
    assert len(value) == 0
    assert historic.get_prep_value(value) == STORED


def test_a_value_from_a_form_inherits_what_the_form_could_not_show(field: PledgeStreamField) -> None:
    holder_type: Any = type("Holder", (), {})
    field.contribute_to_class = lambda *_: None

    holder_type.body = _PreservingCreator(field)
    page = holder_type()
    page.body = json.dumps(STORED)
    page.body = StreamValue(field.stream_block, [("word", "bye")])
    stored = field.get_prep_value(page.body)
    assert [block["type"] for block in stored] == ["gone", "word", "gone_too"]
    assert stored[1]["value"] == "bye"


def test_emptying_the_known_blocks_does_not_empty_the_others(field: PledgeStreamField) -> None:
    value = field.to_python(STORED)
    del value[0]
    assert field.get_prep_value(value) == [STORED[0], STORED[2]]


def test_migrations_hold_no_block(field: PledgeStreamField) -> None:
    _name, path, args, kwargs = field.deconstruct()
    assert (path, args, kwargs) == ("wagtail_pledge.core.streamfield.PledgeStreamField", [], {"blank": True})


@pytest.mark.parametrize("value", ["", None, [], "no json"])
def test_what_is_no_list_of_blocks_is_an_empty_body(field: PledgeStreamField, value: Any) -> None:
    assert len(field.to_python(value)) == 0


def test_blocks_that_cannot_be_loaded_are_left_to_the_check_that_names_them(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_BODY_BLOCKS = "nowhere.Blocks"
    assert PledgeStreamField("BODY_BLOCKS", blank=True).check() == []
