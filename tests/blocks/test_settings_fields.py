"""What is rarely changed waits behind one click, and what a site adds does not."""

from __future__ import annotations

import pytest
from wagtail import blocks

from wagtail_pledge.blocks.base import FoldingBlock, PledgeBoundBlock
from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.blocks.names import RecentSignersBlock
from wagtail_pledge.blocks.questions import QuestionsBlock

pytestmark = pytest.mark.requirement("CP9")


class SitesOwn(RecentSignersBlock):
    colour = blocks.CharBlock(required=False)


class Arranged(PledgeBoundBlock):
    heading = blocks.CharBlock()

    class Meta:
        form_layout = ["heading", "pledge"]


def test_another_pledge_than_the_pages_is_a_setting() -> None:
    bound = [block for block in PledgeBodyBlock().child_blocks.values() if isinstance(block, PledgeBoundBlock)]
    assert len(bound) > 5
    for block in bound:
        layout = block.meta.form_layout
        assert "pledge" in layout.settings
        assert "heading" in layout.children
        assert set(layout.get_sorted_block_names()) == set(block.child_blocks)


def test_an_editor_names_nothing_for_exports_unless_asked() -> None:
    for block in QuestionsBlock().child_blocks.values():
        assert block.meta.form_layout.settings == ["slug"]


def test_every_folded_name_is_a_child_that_may_stay_as_it_is() -> None:
    questions = QuestionsBlock().child_blocks.values()
    choices = [block.child_blocks["choices"].child_block for block in questions if "choices" in block.child_blocks]
    assert choices
    for block in (*PledgeBodyBlock().child_blocks.values(), *questions, *choices):
        if isinstance(block, FoldingBlock):
            assert set(block.folded) <= set(block.child_blocks), block.name
            for name in block.folded:
                child = block.child_blocks[name]
                assert not child.required or child.get_default(), f"{block.name}.{name} must be filled in"


def test_what_a_site_adds_stays_in_sight() -> None:
    layout = SitesOwn().meta.form_layout
    assert layout.children == ["heading", "colour"]
    assert layout.settings == ["pledge", "limit"]


def test_a_site_may_arrange_a_form_itself() -> None:
    layout = Arranged().meta.form_layout
    assert layout.children == ["heading", "pledge"]
    assert layout.settings == []
