"""Signer kinds: individual, organization, and what a site registers."""

from wagtail_pledge.signing.kinds.base import FieldType, SignerData, SignerField, SignerKind
from wagtail_pledge.signing.kinds.registry import RetiredKind, UnknownKind, get_kind, kind_choices, kinds, require_kind

__all__ = [
    "FieldType",
    "RetiredKind",
    "SignerData",
    "SignerField",
    "SignerKind",
    "UnknownKind",
    "get_kind",
    "kind_choices",
    "kinds",
    "require_kind",
]
