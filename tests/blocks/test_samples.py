"""Previews in the picker are translated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.functional import Promise
from django.utils.translation import override

from wagtail_pledge.blocks.body import PledgeBodyBlock

pytestmark = pytest.mark.requirement("CP9", "RE5")

BLOCKS = {name: block for name, block in PledgeBodyBlock().child_blocks.items() if hasattr(block.meta, "preview_value")}


def texts(value: Any) -> Iterator[str]:
    """Return every text in a sample except URLs and keys."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, Promise) or (isinstance(value, str) and " " in value):
        yield value  # type: ignore[misc]


def sampled(block: Any, language: str) -> list[str]:
    with override(language):
        return list(texts(block.get_prep_value(block.get_preview_value())))


@pytest.mark.parametrize("name", BLOCKS)
def test_every_sample_text_is_translated_to_spanish(name: str) -> None:
    block = BLOCKS[name]
    assert [text for text in texts(block.meta.preview_value) if not isinstance(text, Promise)] == []
    assert set(sampled(block, "en")) & set(sampled(block, "es")) == set()
