"""Blocks that nobody wrote into: kept in a draft, left out of what is published, never in the way."""

from __future__ import annotations

from typing import Any, Final

import pytest
from wagtail import blocks
from wagtail.blocks import StreamBlockValidationError, StreamValue

from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.campaigns.editor.panels import begun
from wagtail_pledge.pages.models import PledgePage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP9")]

BODY: Final = PledgeBodyBlock()
#: As the text editor sends a text without a word.
NO_TEXT: Final = '<p data-block-key="qo280"></p>'
NO_FACT: Final = {"heading": "", "facts": [{"when": "", "text": "", "source": ""}], "with_updates": False}


def stream(*given: tuple[str, Any]) -> StreamValue:
    return BODY.to_python([{"type": name, "value": value} for name, value in given])


def names(value: StreamValue) -> list[str]:
    return [child.block_type for child in value]


@pytest.mark.parametrize("name", PledgeBodyBlock().child_blocks)
def test_no_block_is_in_the_way_as_it_is_inserted(name: str) -> None:
    value = begun(BODY, [name])
    assert names(value) == [name]
    assert names(BODY.clean(value)) in ([], [name])


def test_what_is_something_without_words_is_published() -> None:
    value = begun(BODY, ["progress", "share", "updates", "sign_buttons"])
    assert names(BODY.clean(value)) == ["progress", "share", "updates", "sign_buttons"]


def test_what_a_form_sends_for_untouched_blocks_is_left_out_and_the_rest_keeps_its_order() -> None:
    told = ("rich_text", "<p>Ana picks grapes.</p>")
    empty = ("endorsement", {"quote": "", "name": "", "role": "", "photo": None})
    value = stream(("rich_text", NO_TEXT), told, empty, ("progress", {}), ("facts_timeline", NO_FACT))
    cleaned = BODY.clean(value)
    assert names(cleaned) == ["rich_text", "progress"]
    assert cleaned[0].value.source == told[1]
    assert names(value) == ["rich_text", "rich_text", "endorsement", "progress", "facts_timeline"]


def test_a_draft_keeps_all() -> None:
    value = stream(("rich_text", NO_TEXT), ("facts_timeline", NO_FACT))
    assert names(BODY.clean_deferred(value)) == ["rich_text", "facts_timeline"]
    assert names(BODY.clean(value)) == []


def test_a_block_that_was_begun_is_asked_about_at_its_own_place() -> None:
    quoted = {"quote": "We pick it.", "name": "", "role": "", "photo": None}
    with pytest.raises(StreamBlockValidationError) as caught:
        BODY.clean(stream(("rich_text", NO_TEXT), ("facts_timeline", NO_FACT), ("endorsement", quoted)))
    assert list(caught.value.block_errors) == [2]
    assert list(caught.value.block_errors[2].block_errors) == ["name"]


def test_one_filled_row_of_two_is_asked_about() -> None:
    half = {"facts": [{"when": "1990", "text": "", "source": ""}]}
    with pytest.raises(StreamBlockValidationError) as caught:
        BODY.clean(stream(("facts_timeline", half)))
    assert list(caught.value.block_errors) == [0]


def test_a_new_page_begins_with_blocks_that_the_sites_body_knows() -> None:
    class Small(blocks.StreamBlock):  # type: ignore[misc]
        rich_text = blocks.RichTextBlock()

    assert names(begun(BODY, PledgePage.starter_blocks)) == ["rich_text", "endorsement", "facts_timeline"]
    assert names(begun(Small(), PledgePage.starter_blocks)) == ["rich_text"]
    assert names(begun(BODY, ())) == []
