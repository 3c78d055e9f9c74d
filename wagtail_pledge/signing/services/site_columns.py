"""Columns and constraints that a site adds to the signature model: what they refuse is an error of the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError
from django.db.models import BaseConstraint, UniqueConstraint

from wagtail_pledge.core.errors import PledgeError
from wagtail_pledge.signing.models import AbstractSignature, get_signature_model


class SiteColumnsRefused(PledgeError):
    """The columns that the site added do not accept the form's values; the submission stays open."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__("site_columns", "The site does not accept this form any more")
        self.errors = errors


@lru_cache(maxsize=4)
def _site_columns(model: type[AbstractSignature]) -> frozenset[str]:
    ours = {field.name for field in AbstractSignature._meta.local_fields}
    return frozenset(
        field.name
        for field in model._meta.concrete_fields
        if field.name not in ours and not field.is_relation and not field.primary_key
    )


def has_site_columns() -> bool:
    """Whether the site's signature model has columns of its own."""
    return bool(_site_columns(get_signature_model()))


def site_errors(signature: AbstractSignature) -> Mapping[str, list[str]]:
    """Return the errors in the columns that a site has added, by column; no query."""
    added = _site_columns(type(signature))
    if not added:
        return {}
    try:
        signature.clean_fields(exclude={field.name for field in signature._meta.concrete_fields} - added)
    except ValidationError as error:
        return error.message_dict
    return {}


def _conflicts(signature: AbstractSignature) -> Mapping[str, list[str]]:
    """Return the errors of the site's constraints that ``signature`` violates, in the form of ``site_errors``.

    For a signature that the database has refused: values that another one has, like a membership number.
    """
    messages: list[str] = []
    for constraint in _site_constraints(type(signature)):
        try:
            constraint.validate(type(signature), signature)
        except ValidationError as error:
            messages += error.messages
    return {NON_FIELD_ERRORS: messages} if messages else {}


def _site_constraints(model: type[AbstractSignature]) -> Iterator[BaseConstraint]:
    """Yield the constraints that the site's signature model adds; unique columns as constraints of their own."""
    opts: Any = model._meta
    names = {"app_label": opts.app_label.lower(), "class": model.__name__.lower()}
    ours = {constraint.name % names for constraint in AbstractSignature._meta.constraints}
    yield from (constraint for constraint in opts.constraints if constraint.name not in ours)
    own_fields = {field.name for field in AbstractSignature._meta.local_fields}
    columns = [(field.name,) for field in opts.concrete_fields if field.unique and field.name not in own_fields]
    for fields in (*columns, *opts.unique_together):
        yield UniqueConstraint(fields=fields, name="_".join(fields))


@contextmanager
def raises_conflicts_of(signature: Any) -> Iterator[None]:
    """Context manager that raises :class:`SiteColumnsRefused` if a constraint of the site refuses ``signature``."""
    try:
        yield
    except IntegrityError:
        if errors := _conflicts(signature):
            raise SiteColumnsRefused(errors) from None
        raise
