"""Factories (factory_boy) for integrators' tests. They create rows through the package's services.

``SubmissionFactory(pledge=…, name="…", email="…")`` is a form that waits for its mailbox to confirm it.
``SignatureFactory(pledge=…, kind="organization", name="…", email="…", state="withdrawn")`` encrypts, hashes and freezes
the statement as signing through a page does. It accepts any text that the database can store, whether a form would
accept it or not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

import swapper
from django.db import transaction
from django.utils import timezone
from factory.declarations import Dict, LazyAttribute, Maybe, Sequence, SubFactory
from factory.django import DjangoModelFactory

from wagtail_pledge.core import crypto
from wagtail_pledge.core.db import insert_if_new
from wagtail_pledge.delivery.models import DecisionStage, PledgeRecipient, Recipient, StageEvidence
from wagtail_pledge.signing.addresses import AddressRefused, canonical_address
from wagtail_pledge.signing.enums import Approval, Display, EventKind, PledgeState, Review, SignatureState
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import Organization, Pledge, SignerType, Statement, Submission
from wagtail_pledge.signing.models.signature import get_signature_model
from wagtail_pledge.signing.names import folded_column
from wagtail_pledge.signing.services import freeze_statement, public_name_of, submit
from wagtail_pledge.signing.services.approval import find_or_make_organization
from wagtail_pledge.signing.services.lifecycle import mark_day_dirty, record_event
from wagtail_pledge.signing.services.payloads import Payload, build_signature
from wagtail_pledge.signing.services.pledges import create_signer_type

__all__ = [
    "DecisionStageFactory",
    "EvidenceFactory",
    "OrganizationFactory",
    "PledgeFactory",
    "PledgeRecipientFactory",
    "RecipientFactory",
    "SignatureFactory",
    "SignerTypeFactory",
    "StatementFactory",
    "SubmissionFactory",
]

#: Used while signing in place of an address that signing would refuse.
PLACEHOLDER_EMAIL: Final = "stand-in@example.org"


class PledgeFactory(DjangoModelFactory[Pledge]):
    """Factory for an open pledge without signer types: other factories add the ones that they need."""

    class Meta:
        model = Pledge

    title = Sequence(lambda n: f"Pledge {n}")
    state = PledgeState.OPEN


class SignerTypeFactory(DjangoModelFactory[SignerType]):
    """Factory for a signer type ("way to sign"), with the default approval rule of its kind."""

    class Meta:
        model = SignerType

    pledge = SubFactory(PledgeFactory)
    kind = "individual"

    @classmethod
    def _create(
        cls, model_class: type[SignerType], *_args: Any, pledge: Pledge, kind: str, **values: Any
    ) -> SignerType:
        signer_type = create_signer_type(pledge, kind)
        if values:
            model_class._default_manager.filter(pk=signer_type.pk).update(**values)
            signer_type.refresh_from_db()
        return signer_type


class StatementFactory(DjangoModelFactory[Statement]):
    """Factory for a frozen statement: an equal text gives the same statement, another text the next version."""

    class Meta:
        model = Statement

    signer_type = SubFactory(SignerTypeFactory)
    locale = "en"
    text = "<p>We call on you to ratify.</p>"
    consent = Dict({"sign": "I add my name to this call."})

    @classmethod
    def _create(cls, model_class: type[Statement], *args: Any, **kwargs: Any) -> Statement:
        return freeze_statement(**kwargs)


class RecipientFactory(DjangoModelFactory[Recipient]):
    """Factory for a decision-maker whose position is unknown."""

    class Meta:
        model = Recipient

    office = Sequence(lambda n: f"Office {n}")


class PledgeRecipientFactory(DjangoModelFactory[PledgeRecipient]):
    """Factory for a decision-maker whom a pledge urges."""

    class Meta:
        model = PledgeRecipient

    pledge = SubFactory(PledgeFactory)
    recipient = SubFactory(RecipientFactory)


class DecisionStageFactory(DjangoModelFactory[DecisionStage]):
    """Factory for a stage of a decision that has not started and has no evidence."""

    class Meta:
        model = DecisionStage

    pledge = SubFactory(PledgeFactory)
    name = Sequence(lambda n: f"Stage {n}")
    position = Sequence(lambda n: n)


class EvidenceFactory(DjangoModelFactory[StageEvidence]):
    """Factory for evidence that something happened at a stage."""

    class Meta:
        model = StageEvidence

    stage = SubFactory(DecisionStageFactory)
    day = dt.date(2026, 2, 3)
    text = "It happened."
    source = "https://example.org/"


class OrganizationFactory(DjangoModelFactory[Organization]):
    """Factory for an approved organization."""

    class Meta:
        model = Organization

    name = Sequence(lambda n: f"Organization {n}")
    folded_name = LazyAttribute(lambda attributes: folded_column(attributes.name))
    country = "US"


class SignatureFactory(DjangoModelFactory[Any]):
    """Factory for a signature. By default it is confirmed, and its review is OK.

    The default of ``approval`` comes from the signer type. With ``kind="organization"`` the signer is an
    organization. The events of all steps up to the given state are created, as if all mail was sent. Further keywords
    set columns of the site's own signature model. Tallies are not refreshed.
    """

    class Meta:
        model = swapper.get_model_name("wagtail_pledge", "Signature")

    pledge = SubFactory(PledgeFactory)
    kind = "individual"
    name = Sequence(lambda n: f"Signer {n}")
    email = Sequence(lambda n: f"signer{n}@example.org")
    country = "US"
    locale = "en"
    display = Display.HIDDEN
    state = SignatureState.CONFIRMED
    review = Review.OK
    approval: str | None = None
    organization = Maybe(
        LazyAttribute(lambda attributes: attributes.kind == "organization"),
        yes_declaration=Sequence(lambda n: f"Organization {n}"),
        no_declaration="",
    )
    consent_updates = False
    details = Dict({})
    answers = Dict({})
    signer_type: SignerType | None = None
    statement: Statement | None = None

    @classmethod
    def _create(cls, model_class: type[Any], *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            signature = _stored(kwargs)
            states = {field: kwargs.pop(field) for field in ("state", "review", "approval")}
            _apply_states(signature, **states, columns=kwargs)
        return signature


class SubmissionFactory(DjangoModelFactory[Submission]):
    """Factory for a form that was sent and waits for its mailbox to confirm it; its mail is due.

    With ``kind="organization"`` the signer is an organization. Further keywords set columns of the submission. The
    address must be one that a form accepts.
    """

    class Meta:
        model = Submission

    pledge = SubFactory(PledgeFactory)
    kind = "individual"
    name = Sequence(lambda n: f"Signer {n}")
    email = Sequence(lambda n: f"signer{n}@example.org")
    country = "US"
    locale = "en"
    display = Display.HIDDEN
    organization = Maybe(
        LazyAttribute(lambda attributes: attributes.kind == "organization"),
        yes_declaration=Sequence(lambda n: f"Organization {n}"),
        no_declaration="",
    )
    consent_updates = False
    details = Dict({})
    answers = Dict({})
    source = ""
    signer_type: SignerType | None = None
    statement: Statement | None = None

    @classmethod
    def _create(cls, model_class: type[Submission], *args: Any, **kwargs: Any) -> Submission:
        statement = _statement_for(kwargs)
        data, locale, source = _signer_data(kwargs), kwargs.pop("locale"), kwargs.pop("source")
        receipt = submit(statement=statement, data=data, locale=locale, source=source)
        if kwargs:
            model_class._default_manager.filter(pk=receipt.id).update(**kwargs)
        rows = Submission.objects.select_related("statement__signer_type__pledge")
        submission: Submission = rows.get(pk=receipt.id)
        return submission


def _statement_for(values: dict[str, Any]) -> Statement:
    """Return the given statement, else the newest one of the signer type and locale, else a new one."""
    pledge, kind, locale = values.pop("pledge"), values.pop("kind"), values["locale"]
    statement, signer_type = values.pop("statement"), values.pop("signer_type")
    if statement is not None:
        return statement  # type: ignore[no-any-return]
    signer_type = signer_type or SignerType.objects.filter(pledge=pledge, kind=kind).first()
    signer_type = signer_type or SignerTypeFactory.create(pledge=pledge, kind=kind)
    existing: Statement | None = Statement.objects.current().filter(signer_type=signer_type, locale=locale).first()
    return existing or StatementFactory.create(signer_type=signer_type, locale=locale)


def _signer_data(values: dict[str, Any]) -> SignerData:
    details, organization = dict(values.pop("details")), values.pop("organization")
    if organization:
        details.setdefault("organization", organization)
    fields = ("email", "name", "country", "display", "consent_updates", "answers")
    return SignerData(details=details, **{field: values.pop(field) for field in fields})


def _stored(values: dict[str, Any]) -> Any:
    """Store the signature of a form and return it. Raises ``ValueError`` if the mailbox has already signed."""
    statement = _statement_for(values)
    data = _signer_data(values)
    try:
        canonical_address(data.email)
    except AddressRefused:
        is_accepted = False
    else:
        is_accepted = True
    accepted = data if is_accepted else replace(data, email=PLACEHOLDER_EMAIL)
    payload = Payload(data=accepted, locale=values.pop("locale"), source=values.pop("source", ""))
    signature: Any = build_signature(statement, payload)
    signature.uuid, signature.confirmed_at = uuid4(), timezone.now()
    if not is_accepted:
        _set_raw_address(signature, data.email)
    if not insert_if_new(signature):
        message = f"{data.email!r} has signed this pledge already"
        raise ValueError(message)
    return get_signature_model()._default_manager.get(pledge=signature.pledge_id, uuid=signature.uuid)


def _set_raw_address(signature: Any, email: str) -> None:
    """Set an address unchanged and hash its raw bytes: old data may contain addresses that a form would refuse."""
    key = crypto.versioned_hash(
        "dedup", b"mailbox", signature.pledge.uuid.bytes, email.encode("utf-8", "surrogatepass")
    )
    signature.email, signature.mailbox_key, signature.mailbox_key_next = email, key, key


def _apply_states(signature: Any, *, state: str, review: str, approval: str | None, columns: dict[str, Any]) -> None:
    """Set the states and ``columns`` of the signature, and create the events of the steps that lead there."""
    signature.state, signature.review, signature.approval = state, review, approval or signature.approval
    if signature.approval == Approval.APPROVED and "organization" in signature.details:
        signature.organization = find_or_make_organization(signature)
    if signature.is_counted:
        signature.public_name = public_name_of(signature)
    if state == SignatureState.WITHDRAWN:
        signature.withdrawn_at = timezone.now()
    _record_events(signature)
    if state == SignatureState.ANONYMISED:
        _anonymise(signature)
    for column, value in columns.items():
        setattr(signature, column, value)
    signature.save()
    mark_day_dirty(signature.pledge, signature.confirmed_at)


def _record_events(signature: Any) -> None:
    record_event(signature, EventKind.CONFIRMED)
    decided = {Approval.APPROVED: EventKind.APPROVED, Approval.REJECTED: EventKind.REJECTED}
    if signature.approval in decided:
        record_event(signature, decided[signature.approval])
    if signature.state == SignatureState.WITHDRAWN:
        record_event(signature, EventKind.WITHDRAWN)


def _anonymise(signature: Any) -> None:
    signature.email = signature.name = signature.public_name = ""
    signature.details, signature.answers = {}, {}
    signature.mailbox_key = signature.mailbox_key_next = signature.name_key = None
    signature.seat = b""
