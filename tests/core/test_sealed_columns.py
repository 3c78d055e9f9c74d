"""Encrypted columns: every value is bound to its row, its column and its table, an empty one too (E7)."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import pytest
from django.core import serializers
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from wagtail_pledge.core.crypto import DecryptionError, seal, seal_column, unseal_column
from wagtail_pledge.signing.models import get_signature_model
from wagtail_pledge.testing.factories import SignatureFactory

pytestmark = [pytest.mark.requirement("PV5", "C9"), pytest.mark.swappable]

COLUMNS = ("email", "name", "details", "answers")
ROW = uuid.UUID(int=7)


def rows() -> Any:
    return get_signature_model()._default_manager


def stored(row: Any, column: str) -> bytes:
    """Return the bytes in the database."""
    table = connection.ops.quote_name(row._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {row._meta.pk.column} = %s", [key_of(row)])
        return bytes(cursor.fetchone()[0])


def store(row: Any, column: str, value: bytes) -> None:
    """Write bytes to the database as somebody with access to it can."""
    table = connection.ops.quote_name(row._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {row._meta.pk.column} = %s", [value, key_of(row)])


def key_of(row: Any) -> Any:
    return row._meta.pk.get_db_prep_value(row.pk, connection)


def read(row: Any, column: str) -> Any:
    return getattr(rows().get(pk=row.pk), column)


@pytest.mark.django_db
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("read_as", ["instance", "deferred", "only", "refreshed", "joined"])
def test_a_value_of_another_row_is_refused(column: str, read_as: str) -> None:
    mine, other = (SignatureFactory(answers={"q": f"a{n}"}, details={"city": f"c{n}"}) for n in range(2))
    store(mine, column, stored(other, column))
    ways = {
        "instance": lambda: rows().get(pk=mine.pk),
        "deferred": lambda: rows().defer(column).get(pk=mine.pk),
        "only": lambda: rows().only("pk", column).get(pk=mine.pk),
        "refreshed": lambda: mine.refresh_from_db(fields=[column]) or mine,
        "joined": lambda: rows().select_related("pledge").get(pk=mine.pk),
    }
    with pytest.raises(DecryptionError):
        getattr(ways[read_as](), column)
    assert read(other, column) == getattr(other, column)


@pytest.mark.django_db
@pytest.mark.parametrize(("source", "target"), list(itertools.permutations(COLUMNS, 2)))
def test_a_value_of_another_column_is_refused(source: str, target: str) -> None:
    signature = SignatureFactory(answers={"q": "a"}, details={"city": "Lyon"})
    store(signature, target, stored(signature, source))
    with pytest.raises(DecryptionError):
        read(signature, target)


@pytest.mark.django_db
@pytest.mark.parametrize("column", COLUMNS)
def test_an_empty_value_is_authenticated(column: str) -> None:
    signature = SignatureFactory()
    empty: Any = {} if column in {"details", "answers"} else ""
    setattr(signature, column, empty)
    signature.save()
    assert len(stored(signature, column)) > 32
    assert read(signature, column) == empty
    store(signature, column, b"")
    with pytest.raises(DecryptionError):
        read(signature, column)


@pytest.mark.django_db
def test_an_empty_value_of_another_row_is_refused() -> None:
    emptied, full = SignatureFactory(answers={}), SignatureFactory(answers={"q": "a"})
    store(full, "answers", stored(emptied, "answers"))
    with pytest.raises(DecryptionError):
        read(full, "answers")


@given(plain=st.binary(max_size=60), at=st.integers(0, 1000), bit=st.integers(0, 7))
def test_each_byte_of_a_sealed_value_is_authenticated(plain: bytes, at: int, bit: int) -> None:
    sealed = bytearray(seal_column(plain, label="signature", column="email", row=ROW))
    sealed[at % len(sealed)] ^= 1 << bit
    # A changed version is a missing key
    with pytest.raises(Exception, match=r"damaged|no encryption key"):
        unseal_column(bytes(sealed), label="signature", column="email")


@given(place=st.tuples(st.text(max_size=12), st.text(max_size=12)))
def test_label_and_column_are_bound(place: tuple[str, str]) -> None:
    sealed = seal_column(b"x", label="signature", column="email", row=ROW)
    label, column = place
    if (label, column) == ("signature", "email"):
        return
    with pytest.raises(DecryptionError):
        unseal_column(sealed, label=label, column=column)


def test_the_boundary_between_label_and_column_is_bound() -> None:
    sealed = seal_column(b"x", label="ab", column="c", row=ROW)
    with pytest.raises(DecryptionError):
        unseal_column(sealed, label="a", column="bc")


def test_a_value_for_a_url_is_not_a_value_for_a_column() -> None:
    with pytest.raises(DecryptionError):
        unseal_column(seal(b"x" * 40, b""), label="signature", column="email")


@pytest.mark.django_db
def test_plain_values_have_no_row_in_an_update() -> None:
    signature = SignatureFactory()
    with pytest.raises(TypeError, match="sealed_for"), transaction.atomic():
        rows().filter(pk=signature.pk).update(email="other@example.org")
    field = signature._meta.get_field("email")
    rows().filter(pk=signature.pk).update(email=field.sealed_for(signature, "other@example.org"))
    assert read(signature, "email") == "other@example.org"


@pytest.mark.django_db
def test_a_list_of_values_is_plain() -> None:
    SignatureFactory(email="ana@example.org", answers={"q": "a"})
    assert list(rows().values_list("email", "answers")) == [("ana@example.org", {"q": "a"})]


@pytest.mark.django_db
def test_a_dump_with_a_value_of_another_row_is_refused() -> None:
    mine, other = SignatureFactory(), SignatureFactory()
    dumped = serializers.serialize("python", [mine, other])
    dumped[0]["fields"]["email"] = dumped[1]["fields"]["email"]
    with pytest.raises(Exception, match="another row or column"):
        list(serializers.deserialize("python", dumped))


@pytest.mark.django_db
def test_a_dump_can_be_loaded() -> None:
    signature = SignatureFactory(email="ana@example.org", details={"city": "Lyon"}, answers={})
    dumped = serializers.serialize("json", [signature])
    assert "ana@example.org" not in dumped
    rows().filter(pk=signature.pk).delete()
    for loaded in serializers.deserialize("json", dumped):
        loaded.save()
    again = rows().get(pk=signature.pk)
    assert (again.email, again.details, again.answers) == ("ana@example.org", {"city": "Lyon"}, {})


@pytest.mark.parametrize("given", [None, ROW])
def test_a_new_row_without_values_has_empty_ones_that_can_be_read(given: uuid.UUID | None) -> None:
    row: Any = get_signature_model()(uuid=given) if given else get_signature_model()()
    assert [getattr(row, column) for column in COLUMNS] == ["", "", {}, {}]
    row.answers["q"] = "a"
    assert get_signature_model()().answers == {}, "each row has an object of its own"
