"""How a signature shows to staff: what it may show, and what happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.admin.permissions import Right, holds, may_see_contact
from wagtail_pledge.signing.abuse.lookalikes import ApprovedNames
from wagtail_pledge.signing.countries import country_name
from wagtail_pledge.signing.enums import Approval, SignatureState
from wagtail_pledge.signing.kinds import get_kind, kind_choices
from wagtail_pledge.signing.models import Organization, SignatureEvent
from wagtail_pledge.signing.questions import answers_shown
from wagtail_pledge.signing.services.sources import source_label

#: Columns that hold who signed. They stay sealed for users who may not see any of it.
CONTACT_COLUMNS = ("email", "name", "details", "answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of the inspect page."""

    label: Any
    value: Any
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the timeline."""

    at: Any
    what: str
    actor: Any = None
    reason: str = ""


def without_contact(signatures: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Leave contact data sealed where ``user`` may see none of it, the long parts in every case."""
    return signatures.defer("email", "answers") if holds(user, Right.CONTACT) else signatures.defer(*CONTACT_COLUMNS)


def heading_for(user: Any, signature: Any) -> str:
    """Return the name, or the organization's, if ``user`` may see it."""
    if not may_see_contact(user, signature):
        return gettext("hidden")
    heading = get_kind(signature.kind).heading(name=signature.name, details=signature.details)
    return heading or gettext("removed")


def kind_label(slug: str) -> str:
    """Return the kind in the reader's language, the slug of one that no code registers any more."""
    return dict(kind_choices()).get(slug, slug)


def _yes_no(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


def ledger_facts(signature: Any) -> list[Fact]:
    """Return what everybody may see who may see the signature."""
    return [
        Fact(label=_("Reference"), value=signature.uuid),
        Fact(label=_("Pledge"), value=signature.pledge),
        Fact(label=_("Kind of signer"), value=kind_label(signature.kind)),
        Fact(label=_("Country"), value=country_name(signature.country) or signature.country or "–"),
        Fact(label=_("Language"), value=signature.locale),
        Fact(label=_("State"), value=signature.get_state_display()),
        Fact(label=_("Verdict"), value=signature.get_verdict_display()),
        Fact(label=_("Approval"), value=signature.get_approval_display()),
        Fact(label=_("Counted"), value=_yes_no(signature.is_counted)),
        Fact(label=_("Name on the website"), value=signature.public_name or gettext("not shown")),
        Fact(label=_("Source"), value=source_label(signature.source) or "–"),
        Fact(label=_("Agreed to updates"), value=_yes_no(signature.consent_updates)),
    ]


def contact_facts(user: Any, signature: Any) -> list[Fact]:
    """Return who signed and what else they told, ``[]`` for a user who may not see it."""
    if not may_see_contact(user, signature):
        return []
    signature.refresh_from_db(fields=CONTACT_COLUMNS)
    labels = {field.name: field.label for field in get_kind(signature.kind).fields}
    return [
        Fact(label=_("Name"), value=signature.name),
        Fact(label=_("Email"), value=signature.email),
        *(
            Fact(label=labels.get(key, key), value=_yes_no(value) if isinstance(value, bool) else value)
            for key, value in signature.details.items()
        ),
        *(
            Fact(label=question, value=answer)
            for question, answer in answers_shown(signature.statement.questions, signature.answers)
        ),
    ]


def timeline(signature: Any) -> Iterator[Moment]:
    """Yield what happened to ``signature``, oldest first."""
    yield Moment(at=signature.created_at, what=gettext("Signed"))
    events = SignatureEvent.objects.filter(pledge=signature.pledge_id, signature_uuid=signature.uuid)
    for event in events.select_related("actor").order_by("pk"):
        yield Moment(at=event.created_at, what=event.get_kind_display(), actor=event.actor, reason=event.reason)


def look_alikes(signature: Any, approved: ApprovedNames) -> list[Organization]:
    """Return the approved organizations that a signature which can be approved might be mistaken for."""
    return approved.like(signature) if can_approve(signature) else []


def can_approve(signature: Any) -> bool:
    """Whether an approval would change anything."""
    undecided = signature.approval in {Approval.WAITING, Approval.REFUSED}
    return bool(signature.state == SignatureState.CONFIRMED and undecided)


def can_refuse(signature: Any) -> bool:
    """Whether a refusal would change anything."""
    countable = signature.approval in {Approval.WAITING, Approval.APPROVED}
    return bool(signature.state == SignatureState.CONFIRMED and countable)
