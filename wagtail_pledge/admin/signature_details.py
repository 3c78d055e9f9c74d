"""Builds what the admin shows about a signature, as far as the user may see it, and its timeline."""

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
from wagtail_pledge.signing.enums import Approval, EventKind, SignatureState, held_for_label
from wagtail_pledge.signing.kinds import get_kind, kind_choices
from wagtail_pledge.signing.models import Organization, SignatureEvent
from wagtail_pledge.signing.questions import formatted_answers
from wagtail_pledge.signing.services.sources import source_label

#: Encrypted columns with personal data. They are not loaded for users who may not see them.
CONTACT_COLUMNS = ("email", "name", "details", "answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailRow:
    """One row of the inspect page."""

    label: Any
    value: Any
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One row of the timeline."""

    at: Any
    what: str
    actor: Any = None
    reason: str = ""


def defer_contact_data(signatures: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Defer the columns that ``user`` may not see on any pledge, and those that no listing shows."""
    return (
        signatures.defer("email", "answers")
        if has_any_permission(user, PledgePermission.CONTACT)
        else signatures.defer(*CONTACT_COLUMNS)
    )


def heading_for(user: Any, signature: Any) -> str:
    """Return the name of the signer or the organization, or "hidden" if ``user`` may not see it."""
    if not may_see_contact(user, signature):
        return gettext("hidden")
    if {"name", "details"} & signature.get_deferred_fields():
        _load(signature, "name", "details")
    heading = get_kind(signature.kind).heading(name=signature.name, details=signature.details)
    return heading or gettext("removed")


def _load(signature: Any, *columns: str) -> None:
    """Load encrypted columns; with the UUID that they are bound to, it is one query."""
    signature.refresh_from_db(fields=["uuid", *columns])


def kind_label(slug: str) -> str:
    """Return the label of a kind of signer, or its slug if the kind is no longer registered."""
    return dict(kind_choices()).get(slug, slug)


def _yes_no(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


def signature_details(signature: Any) -> list[DetailRow]:
    """Return the rows that every user may see who may view the signature."""
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
    """Return the rows with personal data and answers, ``[]`` if ``user`` may not see them."""
    if not may_see_contact(user, signature):
        return []
    _load(signature, *CONTACT_COLUMNS)
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
    """Yield the events of ``signature``, oldest first."""
    yield TimelineEntry(at=signature.created_at, what=gettext("Signed"))
    events = SignatureEvent.objects.filter(pledge=signature.pledge_id, signature_uuid=signature.uuid)
    for event in events.select_related("actor").order_by("pk"):
        reason = held_for_label(event.reason) if event.kind == EventKind.HELD else event.reason
        yield TimelineEntry(at=event.created_at, what=event.get_kind_display(), actor=event.actor, reason=reason)


def look_alikes(signature: Any, approved: ApprovedOrganizationNames) -> list[Organization]:
    """Return the approved organizations with a similar name; ``[]`` if the signature can't be approved."""
    return approved.similar_to(signature) if can_approve(signature) else []


def can_approve(signature: Any) -> bool:
    """Whether the signature can be approved: it is confirmed, and waits or was rejected."""
    approvable = signature.approval in {Approval.WAITING, Approval.REJECTED}
    return bool(signature.state == SignatureState.CONFIRMED and approvable)


def can_renew_links(signature: Any) -> bool:
    """Whether the links to the signature can be renewed: it is confirmed."""
    return bool(signature.state == SignatureState.CONFIRMED)


def can_reject(signature: Any) -> bool:
    """Whether the signature can be rejected: it is confirmed, and waits or was approved."""
    rejectable = signature.approval in {Approval.WAITING, Approval.APPROVED}
    return bool(signature.state == SignatureState.CONFIRMED and rejectable)
