"""Signer kinds: individual, organization, and what a site registers."""

from wagtail_pledge.signing.kinds.base import FieldType, SignerData, SignerField, SignerKind
from wagtail_pledge.signing.kinds.registry import UnknownKind, get_kind, kind_choices, kinds

__all__ = [
    "FieldType",
    "SignerData",
    "SignerField",
    "SignerKind",
    "UnknownKind",
    "get_kind",
    "kind_choices",
    "kinds",
]
