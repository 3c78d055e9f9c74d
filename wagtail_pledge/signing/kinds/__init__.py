"""Signer kinds: individual, organization, and those that a site registers."""

from wagtail_pledge.signing.kinds.base import FieldSwitch, FieldType, SignerData, SignerField, SignerKind
from wagtail_pledge.signing.kinds.optional_fields import (
    FieldRequirement,
    omitted_fields,
    required_messages_for,
    resolve_optional_fields,
    visible_fields,
)
from wagtail_pledge.signing.kinds.registry import RetiredKind, UnknownKind, get_kind, kind_choices, kinds, require_kind

__all__ = [
    "FieldRequirement",
    "FieldSwitch",
    "FieldType",
    "RetiredKind",
    "SignerData",
    "SignerField",
    "SignerKind",
    "UnknownKind",
    "get_kind",
    "kind_choices",
    "kinds",
    "omitted_fields",
    "require_kind",
    "required_messages_for",
    "resolve_optional_fields",
    "visible_fields",
]
