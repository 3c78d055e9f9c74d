"""Blocks that an editor was offered, or opened, and never wrote into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from wagtail.blocks import RichTextBlock, StreamValue

#: What the text editor may leave where nothing was typed.
PARAGRAPHS: Final = re.compile(r"</?(?:p|br)\b[^>]*>")


def _normalized(stored: Any) -> Any:
    """Return what is stored without the keys of the rows of a list; of rich text, what stands in paragraphs. A form
    gives an empty text where a new block has none.
    """
    if isinstance(stored, dict):
        return {name: _normalized(value) for name, value in stored.items() if name != "id"}
    if isinstance(stored, list):
        return [_normalized(value) for value in stored]
    return PARAGRAPHS.sub("", stored).strip() if isinstance(stored, str) else stored or ""


def _is_untouched(child: Any) -> bool:
    """Whether a block of a stream is as it was when it was added."""
    block = child.block
    return bool(
        _normalized(block.get_prep_value(child.value)) == _normalized(block.get_prep_value(block.get_default()))
    )


def _is_invalid(child: Any) -> bool:
    """Whether an untouched block could not be published as it stands. To Wagtail an empty paragraph is a text."""
    if isinstance(child.block, RichTextBlock):
        return True
    try:
        child.block.clean(child.value)
    except ValidationError:
        return True
    return False


def filled_indexes(value: StreamValue) -> list[int]:
    """Return the places of the blocks that somebody wrote into, and of those that are something without words."""
    return [place for place, child in enumerate(value) if not (_is_untouched(child) and _is_invalid(child))]


def select_blocks(value: StreamValue, places: Sequence[int]) -> StreamValue:
    """Return the stream with the blocks at ``places``."""
    if len(places) == len(value):
        return value
    kept = [value[place] for place in places]
    return StreamValue(value.stream_block, [(child.block_type, child.value, child.id) for child in kept])
