"""A StreamField that keeps block definitions out of migrations and never loses what it does not know.

A plain StreamField drops stored blocks whose type it does not know, and writes the loss back on the next
save: a data migration over a historic model would empty every body. This one sets such blocks aside when
it loads a value and puts them back where they stood when it stores it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from django.db import models
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from wagtail.blocks import Block, StreamBlock, StreamValue
from wagtail.blocks.base import BlockField, BlockWidget
from wagtail.fields import Creator, StreamField

from wagtail_pledge.conf import get_setting


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


#: (position in the stored list, the stored block) of each block that is kept without being understood.
Kept = tuple[tuple[int, dict[str, Any]], ...]


def _raw_list(value: Any) -> list[Any] | None:
    """Return the stored list of blocks behind ``value``, or ``None`` if it is no such list."""
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return value
    return None


class _KeepingCreator(Creator):  # type: ignore[misc]
    """Setting a value that came from a form keeps what the form could not show."""

    def __set__(self, obj: Any, value: Any) -> None:
        before = obj.__dict__.get(self.field.name)
        super().__set__(obj, value)
        after = obj.__dict__[self.field.name]
        if isinstance(value, StreamValue) and not hasattr(after, "kept_blocks"):
            after.kept_blocks = getattr(before, "kept_blocks", ())


class PledgeStreamField(StreamField):  # type: ignore[misc]
    """Body of blocks named by a setting.

    ``blocks_setting`` is the name (without prefix) of the setting that holds the dotted path of a
    ``StreamBlock`` subclass; it is resolved when first needed. Without it, as in a migration, the field
    knows no block and keeps everything.
    """

    def __init__(self, blocks_setting: str | None = None, **kwargs: Any) -> None:
        self.blocks_setting = blocks_setting
        super().__init__([], **kwargs)

    @cached_property
    def stream_block(self) -> StreamBlock:
        """The top-level block: the site's own class, or an empty one on a historic model."""
        setting = self.blocks_setting
        block = import_string(get_setting(setting))() if setting else StreamBlock([])
        block.set_meta_options(self.block_opts)
        return block

    def check(self, **kwargs: Any) -> list[Any]:
        """Check the blocks; where they can't be loaded, ``wagtail_pledge.E001`` says so in words."""
        try:
            return list(super().check(**kwargs))
        except ImportError:
            return []

    def formfield(self, **kwargs: Any) -> Any:
        """Return the editor's field; none where the blocks can't be loaded, so that the check can say so in words."""
        try:
            return super().formfield(**{"form_class": EditedBlockField, **kwargs})
        except ImportError:
            return None

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Leave the blocks out: a site's own blocks must never ask for a migration of this package."""
        name, path, args, kwargs = models.Field.deconstruct(self)
        return name, path, list(args), kwargs

    def to_python(self, value: Any) -> StreamValue:
        """Return the stream; blocks of unknown type are set aside in ``kept_blocks``."""
        result = super().to_python(value)
        raw = _raw_list(value)
        if raw is not None:
            known = self.stream_block.child_blocks
            result.kept_blocks = tuple(
                (index, block) for index, block in enumerate(raw) if block.get("type") not in known
            )
        return result

    def get_prep_value(self, value: Any) -> Any:
        """Return the list to store, with the blocks set aside back at their places."""
        stored = super().get_prep_value(value)
        kept: Kept = getattr(value, "kept_blocks", ())
        if not kept:
            return stored
        blocks = list(stored) if isinstance(stored, list) else []
        for index, block in kept:
            blocks.insert(min(index, len(blocks)), block)
        return blocks

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:
        """Install the descriptor that carries kept blocks over a form's save."""
        super().contribute_to_class(cls, name, **kwargs)
        setattr(cls, self.name, _KeepingCreator(self))
