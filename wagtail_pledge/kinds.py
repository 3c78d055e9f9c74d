"""Public API: signer kinds, the base class, and their registry.

Nothing inside the package imports this module. Every name is described in docs/reference/python.md.
"""

from wagtail_pledge.signing.kinds.base import FieldSwitch, FieldType, SignerData, SignerField, SignerKind
from wagtail_pledge.signing.kinds.individual import Individual
from wagtail_pledge.signing.kinds.organization import OrganizationKind
from wagtail_pledge.signing.kinds.registry import UnknownKind, get_kind, kind_choices, kinds, require_kind

__all__ = [
    "FieldSwitch",
    "FieldType",
    "Individual",
    "OrganizationKind",
    "SignerData",
    "SignerField",
    "SignerKind",
    "UnknownKind",
    "get_kind",
    "kind_choices",
    "kinds",
    "require_kind",
]
