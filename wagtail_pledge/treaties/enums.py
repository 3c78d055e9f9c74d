"""Choices of the treaty models and blocks: treaty actions, kinds of participants, statuses.

The terms are those of the depositaries.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy


class Act(models.TextChoices):
    """Treaty actions ("acts") of a State or an organization."""

    SIGNATURE = "signature", _("signature")
    SUCCESSION_TO_SIGNATURE = "succession_to_signature", _("succession to signature")
    RATIFICATION = "ratification", _("ratification")
    ACCESSION = "accession", _("accession")
    ACCEPTANCE = "acceptance", _("acceptance")
    APPROVAL = "approval", _("approval")
    SUCCESSION = "succession", _("succession")
    DEFINITIVE_SIGNATURE = "definitive_signature", _("definitive signature")
    FORMAL_CONFIRMATION = "formal_confirmation", _("formal confirmation")
    CONSENT_TO_BE_BOUND = "consent_to_be_bound", _("consent to be bound")
    PROVISIONAL_APPLICATION = "provisional_application", _("provisional application")
    WITHDRAWAL = "withdrawal", _("withdrawal")
    WITHDRAWAL_OF_SIGNATURE = "withdrawal_of_signature", _("withdrawal of signature")


#: A definitive signature binds at once, so it is both a signature and a consent to be bound.
SIGNATURES: Final = frozenset({Act.SIGNATURE, Act.SUCCESSION_TO_SIGNATURE, Act.DEFINITIVE_SIGNATURE})
#: Acts that express consent to be bound. All have the same effect: the State becomes a party.
CONSENTS: Final = frozenset(
    {
        Act.RATIFICATION,
        Act.ACCESSION,
        Act.ACCEPTANCE,
        Act.APPROVAL,
        Act.SUCCESSION,
        Act.DEFINITIVE_SIGNATURE,
        Act.FORMAL_CONFIRMATION,
        Act.CONSENT_TO_BE_BOUND,
    }
)

#: Acts that may have no date: depositaries only put the withdrawn act's date in square brackets.
UNDATED: Final = frozenset({Act.WITHDRAWAL, Act.WITHDRAWAL_OF_SIGNATURE})

_COUNT_LABELS: Final[dict[Act, Any]] = {
    Act.SIGNATURE: ngettext_lazy("%(count)d signature", "%(count)d signatures", "count"),
    Act.SUCCESSION_TO_SIGNATURE: ngettext_lazy(
        "%(count)d succession to signature", "%(count)d successions to signature", "count"
    ),
    Act.RATIFICATION: ngettext_lazy("%(count)d ratification", "%(count)d ratifications", "count"),
    Act.ACCESSION: ngettext_lazy("%(count)d accession", "%(count)d accessions", "count"),
    Act.ACCEPTANCE: ngettext_lazy("%(count)d acceptance", "%(count)d acceptances", "count"),
    Act.APPROVAL: ngettext_lazy("%(count)d approval", "%(count)d approvals", "count"),
    Act.SUCCESSION: ngettext_lazy("%(count)d succession", "%(count)d successions", "count"),
    Act.DEFINITIVE_SIGNATURE: ngettext_lazy(
        "%(count)d definitive signature", "%(count)d definitive signatures", "count"
    ),
    Act.FORMAL_CONFIRMATION: ngettext_lazy("%(count)d formal confirmation", "%(count)d formal confirmations", "count"),
    Act.CONSENT_TO_BE_BOUND: ngettext_lazy("%(count)d consent to be bound", "%(count)d consents to be bound", "count"),
    Act.PROVISIONAL_APPLICATION: ngettext_lazy(
        "%(count)d provisional application", "%(count)d provisional applications", "count"
    ),
    Act.WITHDRAWAL: ngettext_lazy("%(count)d withdrawal", "%(count)d withdrawals", "count"),
    Act.WITHDRAWAL_OF_SIGNATURE: ngettext_lazy(
        "%(count)d withdrawal of signature", "%(count)d withdrawals of signature", "count"
    ),
}


def count_label(act: Act, count: int) -> str:
    """Return "2 accessions" in the active language."""
    return str(_COUNT_LABELS[act] % {"count": count})


class StateKind(models.TextChoices):
    """Kinds of participants in treaties. Some treaties are open to territories and organizations."""

    MEMBER_STATE = "member_state", _("member State of the United Nations")
    OBSERVER = "observer", _("observer State")
    OTHER_STATE = "other_state", _("other State")
    FORMER_STATE = "former_state", _("former State")
    TERRITORY = "territory", _("territory")
    ORGANIZATION = "organization", _("organization")


class AliasKind(models.TextChoices):
    """Kinds of alternative names of a State."""

    CURRENT = "current", _("current name at the depositary")
    VARIANT = "variant", _("another spelling")
    FORMER_NAME = "former_name", _("former name")


class EffectRule(models.TextChoices):
    """Rules for the date on which consent to be bound takes effect."""

    UNKNOWN = "unknown", _("not known")
    MONTH_AFTER_THREE_MONTHS = (
        "month_after_three_months",
        _("first day of the month after three months from deposit"),
    )
    THIRTIETH_DAY = "thirtieth_day", _("thirtieth day after deposit")


class ImportState(models.TextChoices):
    """Workflow states of an uploaded list."""

    PROPOSED = "proposed", pgettext_lazy("state of an import", "Waiting for approval")
    APPLIED = "applied", pgettext_lazy("state of an import", "Applied")
    UNDONE = "undone", pgettext_lazy("state of an import", "Undone")
    REJECTED = "rejected", pgettext_lazy("state of an import", "Rejected")


class Confidence(models.TextChoices):
    """How reliable the source of an act is."""

    HIGH = "high", _("high")
    MEDIUM = "medium", _("medium")
    LOW = "low", _("low")


class ParticipantStatus(models.TextChoices):
    """Status of a participant under a treaty on a given day. A signatory is not a party: never mix the two."""

    PARTY = "party", pgettext_lazy("status of a State", "Party")
    SIGNED_ONLY = "signed_only", pgettext_lazy("status of a State", "Signed only")
    FORMER_PARTY = "former_party", pgettext_lazy("status of a State", "Withdrew")
    NONE = "none", pgettext_lazy("status of a State", "Neither signed nor party")
    UNKNOWN = "unknown", pgettext_lazy("status of a State", "Not known")


class DeclarationKind(models.TextChoices):
    """Kinds of what a State declares when it signs or joins, or later."""

    ACCEPTANCE = "acceptance", _("acceptance of an optional article")
    DECLARATION = "declaration", _("declaration")
    RESERVATION = "reservation", _("reservation")


class FactKind(models.TextChoices):
    """Kinds of live facts: whole sentences, or numbers alone for use in the editor's own sentence."""

    SENTENCE = "sentence", _("Sentence: parties and those that signed only")
    PARTIES = "parties", _("Sentence: parties only")
    SIGNED_ONLY = "signed_only", _("Sentence: those that signed only")
    STATE = "state", _("Sentence: what one State did")
    NUMBER_PARTIES = "number_parties", _("Number of parties")
    NUMBER_SIGNED_ONLY = "number_signed_only", _("Number of States that signed only")
    NUMBER_NEITHER = "number_neither", _("Number of States that are neither parties nor signatories")


def act_choices() -> list[Any]:
    """Return the choices of ``Act``. Model fields take a callable, so that a new choice needs no migration."""
    return Act.choices


def state_kind_choices() -> list[Any]:
    """Return the choices of ``StateKind``."""
    return StateKind.choices


def alias_kind_choices() -> list[Any]:
    """Return the choices of ``AliasKind``."""
    return AliasKind.choices


def declaration_kind_choices() -> list[Any]:
    """Return the choices of ``DeclarationKind``."""
    return DeclarationKind.choices


def effect_rule_choices() -> list[Any]:
    """Return the choices of ``EffectRule``."""
    return EffectRule.choices


def import_state_choices() -> list[Any]:
    """Return the choices of ``ImportState``."""
    return ImportState.choices


def confidence_choices() -> list[Any]:
    """Return the choices of ``Confidence``."""
    return Confidence.choices
