"""Which of a kind's fields a form asks: what editors choose, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.signing.countries import country_name
from wagtail_pledge.signing.kinds.base import SignerField, SignerKind

#: The ledger knows nobody without them.
ALWAYS_SHOWN: Final = frozenset({"name", "email"})


class FieldRequirement(models.TextChoices):
    """How a field is asked."""

    OPTIONAL = "optional", _("Asked")
    LEFT_OUT = "left_out", _("Not asked")
    NEEDED = "needed", _("Required in the campaign’s country")


def configurable_fields(kind: SignerKind) -> list[SignerField]:
    """Return the fields about which editors decide, in the form's order."""
    return [field for field in kind.fields if field.switch is not None and field.name not in ALWAYS_SHOWN]


def field_requirements(field: SignerField) -> list[FieldRequirement]:
    """Return what an editor can choose for a field; the first is the default."""
    demands = (
        [FieldRequirement.NEEDED] if field.switch is not None and field.switch.required_message is not None else []
    )
    return [FieldRequirement.OPTIONAL, FieldRequirement.LEFT_OUT, *demands] if field.switch is not None else []


def resolve_optional_fields(kind: SignerKind, *choices: Mapping[str, str]) -> dict[str, str]:
    """Return what editors' ``choices`` (how each field is asked, by its name) make of the form of ``kind``, as a
    statement stores it: the fields that are left out or needed.

    Later choices go before earlier ones; what a kind does not offer is passed over.
    """
    chosen = {field.name: _chosen(field, choices) for field in configurable_fields(kind)}
    for field in configurable_fields(kind):
        if field.switch is not None and chosen.get(field.switch.depends_on_field) == FieldRequirement.LEFT_OUT:
            chosen[field.name] = FieldRequirement.LEFT_OUT
    return {name: requirement.value for name, requirement in chosen.items() if requirement != FieldRequirement.OPTIONAL}


def omitted_fields(kind: SignerKind, optional_fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that a form does not ask, each with the value that stands for an answer."""
    fields = [
        field for field in configurable_fields(kind) if optional_fields.get(field.name) == FieldRequirement.LEFT_OUT
    ]
    return {field.name: field.initial if field.name in kind.columns else "" for field in fields}


def visible_fields(kind: SignerKind, optional_fields: Mapping[str, str], country: str) -> list[SignerField]:
    """Return the fields of a form in their order, those that signers from ``country`` have to fill in worded so."""
    omitted, needed = omitted_fields(kind, optional_fields), required_messages_for(kind, optional_fields, country)
    kept = [field for field in kind.fields if field.name not in omitted]
    return [_as_required(field, country) if field.name in needed else field for field in kept]


def required_messages_for(kind: SignerKind, optional_fields: Mapping[str, str], country: str) -> dict[str, str]:
    """Return the fields that signers from ``country`` have to fill in, with the words for whoever does not."""
    if not country or not any(field.name == "country" for field in kind.fields):
        return {}
    return {
        field.name: str(field.switch.required_message(country))
        for field in configurable_fields(kind)
        if optional_fields.get(field.name) == FieldRequirement.NEEDED
        and field.switch is not None
        and field.switch.required_message is not None
    }


def describe_optional_fields(optional_fields: Mapping[str, str], known: Iterable[SignerKind]) -> list[tuple[str, str]]:
    """Return (what editors call the field, how it is asked) pairs; ``known`` are the kinds that may have the fields."""
    names = {
        field.name: str(field.switch.label) for kind in known for field in configurable_fields(kind) if field.switch
    }
    return [
        (names.get(name, name), str(FieldRequirement(one).label))
        for name, one in optional_fields.items()
        if one in FieldRequirement.values
    ]


def _chosen(field: SignerField, choices: tuple[Mapping[str, str], ...]) -> FieldRequirement:
    wanted = [choice.get(field.name) for choice in reversed(choices)]
    return next(
        (FieldRequirement(one) for one in wanted if one in field_requirements(field)), FieldRequirement.OPTIONAL
    )


def _as_required(field: SignerField, country: str) -> SignerField:
    place = gettext("Required in: %(country)s") % {"country": country_name(country)}
    label = field.switch.needed_label if field.switch is not None else ""
    return replace(field, label=label or field.label, hint=" ".join(filter(None, [str(field.hint), place])))
