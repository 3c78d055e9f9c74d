"""Finds blocks of a stream that an editor added but left empty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from wagtail.blocks import RichTextBlock, StreamValue

#: Tags that the rich text editor stores for empty text.
PARAGRAPHS: Final = re.compile(r"</?(?:p|br)\b[^>]*>")


def _normalized(stored: Any) -> Any:
    """Return a stored value for comparison: without the ids of list items, without paragraph tags, and with ``""`` for
    ``None``, because a form sends ``""`` where the default of a block is ``None``.
    """
    if isinstance(stored, dict):
        return {name: _normalized(value) for name, value in stored.items() if name != "id"}
    if isinstance(stored, list):
        return [_normalized(value) for value in stored]
    return PARAGRAPHS.sub("", stored).strip() if isinstance(stored, str) else stored or ""


def _is_untouched(child: Any) -> bool:
    """Return whether a child of a stream still has its default value."""
    block = child.block
    return bool(
        _normalized(block.get_prep_value(child.value)) == _normalized(block.get_prep_value(block.get_default()))
    )


def _is_invalid(child: Any) -> bool:
    """Return whether an untouched block cannot be published.

    Empty rich text counts as invalid: Wagtail accepts an empty paragraph for a required text.
    """
    if isinstance(child.block, RichTextBlock):
        return True
    try:
        child.block.clean(child.value)
    except ValidationError:
        return True
    return False


def filled_indexes(value: StreamValue) -> list[int]:
    """Return the indexes of the blocks to keep: those that were changed, and those that are valid as added."""
    return [index for index, child in enumerate(value) if not (_is_untouched(child) and _is_invalid(child))]


def select_blocks(value: StreamValue, indexes: Sequence[int]) -> StreamValue:
    """Return a stream value with only the blocks at ``indexes``."""
    if len(indexes) == len(value):
        return value
    kept = [value[index] for index in indexes]
    return StreamValue(value.stream_block, [(child.block_type, child.value, child.id) for child in kept])
