"""Every picture that editors choose by exists in Wagtail's sprite: a name that does not leaves an empty square."""

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


def inside(block: Any) -> Iterator[Any]:
    """The block and all blocks within it."""
    yield block
    children = block.child_blocks.values() if hasattr(block, "child_blocks") else [getattr(block, "child_block", None)]
    for child in filter(None, children):
        yield from inside(child)


@pytest.mark.parametrize("stream", [PledgeBodyBlock, QuestionsBlock])
def test_the_icon_of_every_block_exists(stream: Any) -> None:
    used = {f"{type(block).__name__}: {block.meta.icon}" for block in inside(stream())}
    assert len(used) > len(stream().child_blocks)
    assert {one for one in used if one.partition(": ")[2] not in registered()} == set()


def test_blocks_of_ours_have_one_of_their_own() -> None:
    blocks = [block for block in PledgeBodyBlock().child_blocks.values() if isinstance(block, StructBlock)]
    assert [block.name for block in blocks if block.meta.icon == StructBlock().meta.icon] == []


@pytest.mark.requirement("SG9")
def test_the_icon_of_every_type_of_question_exists() -> None:
    assert {slug: known.icon for slug, known in question_types().items() if known.icon not in registered()} == {}
