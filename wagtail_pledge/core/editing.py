"""Who edits a form of blocks and what stands in it already: known to each block while it is shown and checked.

Wagtail tells a form its user, and a block nothing. A block asks :func:`editing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from wagtail.blocks import Block
from wagtail.blocks.base import BlockField, BlockWidget


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """``user`` is ``None`` where no form has told of anybody; ``stored`` is the value of ``block`` before the edit."""

    user: Any | None = None
    block: Block | None = None
    stored: Any = None


NOBODY: Final = Editing()
_editing: Final[ContextVar[Editing]] = ContextVar("wagtail_pledge_editing", default=NOBODY)


def editing() -> Editing:
    """Return who edits what now."""
    return _editing.get()


@contextmanager
def _known(now: Editing) -> Iterator[None]:
    token = _editing.set(now)
    try:
        yield
    finally:
        _editing.reset(token)


class EditedBlockWidget(BlockWidget):  # type: ignore[misc]
    """Shows the editor's blocks, which know who the editor is."""

    def __init__(self, block_def: Block, now: Editing = NOBODY) -> None:
        super().__init__(block_def)
        self.now = now

    @property
    def js_context(self) -> Any:
        """What the blocks need in the browser."""
        with _known(self.now):
            return super().js_context

    @property
    def block_json(self) -> Any:
        """The definition of the blocks, with the choices that this editor has."""
        with _known(self.now):
            return super().block_json


class EditedBlockField(BlockField):  # type: ignore[misc]
    """The form field of a stream; a form binds it before it shows or checks it, and so tells it the user."""

    now: Editing = NOBODY

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        """Learn who edits, from ``form.for_user`` as Wagtail's admin forms have it."""
        stored = form.get_initial_for_field(self, field_name)
        self.now = Editing(user=getattr(form, "for_user", None), block=self.block, stored=stored)
        # A new one: what another has built was built for nobody
        self.widget = EditedBlockWidget(self.block, self.now)
        return super().get_bound_field(form, field_name)

    def clean(self, value: Any) -> Any:
        """Check the blocks, which know who the editor is."""
        with _known(self.now):
            return super().clean(value)
