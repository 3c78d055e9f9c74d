"""Models of pledges, statements, signatures, the outbox and stored counts (the ledger)."""

from wagtail_pledge.signing.models.event import SignatureEvent
from wagtail_pledge.signing.models.limits import (
    LimitBucket,
    MailQueueState,
    NetworkDayKey,
    SpentChallenge,
    Suppression,
    Switch,
)
from wagtail_pledge.signing.models.organization import Organization, OrganizationLogo
from wagtail_pledge.signing.models.outbox import MailSent, OutboxMessage
from wagtail_pledge.signing.models.partners import EmbedOrigin, PartnerLink
from wagtail_pledge.signing.models.pledge import Pledge, SignerType
from wagtail_pledge.signing.models.signature import AbstractSignature, Signature, get_signature_model
from wagtail_pledge.signing.models.statement import Statement
from wagtail_pledge.signing.models.tally import DirtyDay, Tally, WorkLease

__all__ = [
    "AbstractSignature",
    "DirtyDay",
    "EmbedOrigin",
    "LimitBucket",
    "MailQueueState",
    "MailSent",
    "NetworkDayKey",
    "Organization",
    "OrganizationLogo",
    "OutboxMessage",
    "PartnerLink",
    "Pledge",
    "Signature",
    "SignatureEvent",
    "SignerType",
    "SpentChallenge",
    "Statement",
    "Suppression",
    "Switch",
    "Tally",
    "WorkLease",
    "get_signature_model",
]
