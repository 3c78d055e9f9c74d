"""Signer kinds: individual, organization, and what a site registers."""

from wagtail_pledge.signing.kinds.asking import Asking, asked_fields, left_out, missing_words, settle_asking
from wagtail_pledge.signing.kinds.base import FieldSwitch, FieldType, SignerData, SignerField, SignerKind
from wagtail_pledge.signing.kinds.registry import RetiredKind, UnknownKind, get_kind, kind_choices, kinds, require_kind

__all__ = [
    "Asking",
    "FieldSwitch",
    "FieldType",
    "RetiredKind",
    "SignerData",
    "SignerField",
    "SignerKind",
    "UnknownKind",
    "asked_fields",
    "get_kind",
    "kind_choices",
    "kinds",
    "left_out",
    "missing_words",
    "require_kind",
    "settle_asking",
]
