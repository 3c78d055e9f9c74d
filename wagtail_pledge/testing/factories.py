"""Factories for an integrator's tests: rows come into being through the product's own code.

``SignatureFactory(pledge=…, kind="organization", name="…", email="…", state="pending")`` seals, keys and freezes as
signing through a page does, and takes any text that the database can hold, whether a form would accept it or not.
"""

from __future__ import annotations

from typing import Any, Final

import factory
import swapper
from django.db import transaction
from django.utils import timezone
from factory.django import DjangoModelFactory

from wagtail_pledge.core import crypto
from wagtail_pledge.signing.addresses import AddressRefused, canonical_address
from wagtail_pledge.signing.enums import Approval, Display, EventKind, OutboxState, PledgeState, SignatureState, Verdict
from wagtail_pledge.signing.kinds import SignerData
from wagtail_pledge.signing.models import Organization, OutboxMessage, Pledge, SignerType, Statement
from wagtail_pledge.signing.models.signature import get_signature_model
from wagtail_pledge.signing.names import folded
from wagtail_pledge.signing.services import freeze_statement, public_name_of, sign
from wagtail_pledge.signing.services.approval import find_or_make_organization
from wagtail_pledge.signing.services.lifecycle import mark_dirty, record
from wagtail_pledge.signing.services.pledges import create_signer_type

#: Stands in while signing for an address that no mail reaches and that signing would refuse.
STAND_IN: Final = "stand-in@example.org"


class PledgeFactory(DjangoModelFactory[Pledge]):
    """An open pledge without signer types: those come with what needs them."""

    class Meta:
        model = Pledge

    title = factory.Sequence(lambda n: f"Pledge {n}")
    state = PledgeState.OPEN


class SignerTypeFactory(DjangoModelFactory[SignerType]):
    """A way to sign, with the kind's own approval rule unless ``approval_required`` says otherwise."""

    class Meta:
        model = SignerType

    pledge = factory.SubFactory(PledgeFactory)
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
    """A frozen text: the same text twice gives the same statement, another text the next version."""

    class Meta:
        model = Statement

    signer_type = factory.SubFactory(SignerTypeFactory)
    locale = "en"
    text = "<p>We call on you to ratify.</p>"
    consent: dict[str, str] = factory.Dict({"sign": "I add my name to this call."})

    @classmethod
    def _create(cls, _model_class: type[Statement], *_args: Any, **values: Any) -> Statement:
        return freeze_statement(**values)


class OrganizationFactory(DjangoModelFactory[Organization]):
    """An organization that somebody approved."""

    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    folded_name = factory.LazyAttribute(lambda made: folded(made.name))
    country = "US"


class SignatureFactory(DjangoModelFactory[Any]):
    """A signature, confirmed and clear unless ``state`` and ``verdict`` say otherwise.

    ``approval`` is what the signer type asks for unless given. An ``organization`` signs with
    ``kind="organization"``. Events exist for everything that must have happened; the mail of a pending signature is
    due, that of any other was sent. Further keywords set columns of the site's own signature model. Tallies are not
    refreshed.
    """

    class Meta:
        model = swapper.get_model_name("wagtail_pledge", "Signature")

    pledge = factory.SubFactory(PledgeFactory)
    kind = "individual"
    name = factory.Sequence(lambda n: f"Signer {n}")
    email = factory.Sequence(lambda n: f"signer{n}@example.org")
    country = "US"
    locale = "en"
    display = Display.HIDDEN
    state = SignatureState.CONFIRMED
    verdict = Verdict.CLEAR
    approval: str | None = None
    organization = factory.Maybe(
        factory.LazyAttribute(lambda made: made.kind == "organization"),
        yes_declaration=factory.Sequence(lambda n: f"Organization {n}"),
        no_declaration="",
    )
    consent_updates = False
    details: dict[str, Any] = factory.Dict({})
    answers: dict[str, Any] = factory.Dict({})
    signer_type: SignerType | None = None
    statement: Statement | None = None

    @classmethod
    def _create(cls, _model_class: type[Any], *_args: Any, **values: Any) -> Any:
        with transaction.atomic():
            signature = _signed(values)
            _settle(signature, **{axis: values.pop(axis) for axis in ("state", "verdict", "approval")}, columns=values)
        return signature


def _statement_for(values: dict[str, Any]) -> Statement:
    """The statement given, else the newest of the pledge's signer type in the locale, else a first one."""
    pledge, kind, locale = values.pop("pledge"), values.pop("kind"), values["locale"]
    statement, signer_type = values.pop("statement"), values.pop("signer_type")
    if statement is not None:
        return statement  # type: ignore[no-any-return]
    signer_type = signer_type or SignerType.objects.filter(pledge=pledge, kind=kind).first()
    signer_type = signer_type or SignerTypeFactory(pledge=pledge, kind=kind)
    known = Statement.objects.current().filter(signer_type=signer_type, locale=locale).first()
    return known or StatementFactory(signer_type=signer_type, locale=locale)


def _signed(values: dict[str, Any]) -> Any:
    """Sign, and return the row. Raises ``ValueError`` where the mailbox has signed already."""
    statement = _statement_for(values)
    email, details, organization = values.pop("email"), dict(values.pop("details")), values.pop("organization")
    if organization:
        details.setdefault("organization", organization)
    try:
        canonical_address(email)
    except AddressRefused:
        reachable = False
    else:
        reachable = True
    taken = ("name", "country", "display", "consent_updates", "answers")
    data = SignerData(
        email=email if reachable else STAND_IN, details=details, **{field: values.pop(field) for field in taken}
    )
    receipt = sign(statement=statement, data=data, locale=values.pop("locale"))
    model = get_signature_model()
    signature = model._default_manager.filter(pledge=statement.pledge_id, uuid=receipt.uuid).first()
    if signature is None:
        message = f"{email!r} has signed this pledge already"
        raise ValueError(message)
    if not reachable:
        _readdress(signature, email)
    return signature


def _readdress(signature: Any, email: str) -> None:
    """Keep an address as it is, keyed by its own bytes: old data may hold what a form would refuse."""
    key = crypto.keyed_hash("dedup", b"mailbox", signature.pledge.uuid.bytes, email.encode("utf-8", "surrogatepass"))
    OutboxMessage.objects.filter(pledge=signature.pledge_id, mailbox_key=signature.mailbox_key).update(mailbox_key=key)
    signature.email, signature.mailbox_key, signature.mailbox_key_next = email, key, key
    signature.save()


def _settle(signature: Any, *, state: str, verdict: str, approval: str | None, columns: dict[str, Any]) -> None:
    """Bring the row to where it is wanted, with the events of the way there."""
    signature.state, signature.verdict, signature.approval = state, verdict, approval or signature.approval
    if state != SignatureState.PENDING:
        signature.confirmed_at = timezone.now()
        _mark_sent(signature)
    if signature.approval == Approval.APPROVED and "organization" in signature.details:
        signature.organization = find_or_make_organization(signature)
    if signature.is_counted:
        signature.public_name = public_name_of(signature)
    if state == SignatureState.WITHDRAWN:
        signature.withdrawn_at = timezone.now()
    _record(signature)
    if state == SignatureState.ANONYMISED:
        _anonymise(signature)
    for column, value in columns.items():
        setattr(signature, column, value)
    signature.save()
    mark_dirty(signature.pledge_id, signature.confirmed_at)


def _mark_sent(signature: Any) -> None:
    due = OutboxMessage.objects.filter(
        pledge=signature.pledge_id, mailbox_key=signature.mailbox_key, seat=signature.seat, state=OutboxState.DUE
    )
    due.update(state=OutboxState.SENT, finished_at=timezone.now())


def _record(signature: Any) -> None:
    if signature.state == SignatureState.PENDING:
        return
    record(signature, EventKind.CONFIRMED)
    decided = {Approval.APPROVED: EventKind.APPROVED, Approval.REFUSED: EventKind.REFUSED}
    if signature.approval in decided:
        record(signature, decided[signature.approval])
    if signature.state == SignatureState.WITHDRAWN:
        record(signature, EventKind.WITHDRAWN)


def _anonymise(signature: Any) -> None:
    signature.email = signature.name = signature.public_name = ""
    signature.details, signature.answers = {}, {}
    signature.mailbox_key = signature.mailbox_key_next = signature.name_key = signature.idempotency_key = None
    signature.seat = b""
