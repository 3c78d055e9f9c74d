"""What a block's preview in the picker says, in the editor's language."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise


def spoken(value: Any) -> Any:
    """Return ``value`` with each lazy text in it said in the active language, dictionaries and lists looked through."""
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, dict):
        return {key: spoken(part) for key, part in value.items()}
    if isinstance(value, list):
        return [spoken(part) for part in value]
    return value


class Sampled:
    """Mixin of blocks with a ``preview_value`` in ``class Meta`` whose texts are lazy."""

    meta: Any

    def get_preview_value(self) -> Any:
        """Return the sample in the editor's language."""
        block: Any = super()
        if not hasattr(self.meta, "preview_value"):
            return block.get_preview_value()
        return block.normalize(spoken(self.meta.preview_value))
