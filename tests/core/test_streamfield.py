"""``PledgeStreamField``: keeps blocks out of migrations, and keeps blocks of unknown types."""

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


class KnownBlocks(StreamBlock):
    """Stream block with one known type."""

    word = CharBlock()


@pytest.fixture
def field() -> PledgeStreamField:
    made = PledgeStreamField("BODY_BLOCKS", blank=True)
    made.__dict__["stream_block"] = KnownBlocks()
    made.name = made.attname = "body"
    return made


def test_blocks_of_unknown_types_are_hidden_and_keep_their_positions(field: PledgeStreamField) -> None:
    value = field.to_python(json.dumps(STORED))
    assert [child.block_type for child in value] == ["word"]
    assert field.get_prep_value(value) == STORED


def test_a_field_without_blocks_keeps_all_data() -> None:
    historic = PledgeStreamField(blank=True)
    value = historic.to_python(STORED)
    assert len(value) == 0
    assert historic.get_prep_value(value) == STORED


def test_a_value_from_a_form_keeps_blocks_of_unknown_types(field: PledgeStreamField) -> None:
    holder_type: Any = type("Holder", (), {})
    field.contribute_to_class = lambda *_: None

    holder_type.body = _PreservingCreator(field)
    page = holder_type()
    page.body = json.dumps(STORED)
    page.body = StreamValue(field.stream_block, [("word", "bye")])
    stored = field.get_prep_value(page.body)
    assert [block["type"] for block in stored] == ["gone", "word", "gone_too"]
    assert stored[1]["value"] == "bye"


def test_deleting_known_blocks_keeps_the_unknown_ones(field: PledgeStreamField) -> None:
    value = field.to_python(STORED)
    del value[0]
    assert field.get_prep_value(value) == [STORED[0], STORED[2]]


def test_migrations_contain_no_blocks(field: PledgeStreamField) -> None:
    _name, path, args, kwargs = field.deconstruct()
    assert (path, args, kwargs) == ("wagtail_pledge.models.PledgeStreamField", [], {"blank": True})


@pytest.mark.parametrize("value", ["", None, [], "not JSON"])
def test_an_invalid_value_is_an_empty_stream(field: PledgeStreamField, value: Any) -> None:
    assert len(field.to_python(value)) == 0


def test_blocks_that_cannot_be_imported_are_reported_by_our_own_check_only(settings: Settings) -> None:
    settings.WAGTAIL_PLEDGE_BODY_BLOCKS = "nowhere.Blocks"
    assert PledgeStreamField("BODY_BLOCKS", blank=True).check() == []
