"""Every icon exists in Wagtail's sprite; a missing one would show an empty square."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
from wagtail import hooks
from wagtail.blocks import StructBlock

from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.blocks.questions import QuestionsBlock
from wagtail_pledge.signing.questions import question_types

pytestmark = pytest.mark.requirement("CP9")


def registered() -> set[str]:
    paths: list[str] = []
    for hook in hooks.get_hooks("register_icons"):
        paths = hook(paths)
    return {PurePosixPath(path).stem for path in paths}


def with_descendants(block: Any) -> Iterator[Any]:
    """Return the block and all its descendants."""
    yield block
    children = block.child_blocks.values() if hasattr(block, "child_blocks") else [getattr(block, "child_block", None)]
    for child in filter(None, children):
        yield from with_descendants(child)


@pytest.mark.parametrize("stream", [PledgeBodyBlock, QuestionsBlock])
def test_every_blocks_icon_exists(stream: Any) -> None:
    used = {f"{type(block).__name__}: {block.meta.icon}" for block in with_descendants(stream())}
    assert len(used) > len(stream().child_blocks)
    assert {one for one in used if one.partition(": ")[2] not in registered()} == set()


def test_every_block_has_its_own_icon() -> None:
    blocks = [block for block in PledgeBodyBlock().child_blocks.values() if isinstance(block, StructBlock)]
    assert [block.name for block in blocks if block.meta.icon == StructBlock().meta.icon] == []


@pytest.mark.requirement("SG9")
def test_every_question_types_icon_exists() -> None:
    assert {slug: known.icon for slug, known in question_types().items() if known.icon not in registered()} == {}
