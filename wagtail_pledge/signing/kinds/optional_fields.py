"""Which fields of a kind a form shows and requires, as chosen by editors.

Separate from the kinds because forms, statements and the editor share these functions, which no kind overrides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.countries import country_name
from wagtail_pledge.signing.kinds.base import SignerField, SignerKind

#: Fields that cannot be left out.
ALWAYS_SHOWN: Final = frozenset({"name", "email"})


class FieldRequirement(models.TextChoices):
    """Whether a form shows a field, and whether signers have to fill it in."""

    OPTIONAL = "optional", _("Asked")
    LEFT_OUT = "left_out", _("Not asked")
    NEEDED = "needed", _("Required in the campaign’s country")


def configurable_fields(kind: SignerKind) -> list[SignerField]:
    """Return the fields of ``kind`` that editors can leave out, in the form's order."""
    return [field for field in kind.fields if field.switch is not None and field.name not in ALWAYS_SHOWN]


def field_requirements(field: SignerField) -> list[FieldRequirement]:
    """Return the choices that an editor has for ``field``, the default first; empty if it is always shown."""
    extra = [FieldRequirement.NEEDED] if field.switch is not None and field.switch.required_message is not None else []
    return [FieldRequirement.OPTIONAL, FieldRequirement.LEFT_OUT, *extra] if field.switch is not None else []


def resolve_optional_fields(kind: SignerKind, *choices: Mapping[str, str]) -> dict[str, str]:
    """Combine editors' ``choices`` for a form of ``kind``; return what ``Statement.optional_fields`` stores.

    Each mapping is {field name: ``FieldRequirement`` value}; later mappings override earlier ones, and values that a
    field does not offer are ignored. The result has only the fields that are left out or required.
    """
    requirements = {field.name: _chosen(field, choices) for field in configurable_fields(kind)}
    for field in configurable_fields(kind):
        if field.switch is not None and requirements.get(field.switch.depends_on_field) == FieldRequirement.LEFT_OUT:
            requirements[field.name] = FieldRequirement.LEFT_OUT
    return {
        name: requirement.value
        for name, requirement in requirements.items()
        if requirement != FieldRequirement.OPTIONAL
    }


def omitted_fields(kind: SignerKind, optional_fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that a form leaves out, as {field name: value to use in place of an answer}."""
    fields = [
        field for field in configurable_fields(kind) if optional_fields.get(field.name) == FieldRequirement.LEFT_OUT
    ]
    return {field.name: field.initial if field.name in kind.columns else "" for field in fields}


def visible_fields(kind: SignerKind, optional_fields: Mapping[str, str], country: str) -> list[SignerField]:
    """Return the fields that a form shows, in order; the hint says if signers from ``country`` must fill one in."""
    omitted, required = omitted_fields(kind, optional_fields), required_messages_for(kind, optional_fields, country)
    fields = [
        _shown_alone(field) if field.shown_with and field.shown_with[0] in omitted else field
        for field in kind.fields
        if field.name not in omitted
    ]
    return [_as_required(field, country) if field.name in required else field for field in fields]


def _shown_alone(field: SignerField) -> SignerField:
    """Return a field that is shown whatever the others are."""
    return replace(field, shown_with=None)


def required_messages_for(kind: SignerKind, optional_fields: Mapping[str, str], country: str) -> dict[str, str]:
    """Return {field name: error message if empty} of the fields that signers from ``country`` have to fill in."""
    if not country or not any(field.name == "country" for field in kind.fields):
        return {}
    return {
        field.name: str(field.switch.required_message(country))
        for field in configurable_fields(kind)
        if optional_fields.get(field.name) == FieldRequirement.NEEDED
        and field.switch is not None
        and field.switch.required_message is not None
    }


def describe_optional_fields(optional_fields: Mapping[str, str], kinds: Iterable[SignerKind]) -> list[tuple[str, str]]:
    """Return (field label, requirement label) pairs for editors; ``kinds`` are those that may have the fields."""
    names = {
        field.name: str(field.switch.label) for kind in kinds for field in configurable_fields(kind) if field.switch
    }
    return [
        (names.get(name, name), str(FieldRequirement(one).label))
        for name, one in optional_fields.items()
        if one in FieldRequirement.values
    ]


def _chosen(field: SignerField, choices: tuple[Mapping[str, str], ...]) -> FieldRequirement:
    chosen = [choice.get(field.name) for choice in reversed(choices)]
    return next(
        (FieldRequirement(one) for one in chosen if one in field_requirements(field)), FieldRequirement.OPTIONAL
    )


def _as_required(field: SignerField, country: str) -> SignerField:
    place = gettext("Required in: %(country)s") % {"country": country_name(country)}
    label = field.switch.needed_label if field.switch is not None else ""
    return replace(
        field, label=label or field.label, hint=" ".join(filter(None, [str(field.hint), place])), shown_with=None
    )
