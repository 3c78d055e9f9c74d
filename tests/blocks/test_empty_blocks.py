"""Empty blocks are kept in drafts and left out when the page is published."""

from __future__ import annotations

from typing import Any, Final

import pytest
from wagtail import blocks
from wagtail.blocks import StreamBlockValidationError, StreamValue

from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.campaigns.editor.panels import empty_stream
from wagtail_pledge.pages.models import PledgePage

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CP9")]

BODY: Final = PledgeBodyBlock()
#: The value that the rich text editor submits for an empty text.
NO_TEXT: Final = '<p data-block-key="qo280"></p>'
NO_FACT: Final = {"heading": "", "facts": [{"when": "", "text": "", "source": ""}], "with_updates": False}


def stream(*given: tuple[str, Any]) -> StreamValue:
    return BODY.to_python([{"type": name, "value": value} for name, value in given])


def names(value: StreamValue) -> list[str]:
    return [child.block_type for child in value]


@pytest.mark.parametrize("name", PledgeBodyBlock().child_blocks)
def test_a_newly_inserted_block_never_prevents_publishing(name: str) -> None:
    value = empty_stream(BODY, [name])
    assert names(value) == [name]
    assert names(BODY.clean(value)) in ([], [name])


def test_a_block_with_content_other_than_text_is_published() -> None:
    value = empty_stream(BODY, ["progress", "share", "updates", "sign_buttons"])
    assert names(BODY.clean(value)) == ["progress", "share", "updates", "sign_buttons"]


def test_untouched_blocks_are_left_out_and_the_others_keep_their_order() -> None:
    filled = ("rich_text", "<p>Ana picks grapes.</p>")
    empty = ("endorsement", {"quote": "", "name": "", "role": "", "photo": None})
    value = stream(("rich_text", NO_TEXT), filled, empty, ("progress", {}), ("facts_timeline", NO_FACT))
    cleaned = BODY.clean(value)
    assert names(cleaned) == ["rich_text", "progress"]
    assert cleaned[0].value.source == filled[1]
    assert names(value) == ["rich_text", "rich_text", "endorsement", "progress", "facts_timeline"]


def test_a_draft_keeps_empty_blocks() -> None:
    value = stream(("rich_text", NO_TEXT), ("facts_timeline", NO_FACT))
    assert names(BODY.clean_deferred(value)) == ["rich_text", "facts_timeline"]
    assert names(BODY.clean(value)) == []


def test_a_partly_filled_block_gives_an_error_at_that_block() -> None:
    quoted = {"quote": "We pick it.", "name": "", "role": "", "photo": None}
    with pytest.raises(StreamBlockValidationError) as caught:
        BODY.clean(stream(("rich_text", NO_TEXT), ("facts_timeline", NO_FACT), ("endorsement", quoted)))
    assert list(caught.value.block_errors) == [2]
    assert list(caught.value.block_errors[2].block_errors) == ["name"]


def test_a_partly_filled_list_gives_an_error() -> None:
    half = {"facts": [{"when": "1990", "text": "", "source": ""}]}
    with pytest.raises(StreamBlockValidationError) as caught:
        BODY.clean(stream(("facts_timeline", half)))
    assert list(caught.value.block_errors) == [0]


def test_a_new_page_starts_with_blocks_that_the_sites_body_has() -> None:
    class Small(blocks.StreamBlock):  # type: ignore[misc]
        rich_text = blocks.RichTextBlock()

    assert names(empty_stream(BODY, PledgePage.starter_blocks)) == ["rich_text", "endorsement", "facts_timeline"]
    assert names(empty_stream(Small(), PledgePage.starter_blocks)) == ["rich_text"]
    assert names(empty_stream(BODY, ())) == []


def test_a_block_that_renders_nothing_leaves_no_wrapper_in_the_page() -> None:
    value = stream(("rich_text", "<p>Seen.</p>"), ("state_words", {"state": "won", "heading": "We won", "text": ""}))
    html = value.render_as_block({})
    assert html.count('<div class="w-block-') == 1
    assert "w-block-rich_text block-rich_text" in html
