"""Model fields that are encrypted in the database."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Final
from uuid import UUID

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from wagtail_pledge.core.crypto import DecryptionError, seal_column, unseal_column

#: Prefix of an encrypted value in ``dumpdata`` output; U+0000 can't come from a form.
SEALED_PREFIX: Final = "\x00sealed:"


class UnsealedText(str):
    """Text that was decrypted; ``row`` is the UUID that it was sealed for, ``is_checked`` whether that was compared."""

    row: UUID
    is_checked = False


class UnsealedObject(dict[str, Any]):
    """JSON object that was decrypted; ``row`` and ``is_checked`` as in :class:`UnsealedText`."""

    row: UUID
    is_checked = False


class EncryptedAttribute(DeferredAttribute):
    """Attribute of an encrypted field: refuses a value that was sealed for another row than the instance's."""

    field: Any

    def __set__(self, instance: Any, value: Any) -> None:
        """Set the value; one from the database is compared now if the instance's UUID is loaded, else when read."""
        if self.field.row in instance.__dict__:
            self._check(instance, value)
        instance.__dict__[self.field.attname] = value

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        """Return the value. Raises ``DecryptionError`` if it belongs to another row."""
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        self._check(instance, value)
        return value

    def _check(self, instance: Any, value: Any) -> None:
        if not isinstance(value, UnsealedText | UnsealedObject) or value.is_checked:
            return
        if value.row != self.field.row_of(instance):
            raise DecryptionError
        value.is_checked = True


class EncryptedTextField(models.BinaryField):  # type: ignore[type-arg]
    """Text field that is encrypted with the current encryption key and bound to its row and column.

    ``context`` is a constant label of the table, which must never change. ``row`` names the model's UUID field, which
    must be unique in the table. ``None`` is stored as NULL; any other value is encrypted, an empty one too.

    The column can't be searched: store a keyed hash in another column for look-ups. A queryset's ``update`` does not
    know the row: give it the result of :meth:`sealed_for`. Reading a row whose key was removed from the settings raises
    ``KeyMissing``, and a value of another row or column raises ``DecryptionError``. In a new column of an existing
    table, allow NULL.
    """

    descriptor_class = EncryptedAttribute
    #: Type whose empty value a new row has.
    value_type: ClassVar[type[Any]] = str

    def __init__(self, context: str = "", row: str = "uuid", **kwargs: Any) -> None:
        self.context = context
        self.row = row
        kwargs.setdefault("editable", True)
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Include ``context`` and ``row``, needed to decrypt stored values; migrations name the public module."""
        name, path, args, kwargs = super().deconstruct()
        path = path.replace("wagtail_pledge.core.fields", "wagtail_pledge.models")
        kwargs.pop("editable", None)
        kwargs["context"] = self.context
        if self.row != "uuid":
            kwargs["row"] = self.row
        return name, path, list(args), kwargs

    def row_of(self, instance: models.Model) -> UUID:
        """Return the UUID that the values of ``instance`` are bound to."""
        value = getattr(instance, self.row)
        if isinstance(value, bytes | memoryview):
            return UUID(bytes=bytes(value))
        return value if isinstance(value, UUID) else UUID(str(value))

    def sealed_for(self, instance: models.Model, value: Any) -> bytes:
        """Return ``value`` encrypted for the row of ``instance``, as ``QuerySet.update`` needs it."""
        return seal_column(self._dump(value), label=self.context, column=str(self.column), row=self.row_of(instance))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Encrypt the value for the row that is being saved."""
        value = super().pre_save(model_instance, add)
        is_plain = value is not None and not hasattr(value, "resolve_expression")
        return self.sealed_for(model_instance, value) if is_plain else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Pass encrypted values on. Raises ``TypeError`` for a plain one, which belongs to no row."""
        if isinstance(value, UnsealedText | UnsealedObject):
            # ``loaddata`` saves without pre_save
            value = seal_column(self._dump(value), label=self.context, column=str(self.column), row=value.row)
        if value is not None and not isinstance(value, bytes | memoryview):
            message = f"{self.name} is encrypted for one row: save an instance, or use sealed_for()"
            raise TypeError(message)
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """Decrypt the value; it remembers its row."""
        return None if value is None else self._unsealed(bytes(value))

    def to_python(self, value: Any) -> Any:
        """Decrypt the output of :meth:`value_to_string`; any other value is already plain."""
        if isinstance(value, str) and value.startswith(SEALED_PREFIX):
            return self._unsealed(bytes.fromhex(value.removeprefix(SEALED_PREFIX)))
        return value

    def get_default(self) -> Any:
        """Return the default; without one, an empty plain value of the field's type, which belongs to no row yet."""
        return super().get_default() if self.has_default() or self.null else self.value_type()

    def value_to_string(self, obj: models.Model) -> str:
        """Serialise the value encrypted, so that ``dumpdata`` contains no plain text."""
        return SEALED_PREFIX + self.sealed_for(obj, self.value_from_object(obj)).hex()

    def _unsealed(self, sealed: bytes) -> Any:
        row, plain = unseal_column(sealed, label=self.context, column=str(self.column))
        value = self._load(plain)
        value.row = row
        return value

    def _dump(self, value: Any) -> bytes:
        return str(value).encode("utf-8", "surrogatepass")

    def _load(self, plain: bytes) -> Any:
        return UnsealedText(plain.decode("utf-8", "surrogatepass"))


class EncryptedJSONField(EncryptedTextField):
    """JSON object that is encrypted like :class:`EncryptedTextField`."""

    value_type: ClassVar[type[Any]] = dict

    def _dump(self, value: Any) -> bytes:
        if not value:
            return b""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")

    def _load(self, plain: bytes) -> Any:
        return UnsealedObject(json.loads(plain.decode("utf-8", "surrogatepass")) if plain else {})
