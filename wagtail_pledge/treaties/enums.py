"""The words of treaty practice, as depositaries use them."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy


class Act(models.TextChoices):
    """What a State or an organization did with a treaty."""

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


#: A definitive signature binds at once, so it is both a signature and consent.
SIGNATURES: Final = frozenset({Act.SIGNATURE, Act.SUCCESSION_TO_SIGNATURE, Act.DEFINITIVE_SIGNATURE})
#: Equal in effect: each makes its author a party.
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

#: Depositaries show that these happened (brackets around a date) without saying when.
UNDATED: Final = frozenset({Act.WITHDRAWAL, Act.WITHDRAWAL_OF_SIGNATURE})

_COUNTED: Final[dict[Act, Any]] = {
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
    return str(_COUNTED[act] % {"count": count})


class StateKind(models.TextChoices):
    """What sort of participant."""

    MEMBER_STATE = "member_state", _("member State of the United Nations")
    OBSERVER = "observer", _("observer State")
    OTHER_STATE = "other_state", _("other State")
    FORMER_STATE = "former_state", _("former State")
    ORGANIZATION = "organization", _("organization")


class AliasKind(models.TextChoices):
    """Why a State has another name."""

    CURRENT = "current", _("current name at the depositary")
    VARIANT = "variant", _("another spelling")
    FORMER_NAME = "former_name", _("former name")


class EffectRule(models.TextChoices):
    """When consent takes effect for a party that joins."""

    UNKNOWN = "unknown", _("not known")
    MONTH_AFTER_THREE_MONTHS = (
        "month_after_three_months",
        _("first day of the month after three months from deposit"),
    )
    THIRTIETH_DAY = "thirtieth_day", _("thirtieth day after deposit")


class ImportState(models.TextChoices):
    """What became of an uploaded list."""

    PROPOSED = "proposed", pgettext_lazy("state of an import", "Waiting for approval")
    APPLIED = "applied", pgettext_lazy("state of an import", "Applied")
    UNDONE = "undone", pgettext_lazy("state of an import", "Undone")
    REJECTED = "rejected", pgettext_lazy("state of an import", "Rejected")


class Confidence(models.TextChoices):
    """How sure the source of an act is."""

    HIGH = "high", _("high")
    MEDIUM = "medium", _("medium")
    LOW = "low", _("low")


class ParticipantStatus(models.TextChoices):
    """Where a participant stands with a treaty on a day. Never mix "signed" with "party"."""

    PARTY = "party", pgettext_lazy("status of a State", "Party")
    SIGNED_ONLY = "signed_only", pgettext_lazy("status of a State", "Signed only")
    FORMER_PARTY = "former_party", pgettext_lazy("status of a State", "Withdrew")
    NONE = "none", pgettext_lazy("status of a State", "Neither signed nor party")
    UNKNOWN = "unknown", pgettext_lazy("status of a State", "Not known")


class FactKind(models.TextChoices):
    """What a live fact says. The numbers stand alone, for a sentence that the writer words."""

    SENTENCE = "sentence", _("Sentence: parties and those that signed only")
    PARTIES = "parties", _("Sentence: parties only")
    SIGNED_ONLY = "signed_only", _("Sentence: those that signed only")
    STATE = "state", _("Sentence: what one State did")
    NUMBER_PARTIES = "number_parties", _("Number of parties")
    NUMBER_SIGNED_ONLY = "number_signed_only", _("Number of States that signed only")
    NUMBER_NEITHER = "number_neither", _("Number of States that did neither")


def act_choices() -> list[Any]:
    """Return the choices of an act: a callable, so that a new word needs no migration."""
    return Act.choices


def state_kind_choices() -> list[Any]:
    """Return the choices of a State's kind."""
    return StateKind.choices


def alias_kind_choices() -> list[Any]:
    """Return the choices of an alias's kind."""
    return AliasKind.choices


def effect_rule_choices() -> list[Any]:
    """Return the choices of a treaty's effect rule."""
    return EffectRule.choices


def import_state_choices() -> list[Any]:
    """Return the choices of an import's state."""
    return ImportState.choices


def confidence_choices() -> list[Any]:
    """Return the choices of a source's confidence."""
    return Confidence.choices
