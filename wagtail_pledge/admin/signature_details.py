"""How a signature shows to staff: what it may show, and what happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_pledge.admin.permissions import PledgePermission, has_any_permission, may_see_contact
from wagtail_pledge.signing.abuse.lookalikes import ApprovedOrganizationNames
from wagtail_pledge.signing.countries import country_name
from wagtail_pledge.signing.enums import Approval, SignatureState
from wagtail_pledge.signing.kinds import get_kind, kind_choices
from wagtail_pledge.signing.models import Organization, SignatureEvent
from wagtail_pledge.signing.questions import formatted_answers
from wagtail_pledge.signing.services.sources import source_label

#: Columns that hold who signed. They stay sealed for users who may not see any of it.
CONTACT_COLUMNS = ("email", "name", "details", "answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailRow:
    """One line of the inspect page."""

    label: Any
    value: Any
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One line of the timeline."""

    at: Any
    what: str
    actor: Any = None
    reason: str = ""


def defer_contact_data(signatures: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Leave contact data sealed where ``user`` may see none of it, the long parts in every case."""
    return (
        signatures.defer("email", "answers")
        if has_any_permission(user, PledgePermission.CONTACT)
        else signatures.defer(*CONTACT_COLUMNS)
    )


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


def signature_details(signature: Any) -> list[DetailRow]:
    """Return what everybody may see who may see the signature."""
    return [
        DetailRow(label=_("Reference"), value=signature.uuid),
        DetailRow(label=_("Campaign"), value=signature.pledge),
        DetailRow(label=_("Type of signer"), value=kind_label(signature.kind)),
        DetailRow(label=_("Country"), value=country_name(signature.country) or signature.country or "–"),
        DetailRow(label=_("Language"), value=signature.locale),
        DetailRow(label=_("Status"), value=signature.get_state_display()),
        DetailRow(label=_("Check"), value=signature.get_review_display()),
        DetailRow(label=_("Approval"), value=signature.get_approval_display()),
        DetailRow(label=_("Counted"), value=_yes_no(signature.is_counted)),
        DetailRow(label=_("Name on the website"), value=signature.public_name or gettext("not shown")),
        DetailRow(label=_("Source of the signature"), value=source_label(signature.source) or "–"),
        DetailRow(label=_("Agreed to updates"), value=_yes_no(signature.consent_updates)),
    ]


def contact_details(user: Any, signature: Any) -> list[DetailRow]:
    """Return who signed and what else they told, ``[]`` for a user who may not see it."""
    if not may_see_contact(user, signature):
        return []
    signature.refresh_from_db(fields=CONTACT_COLUMNS)
    labels = {field.name: field.label for field in get_kind(signature.kind).fields}
    return [
        DetailRow(label=_("Name"), value=signature.name),
        DetailRow(label=_("Email"), value=signature.email),
        *(
            DetailRow(label=labels.get(key, key), value=_yes_no(value) if isinstance(value, bool) else value)
            for key, value in signature.details.items()
        ),
        *(
            DetailRow(label=question, value=answer)
            for question, answer in formatted_answers(signature.statement.questions, signature.answers)
        ),
    ]


def timeline(signature: Any) -> Iterator[TimelineEntry]:
    """Yield what happened to ``signature``, oldest first."""
    yield TimelineEntry(at=signature.created_at, what=gettext("Signed"))
    events = SignatureEvent.objects.filter(pledge=signature.pledge_id, signature_uuid=signature.uuid)
    for event in events.select_related("actor").order_by("pk"):
        yield TimelineEntry(at=event.created_at, what=event.get_kind_display(), actor=event.actor, reason=event.reason)


def look_alikes(signature: Any, approved: ApprovedOrganizationNames) -> list[Organization]:
    """Return the approved organizations that a signature which can be approved might be mistaken for."""
    return approved.similar_to(signature) if can_approve(signature) else []


def can_approve(signature: Any) -> bool:
    """Whether an approval would change anything."""
    undecided = signature.approval in {Approval.WAITING, Approval.REJECTED}
    return bool(signature.state == SignatureState.CONFIRMED and undecided)


def can_reject(signature: Any) -> bool:
    """Whether a refusal would change anything."""
    countable = signature.approval in {Approval.WAITING, Approval.APPROVED}
    return bool(signature.state == SignatureState.CONFIRMED and countable)
