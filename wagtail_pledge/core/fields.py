"""Model fields that are encrypted in the database."""

from __future__ import annotations

import json
from typing import Any, Final

from django.db import models

from wagtail_pledge.core.crypto import seal, unseal

#: Prefix of an encrypted value in ``dumpdata`` output; U+0000 can't come from a form.
SEALED_PREFIX: Final = "\x00sealed:"


class EncryptedTextField(models.BinaryField):  # type: ignore[type-arg]
    """Text field that is encrypted with the current encryption key; ``""`` and ``None`` are not encrypted.

    The column can't be searched: store a keyed hash in another column for look-ups. Reading a row whose key was
    removed from the settings raises ``KeyMissing``.
    """

    def __init__(self, context: str = "", **kwargs: Any) -> None:
        self.context = context
        kwargs.setdefault("editable", True)
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Include ``context``, which is needed to decrypt stored values; migrations name the public module."""
        name, path, args, kwargs = super().deconstruct()
        path = path.replace("wagtail_pledge.core.fields", "wagtail_pledge.models")
        kwargs.pop("editable", None)
        kwargs["context"] = self.context
        return name, path, list(args), kwargs

    def _dump(self, value: Any) -> bytes:
        return str(value).encode("utf-8", "surrogatepass")

    def _load(self, plain: bytes) -> Any:
        return plain.decode("utf-8", "surrogatepass")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Encrypt the value."""
        if value is not None and not isinstance(value, bytes | memoryview):
            dumped = self._dump(value)
            value = seal(dumped, self.context.encode()) if dumped else b""
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """Decrypt the value."""
        if value is None:
            return None
        sealed = bytes(value)
        return self._load(unseal(sealed, self.context.encode()) if sealed else b"")

    def to_python(self, value: Any) -> Any:
        """Decrypt the output of :meth:`value_to_string`; any other value is already plain."""
        if isinstance(value, str) and value.startswith(SEALED_PREFIX):
            return self._load(unseal(bytes.fromhex(value.removeprefix(SEALED_PREFIX)), self.context.encode()))
        return value

    def get_default(self) -> Any:
        """Return the default; without one, an empty value of the field's type instead of empty bytes."""
        return super().get_default() if self.has_default() or self.null else self._load(b"")

    def value_to_string(self, obj: models.Model) -> str:
        """Serialise the value encrypted, so that ``dumpdata`` contains no plain text."""
        value = self.value_from_object(obj)
        return SEALED_PREFIX + seal(self._dump(value), self.context.encode()).hex()


class EncryptedJSONField(EncryptedTextField):
    """JSON object that is encrypted with the current encryption key; an empty object is stored as empty bytes."""

    def _dump(self, value: Any) -> bytes:
        if not value:
            return b""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")

    def _load(self, plain: bytes) -> Any:
        return json.loads(plain.decode("utf-8", "surrogatepass")) if plain else {}
