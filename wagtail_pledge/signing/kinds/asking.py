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
ALWAYS_ASKED: Final = frozenset({"name", "email"})


class Asking(models.TextChoices):
    """How a field is asked."""

    OPTIONAL = "optional", _("Asked")
    LEFT_OUT = "left_out", _("Not asked")
    NEEDED = "needed", _("Needed in the campaign’s country")


def switchable_fields(kind: SignerKind) -> list[SignerField]:
    """Return the fields about which editors decide, in the form's order."""
    return [field for field in kind.fields if field.switch is not None and field.name not in ALWAYS_ASKED]


def askings(field: SignerField) -> list[Asking]:
    """Return what an editor can choose for a field; the first is the default."""
    demands = [Asking.NEEDED] if field.switch is not None and field.switch.missing is not None else []
    return [Asking.OPTIONAL, Asking.LEFT_OUT, *demands] if field.switch is not None else []


def settle_asking(kind: SignerKind, *choices: Mapping[str, str]) -> dict[str, str]:
    """Return what editors' ``choices`` (how each field is asked, by its name) make of the form of ``kind``, as a
    statement stores it: the fields that are left out or needed.

    Later choices go before earlier ones; what a kind does not offer is passed over.
    """
    chosen = {field.name: _chosen(field, choices) for field in switchable_fields(kind)}
    for field in switchable_fields(kind):
        if field.switch is not None and chosen.get(field.switch.needs) == Asking.LEFT_OUT:
            chosen[field.name] = Asking.LEFT_OUT
    return {name: asking.value for name, asking in chosen.items() if asking != Asking.OPTIONAL}


def left_out(kind: SignerKind, asking: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that a form does not ask, each with the value that stands for an answer."""
    fields = [field for field in switchable_fields(kind) if asking.get(field.name) == Asking.LEFT_OUT]
    return {field.name: field.initial if field.name in kind.columns else "" for field in fields}


def asked_fields(kind: SignerKind, asking: Mapping[str, str], country: str) -> list[SignerField]:
    """Return the fields of a form in their order, those that signers from ``country`` have to fill in worded so."""
    away, needed = left_out(kind, asking), missing_words(kind, asking, country)
    kept = [field for field in kind.fields if field.name not in away]
    return [_as_needed(field, country) if field.name in needed else field for field in kept]


def missing_words(kind: SignerKind, asking: Mapping[str, str], country: str) -> dict[str, str]:
    """Return the fields that signers from ``country`` have to fill in, with the words for whoever does not."""
    if not country or not any(field.name == "country" for field in kind.fields):
        return {}
    return {
        field.name: str(field.switch.missing(country))
        for field in switchable_fields(kind)
        if asking.get(field.name) == Asking.NEEDED and field.switch is not None and field.switch.missing is not None
    }


def asking_in_words(asking: Mapping[str, str], known: Iterable[SignerKind]) -> list[tuple[str, str]]:
    """Return (what editors call the field, how it is asked) pairs; ``known`` are the kinds that may have the fields."""
    names = {field.name: str(field.switch.label) for kind in known for field in switchable_fields(kind) if field.switch}
    return [(names.get(name, name), str(Asking(one).label)) for name, one in asking.items() if one in Asking.values]


def _chosen(field: SignerField, choices: tuple[Mapping[str, str], ...]) -> Asking:
    wanted = [choice.get(field.name) for choice in reversed(choices)]
    return next((Asking(one) for one in wanted if one in askings(field)), Asking.OPTIONAL)


def _as_needed(field: SignerField, country: str) -> SignerField:
    place = gettext("Needed in: %(country)s") % {"country": country_name(country)}
    label = field.switch.needed_label if field.switch is not None else ""
    return replace(field, label=label or field.label, hint=" ".join(filter(None, [str(field.hint), place])))
