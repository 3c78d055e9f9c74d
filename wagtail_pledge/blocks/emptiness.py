"""Blocks that an editor was offered, or opened, and never wrote into."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Any, Final

from wagtail.blocks import StreamValue

#: What the text editor may leave where nothing was typed.
PARAGRAPHS: Final = re.compile(r"</?(?:p|br)\b[^>]*>")


def _bare(stored: Any) -> Any:
    """Return what is stored without the keys of the rows of a list; of rich text, what stands in paragraphs."""
    if isinstance(stored, dict):
        return {name: _bare(value) for name, value in stored.items() if name != "id"}
    if isinstance(stored, list):
        return [_bare(value) for value in stored]
    return PARAGRAPHS.sub("", stored).strip() if isinstance(stored, str) else stored


def is_untouched(child: Any) -> bool:
    """Whether a block of a stream is as it was when it was added."""
    block = child.block
    return bool(_bare(block.get_prep_value(child.value)) == _bare(block.get_prep_value(block.get_default())))


def without(value: StreamValue, indexes: AbstractSet[int]) -> StreamValue:
    """Return the stream without the blocks at ``indexes``."""
    kept = [(child.block_type, child.value, child.id) for index, child in enumerate(value) if index not in indexes]
    return StreamValue(value.stream_block, kept)
