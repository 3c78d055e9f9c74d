"""Model fields whose column holds ciphertext only."""

from __future__ import annotations

import json
from typing import Any, Final

from django.db import models

from wagtail_pledge.core.crypto import seal, unseal

#: Marks a sealed value in ``dumpdata`` output; U+0000 cannot come from a form.
SERIALISED: Final = "\x00sealed:"


class EncryptedTextField(models.BinaryField):  # type: ignore[type-arg]
    """Text at rest under the current encryption key; ``""`` and ``None`` are stored as they are.

    The column is not searchable: look-ups go through a keyed hash beside it. Reading a row whose key was dropped
    raises ``KeyMissing``.
    """

    def __init__(self, context: str = "", **kwargs: Any) -> None:
        self.context = context
        kwargs.setdefault("editable", True)
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Keep the context: it is part of how stored values open."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        kwargs["context"] = self.context
        return name, path, list(args), kwargs

    def _dump(self, value: Any) -> bytes:
        return str(value).encode("utf-8", "surrogatepass")

    def _load(self, plain: bytes) -> Any:
        return plain.decode("utf-8", "surrogatepass")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Seal on the way in."""
        if value is not None and not isinstance(value, bytes | memoryview):
            dumped = self._dump(value)
            value = seal(dumped, self.context.encode()) if dumped else b""
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """Open on the way out."""
        if value is None:
            return None
        sealed = bytes(value)
        return self._load(unseal(sealed, self.context.encode()) if sealed else b"")

    def to_python(self, value: Any) -> Any:
        """Open what :meth:`value_to_string` sealed; anything else is already clear."""
        if isinstance(value, str) and value.startswith(SERIALISED):
            return self._load(unseal(bytes.fromhex(value.removeprefix(SERIALISED)), self.context.encode()))
        return value

    def get_default(self) -> Any:
        """Return the field's default; an empty text, not empty bytes, where none is given."""
        return super().get_default() if self.has_default() or self.null else self._load(b"")

    def value_to_string(self, obj: models.Model) -> str:
        """Serialise sealed: a ``dumpdata`` holds no clear text."""
        value = self.value_from_object(obj)
        return SERIALISED + seal(self._dump(value), self.context.encode()).hex()


class EncryptedJSONField(EncryptedTextField):
    """A JSON object at rest under the current encryption key; an empty object is stored as nothing."""

    def _dump(self, value: Any) -> bytes:
        if not value:
            return b""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")

    def _load(self, plain: bytes) -> Any:
        return json.loads(plain.decode("utf-8", "surrogatepass")) if plain else {}
