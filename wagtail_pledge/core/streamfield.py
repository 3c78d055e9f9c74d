"""A StreamField that keeps block definitions out of migrations and preserves blocks of unknown type.

Wagtail's StreamField drops stored blocks of unknown type on the next save: a data migration over a historic model
would empty every body. This field sets such blocks aside when it loads a value, and stores them again at their old
positions.
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
class EditContext:
    """The edit in progress: ``stored`` is the value of ``block`` before it, ``user`` is ``None`` if unknown."""

    user: Any | None = None
    block: Block | None = None
    stored: Any = None


NO_EDIT_CONTEXT: Final = EditContext()
_edit_context: Final[ContextVar[EditContext]] = ContextVar("wagtail_pledge_editing", default=NO_EDIT_CONTEXT)


def current_edit() -> EditContext:
    """Return the edit in progress; without one, :data:`NO_EDIT_CONTEXT`."""
    return _edit_context.get()


@contextmanager
def _activated(edit_context: EditContext) -> Iterator[None]:
    token = _edit_context.set(edit_context)
    try:
        yield
    finally:
        _edit_context.reset(token)


class EditedBlockWidget(BlockWidget):  # type: ignore[misc]
    """Block widget whose blocks can read the edit context while they are rendered."""

    def __init__(self, block_def: Block, edit_context: EditContext = NO_EDIT_CONTEXT) -> None:
        super().__init__(block_def)
        self.edit_context = edit_context

    def render_with_errors(self, *args: Any, **kwargs: Any) -> Any:
        """Render the value, which can name only what this user may see."""
        with _activated(self.edit_context):
            return super().render_with_errors(*args, **kwargs)

    @property
    def js_context(self) -> Any:
        """Return the JavaScript context of the blocks, made with the edit context."""
        with _activated(self.edit_context):
            return super().js_context

    @property
    def block_json(self) -> Any:
        """Return the definition of the blocks, with the choices that this user has."""
        with _activated(self.edit_context):
            return super().block_json


class EditedBlockField(BlockField):  # type: ignore[misc]
    """Form field of a stream that learns the user from the form it is bound to."""

    edit_context: EditContext = NO_EDIT_CONTEXT

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        """Set the edit context, with the user in ``form.for_user`` (an attribute of Wagtail's admin forms)."""
        stored = form.get_initial_for_field(self, field_name)
        self.edit_context = EditContext(user=getattr(form, "for_user", None), block=self.block, stored=stored)
        # A new widget: the existing one may have cached its blocks without a user
        self.widget = EditedBlockWidget(self.block, self.edit_context)
        return super().get_bound_field(form, field_name)

    def clean(self, value: Any) -> Any:
        """Validate the blocks with the edit context."""
        with _activated(self.edit_context):
            return super().clean(value)


#: (index in the stored list, stored block) of each block of unknown type.
UnknownBlocks = tuple[tuple[int, dict[str, Any]], ...]


def _raw_list(value: Any) -> list[Any] | None:
    """Return ``value`` as a list of stored blocks, or ``None`` if it is not one."""
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return value
    return None


class _PreservingCreator(Creator):  # type: ignore[misc]
    """Descriptor that carries the unknown blocks over to a value that came from a form."""

    def __set__(self, obj: Any, value: Any) -> None:
        previous = obj.__dict__.get(self.field.name)
        super().__set__(obj, value)
        current = obj.__dict__[self.field.name]
        if isinstance(value, StreamValue) and not hasattr(current, "unknown_blocks"):
            current.unknown_blocks = getattr(previous, "unknown_blocks", ())


class PledgeStreamField(StreamField):  # type: ignore[misc]
    """StreamField whose block class is named by a setting.

    ``blocks_setting`` is the name (without prefix) of the setting with the dotted path of a ``StreamBlock`` subclass;
    it is imported when first needed. Without it, as in a migration, all blocks are unknown and are preserved.
    """

    def __init__(self, blocks_setting: str | None = None, **kwargs: Any) -> None:
        self.blocks_setting = blocks_setting
        super().__init__([], **kwargs)

    @cached_property
    def stream_block(self) -> StreamBlock:
        """The top-level block: an instance of the configured class, or an empty one on a historic model."""
        setting = self.blocks_setting
        block = import_string(get_setting(setting))() if setting else StreamBlock([])
        block.set_meta_options(self.block_opts)
        return block

    def check(self, **kwargs: Any) -> list[Any]:
        """Check the blocks; if they can't be imported, ``wagtail_pledge.E001`` reports it instead."""
        try:
            return list(super().check(**kwargs))
        except ImportError:
            return []

    def formfield(self, **kwargs: Any) -> Any:
        """Return the form field; ``None`` if the blocks can't be imported, so that the system checks can run."""
        try:
            return super().formfield(**{"form_class": EditedBlockField, **kwargs})
        except ImportError:
            return None

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Leave the blocks out: a site's blocks must not cause migrations of this package."""
        name, path, args, kwargs = models.Field.deconstruct(self)
        # Migrations of sites name the public module
        return name, path.replace("wagtail_pledge.core.streamfield", "wagtail_pledge.models"), list(args), kwargs

    def to_python(self, value: Any) -> StreamValue:
        """Return the stream value; its ``unknown_blocks`` are the stored blocks of unknown type."""
        result = super().to_python(value)
        raw = _raw_list(value)
        if raw is not None:
            known = self.stream_block.child_blocks
            result.unknown_blocks = tuple(
                (index, block) for index, block in enumerate(raw) if block.get("type") not in known
            )
        return result

    def get_prep_value(self, value: Any) -> Any:
        """Return the list to store, with the unknown blocks at their old positions."""
        stored = super().get_prep_value(value)
        unknown: UnknownBlocks = getattr(value, "unknown_blocks", ())
        if not unknown:
            return stored
        blocks = list(stored) if isinstance(stored, list) else []
        for index, block in unknown:
            blocks.insert(min(index, len(blocks)), block)
        return blocks

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:
        """Install the descriptor that preserves unknown blocks when a form saves the field."""
        super().contribute_to_class(cls, name, **kwargs)
        setattr(cls, self.name, _PreservingCreator(self))
