"""Rarely used fields of a block are in a collapsed panel; fields that a site adds are not."""

from __future__ import annotations

import pytest
from wagtail import blocks

from wagtail_pledge.blocks.base import BlockWithSettings, PledgeBlock
from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.blocks.names import RecentSignersBlock
from wagtail_pledge.blocks.questions import QuestionsBlock

pytestmark = pytest.mark.requirement("CP9")


class SiteBlock(RecentSignersBlock):
    colour = blocks.CharBlock(required=False)


class Arranged(PledgeBlock):
    heading = blocks.CharBlock()

    class Meta:
        form_layout = ["heading", "pledge"]


def test_the_choice_of_another_pledge_is_in_the_settings() -> None:
    bound = [block for block in PledgeBodyBlock().child_blocks.values() if isinstance(block, PledgeBlock)]
    assert len(bound) > 5
    for block in bound:
        layout = block.meta.form_layout
        assert "pledge" in layout.settings
        assert "heading" in layout.children
        assert set(layout.get_sorted_block_names()) == set(block.child_blocks)


def test_the_export_name_is_in_the_settings() -> None:
    for block in QuestionsBlock().child_blocks.values():
        assert block.meta.form_layout.settings == ["slug"]


def test_every_settings_field_exists_and_is_optional() -> None:
    questions = QuestionsBlock().child_blocks.values()
    choices = [block.child_blocks["choices"].child_block for block in questions if "choices" in block.child_blocks]
    assert choices
    for block in (*PledgeBodyBlock().child_blocks.values(), *questions, *choices):
        if isinstance(block, BlockWithSettings):
            assert set(block.settings_fields) <= set(block.child_blocks), block.name
            for name in block.settings_fields:
                child = block.child_blocks[name]
                assert not child.required or child.get_default(), f"{block.name}.{name} must be filled in"


def test_fields_added_by_a_site_are_not_collapsed() -> None:
    layout = SiteBlock().meta.form_layout
    assert layout.children == ["heading", "colour"]
    assert layout.settings == ["pledge", "limit"]


def test_a_site_may_define_the_form_layout() -> None:
    layout = Arranged().meta.form_layout
    assert layout.children == ["heading", "pledge"]
    assert layout.settings == []
